import { sql } from 'kysely'
import { fromJson, toJson } from './json.ts'
import type { Database, Executor } from './schema.ts'
import { transact } from './transact.ts'

const BULK = 500
const MAX_ROWS = 5_000
/** Longer values are not worth keeping over a restart. */
const MAX_VALUE_LENGTH = 100_000

/** A remembered value. Times in milliseconds. */
export interface CachedValue {
  readonly key: string
  readonly value: unknown
  readonly storedAtMs: number
  readonly expiresAtMs: number
}

export interface CacheChange {
  readonly rows: readonly CachedValue[]
  /** Prefixes of keys that no longer hold; they go before the rows are written. */
  readonly forgotten: readonly string[]
  readonly nowMs: number
}

/** Keeps values for after a restart, the newest 5,000 of them. All or nothing, so only inside a transaction. */
export async function saveCache(tx: Executor, change: CacheChange): Promise<void> {
  for (const prefix of change.forgotten) {
    await tx
      .deleteFrom('cache')
      .where(sql<boolean>`substr(key, 1, ${sql.lit(prefix.length)}) = ${prefix}`)
      .execute()
  }
  const rows = [...new Map(change.rows.map((row) => [row.key, row])).values()].flatMap((row) => {
    const value = row.value === undefined ? '' : toJson(row.value)
    if (value === '' || value.length > MAX_VALUE_LENGTH) return []
    return [{ key: row.key, value, stored_at: row.storedAtMs, expires_at: row.expiresAtMs }]
  })
  for (let start = 0; start < rows.length; start += BULK) {
    await tx
      .insertInto('cache')
      .values(rows.slice(start, start + BULK))
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet({
          value: sql.ref('excluded.value'),
          stored_at: sql.ref('excluded.stored_at'),
          expires_at: sql.ref('excluded.expires_at'),
        }),
      )
      .execute()
  }
  await tx.deleteFrom('cache').where('expires_at', '<=', change.nowMs).execute()
  await tx
    .deleteFrom('cache')
    .where('key', 'in', (eb) =>
      // SQLite knows no offset without a limit.
      eb.selectFrom('cache').select('key').orderBy('stored_at', 'desc').limit(1_000_000).offset(MAX_ROWS),
    )
    .execute()
}

/** What was kept and has not expired, oldest first. A value that is no longer JSON is left out. */
export async function loadCache(db: Executor, { nowMs }: { nowMs: number }): Promise<CachedValue[]> {
  const rows = await db
    .selectFrom('cache')
    .selectAll()
    .where('expires_at', '>', nowMs)
    .orderBy('stored_at')
    .limit(MAX_ROWS)
    .execute()
  return rows.flatMap((row) => {
    try {
      const value = fromJson(row.value)
      return [{ key: row.key, value, storedAtMs: row.stored_at, expiresAtMs: row.expires_at }]
    } catch {
      return []
    }
  })
}

/** Where a cache keeps what outlives a restart. */
export function createCacheStore({ db, now }: { db: Database; now: () => number }): {
  load(): Promise<CachedValue[]>
  save(change: Omit<CacheChange, 'nowMs'>): Promise<void>
} {
  return {
    load: () => loadCache(db, { nowMs: now() }),
    save: (change) => transact(db, (tx) => saveCache(tx, { ...change, nowMs: now() })),
  }
}

import { type Selectable, sql } from 'kysely'
import { LEASE_NAME } from './fence.ts'
import type { Database, Executor, LeaseTable } from './schema.ts'
import { isPostgres, transact } from './transact.ts'

/** A lease as one process has written it. Times by the clock of the database where it has one, else the writer's. */
export interface StoredLease {
  readonly holder: string
  readonly token: number
  readonly renewedAtMs: number
  readonly expiresAtMs: number
}

export type Acquired =
  | {
      readonly kind: 'taken'
      readonly token: number
      /** When its last holder was alive for the last time; `null` when there never was one. */
      readonly lastAliveMs: number | null
      readonly nowMs: number
    }
  | { readonly kind: 'held'; readonly lease: StoredLease; readonly nowMs: number }

export interface LeaseStore {
  /** Takes the lease when it is free, has run out, or still is exactly `over`, of which the caller knows that it is dead. */
  acquire(over: StoredLease | null): Promise<Acquired>
  /** `false` when somebody else has taken it meanwhile. One that ran out and was not taken is renewed. */
  renew(token: number): Promise<boolean>
  /** An orderly end: the next process need not wait. */
  release(token: number): Promise<void>
}

export interface LeaseStoreDeps {
  readonly db: Database
  readonly holder: string
  readonly ttlMs: number
  readonly now: () => number
}

/**
 * Who of several processes on one database works. The token rises each time the lease changes hands, also to a process that was
 * started anew, so that nobody who held it before can take what is written since for its own.
 */
export function createLeaseStore({ db, holder, ttlMs, now }: LeaseStoreDeps): LeaseStore {
  return {
    acquire: (over) =>
      transact(db, async (tx) => {
        const nowMs = await storeNow(tx, now)
        const before = await current(tx)
        if (before && before.expiresAtMs > nowMs && !(over && isSame(before, over)))
          return { kind: 'held', lease: before, nowMs }
        const token = (before?.token ?? 0) + 1
        await write(tx, {
          name: LEASE_NAME,
          holder,
          token,
          renewed_at: nowMs,
          expires_at: nowMs + ttlMs,
        })
        return { kind: 'taken', token, lastAliveMs: before?.renewedAtMs ?? null, nowMs }
      }),
    renew: (token) =>
      transact(db, async (tx) => {
        const nowMs = await storeNow(tx, now)
        return change(tx, { token, renewedAtMs: nowMs, expiresAtMs: nowMs + ttlMs })
      }),
    release: (token) =>
      transact(db, async (tx) => {
        const nowMs = await storeNow(tx, now)
        await change(tx, { token, renewedAtMs: nowMs, expiresAtMs: nowMs })
      }),
  }
}

async function current(tx: Executor): Promise<StoredLease | undefined> {
  const row = await tx.selectFrom('lease').selectAll().where('name', '=', LEASE_NAME).executeTakeFirst()
  return (
    row && {
      holder: row.holder,
      token: row.token,
      renewedAtMs: row.renewed_at,
      expiresAtMs: row.expires_at,
    }
  )
}

function isSame(a: StoredLease, b: StoredLease): boolean {
  return a.token === b.token && a.renewedAtMs === b.renewedAtMs
}

async function write(tx: Executor, row: Selectable<LeaseTable>): Promise<void> {
  const { holder, token, renewed_at, expires_at } = row
  await tx
    .insertInto('lease')
    .values(row)
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ holder, token, renewed_at, expires_at }))
    .execute()
}

async function change(
  tx: Executor,
  to: { token: number; renewedAtMs: number; expiresAtMs: number },
): Promise<boolean> {
  const result = await tx
    .updateTable('lease')
    .set({ renewed_at: to.renewedAtMs, expires_at: to.expiresAtMs })
    .where('name', '=', LEASE_NAME)
    .where('token', '=', to.token)
    .executeTakeFirst()
  return Number(result.numUpdatedRows) > 0
}

/** One clock for all who share the database: PostgreSQL's own; on SQLite all of them run on the same machine. */
async function storeNow(tx: Executor, now: () => number): Promise<number> {
  if (!isPostgres(tx)) return now()
  const { rows } = await sql<{
    now: number
  }>`select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(tx)
  const [row] = rows
  if (!row) throw new Error('the database did not tell the time')
  return row.now
}

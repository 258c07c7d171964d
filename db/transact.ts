import { PostgresAdapter } from 'kysely'
import { checkFence } from './fence.ts'
import { tellIfRefused } from './refused.ts'
import type { Database, Executor } from './schema.ts'

const RETRY_EVERY_MS = 50
const GIVE_UP_MS = 60_000

/**
 * Runs `work` in one transaction that behaves as if no other one ran at the same time: SQLite has a single writer anyway,
 * PostgreSQL is told so. When another process stands in the way it starts anew, for up to a minute and without holding up the
 * event loop; so `work` may run more than once. Inside, only `tx` may be used, and nothing but the database awaited.
 * Throws LeaseLostError, with nothing written, when this process no longer holds the lease.
 */
export async function transact<T>(db: Database, work: (tx: Executor) => Promise<T>): Promise<T> {
  try {
    return await whileBusy(() => {
      const transaction = db.transaction()
      const isolated = isPostgres(db) ? transaction.setIsolationLevel('serializable') : transaction
      return isolated.execute(async (tx) => {
        await checkFence(db, tx)
        return work(tx)
      })
    })
  } catch (error) {
    tellIfRefused(db, error)
    throw error
  }
}

/** Which of the two databases this is, for the few places where they differ. */
export function isPostgres(db: Executor): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter
}

/** Tries again while another process holds SQLite's lock or won a race on PostgreSQL. */
export async function whileBusy<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + GIVE_UP_MS
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, RETRY_EVERY_MS))
    }
  }
}

/** Serialization failure and deadlock. */
const POSTGRES_RETRY = new Set(['40001', '40P01'])

function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  const code = String(error.code)
  return code.startsWith('SQLITE_BUSY') || POSTGRES_RETRY.has(code)
}

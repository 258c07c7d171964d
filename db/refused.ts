import type { Database } from './schema.ts'

/** The file or the disk takes nothing more: full, failing, read-only. Nothing that is tried again at once would help. */
const SQLITE = ['SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_READONLY']
const POSTGRES_DISK_FULL = '53100'

const listeners = new WeakMap<Database, (reason: string) => void>()

/** From now on `listener` is told, in the database's own words, of each transaction on `db` for which there was no room. */
export function onRefused(db: Database, listener: (reason: string) => void): void {
  listeners.set(db, listener)
}

/** Tells of an error that is such a refusal; any other one is nobody's concern here. */
export function tellIfRefused(db: Database, error: unknown): void {
  if (isRefused(error)) listeners.get(db)?.(error.message)
}

/** Whether a transaction failed because the database takes nothing more. */
export function isRefused(error: unknown): error is Error {
  if (!(error instanceof Error) || !('code' in error)) return false
  const code = String(error.code)
  return code === POSTGRES_DISK_FULL || SQLITE.some((start) => code.startsWith(start))
}

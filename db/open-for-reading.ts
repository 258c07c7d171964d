import { existsSync, readFileSync, statSync } from 'node:fs'
import SqliteConnection from 'better-sqlite3'

const MOST_IN_MEMORY_BYTES = 256 * 1024 * 1024
/** Where the header of a SQLite file says that its changes go to a -wal file, and the value that says they do not. */
const JOURNAL_BYTES = [18, 19]
const NO_WAL = 1
const HEADER_BYTES = 100

/**
 * A SQLite file for reading that leaves no trace. Opened in the ordinary way, a file that nobody has open gets a -wal and a -shm
 * beside it, which would belong to whoever looked and could keep Buoy out. Such a file is read as a copy in memory.
 */
export function openForReading(path: string): SqliteConnection.Database {
  const size = statSync(path).size
  if (existsSync(`${path}-wal`) || size < HEADER_BYTES || size > MOST_IN_MEMORY_BYTES) {
    return new SqliteConnection(path, { readonly: true, fileMustExist: true })
  }
  const copy = readFileSync(path)
  for (const byte of JOURNAL_BYTES) copy[byte] = NO_WAL
  return new SqliteConnection(copy)
}

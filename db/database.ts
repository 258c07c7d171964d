import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import SqliteConnection from 'better-sqlite3'
import { Kysely, type Dialect as KyselyDialect, PostgresDialect, SqliteDialect, sql } from 'kysely'
import pg from 'pg'
import { DatabaseError } from '../src/errors.ts'
import type { Dialect } from './dialect.ts'
import { hasTable, migrateToLatest } from './migrate.ts'
import type { Database, Schema } from './schema.ts'

/** Where the data lives. */
export type DatabaseConfig =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly schema?: string }

export interface OpenDatabase {
  readonly db: Database
  readonly dialect: Dialect
  /** Brings the schema up to date. Throws DatabaseError with an instruction. */
  migrate(): Promise<void>
  close(): Promise<void>
}

/** better-sqlite3 blocks the whole process while it waits; longer waits happen outside, in `transact`. */
const SQLITE_BUSY_MS = 25
const POOL_SIZE = 5

/**
 * Opens the database and brings its schema up to date, unless that has to wait until the caller has the lease: another process may be
 * at work on it. Where there is no lease yet, nobody can hold it. Throws DatabaseError with an instruction.
 */
export async function openDatabase(
  config: DatabaseConfig,
  { untilLeased = false }: { untilLeased?: boolean } = {},
): Promise<OpenDatabase> {
  const dialect = config.kind
  const db = new Kysely<Schema>({
    dialect: config.kind === 'sqlite' ? sqliteDialect(config.path) : postgresDialect(config),
  })
  async function migrate(): Promise<void> {
    await migrateToLatest(db, { dialect, ...(config.kind === 'postgres' && { schema: config.schema }) })
  }
  try {
    await sql`select 1`.execute(db)
    if (!untilLeased || !(await hasTable(db, 'lease'))) await migrate()
  } catch (error) {
    await db.destroy()
    if (error instanceof DatabaseError) throw error
    throw unusable(error)
  }
  return { db, dialect, migrate, close: () => db.destroy() }
}

function sqliteDialect(path: string): KyselyDialect {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
    const connection = new SqliteConnection(path, { timeout: SQLITE_BUSY_MS })
    connection.pragma('journal_mode = WAL')
    connection.pragma('foreign_keys = ON')
    // FULL: a committed alert survives a power cut, not only a crash of the process.
    connection.pragma('synchronous = FULL')
    return withTransactionalMigrations(new SqliteDialect({ database: connection }))
  } catch (error) {
    throw unusable(error)
  }
}

/** SQLite can undo a `create table`; Kysely's adapter says that it cannot, and would migrate without a transaction. */
function withTransactionalMigrations(dialect: SqliteDialect): KyselyDialect {
  return {
    createAdapter: () =>
      Object.defineProperty(dialect.createAdapter(), 'supportsTransactionalDdl', { value: true }),
    createDriver: () => dialect.createDriver(),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  }
}

function postgresDialect(config: { url: string; schema?: string }): PostgresDialect {
  // Otherwise the same column is a string here and a number in SQLite. All our integers stay under 2^53.
  pg.types.setTypeParser(pg.types.builtins.INT8, Number)
  const pool = new pg.Pool({
    connectionString: config.url,
    max: POOL_SIZE,
    ...(config.schema !== undefined && { options: `-c search_path=${config.schema}` }),
  })
  // An idle connection that the server ends is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined)
  return new PostgresDialect({ pool })
}

function unusable(error: unknown): DatabaseError {
  const reason = error instanceof Error ? error.message : 'unknown error'
  return new DatabaseError(
    `The database cannot be opened: ${reason}. Check BUOY_DATABASE_URL; if the file is damaged, restore a backup.`,
    { cause: error },
  )
}

import { existsSync } from 'node:fs'
import pg from 'pg'
import type { DatabaseConfig } from './database.ts'
import { migrationsFor } from './migrate.ts'
import { openForReading } from './open-for-reading.ts'

/** `none`: nothing of Buoy is there yet. `older`: this version would change the tables before it uses them. */
export type SchemaState = 'none' | 'older' | 'current'

/**
 * How far the tables are, without creating, changing or locking anything. A database that cannot be looked at counts as
 * `current`: opening it says best what is wrong.
 */
export async function schemaState(config: DatabaseConfig): Promise<SchemaState> {
  try {
    const applied = await appliedMigrations(config)
    if (applied.length === 0) return 'none'
    return Object.keys(migrationsFor(config.kind)).every((name) => applied.includes(name))
      ? 'current'
      : 'older'
  } catch {
    return 'current'
  }
}

/** The migrations that the database has seen, without touching it. Throws what the database throws. */
export async function appliedMigrations(config: DatabaseConfig): Promise<readonly string[]> {
  return config.kind === 'sqlite' ? sqliteMigrations(config.path) : await postgresMigrations(config)
}

function sqliteMigrations(path: string): string[] {
  if (!existsSync(path)) return []
  const connection = openForReading(path)
  try {
    const table = connection.prepare("select 1 from sqlite_schema where name = 'kysely_migration'").get()
    if (table === undefined) return []
    return connection.prepare<[], string>('select name from kysely_migration').pluck().all()
  } finally {
    connection.close()
  }
}

const CONNECT_MS = 8_000

async function postgresMigrations(config: { url: string; schema?: string }): Promise<string[]> {
  const client = new pg.Client({
    connectionString: config.url,
    connectionTimeoutMillis: CONNECT_MS,
    ...(config.schema !== undefined && { options: `-c search_path=${config.schema}` }),
  })
  // A server that goes away in between is told by the query.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const table = await client.query<{ found: string | null }>(
      "select to_regclass('kysely_migration') as found",
    )
    if (table.rows[0]?.found === null) return []
    const { rows } = await client.query<{ name: string }>('select name from kysely_migration')
    return rows.map(({ name }) => name)
  } finally {
    await client.end()
  }
}

import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type DatabaseConfig, type OpenDatabase, openDatabase } from '../../db/database.ts'
import type { Dialect } from '../../db/dialect.ts'
import type { Database } from '../../db/schema.ts'

/** Those that others refer to come last. */
const TABLES = [
  'lender_states',
  'flags',
  'pool_rules',
  'pool_tokens',
  'pools_told',
  'pool_yields',
  'lp_ranges',
  'lp_wallets',
  'outbox',
  'alert_states',
  'thresholds',
  'watches',
  'positions',
  'chats',
  'cache',
  'cursors',
  'dirty_owners',
  'lease',
] as const

/** A place for a database that nobody else uses. */
export interface Place {
  readonly config: DatabaseConfig
  remove(): Promise<void>
}

/** One of the databases that every store must work on. */
export interface DatabaseUnderTest {
  readonly name: string
  readonly dialect: Dialect
  createPlace(): Promise<Place>
}

const sqlite: DatabaseUnderTest = {
  name: 'SQLite',
  dialect: 'sqlite',
  async createPlace() {
    const folder = await mkdtemp(join(tmpdir(), 'buoy-contract-'))
    return {
      config: { kind: 'sqlite', path: join(folder, 'buoy.db') },
      remove: () => rm(folder, { recursive: true, force: true }),
    }
  },
}

/** Runs statements on a connection of its own. */
export async function runOnPostgres(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

function postgres(url: string): DatabaseUnderTest {
  return {
    name: 'PostgreSQL',
    dialect: 'postgres',
    async createPlace() {
      const schema = `buoy_test_${randomBytes(6).toString('hex')}`
      // A database around the schema as well, so that files that run side by side cannot see each other at all.
      await runOnPostgres(url, [`create database ${schema}`])
      const own = new URL(url)
      own.pathname = `/${schema}`
      await runOnPostgres(own.href, [`create schema ${schema}`])
      return {
        config: { kind: 'postgres', url: own.href, schema },
        remove: () => runOnPostgres(url, [`drop database ${schema} with (force)`]),
      }
    },
  }
}

export const postgresUrl = process.env['BUOY_TEST_POSTGRES_URL']

/** SQLite always; PostgreSQL when BUOY_TEST_POSTGRES_URL says where one is, and then it must be there. */
export const databases: readonly DatabaseUnderTest[] = [
  sqlite,
  ...(postgresUrl === undefined ? [] : [postgres(postgresUrl)]),
]

export interface DatabaseInUse {
  readonly db: Database
  readonly dialect: Dialect
  readonly config: DatabaseConfig
}

/** An open database for the tests of one `describe`, empty before each of them. */
export function useDatabase(kind: DatabaseUnderTest): DatabaseInUse {
  let place: Place | undefined
  let open: OpenDatabase | undefined

  beforeAll(async () => {
    place = await kind.createPlace()
    open = await openDatabase(place.config)
  })
  afterEach(async () => {
    if (!open) return
    for (const table of TABLES) await open.db.deleteFrom(table).execute()
  })
  afterAll(async () => {
    await open?.close()
    await place?.remove()
  })

  return {
    dialect: kind.dialect,
    get db() {
      if (!open) throw new Error('The database is only open while tests run')
      return open.db
    },
    get config() {
      if (!place) throw new Error('The database only has a place while tests run')
      return place.config
    },
  }
}

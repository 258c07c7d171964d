import { type Migration, Migrator, sql } from 'kysely'
import { DatabaseError } from '../src/errors.ts'
import type { Dialect } from './dialect.ts'
import { firstTables } from './migrations/0001-first-tables.ts'
import { buttons } from './migrations/0002-buttons.ts'
import { cacheAndEvents } from './migrations/0003-cache-and-events.ts'

import { alertMachine } from './migrations/0004-alert-machine.ts'
import { drills } from './migrations/0005-drills.ts'

import { pools } from './migrations/0006-pools.ts'
import { poolTelling } from './migrations/0007-pool-telling.ts'

import type { Database } from './schema.ts'
import { isPostgres, whileBusy } from './transact.ts'

/** Every migration by name, oldest first. A static list: a folder scan would differ between source and build. */
export function migrationsFor(dialect: Dialect): Record<string, Migration> {
  return {
    '0001-first-tables': firstTables(dialect),
    '0002-buttons': buttons(dialect),
    '0003-cache-and-events': cacheAndEvents(),
    '0004-alert-machine': alertMachine(),
    '0005-drills': drills(),
    '0006-pools': pools(),
    '0007-pool-telling': poolTelling(),
  }
}

/** Brings the schema to this version, all or nothing. Throws DatabaseError with an instruction when it cannot. */
export async function migrateToLatest(
  db: Database,
  { dialect, schema }: { dialect: Dialect; schema?: string | undefined },
): Promise<string[]> {
  const migrations = migrationsFor(dialect)
  try {
    // Two processes that start together: the second one finds the work done.
    return await whileBusy(async () => {
      await refuseNewerSchema(db, Object.keys(migrations))
      const migrator = new Migrator({
        db,
        provider: { getMigrations: () => Promise.resolve(migrations) },
        ...(schema !== undefined && { migrationTableSchema: schema }),
      })
      const { error, results } = await migrator.migrateToLatest()
      if (error !== undefined)
        throw error instanceof Error ? error : new Error('migration failed', { cause: error })
      return (results ?? []).map((result) => result.migrationName)
    })
  } catch (error) {
    if (error instanceof DatabaseError) throw error
    throw new DatabaseError(
      `The database could not be brought up to date: ${reasonOf(error)}. It was left as it was.`,
      { cause: error },
    )
  }
}

async function refuseNewerSchema(db: Database, known: readonly string[]): Promise<void> {
  if (!(await hasTable(db, 'kysely_migration'))) return
  const { rows: applied } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
  const unknown = applied.map((row) => row.name).filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new DatabaseError(
      `The database was written by a newer Buoy (it has ${unknown.join(', ')}). Start that version, or restore a backup.`,
    )
  }
}

export async function hasTable(db: Database, name: string): Promise<boolean> {
  const there = isPostgres(db)
    ? sql<{ there: unknown }>`select to_regclass(${name}) as there`
    : sql<{ there: unknown }>`select name as there from sqlite_master where name = ${name}`
  const [table] = (await there.execute(db)).rows
  return table?.there != null
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error'
}

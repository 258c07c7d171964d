import { type DatabaseConfig, type OpenDatabase, openDatabase } from '../../db/database.ts'
import { type ImportOutcome, importUsers } from '../../db/import-users.ts'
import { schemaState } from '../../db/schema-state.ts'
import { ConfigError, DatabaseError } from '../errors.ts'
import { readArguments, USAGE } from './arguments.ts'
import type { CollectedUsers } from './collector.ts'
import { readDatabaseSetting } from './database-setting.ts'
import { reportText } from './report.ts'
import { readUserFile } from './user-file.ts'

const EXIT = { good: 0, nothingRead: 1, partlyBad: 2, config: 78 } as const

export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

export interface Invocation {
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly terminal: Terminal
  readonly now: () => number
}

/** `npm run import-users`; answers with the exit code. */
export async function run({ words, env, terminal, now }: Invocation): Promise<number> {
  const given = readArguments(words)
  if (given.kind === 'help') {
    terminal.out(USAGE)
    return EXIT.good
  }
  if (given.kind === 'wrong') {
    terminal.err(`${given.why}\n\n${USAGE}`)
    return EXIT.config
  }
  let database: DatabaseConfig
  try {
    database = readDatabaseSetting(env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    terminal.err(`${error.message}\n`)
    return EXIT.config
  }
  const file = readUserFile(given.file)
  if (!file.ok) {
    terminal.err(`${given.file} cannot be imported: ${file.why}.\n`)
    return EXIT.nothingRead
  }
  const { dryRun } = given
  let outcome: ImportOutcome
  try {
    outcome = await intoDatabase(database, { users: file, nowMs: now(), dryRun })
  } catch (error) {
    const why = databaseTrouble(error)
    if (why === undefined) throw error
    terminal.err(`${why}\n`)
    return EXIT.nothingRead
  }
  terminal.out(reportText({ kind: file.kind, dryRun, outcome, problems: file.problems }))
  return file.problems.length > 0 ? EXIT.partlyBad : EXIT.good
}

async function intoDatabase(
  config: DatabaseConfig,
  work: { users: CollectedUsers; nowMs: number; dryRun: boolean },
): Promise<ImportOutcome> {
  const open = await (work.dryRun ? openForDryRun(config) : openDatabase(config))
  try {
    return await importUsers(open.db, { chats: work.users.chats, nowMs: work.nowMs, dryRun: work.dryRun })
  } finally {
    await open.close()
  }
}

/** Leaves no new database behind, and no changed tables: what is not there yet is as empty as one in memory. */
async function openForDryRun(config: DatabaseConfig): Promise<OpenDatabase> {
  const state = await schemaState(config)
  if (state === 'older') {
    throw new DatabaseError(
      'The database has the tables of an older Buoy, and a dry run changes nothing. Start this Buoy once, or leave out --dry-run.',
    )
  }
  return openDatabase(state === 'none' ? { kind: 'sqlite', path: ':memory:' } : config)
}

/** What to tell about a database that cannot be used; `undefined` for anything else, which is a bug. */
function databaseTrouble(error: unknown): string | undefined {
  if (error instanceof DatabaseError) return error.message
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return `The database failed: ${error.message}. What was imported so far stays; the same command does the rest.`
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Sqlite from 'better-sqlite3'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const BUILD_LIMIT_MS = 120_000
const folder = mkdtempSync(join(tmpdir(), 'buoy-import-'))
/** The program in a folder of its own, so that its build does not meet the one of another test. */
const program = join(folder, 'program')
const database = join(folder, 'buoy.db')

beforeAll(async () => {
  for (const part of [
    'bin',
    'src',
    'protocols',
    'db',
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
  ]) {
    cpSync(join(ROOT, part), join(program, part), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(program, 'node_modules'))
  // The first start builds.
  const { code, stdout } = await run(['--help'])
  if (code !== 0) throw new Error(`the program does not build:\n${stdout}`)
}, BUILD_LIMIT_MS)

beforeEach(() => {
  for (const suffix of ['', '-wal', '-shm']) rmSync(database + suffix, { force: true })
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function start(words: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, [join(program, 'bin', 'import-users.js'), ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, BUOY_DATABASE_URL: `file:${database}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function run(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = start(words, env)
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...output, stderr: output.stderr.replace('Building…\n', '') }
}

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function rows(query: string): unknown[] {
  const db = new Sqlite(database)
  try {
    return db.prepare(query).raw().all()
  } finally {
    db.close()
  }
}

function addressOf(number: number): string {
  return `0x${number.toString(16).padStart(40, '0')}`
}

const THRESHOLDS =
  'select chat_id, owner, scope, target, warning_wad from thresholds join watches on watches.id = watch_id order by owner, scope'
const OWNER = addressOf(0xaa)
const MARKET = `0x${'e3'.repeat(32)}`
const GOOD = {
  '5': {
    addresses: {
      [OWNER]: {
        default_threshold: 1.5,
        protocols: { morpho: { threshold: '1.3', markets: { [MARKET]: { threshold: 1.2 } } } },
      },
    },
  },
}

describe('npm run import-users', { timeout: BUILD_LIMIT_MS }, () => {
  it('says in a dry run what it would do, does it, and has nothing to do after that', async () => {
    const users = file('users.json', JSON.stringify(GOOD))
    const figures =
      'Chats:      1 new, 0 already there\nWallets:    1 new, 0 already there\nThresholds: 3 new, 0 already there, 0 kept\n'
    const dry = await run([users, '--dry-run'])
    expect(dry).toEqual({
      code: 0,
      stdout: `Read as JSON. Dry run: nothing was changed. An import would do this:\n${figures}`,
      stderr: '',
    })
    expect(existsSync(database)).toBe(false)

    expect(await run([users])).toEqual({ code: 0, stdout: `Read as JSON. Imported:\n${figures}`, stderr: '' })
    const thresholds = [
      [5, OWNER, 'position', `morpho:${MARKET}:${OWNER}`, '1200000000000000000'],
      [5, OWNER, 'protocol', 'morpho', '1300000000000000000'],
      [5, OWNER, 'wallet', '', '1500000000000000000'],
    ]
    expect(rows(THRESHOLDS)).toEqual(thresholds)

    const again = await run([users])
    expect(again.code).toBe(0)
    expect(again.stdout).toContain('Nothing changed: Buoy has all of it already.')
    expect(rows(THRESHOLDS)).toEqual(thresholds)
    expect(rows('select id, kind, state from chats')).toEqual([[5, 'private', 'active']])
  })

  it('imports the good rows of a SQLite file, names the bad ones and ends with code 2', async () => {
    const path = join(folder, 'bot.db')
    const bot = new Sqlite(path)
    bot.exec('create table user_data (chat_id text, address text, data text, primary key (chat_id, address))')
    const insert = bot.prepare('insert into user_data values (?, ?, ?)')
    insert.run('-77', OWNER, '{"default_threshold": NaN, "protocols": {"euler": {"threshold": 1.25}}}')
    insert.run('-77', '0x12', '{}')
    insert.run('abc', OWNER, '{}')
    insert.run('6', OWNER, '{')
    bot.close()
    const { code, stdout } = await run([path])
    expect(code).toBe(2)
    expect(stdout).toContain('Read as SQLite. Imported:\nChats:      2 new')
    expect(stdout).toContain('Not right in the file: 4.')
    expect(stdout).toContain('  chat -77, 0x0000…00aa, default_threshold: read NaN,')
    expect(stdout).toContain('  chat -77, address "0x12":')
    expect(stdout).toContain('  chat "abc":')
    expect(stdout).toContain('  chat 6, 0x0000…00aa, data: is not JSON.')
    expect(stdout).not.toContain(OWNER)
    expect(rows('select chat_id, owner from watches order by chat_id')).toEqual([
      [-77, OWNER],
      [6, OWNER],
    ])
    expect(rows(THRESHOLDS)).toEqual([[-77, OWNER, 'protocol', 'euler', '1250000000000000000']])
  })

  it('refuses a dry run that would first have to change the tables of an older version', async () => {
    const old = new Sqlite(database)
    old.exec(
      "create table kysely_migration (name text); insert into kysely_migration values ('0001-first-tables')",
    )
    old.close()
    const { code, stderr } = await run([file('users.json', JSON.stringify(GOOD)), '--dry-run'])
    expect(code).toBe(1)
    expect(stderr).toContain('tables of an older Buoy, and a dry run changes nothing')
    expect(rows('select name from sqlite_schema')).toEqual([['kysely_migration']])
  })

  it('ends with code 1 and one line when nothing can be read, and leaves no database behind', async () => {
    const gone = join(folder, 'gone.json')
    expect(await run([gone])).toEqual({
      code: 1,
      stdout: '',
      stderr: `${gone} cannot be imported: there is no such file.\n`,
    })
    const text = file('text', 'not json')
    const wrong = await run([text])
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toBe(`${text} cannot be imported: it is not JSON, nor is it a SQLite file.\n`)
    expect(existsSync(database)).toBe(false)
  })

  it('ends with code 1 and an instruction when the database cannot be opened', async () => {
    const users = file('users.json', JSON.stringify(GOOD))
    const { code, stderr } = await run([users], { BUOY_DATABASE_URL: `file:${join(users, 'buoy.db')}` })
    expect(code).toBe(1)
    expect(stderr).toContain('Check BUOY_DATABASE_URL')
    expect(stderr).not.toContain('    at ')
  })

  it('prints its usage for --help with code 0, and for wrong arguments with code 78', async () => {
    const help = await run(['--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain('npm run import-users -- <file> [--dry-run]')
    const wrong = await run(['--force'])
    expect(wrong).toMatchObject({ code: 78, stdout: '' })
    expect(wrong.stderr).toContain('There is no option --force.\n\nTakes over the users')
  })

  it('ends with code 78 for an unusable database setting, without printing it', async () => {
    const users = file('users.json', JSON.stringify(GOOD))
    const { code, stderr } = await run([users], { BUOY_DATABASE_URL: 'mysql://buoy:hunter2@db' })
    expect(code).toBe(78)
    expect(stderr).toContain('BUOY_DATABASE_URL\n  read:')
    expect(stderr).not.toContain('hunter2')
  })

  it('has lost nothing when it is killed in the middle and run again', async () => {
    const count = 6_000
    const addresses = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [addressOf(index + 1), { default_threshold: 1.25 }]),
    )
    const users = file('many.json', JSON.stringify({ '5': { addresses } }))
    const child = start([users])
    const ended = once(child, 'exit')
    while (child.exitCode === null && watches() === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    child.kill('SIGKILL')
    await ended
    const before = watches()
    expect(before).toBeGreaterThan(0)
    // A wallet without its threshold would never get it: the second run must find pairs.
    expect(rows('select count(*) from thresholds')).toEqual([[before]])

    const { code, stdout } = await run([users])
    expect(code).toBe(0)
    expect(stdout).toContain(`Wallets:    ${count - before} new, ${before} already there`)
    expect(stdout).toContain(`Thresholds: ${count - before} new, ${before} already there, 0 kept`)
    expect(rows('select count(*) from watches')).toEqual([[count]])
    expect(rows("select count(*) from thresholds where warning_wad = '1250000000000000000'")).toEqual([
      [count],
    ])
  })
})

/** Committed wallets so far; 0 while there is no database yet. */
function watches(): number {
  if (!existsSync(database)) return 0
  try {
    return (rows('select count(*) from watches')[0] as [number])[0]
  } catch {
    return 0
  }
}

import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, describe, expect, it } from 'vitest'
import { readUserFile } from '../../../src/import-users/user-file.ts'
import { OTHER, OWNER } from './kit.ts'

const folder = mkdtempSync(join(tmpdir(), 'buoy-user-file-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

function sqlite(name: string, statements: string): string {
  const path = join(folder, name)
  const db = new Sqlite(path)
  db.exec(statements)
  db.close()
  return path
}

function refusal(path: string): string {
  const read = readUserFile(path)
  return read.ok ? 'read' : read.why
}

const TABLE =
  'create table user_data (chat_id text, address text, data text, primary key (chat_id, address));'
const WALLETS = [
  { owner: OWNER, thresholds: [{ scope: 'wallet', target: '', warningWad: 13n * 10n ** 17n }] },
]

describe('a user file', () => {
  it('is known as JSON or SQLite by what is in it, whatever its name', () => {
    const json = file('users.db', `{"5": {"addresses": {"${OWNER}": {"default_threshold": 1.3}}}}`)
    const row = `insert into user_data values ('5', '${OWNER}', '{"default_threshold": 1.3}')`
    const table = sqlite('users.json', `${TABLE} ${row}`)
    const chats = [{ id: 5, wallets: WALLETS }]
    expect(readUserFile(json)).toEqual({ ok: true, kind: 'JSON', chats, problems: [] })
    expect(readUserFile(table)).toEqual({ ok: true, kind: 'SQLite', chats, problems: [] })
  })

  it('may be a SQLite file with other columns, a number as chat id, or the write-ahead log of a running bot', () => {
    const wide = sqlite(
      'wide.db',
      `create table user_data (data text, note text, address text, chat_id integer);
       insert into user_data values ('{}', 'x', '${OWNER}', -5), ('{', null, '${OTHER}', 9007199254740993)`,
    )
    const read = readUserFile(wide)
    expect(read).toMatchObject({
      ok: true,
      chats: [{ id: -5, wallets: [{ owner: OWNER }] }],
      problems: [{ where: ['chat "9007199254740993"'] }],
    })
    const path = sqlite('wal.db', `pragma journal_mode = wal; ${TABLE}`)
    const running = new Sqlite(path)
    running.exec(`insert into user_data values ('5', '${OWNER}', '{"default_threshold": 1.3}')`)
    expect(readUserFile(path)).toMatchObject({ ok: true, chats: [{ id: 5, wallets: WALLETS }] })
    running.close()
  })

  it('is only read: nothing appears next to it and a write lock does not matter', () => {
    const own = join(folder, 'own')
    mkdirSync(own)
    const path = sqlite('own/users.db', TABLE)
    const other = new Sqlite(path)
    other.exec('begin immediate')
    expect(refusal(path)).toBe('read')
    other.exec('commit')
    other.close()
    expect(readdirSync(own)).toEqual(['users.db'])
  })

  it('is refused with one clear reason when nothing of it can be read', () => {
    expect(refusal(join(folder, 'none.json'))).toBe('there is no such file')
    expect(refusal(folder)).toBe('it is not a file')
    expect(refusal(file('empty', ''))).toBe('it is not JSON, nor is it a SQLite file')
    expect(refusal(file('text', 'chat 5'))).toBe('it is not JSON, nor is it a SQLite file')
    expect(refusal(file('list', '[]'))).toBe('it is JSON, but not an object with chat ids as keys')
    expect(refusal(sqlite('other.db', 'create table users (id integer)'))).toBe(
      'it is a SQLite file without a table user_data',
    )
    expect(refusal(sqlite('columns.db', 'create table user_data (chat_id text, settings text)'))).toBe(
      'its table user_data has no column address, data',
    )
  })

  it('is refused when it is a damaged SQLite file or a view in place of the table', () => {
    expect(refusal(file('damaged.db', `SQLite format 3\0${'x'.repeat(5000)}`))).toMatch(
      /^SQLite cannot read it \(/,
    )
    const view = 'create view user_data as select 1 as chat_id, 2 as address, 3 as data'
    expect(refusal(sqlite('view.db', view))).toBe('it is a SQLite file without a table user_data')
  })

  it('is refused above 50 MB before it is read', () => {
    const huge = file('huge.json', '{}')
    truncateSync(huge, 50 * 1024 * 1024 + 1)
    expect(refusal(huge)).toBe('it has 51 MB; a user file can have 50 MB')
  })
})

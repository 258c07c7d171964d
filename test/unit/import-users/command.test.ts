import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readArguments } from '../../../src/import-users/arguments.ts'
import { readDatabaseSetting } from '../../../src/import-users/database-setting.ts'
import { reportText } from '../../../src/import-users/report.ts'
import { MARKET, OTHER, OWNER } from './kit.ts'

const folder = mkdtempSync(join(tmpdir(), 'buoy-import-command-'))

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('the arguments of import-users', () => {
  it('are one file and, before or after it, --dry-run', () => {
    expect(readArguments(['a.json'])).toEqual({ kind: 'import', file: 'a.json', dryRun: false })
    expect(readArguments(['a.json', '--dry-run'])).toEqual({ kind: 'import', file: 'a.json', dryRun: true })
    expect(readArguments(['--dry-run', 'a.json'])).toEqual({ kind: 'import', file: 'a.json', dryRun: true })
  })

  it('may ask for help, whatever else is there', () => {
    expect(readArguments(['--help'])).toEqual({ kind: 'help' })
    expect(readArguments(['a', 'b', '-h'])).toEqual({ kind: 'help' })
  })

  it('are refused with the reason when they are anything else', () => {
    expect(readArguments([])).toEqual({ kind: 'wrong', why: 'No file is named.' })
    expect(readArguments(['--dry-run'])).toEqual({ kind: 'wrong', why: 'No file is named.' })
    expect(readArguments(['a', 'b'])).toMatchObject({ kind: 'wrong' })
    expect(readArguments(['a', '--dry'])).toEqual({ kind: 'wrong', why: 'There is no option --dry.' })
  })
})

describe('the database setting', () => {
  it('is all that is needed, and has the default of Buoy', () => {
    expect(readDatabaseSetting({})).toEqual({ kind: 'sqlite', path: './data/buoy.db' })
    expect(readDatabaseSetting({ BUOY_DATABASE_URL: ' ' })).toEqual({
      kind: 'sqlite',
      path: './data/buoy.db',
    })
    expect(readDatabaseSetting({ BUOY_DATABASE_URL: 'file:x.db' })).toEqual({ kind: 'sqlite', path: 'x.db' })
  })

  it('may come from a file, as every secret may', () => {
    const path = join(folder, 'url')
    writeFileSync(path, 'postgres://buoy@db/buoy\n')
    expect(readDatabaseSetting({ BUOY_DATABASE_URL_FILE: path })).toEqual({
      kind: 'postgres',
      url: 'postgres://buoy@db/buoy',
    })
    expect(() => readDatabaseSetting({ BUOY_DATABASE_URL_FILE: `${path}.gone` })).toThrow(
      'cannot be read (ENOENT)',
    )
    expect(() =>
      readDatabaseSetting({ BUOY_DATABASE_URL_FILE: path, BUOY_DATABASE_URL: 'file:x.db' }),
    ).toThrow('set one of them')
  })

  it('is refused without being printed, since it may hold a password', () => {
    const read = () => readDatabaseSetting({ BUOY_DATABASE_URL: 'mysql://buoy:hunter2@db' })
    expect(read).toThrow('BUOY_DATABASE_URL\n  read:')
    expect(read).not.toThrow('hunter2')
  })
})

describe('the report of an import', () => {
  const none = { added: 0, present: 0 }

  it('has the figures, then what Buoy kept, then what is wrong with the file', () => {
    const text = reportText({
      kind: 'JSON',
      dryRun: false,
      outcome: {
        chats: { added: 1, present: 2 },
        wallets: { added: 3, present: 4 },
        thresholds: { added: 5, present: 6 },
        kept: [
          {
            chatId: 5,
            owner: OWNER,
            scope: 'wallet',
            target: '',
            storedWad: 14n * 10n ** 17n,
            fileWad: 2n * 10n ** 18n,
          },
          {
            chatId: 5,
            owner: OTHER,
            scope: 'protocol',
            target: 'morpho',
            storedWad: 1_001n * 10n ** 15n,
            fileWad: 10n ** 19n,
          },
          {
            chatId: -6,
            owner: OTHER,
            scope: 'position',
            target: `morpho:${MARKET}:${OTHER}`,
            storedWad: 1_234_567_890_123_456_789n,
            fileWad: 13n * 10n ** 17n,
          },
        ],
      },
      problems: [{ where: ['chat "abc"'], what: 'a chat id is a whole number other than 0.' }],
    })
    expect(text).toBe(`Read as JSON. Imported:
Chats:      1 new, 2 already there
Wallets:    3 new, 4 already there
Thresholds: 5 new, 6 already there, 3 kept

Kept: Buoy has another threshold, and that one stays.
  chat 5, 0x0000…00aa, whole wallet: Buoy has 1.4, the file 2
  chat 5, 0x0000…00bb, morpho: Buoy has 1.001, the file 10
  chat -6, 0x0000…00bb, morpho, market 0xe3e3…e3e3: Buoy has 1.234567890123456789, the file 1.3

Not right in the file: 1.
  chat "abc": a chat id is a whole number other than 0.
`)
  })

  it('says in its first line when nothing changes, and when nothing could be used', () => {
    const first = (chats: { added: number; present: number }, dryRun: boolean) => {
      const outcome = { chats, wallets: none, thresholds: none, kept: [] }
      return reportText({ kind: 'SQLite', dryRun, outcome, problems: [] }).split('\n')[0]
    }
    expect(first({ added: 0, present: 1 }, false)).toBe(
      'Read as SQLite. Nothing changed: Buoy has all of it already.',
    )
    expect(first({ added: 0, present: 1 }, true)).toBe(
      'Read as SQLite. Nothing would change: Buoy has all of it already.',
    )
    expect(first(none, false)).toBe('Read as SQLite. There is nobody in it who could be imported.')
    expect(first({ added: 1, present: 0 }, true)).toBe(
      'Read as SQLite. Dry run: nothing was changed. An import would do this:',
    )
  })
})

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpenDatabase, openDatabase } from '../../db/database.ts'
import { type DatabaseLook, lookAtDatabase } from '../../db/look.ts'
import { databases, type Place } from './databases.ts'

const PAGE = 4_096

describe.each(databases)('a look at a database on $name', (kind) => {
  let place: Place
  beforeEach(async () => {
    place = await kind.createPlace()
  })
  afterEach(async () => {
    await place.remove()
  })

  const look = (quickCheckBytes = Infinity): Promise<DatabaseLook> =>
    lookAtDatabase(place.config, { quickCheckBytes })

  async function change(work: (open: OpenDatabase) => Promise<unknown>): Promise<void> {
    const open = await openDatabase(place.config)
    await work(open)
    await open.close()
  }

  it('finds nothing of Buoy before the first start, and makes nothing', async () => {
    const kindBefore = kind.dialect === 'sqlite' ? 'missing' : 'empty'
    expect(await look()).toEqual({ kind: kindBefore })
    expect(await look()).toEqual({ kind: kindBefore })
  })

  it('tells tables of this version, also while they are in use', async () => {
    const integrity = kind.dialect === 'sqlite' ? 'sound' : 'not checked'
    await change(async () => {
      expect(await look()).toEqual({ kind: 'current', integrity })
    })
    expect(await look()).toEqual({ kind: 'current', integrity })
    expect(await look(0)).toEqual({ kind: 'current', integrity: 'not checked' })
  })

  it('tells what a start would still have to do', async () => {
    await change(({ db }) => sql`delete from kysely_migration where name like '0003%'`.execute(db))
    expect(await look()).toEqual({ kind: 'older', waiting: ['0003-cache-and-events'] })
  })

  it('tells what a newer version left', async () => {
    await change(({ db }) => sql`insert into kysely_migration values ('9999-later', '2030')`.execute(db))
    expect(await look()).toEqual({ kind: 'newer', unknown: ['9999-later'] })
  })
})

describe('a look at a SQLite file', () => {
  let place: Place & { readonly config: { kind: 'sqlite'; path: string } }
  beforeEach(async () => {
    const created = await databases[0]?.createPlace()
    if (created?.config.kind !== 'sqlite') throw new Error('the first database is SQLite')
    place = { ...created, config: created.config }
    await (await openDatabase(place.config)).close()
  })
  afterEach(async () => {
    await place.remove()
  })

  const look = (): Promise<DatabaseLook> => lookAtDatabase(place.config, { quickCheckBytes: Infinity })

  it('leaves neither a file nor a changed byte behind', async () => {
    const { path } = place.config
    const before = readFileSync(path)
    expect(await look()).toMatchObject({ kind: 'current' })
    expect(readdirSync(dirname(path))).toEqual(['buoy.db'])
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('sees what is not yet in the file itself', async () => {
    const db = new Sqlite(place.config.path)
    db.exec("insert into kysely_migration values ('9999-later', '2030')")
    expect(existsSync(`${place.config.path}-wal`)).toBe(true)
    expect(await look()).toMatchObject({ kind: 'newer' })
    db.close()
  })

  it('finds damage in a page that no start would read', async () => {
    const bytes = readFileSync(place.config.path)
    bytes.fill(0xa5, bytes.length - PAGE)
    writeFileSync(place.config.path, bytes)
    expect(await look()).toMatchObject({ kind: 'damaged' })
  })

  it('finds that it is no database, half of one, or nothing', async () => {
    const bytes = readFileSync(place.config.path)
    writeFileSync(place.config.path, 'something else '.repeat(500))
    expect(await look()).toMatchObject({ kind: 'damaged', reason: 'file is not a database' })
    writeFileSync(place.config.path, bytes.subarray(0, PAGE + 100))
    expect(await look()).toMatchObject({ kind: 'damaged' })
    writeFileSync(place.config.path, '')
    expect(await look()).toEqual({ kind: 'empty' })
  })

  it('cannot look into a folder', async () => {
    const config = { kind: 'sqlite', path: dirname(place.config.path) } as const
    expect(await lookAtDatabase(config, { quickCheckBytes: Infinity })).toMatchObject({ kind: 'unreachable' })
  })
})

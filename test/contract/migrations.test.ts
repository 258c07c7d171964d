import { readFile, writeFile } from 'node:fs/promises'
import Sqlite from 'better-sqlite3'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type OpenDatabase, openDatabase } from '../../db/database.ts'
import { migrateToLatest, migrationsFor } from '../../db/migrate.ts'
import { DatabaseError } from '../../src/errors.ts'
import { databases, type Place, postgresUrl, runOnPostgres } from './databases.ts'
import { addWatcher, ownerOf, queueAlert } from './store-kit.ts'

const PRODUCT_TABLES = [
  'alert_states',
  'cache',
  'chats',
  'cursors',
  'dirty_owners',
  'drills',
  'flags',
  'lease',
  'lender_states',
  'lp_ranges',
  'lp_wallets',
  'outbox',
  'pairings',
  'pool_rules',
  'pool_tokens',
  'pool_yields',
  'pools_told',
  'positions',
  'thresholds',
  'undo',
  'watches',
]

describe.each(databases)('migrations on $name', (kind) => {
  let place: Place
  let open: OpenDatabase[] = []

  beforeEach(async () => {
    place = await kind.createPlace()
  })
  afterEach(async () => {
    for (const database of open) await database.close()
    open = []
    await place.remove()
  })

  async function start(): Promise<OpenDatabase> {
    const database = await openDatabase(place.config)
    open.push(database)
    return database
  }

  async function tables({ db }: OpenDatabase): Promise<string[]> {
    const all = await db.introspection.getTables({ withInternalKyselyTables: false })
    return all.map(({ name }) => name).sort()
  }

  async function failureOf(work: Promise<unknown>): Promise<unknown> {
    return await work.then(
      () => undefined,
      (error: unknown) => error,
    )
  }

  /** A statement on a connection that knows nothing of Buoy. */
  async function run(statement: string): Promise<void> {
    if (place.config.kind === 'postgres') {
      const { schema = 'public', url } = place.config
      await runOnPostgres(url, [`set search_path = ${schema}`, statement])
      return
    }
    const connection = new Sqlite(place.config.path)
    connection.exec(statement)
    connection.close()
  }

  it('build a fresh database with all tables, each migration recorded once', async () => {
    const database = await start()
    expect(await tables(database)).toEqual(PRODUCT_TABLES)
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(database.db)
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(migrationsFor(kind.dialect)))
  })

  it('change nothing when the database is opened again, and keep what is in it', async () => {
    const first = await start()
    const watch = await addWatcher(first.db, { chatId: 1, owner: ownerOf(1) })
    await queueAlert(first.db, { chatId: 1 })
    const recorded = await sql`select * from kysely_migration`.execute(first.db)
    const second = await start()
    expect(
      await migrateToLatest(
        second.db,
        place.config.kind === 'postgres'
          ? { dialect: 'postgres', schema: place.config.schema }
          : { dialect: 'sqlite' },
      ),
    ).toEqual([])
    expect(await tables(second)).toEqual(PRODUCT_TABLES)
    expect((await sql`select * from kysely_migration`.execute(second.db)).rows).toEqual(recorded.rows)
    expect(await second.db.selectFrom('watches').selectAll().execute()).toEqual([watch])
    expect(await second.db.selectFrom('outbox').selectAll().execute()).toHaveLength(1)
  })

  it('refuse a database of a newer Buoy, say so, and leave it as it was', async () => {
    const { db } = await start()
    await addWatcher(db, { chatId: 1, owner: ownerOf(1) })
    await run("insert into kysely_migration (name, timestamp) values ('0099-from-the-future', 'x')")
    await run('alter table chats add column mood text')
    const error = await failureOf(start())
    expect(error).toBeInstanceOf(DatabaseError)
    expect((error as Error).message).toMatch(/newer Buoy.*0099-from-the-future.*Start that version/)
    const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
    expect(rows.map(({ name }) => name)).toEqual([
      ...Object.keys(migrationsFor(kind.dialect)),
      '0099-from-the-future',
    ])
    expect(await db.selectFrom('chats').selectAll().execute()).toEqual([
      expect.objectContaining({ id: 1, mood: null }),
    ])
  })

  it('bring a database of the first version up to date with everything in it', async () => {
    const old = await start()
    const watch = await addWatcher(old.db, { chatId: 1, owner: ownerOf(1) })
    await queueAlert(old.db, { chatId: 1 })
    for (const statement of [
      'drop table lease',
      'drop table pairings',
      ...['waiting', 'confirm', 'history', 'superseded', 'delivery'].map(
        (name) => `drop index outbox_${name}`,
      ),
      ...['origin_chat_id', 'second', 'hold_until'].map((name) => `alter table outbox drop column ${name}`),
      ...['settings', 'critical_wad', 'escalate_to'].map((name) => `alter table chats drop column ${name}`),
      ...['ring', 'liquidation'].map((name) => `alter table alert_states drop column ${name}`),
      'alter table thresholds drop column critical_wad',
      'drop table undo',
      'drop table pool_rules',
      'drop table pool_tokens',
      'drop table pools_told',
      'drop table pool_yields',
      'drop table lp_ranges',
      'drop table lp_wallets',
      'drop table cache',
      'drop table cursors',
      'drop table dirty_owners',
      'drop table drills',
      'drop table lender_states',
      'drop table flags',
      'alter table outbox drop column seen_at',
      'alter table alert_states drop column snooze',
      'alter table alert_states drop column seen',
      "delete from kysely_migration where name <> '0001-first-tables'",
    ]) {
      await run(statement)
    }
    const database = await start()
    expect(await tables(database)).toEqual(PRODUCT_TABLES)
    expect(await database.db.selectFrom('watches').selectAll().execute()).toEqual([watch])
    const [row] = await database.db.selectFrom('outbox').selectAll().execute()
    expect(row).toMatchObject({ state: 'pending', seen_at: null, hold_until: 0 })
  })

  it('leave nothing behind when one fails, so that the next start can do it all', async () => {
    // Something of somebody else is in the way of the last table.
    await run('create table outbox (something text)')
    const error = await failureOf(start())
    expect(error).toBeInstanceOf(DatabaseError)
    await run('drop table outbox')
    const database = await start()
    expect(await tables(database)).toEqual(PRODUCT_TABLES)
  })

  it('do not touch what stands in the way of one that fails', async () => {
    await run('create table outbox (something text)')
    await run("insert into outbox values ('precious')")
    expect(await failureOf(start())).toBeInstanceOf(DatabaseError)
    await run('alter table outbox rename to outbox_of_somebody')
    await run("update outbox_of_somebody set something = 'still ' || something")
    const left = await start()
    const { rows } = await sql`select something from outbox_of_somebody`.execute(left.db)
    expect(rows).toEqual([{ something: 'still precious' }])
  })

  it('run once when two processes start at the same moment', async () => {
    const [first] = await Promise.all([start(), start(), start()])
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(first.db)
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(migrationsFor(kind.dialect)))
  })
})

describe('a SQLite file that cannot be used', () => {
  const kind = databases.find(({ dialect }) => dialect === 'sqlite')
  if (!kind) throw new Error('SQLite is always there')
  let place: Place
  let path: string

  beforeEach(async () => {
    place = await kind.createPlace()
    if (place.config.kind !== 'sqlite') throw new Error('not SQLite')
    path = place.config.path
  })
  afterEach(() => place.remove())

  async function filled(): Promise<Buffer> {
    const database = await openDatabase(place.config)
    for (let chatId = 1; chatId <= 200; chatId += 1) {
      await addWatcher(database.db, { chatId, owner: ownerOf(chatId), label: 'x'.repeat(200) })
    }
    await database.close()
    return await readFile(path)
  }

  async function expectRefusal(content: Buffer): Promise<void> {
    await writeFile(path, content)
    const opening = openDatabase(place.config)
    // A file that is taken although it is damaged must not stay open behind the failed test.
    const outcome = await opening.then(
      (database) => database.close().then(() => 'opened' as const),
      (error: unknown) => error,
    )
    expect(outcome).toBeInstanceOf(DatabaseError)
    expect((outcome as Error).message).toMatch(/restore a backup/)
    expect(await readFile(path)).toEqual(content)
  }

  it('is refused with an instruction when it is no database, and left as it was', async () => {
    await expectRefusal(Buffer.from('this is a text file, much longer than a header. '.repeat(100)))
  })

  it('is refused with an instruction when it was cut off', async () => {
    const content = await filled()
    await expectRefusal(content.subarray(0, Math.floor(content.length / 2 / 4096) * 4096))
  })

  it('is refused with an instruction when pages inside it are damaged', async () => {
    const content = await filled()
    content.fill(0xa5, 4096)
    await expectRefusal(content)
  })

  it('is refused with an instruction when its folder is a file', async () => {
    await writeFile(path, 'x')
    const error = await openDatabase({ kind: 'sqlite', path: `${path}/buoy.db` }).catch(
      (failure: unknown) => failure,
    )
    expect(error).toBeInstanceOf(DatabaseError)
    expect((error as Error).message).toContain('BUOY_DATABASE_URL')
  })

  it('gets its folder made when there is none', async () => {
    const database = await openDatabase({ kind: 'sqlite', path: `${path}-data/deep/buoy.db` })
    expect(await database.db.selectFrom('chats').selectAll().execute()).toEqual([])
    await database.close()
  })
})

if (postgresUrl !== undefined) {
  describe('PostgreSQL', () => {
    const kind = databases.find(({ dialect }) => dialect === 'postgres')
    if (!kind) throw new Error('the URL is set')

    it('that is not there is a DatabaseError without the password', async () => {
      const url = 'postgres://somebody:hunter2secret@127.0.0.1:1/postgres'
      const error = await openDatabase({ kind: 'postgres', url }).catch((failure: unknown) => failure)
      expect(error).toBeInstanceOf(DatabaseError)
      expect((error as Error).message).toContain('BUOY_DATABASE_URL')
      expect((error as Error).message).not.toContain('hunter2secret')
    })

    it('holds two Buoys in two schemas of one database that do not see each other', async () => {
      const place = await kind.createPlace()
      if (place.config.kind !== 'postgres') throw new Error('not PostgreSQL')
      const { url, schema = '' } = place.config
      const opened: OpenDatabase[] = []
      try {
        await runOnPostgres(url, [`create schema ${schema}_second`])
        opened.push(await openDatabase(place.config))
        opened.push(await openDatabase({ ...place.config, schema: `${schema}_second` }))
        const [first, second] = opened
        if (first) await addWatcher(first.db, { chatId: 1, owner: ownerOf(1) })
        expect(await second?.db.selectFrom('chats').selectAll().execute()).toEqual([])
      } finally {
        for (const database of opened) await database.close()
        await place.remove()
      }
    })
  })
}

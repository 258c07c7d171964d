import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { Kysely, Migrator, SqliteDialect, sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { saveStates } from '../../db/alert-states.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import { migrationsFor } from '../../db/migrate.ts'
import { changeThreshold } from '../../db/set-threshold.ts'
import { transact } from '../../db/transact.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import { type Bed, createBed } from '../bed/bed.ts'
import { databases, useDatabase } from '../contract/databases.ts'
import {
  addPosition,
  addWatcher,
  NOW,
  outboxRows,
  ownerOf,
  reading,
  refOf,
  stateWith,
  wad,
} from '../contract/store-kit.ts'
import { createPerson, openLoan, type Person, personIn } from '../e2e/person.ts'
import {
  aCycleOf,
  type Borrower,
  createBorrower,
  linesWith,
  lockDatabase,
  pause,
  price,
  rowsOf,
  sendAway,
  until,
} from './kit.ts'
import { createOnlookers, type Onlookers } from './watchman-kit.ts'

const LOCKED_MS = 30_000
const LOCK_LIMIT_MS = 120_000
const LEAST_ANSWERS = 20
const OPERATOR = 8_000_001
const WALLETS = 5

// Numbers go through the database, so the real stores on both of them show more than the process on one could.
describe.each(databases)('F31 on $name', (kind) => {
  const store = useDatabase(kind)

  it.each([
    { health: '1.4', rings: ['warning'] },
    { health: '1.400000000000000001', rings: [] },
    { health: '1.399999999999999999', rings: ['warning'] },
  ])('F31 a value exactly on a line, after a round trip: $health against 1.4', async ({ health, rings }) => {
    const { db } = store
    const watch = await addWatcher(db, { chatId: 1, owner: ownerOf(1) })
    const position = await addPosition(db, refOf(ownerOf(1)))
    const target = { kind: 'wallet', watchId: watch.id } as const
    await transact(db, (tx) => changeThreshold(tx, { chatId: 1, target, warningWad: wad('1.4') }))
    const at = { chatId: 1, positionId: position.id }
    await saveStates(db, [{ ...at, state: stateWith({ lastBlock: 100 }) }])
    const readings = [{ position, reading: reading(101, wad(health)) }]
    await commitTransitions(db, { readings, nowMs: NOW, decide })
    expect((await outboxRows(db)).map((row) => row.kind)).toEqual(rings)
  })
})

// A limit on the file's size belongs to one connection, which in the process is out of a test's reach: so the real stores it is.
describe('F34', () => {
  const [sqlite] = databases
  if (!sqlite) throw new Error('SQLite is always there')
  const store = useDatabase(sqlite)

  it('F34 database full: the change is refused as a whole, the file stays intact and goes on once there is room', async () => {
    const { db } = store
    const owner = ownerOf(1)
    await addWatcher(db, { chatId: 1, owner })
    const positions = []
    for (let market = 0; market < 200; market += 1)
      positions.push(await addPosition(db, refOf(owner, `0x${market}`)))
    const readings = positions.map((position) => ({ position, reading: reading(101, wad('1.2')) }))
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db)
    await sql`pragma max_page_count = ${sql.lit(rows[0]?.page_count ?? 1)}`.execute(db)
    await expect(commitTransitions(db, { readings, nowMs: NOW, decide })).rejects.toThrow(/full/)
    expect(await outboxRows(db)).toEqual([])
    expect((await sql`select * from alert_states`.execute(db)).rows).toEqual([])
    expect((await sql`pragma integrity_check`.execute(db)).rows).toEqual([{ integrity_check: 'ok' }])
    await sql`pragma max_page_count = 1000000`.execute(db)
    expect(await commitTransitions(db, { readings, nowMs: NOW, decide })).toHaveLength(200)
    expect(await outboxRows(db)).toHaveLength(200)
  })
})

describe('the process and its database', () => {
  let bed: Bed
  let ada: Borrower
  let onlookers: Onlookers
  let operator: Person

  beforeAll(async () => {
    onlookers = await createOnlookers()
    bed = await createBed({ env: { ...onlookers.env, BUOY_ADMIN_IDS: String(OPERATOR) } })
    await bed.telegram.control.createUser({ id: OPERATOR, firstName: 'Olga', started: true })
    operator = personIn(bed, { user: OPERATOR, chat: OPERATOR })
    await bed.buoy.start()
  })
  afterAll(async () => {
    await bed.stop()
    await onlookers.stop()
  })
  beforeEach(async () => {
    await price(bed, '4')
    ada = await createBorrower(bed)
  })

  it('F34 database full: nothing of the change is stored, the operator is told once, health is red, and the alerts ring once there is room', async () => {
    // One row might still find room inside a page; so many do not.
    const wallets = [ada.wallet]
    for (let more = 1; more < WALLETS; more += 1) {
      wallets.push(await openLoan(bed))
      await ada.ask(`/add ${wallets.at(-1) ?? ''} 1.4 Main${more}`, /Watching Main/)
    }
    const rows = `select id from outbox where chat_id = ${ada.chat}`
    const beats = onlookers.beats()
    await bed.buoy.fillDatabase(true)
    await price(bed, '3.40')
    const told = await operator.expect(/^🛑/)
    expect(told.text).toContain('database or disk is full')
    expect(told.silent).toBe(false)
    expect((await onlookers.health()).checks['database']).toMatchObject({ ok: false })
    const before = rowsOf(bed, rows).length
    const states = `select 1 from alert_states where chat_id = ${ada.chat} and level <> 'safe'`
    expect(before).toBeLessThan(WALLETS)
    expect(rowsOf(bed, states)).toHaveLength(before)
    await bed.buoy.waitForLog(({ msg, failedBatches }) => msg === 'cycle' && Number(failedBatches) > 0, {
      what: 'a cycle that cannot store',
      from: bed.buoy.logMark(),
    })
    await bed.buoy.fillDatabase(false)
    await until(async () => (await linesWith(ada, '🟠')).length === WALLETS)
    await aCycleOf(bed.buoy)
    expect(await linesWith(ada, '🟠')).toHaveLength(WALLETS)
    expect((await operator.seen()).filter(({ text }) => text.startsWith('🛑'))).toHaveLength(1)
    expect(onlookers.beats()).toBe(beats)
    expect(rowsOf(bed, 'pragma integrity_check')).toEqual([{ integrity_check: 'ok' }])
    await sendAway(bed, [ada])
  })

  it('F33 locked by another process: "saved" is said only after commit', async () => {
    const other = bed.chain.newOwner()
    const unlock = lockDatabase(bed)
    await ada.type(`/add ${other} 1.4 Second`)
    await pause(3_000)
    expect((await ada.seen()).filter(({ text }) => text.includes('Second'))).toEqual([])
    unlock()
    await ada.expect(/Watching Second/)
    expect(rowsOf(bed, `select label from watches where label = 'Second'`)).toHaveLength(1)
  })

  it(
    'F33 locked for 30 s, longer than the lease lasts: the event loop stays free, the lease is taken up again, the fall rings',
    async () => {
      const [before] = rowsOf<{ token: number }>(bed, 'select token from lease')
      const unlock = lockDatabase(bed)
      const lockedAt = performance.now()
      let answers = 0
      await until(async () => {
        answers += 1
        await pause(200)
        return (await onlookers.health()).checks['lease']?.ok === false
      })
      await price(bed, '3.40')
      await pause(LOCKED_MS - (performance.now() - lockedAt))
      unlock()
      // Had the lock held up the process, there would have been a few at most.
      expect(answers).toBeGreaterThan(LEAST_ANSWERS)
      await until(async () => (await onlookers.health()).checks['lease']?.ok === true)
      expect(rowsOf(bed, 'select token from lease')).toEqual([before])
      await ada.expect(/🟠/)
    },
    LOCK_LIMIT_MS,
  )

  describe('F35', () => {
    let path: string
    beforeEach(() => {
      path = join(bed.databasePath, '..', 'other.db')
    })

    async function refusal(): Promise<string> {
      const process = bed.another({ BUOY_DATABASE_URL: `file:${path}`, BUOY_HTTP_PORT: '0' })
      process.launch()
      expect(await process.exited()).toBe(1)
      const lines = process
        .logText()
        .split('\n')
        .filter((line) => line.includes('"level":60'))
      expect(lines).toHaveLength(1)
      return lines[0] ?? ''
    }

    /** A copy of the database in use, without what another program might still write. */
    async function copy(): Promise<void> {
      await rm(path, { force: true })
      const db = new Sqlite(bed.databasePath, { readonly: true })
      await db.backup(path)
      db.close()
    }

    it('F35 a corrupt file: refused with an instruction, and left as it was', async () => {
      const content = Buffer.from('this is a text file, much longer than a header. '.repeat(200))
      await writeFile(path, content)
      expect(await refusal()).toMatch(/cannot be opened.*restore a backup/)
      expect(await readFile(path)).toEqual(content)
    })

    it('F35 a newer schema: refused with an instruction', async () => {
      await copy()
      const db = new Sqlite(path)
      db.exec(
        "delete from lease; insert into kysely_migration (name, timestamp) values ('0099-from-the-future', 'x')",
      )
      db.close()
      expect(await refusal()).toMatch(/newer Buoy.*0099-from-the-future.*Start that version/)
    })

    it('F35 an older schema whose migration fails: refused, and nothing of it is left behind', async () => {
      await rm(path, { force: true })
      const db = new Sqlite(path)
      // In the way of the last table of the first migration.
      db.exec('create table outbox (something text)')
      db.close()
      expect(await refusal()).toContain('"level":60')
      const after = new Sqlite(path, { readonly: true })
      const tables = after
        .prepare("select name from sqlite_master where type = 'table' and name not like 'kysely%'")
        .pluck()
        .all()
      after.close()
      expect(tables).toEqual(['outbox'])
    })

    it('F35 an older schema: brought up to date, with what was in it', async () => {
      await rm(path, { force: true })
      const old = new Sqlite(path)
      const kysely = new Kysely<unknown>({ dialect: new SqliteDialect({ database: old }) })
      const provider = { getMigrations: () => Promise.resolve(migrationsFor('sqlite')) }
      const { error } = await new Migrator({ db: kysely, provider }).migrateTo('0004-alert-machine')
      expect(error).toBeUndefined()
      old.prepare('attach ? as present').run(bed.databasePath)
      for (const table of ['chats', 'watches']) {
        const columns = old.prepare('select name from pragma_table_info(?)').pluck().all(table).join()
        old.exec(`insert into main.${table} (${columns}) select ${columns} from present.${table}`)
      }
      const watches = old.prepare('select * from main.watches').all()
      await kysely.destroy()
      expect(watches).not.toEqual([])
      // Nobody may poll beside the one at work, so this one finds no Telegram.
      const process = bed.another({
        BUOY_DATABASE_URL: `file:${path}`,
        BUOY_HTTP_PORT: '0',
        BUOY_TELEGRAM_API_ROOT: 'http://127.0.0.1:9',
      })
      await process.start()
      expect(await process.stop()).toBe(0)
      const now = new Sqlite(path, { readonly: true })
      expect(now.prepare('select count(*) from drills').pluck().get()).toBe(0)
      expect(now.prepare('select * from watches').all()).toEqual(watches)
      now.close()
    })
  })

  it('F39 a handler throws: the person gets a reference, the log has it, and everything goes on', async () => {
    const bob = await createPerson(bed, 'Bob')
    const from = bed.buoy.logMark()
    const db = new Sqlite(bed.databasePath, { timeout: 10_000 })
    db.exec('alter table watches rename to gone')
    const answer = await bob.ask('/list', /Something went wrong on my side/)
    db.exec('alter table gone rename to watches')
    db.close()
    const reference = /reference ([0-9A-F]{6})/.exec(answer.text)?.[1] ?? 'none'
    await bed.buoy.waitForLog((line) => JSON.stringify(line).includes(reference), {
      what: 'the reference',
      from,
    })
    await price(bed, '3.40')
    await ada.expect(/🟠/)
  })
})

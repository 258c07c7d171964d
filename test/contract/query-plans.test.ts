import Sqlite from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadStates, saveStates } from '../../db/alert-states.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import { readCursor, takeEvents } from '../../db/cursors.ts'
import { openDatabase } from '../../db/database.ts'
import { type DirtyMark, dueMarks, markDirty, settleMarks } from '../../db/dirty-owners.ts'
import { movePosition } from '../../db/move-position.ts'
import { oldestReady } from '../../db/outbox.ts'
import { claim } from '../../db/outbox-claim.ts'
import { settle } from '../../db/outbox-settle.ts'
import {
  duePositions,
  duePositionsOf,
  positionsOf,
  restSettled,
  watchedAmong,
  watchedLike,
} from '../../db/positions.ts'
import { releaseReceipts } from '../../db/receipts.ts'
import type { Schema } from '../../db/schema.ts'
import { watchersById, watchersOf } from '../../db/watchers.ts'
import { findWatch, listWatches, setThreshold, thresholdsOf } from '../../db/watches.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import { databases, type Place } from './databases.ts'
import {
  addPosition,
  addWatcher,
  NOW,
  ownerOf,
  queueAlert,
  reading,
  refOf,
  stateWith,
  wad,
} from './store-kit.ts'

interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

const TABLES = [
  'chats',
  'watches',
  'thresholds',
  'positions',
  'alert_states',
  'outbox',
  'busy',
  'cache',
  'cursors',
  'dirty_owners',
]

const aMark: DirtyMark = { owner: ownerOf(1), protocol: 'neverland', sinceBlock: 1, markedAtMs: NOW }

/** Steps that go through a whole table, or through a whole index of it. */
function costlySteps(plan: readonly string[]): string[] {
  return plan.filter((step) => TABLES.some((table) => new RegExp(`^SCAN ${table}\\b`).test(step)))
}

describe('query plans on SQLite', () => {
  let place: Place
  let connection: Sqlite.Database
  let db: Kysely<Schema>
  let statements: Statement[] = []

  beforeAll(async () => {
    const [sqlite] = databases
    if (sqlite?.dialect !== 'sqlite') throw new Error('SQLite is always first')
    place = await sqlite.createPlace()
    if (place.config.kind !== 'sqlite') throw new Error('not SQLite')
    await (await openDatabase(place.config)).close()
    connection = new Sqlite(place.config.path)
    db = new Kysely<Schema>({
      dialect: new SqliteDialect({ database: connection }),
      log: ({ query }) => {
        if (/^(select|update|insert|delete)/.test(query.sql)) {
          statements.push({ sql: query.sql, parameters: query.parameters })
        }
      },
    })
    for (let number = 1; number <= 30; number += 1) {
      const owner = ownerOf(number)
      await addWatcher(db, { chatId: number, owner })
      const position = await addPosition(db, refOf(owner))
      await saveStates(db, [{ chatId: number, positionId: position.id, state: stateWith({}) }])
      await queueAlert(db, { chatId: number, positionId: position.id })
    }
  })

  afterAll(async () => {
    await db.destroy()
    await place.remove()
  })

  async function plansOf(work: () => Promise<unknown>): Promise<{ sql: string; plan: string[] }[]> {
    statements = []
    await work()
    expect(statements.length).toBeGreaterThan(0)
    return statements.map(({ sql, parameters }) => {
      const rows = connection.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[]
      return { sql, plan: rows.map(({ detail }) => detail) }
    })
  }

  async function expectNoScan(work: () => Promise<unknown>): Promise<string[]> {
    const plans = await plansOf(work)
    const costly = plans.flatMap(({ sql, plan }) => costlySteps(plan).map((step) => ({ step, sql, plan })))
    expect(costly).toEqual([])
    return plans.flatMap(({ plan }) => plan)
  }

  it('recognise a query that goes through a whole table', async () => {
    const [scan] = await plansOf(() =>
      db.selectFrom('watches').selectAll().where('label', '=', 'x').execute(),
    )
    expect(costlySteps(scan?.plan ?? [])).toEqual(['SCAN watches'])
  })

  it('duePositions goes through the index of due phases, and looks each owner up', async () => {
    const plan = await expectNoScan(() => duePositions(db, { from: 100, to: 2_000 }))
    expect(plan.join('\n')).toMatch(/positions USING INDEX positions_due \(phase>\? AND phase<\?\)/)
    expect(plan.join('\n')).toMatch(/watches USING INDEX watches_owner/)
    expect(plan.join('\n')).toMatch(
      /chats USING INTEGER PRIMARY KEY|chats USING INDEX sqlite_autoindex_chats/,
    )
  })

  it('claim takes the first of an index that is in order already, and marks it by its id', async () => {
    // Reading the index of waiting alerts in its order, up to the first that fits, is the cheapest way there is.
    const plans = await plansOf(() =>
      claim(db, { nowMs: NOW, newDeliveryId: 'D', exceptChats: [], leaseToken: 1 }),
    )
    const [select, ...rest] = plans.map(({ plan }) => plan)
    expect(select?.filter((step) => step.startsWith('SCAN'))).toEqual([
      'SCAN outbox USING INDEX outbox_ready',
    ])
    expect(select?.join('\n')).toMatch(/SEARCH busy USING (COVERING )?INDEX outbox_sending \(chat_id=\?\)/)
    expect(select?.join('\n')).not.toContain('TEMP B-TREE')
    expect(rest.flatMap(costlySteps)).toEqual([])
  })

  it('settling an alert goes by ids and by the index of its chat', async () => {
    const delivery = await claim(db, { nowMs: NOW, newDeliveryId: 'D', exceptChats: [], leaseToken: 1 })
    if (!delivery) throw new Error('nothing was claimed')
    await expectNoScan(() =>
      settle(db, { delivery, settlement: { kind: 'unreachable', error: 'blocked' }, nowMs: NOW }),
    )
  })

  it('health and the release of summaries look at what waits or is being sent, never at what was sent', async () => {
    const plans = await plansOf(async () => {
      await oldestReady(db, NOW)
      await releaseReceipts(db, NOW)
    })
    const steps = plans.flatMap(({ plan }) => plan).filter((step) => step.includes(' outbox '))
    expect(steps).toHaveLength(3)
    for (const step of steps) expect(step).toMatch(/USING INDEX outbox_(ready|waiting|sending)$/)
  })

  it.each([
    ['watchersOf', () => watchersOf(db, [ownerOf(1), ownerOf(2)])],
    ['watchersById', () => watchersById(db, [1, 2])],
    ['thresholdsOf', () => thresholdsOf(db, [1, 2])],
    ['loadStates', () => loadStates(db, [1, 2, 3])],
    ['positionsOf', () => positionsOf(db, ownerOf(1))],
    ['findWatch', () => findWatch(db, { chatId: 1, owner: ownerOf(1) })],
    ['listWatches', () => listWatches(db, 1)],
    ['watchedAmong', () => watchedAmong(db, [ownerOf(1), ownerOf(2)])],
    ['watchedLike', () => watchedLike(db, [ownerOf(1).slice(0, 40), `0x${'f'.repeat(38)}`])],
    ['duePositionsOf', () => duePositionsOf(db, { protocol: 'neverland', owners: [ownerOf(1), ownerOf(2)] })],
    ['readCursor', () => readCursor(db, 'neverland')],
    ['settleMarks', () => settleMarks(db, { done: [aMark], again: [aMark], retryAtMs: NOW })],
    [
      'restSettled',
      () =>
        restSettled(db, { withoutDebt: [1, 2].map((id) => ({ id, block: 9 })), gone: [{ id: 3, block: 9 }] }),
    ],
  ])('%s uses indexes alone', async (_, work) => {
    await expectNoScan(work)
  })

  it('the marks that are due come out of their index in order', async () => {
    const touched = [{ owner: ownerOf(1), block: 1 }]
    await markDirty(db, { protocol: 'neverland', touched, nowMs: NOW })
    const plan = await expectNoScan(() => dueMarks(db, { protocol: 'neverland', nowMs: NOW, limit: 100 }))
    expect(plan.join('\n')).toMatch(/dirty_owners_ready \(protocol=\? AND not_before<\?\)/)
    expect(plan.join('\n')).not.toContain('TEMP B-TREE')
  })

  it('taking in events looks the touched owners up, and goes through nothing', async () => {
    const touched = new Map([1, 2, 3].map((number) => [ownerOf(number), 10]))
    await expectNoScan(() =>
      takeEvents(db, { protocol: 'neverland', from: null, to: 10, touched, liquidations: [], nowMs: NOW }),
    )
  })

  it('moving a debt goes by owner, watch and position alone', async () => {
    const [from] = await positionsOf(db, ownerOf(8))
    if (!from) throw new Error('no position')
    const to = refOf(ownerOf(8), '0xelsewhere')
    await saveStates(db, [{ chatId: 8, positionId: from.id, state: stateWith({ level: 'warning' }) }])
    await setThreshold(db, { watchId: 8, scope: 'position', target: from.ref.key, warningWad: wad('1.3') })
    const plan = await expectNoScan(() => movePosition(db, { from, to, block: 10, nowMs: NOW }))
    expect(plan.join('\n')).toMatch(/thresholds USING INDEX \w+ \(watch_id=\? AND scope=\? AND target=\?\)/)
  })

  it('a whole commit with an alert uses indexes alone', async () => {
    const [position] = await positionsOf(db, ownerOf(9))
    if (!position) throw new Error('no position')
    const plan = await expectNoScan(() =>
      commitTransitions(db, {
        readings: [{ position, reading: reading(10, wad('0.9')) }],
        nowMs: NOW,
        decide,
      }),
    )
    expect(plan.join('\n')).toContain('alert_states_position')
  })

  it('the first reading of a position counts earlier alerts by an index', async () => {
    const owner = ownerOf(77)
    await addWatcher(db, { chatId: 77, owner })
    const position = await addPosition(db, refOf(owner))
    const plan = await expectNoScan(() =>
      commitTransitions(db, {
        readings: [{ position, reading: reading(10, wad('0.9')) }],
        nowMs: NOW,
        decide,
      }),
    )
    expect(plan.join('\n')).toContain('outbox_position')
  })
})

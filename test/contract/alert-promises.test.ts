import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenDatabase, openDatabase } from '../../db/database.ts'
import type { OutboxRow } from '../../db/schema.ts'
import { rings } from '../../src/domain/alerting/urgency.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import { createWorld, type End, type Health, type Reception, type Step, type World } from './alert-world.ts'
import { outboxRows } from './store-kit.ts'

const ENDS: readonly End[] = [
  'sent',
  'refused connection',
  'lost, outcome unknown',
  'arrived, outcome unknown',
  'rate limit',
  'text refused',
  'blocked',
]
/** npm run mutants makes do with fewer. */
const NIGHTS = Number(process.env['BUOY_TEST_NIGHTS'] ?? 400)

const position = fc.nat(1)
const health = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom<Health>('1.7', '1.4', '1.2', '1.1', '1.05', '1.01', '0.98', '0.5'),
  },
  { weight: 2, arbitrary: fc.constantFrom<Health>('none', 'nodebt', 'unknown', 'unknown') },
)
const seconds = fc.constantFrom(1, 5, 15, 30, 61, 200, 620, 2_000)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('read' as const), position, health, seconds }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die committing' as const), position, health }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('replay' as const), position }) },
  { weight: 6, arbitrary: fc.constant({ do: 'claim' as const }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(3),
      end: fc.constantFrom(...ENDS),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('die' as const),
      arrived: fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('look twice' as const),
      verdict: fc.constantFrom('confirmed' as const, 'unconfirmed' as const, 'disputed' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('seen' as const, 'snooze' as const), which: fc.nat(9) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('quiet' as const), minutes: fc.constantFrom(0, 30, 600) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      warning: fc.constantFrom('1.5', '1.3', '1.15'),
      repeats: fc.constantFrom(null, 10, 30),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds }) },
)

describe('whatever happens in whatever order', () => {
  let open: OpenDatabase

  beforeAll(async () => {
    open = await openDatabase({ kind: 'sqlite', path: ':memory:' })
  })
  afterAll(async () => {
    await open.close()
  })

  async function emptyWorld(): Promise<World> {
    const tables = ['outbox', 'alert_states', 'thresholds', 'watches', 'positions', 'chats'] as const
    for (const table of tables) await open.db.deleteFrom(table).execute()
    return await createWorld(open.db)
  }

  it('every transition is told, once or labelled, with its sound, in order of urgency, and nothing stays behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 45 }), async (steps) => {
        const world = await emptyWorld()
        for (const one of steps) {
          const before = one.do === 'claim' ? await outboxRows(world.db) : []
          const known = world.underWay.length
          await world.step(one)
          if (one.do === 'claim') await expectFairClaim(world, { before, taken: world.underWay[known] })
        }
        await drain(world)
        expectPromisesKept(world, await outboxRows(world.db))
      }),
      { numRuns: NIGHTS },
    )
  }, 120_000)
})

/** Telegram is back and everybody is reachable: all that may go goes, and later what the quiet hours held. */
async function drain(world: World): Promise<void> {
  for (const delivery of world.underWay.splice(0)) await world.end(delivery, 'sent')
  for (const wait of [60, 24 * 3_600]) {
    await world.step({ do: 'wait', seconds: wait })
    for (let next = await world.take(); next; next = await world.take()) await world.end(next, 'sent')
    const left = (await outboxRows(world.db)).filter(
      ({ state }) => state === 'pending' || state === 'sending',
    )
    expect(left.filter(({ hold_until }) => hold_until <= world.nowMs())).toEqual([])
  }
}

/** The most urgent row of those that could leave, with exactly what it went out with where that is not known. */
async function expectFairClaim(
  world: World,
  { before, taken }: { before: readonly OutboxRow[]; taken: Delivery | undefined },
): Promise<void> {
  const nowMs = world.nowMs()
  const silent = await world.db.selectFrom('chats').select('id').where('quiet_until', '>', nowMs).execute()
  const closed = new Set(silent.map(({ id }) => id))
  for (const { state, chat_id } of before) if (state === 'sending') closed.add(chat_id)
  const [first] = before
    .filter((row) => row.state === 'pending' && row.not_before <= nowMs && !closed.has(row.chat_id))
    .sort(
      (a, b) => a.urgency - b.urgency || a.health_wad_sort.localeCompare(b.health_wad_sort) || a.id - b.id,
    )
  expect(taken?.rowIds[0]).toBe(first?.id)
  if (!taken || !first || first.kind === 'edit') return
  const repeated = world.doubted.get(first.id)
  if (repeated) expect([...taken.rowIds].sort()).toEqual([...repeated].sort())
  expect(taken.maybeRepeat).toBe(repeated !== undefined)
}

function expectPromisesKept(world: World, rows: readonly OutboxRow[]): void {
  const alerts = rows.filter(({ kind }) => kind !== 'edit')
  expect(alerts.map(({ key }) => key).sort()).toEqual([...world.committed].sort())
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
  const byId = new Map(rows.map((row) => [row.id, row]))
  const receptions = new Map(alerts.map((row) => [row.id, world.receptions.filter(tells(row))]))
  for (const row of alerts) {
    const end = endOf(row, byId)
    expect(['sent', 'unreachable']).toContain(end.state)
    const all = receptions.get(row.id) ?? []
    const alone = all.filter(({ rowIds }) => rowIds.includes(row.id))
    // Never zero.
    if (end.state === 'sent') expect(all.length).toBeGreaterThan(0)
    // Never two without a label.
    expect(all.filter(({ labelled }) => !labelled).length).toBeLessThanOrEqual(1)
    // Labelled only where the outcome of an attempt was unknown.
    if (alone.some(({ labelled }) => labelled)) expect(world.doubted.has(row.id)).toBe(true)
    // Only what surely never left is told by another row.
    if (row.state === 'superseded') expect(alone).toEqual([])
    // Worse always rings.
    const transition = alone[0]?.items.find(({ rowId }) => rowId === row.id)?.transition
    if (transition && rings(transition.kind)) expect(alone.every(({ silent }) => !silent)).toBe(true)
    // Quiet hours hold what they hold.
    for (const { atMs } of alone) expect(atMs).toBeGreaterThanOrEqual(row.hold_until)
  }
  expectNothingWorseInSilence(world.receptions)
}

/** Following what tells a row ends in one that was sent, or whose chat is gone. */
function endOf(row: OutboxRow, byId: ReadonlyMap<number, OutboxRow>): OutboxRow {
  let end = row
  while (end.state === 'superseded') {
    const next = end.superseded_by === null ? undefined : byId.get(end.superseded_by)
    if (!next) throw new Error(`nothing tells ${row.key}`)
    expect([next.chat_id, next.position_id]).toEqual([row.chat_id, row.position_id])
    expect(next.id).toBeGreaterThan(end.id)
    // Whoever tells it does not leave later than it would have by itself, but for one second look.
    if (next.hold_until > next.created_at) expect(end.hold_until).toBeGreaterThanOrEqual(next.hold_until)
    end = next
  }
  return end
}

/** Whether this transition is a line of the message. */
function tells(row: OutboxRow): (reception: Reception) => boolean {
  return ({ chatId, items }) =>
    chatId === row.chat_id &&
    items.some(
      ({ rowId, transition, told, ref }) =>
        rowId === row.id ||
        (row.payload.includes(ref.key) &&
          transition.kind !== 'escalation' &&
          told.some(({ kind, episode, seq }) => `${kind}:${episode}:${seq}` === nameOf(row))),
    )
}

function nameOf({ kind, episode, seq }: OutboxRow): string {
  return `${kind}:${episode}:${seq}`
}

/** A chat that got silent messages alone about a loan is in no more danger than it last heard of with a sound. */
function expectNothingWorseInSilence(receptions: readonly Reception[]): void {
  const depth = { safe: 0, warning: 1, critical: 2, liquidatable: 3 } as const
  for (const { items, silent } of receptions) {
    if (!silent) continue
    for (const { transition, told } of items) {
      const heardOf = told[0]?.from ?? transition.from
      expect(depth[transition.to]).toBeLessThanOrEqual(depth[heardOf])
    }
  }
}

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import { PROTOCOL_IDS, type ProtocolId } from '../../src/domain/position.ts'
import { hangs, strategyDouble } from '../unit/monitor/kit.ts'
import {
  alertsOf,
  createFourProtocols,
  type FourProtocols,
  PER_PROTOCOL,
  realOf,
  storedStates,
  watchAll,
} from './four-protocols-kit.ts'
import { createMonitorBed, type MonitorBed } from './monitor-kit.ts'

const BROKEN = new Error('the throwing double threw')
const BUDGET_MS = 8_000
/** Longer than any of these tests may take: whoever waits for its end fails. */
const NO_END_MS = 600_000

let four: FourProtocols
let snapshot: string
let bed: MonitorBed | undefined

beforeAll(async () => {
  four = await createFourProtocols()
}, 120_000)
afterAll(() => four.chain.stop())
beforeEach(async () => {
  snapshot = await four.chain.snapshot()
})
afterEach(async () => {
  await bed?.stop()
  bed = undefined
  await four.chain.revert(snapshot)
})

const hanging = (id: ProtocolId): LendingStrategy => strategyDouble(id, hangs)
const throwing = (id: ProtocolId): LendingStrategy => strategyDouble(id, () => Promise.reject(BROKEN))

async function bedWith(
  strategies: readonly LendingStrategy[],
  {
    budgetMs = BUDGET_MS,
    protocols = PROTOCOL_IDS,
  }: { budgetMs?: number; protocols?: readonly ProtocolId[] } = {},
): Promise<MonitorBed> {
  bed = await createMonitorBed({ chain: four.chain, strategies, budgetMs })
  await watchAll(
    bed,
    protocols.flatMap((id) => four.refs[id]),
  )
  return bed
}

async function stopBed(): Promise<void> {
  const running = bed
  bed = undefined
  await running?.stop()
}

async function alertsBecome(running: MonitorBed, expected: Record<string, number>): Promise<void> {
  await expect.poll(() => alertsOf(running), { timeout: 25_000 }).toEqual(expected)
}

const CASES = (
  [
    ['euler', 'curvance', ['neverland', 'morpho']],
    ['neverland', 'morpho', ['euler', 'curvance']],
  ] as const
).map(
  ([slow, throws, well]) =>
    [`double of ${slow} that hangs and double of ${throws} that throws`, { slow, throws, well }] as const,
)

describe('500 owners over four protocols', () => {
  it.each(CASES)(
    '%s: the others are stored and rung while the first still hangs, and the stop is clean',
    async (_, which) => {
      const strategies = [
        hanging(which.slow),
        throwing(which.throws),
        ...which.well.map((id) => realOf(four, id)),
      ]
      const running = await bedWith(strategies, { budgetMs: NO_END_MS })
      for (const id of which.well) await four.fall(id, 'warning')
      let ended = false
      const turn = running.turn().finally(() => {
        ended = true
      })
      await alertsBecome(running, Object.fromEntries(which.well.map((id) => [`${id} warning`, PER_PROTOCOL])))
      const states = await storedStates(running)
      expect(ended).toBe(false)
      await stopBed()
      // What the stop cut short counts as nothing, and certainly not as failed.
      expect(await turn).toEqual({
        positions: 3 * PER_PROTOCOL,
        unknown: PER_PROTOCOL,
        transitions: 2 * PER_PROTOCOL,
        failedBatches: 0,
        why: { [`${which.throws}, rpc: internal error`]: PER_PROTOCOL },
      })
      expect(states[which.slow]).toEqual([])
      expect(new Set(running.errors)).toEqual(new Set([BROKEN]))
    },
  )

  it.each(CASES)(
    '%s: every position has a reading or a reason, and the cycles go on',
    async (_, which) => {
      const strategies = [
        hanging(which.slow),
        throwing(which.throws),
        ...which.well.map((id) => realOf(four, id)),
      ]
      const running = await bedWith(strategies)
      const figures = { positions: 4 * PER_PROTOCOL, unknown: 2 * PER_PROTOCOL, failedBatches: 0 }
      expect(await running.turn()).toEqual({
        ...figures,
        transitions: 0,
        why: {
          [`${which.slow}, rpc: no answer within 8 s`]: PER_PROTOCOL,
          [`${which.throws}, rpc: internal error`]: PER_PROTOCOL,
        },
      })
      const states = await storedStates(running)
      for (const id of PROTOCOL_IDS) expect([id, states[id].length]).toEqual([id, PER_PROTOCOL])
      for (const id of which.well) {
        for (const { last, unseen } of states[id])
          expect([last?.health.noDebt, unseen]).toEqual([false, null])
      }
      for (const { last, unseen } of states[which.slow]) {
        expect(last).toBeNull()
        expect(unseen).toMatchObject({ reason: 'rpc', detail: `no answer within ${BUDGET_MS / 1000} s` })
      }
      for (const { last, unseen } of states[which.throws]) {
        expect(last).toBeNull()
        expect(unseen).toMatchObject({ reason: 'rpc', detail: 'internal error' })
      }

      const loop = running.scheduler(500)
      loop.start()
      const expected: Record<string, number> = {}
      for (const level of ['warning', 'critical'] as const) {
        for (const id of which.well) {
          await four.fall(id, level)
          expected[`${id} ${level}`] = PER_PROTOCOL
        }
        await alertsBecome(running, expected)
        const { length } = running.cycles
        await expect.poll(() => running.cycles.length, { timeout: 25_000 }).toBeGreaterThan(length)
      }
      await loop.stop()
      // A later look may miss some more on a busy machine, and says so; none may go without an answer.
      for (const cycle of running.cycles) {
        expect(cycle).toMatchObject({ positions: figures.positions, failedBatches: 0 })
        expect(cycle.unknown).toBeGreaterThanOrEqual(figures.unknown)
      }
      expect(new Set(running.errors)).toEqual(new Set([BROKEN]))
    },
    90_000,
  )
})

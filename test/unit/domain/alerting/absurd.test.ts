import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromJson, toJson } from '../../../../db/json.ts'
import { decide } from '../../../../src/domain/alerting/decide.ts'
import { judgeSecondLook, needsSecondLook } from '../../../../src/domain/alerting/second-look.ts'
import type { AlertState } from '../../../../src/domain/alerting/state.ts'
import { DEFAULT_SETTINGS } from '../../../../src/domain/chat-settings.ts'
import type { Reading } from '../../../../src/domain/position.ts'
import { linesFor, MAX_WARNING_WAD, MIN_WARNING_WAD } from '../../../../src/domain/thresholds.ts'
import { MAX_UINT256, WAD } from '../../../../src/domain/units.ts'
import { blockAt, START_MS } from './series.ts'

const HOUR = 3_600_000
const amount = fc.oneof(
  fc.constantFrom(0n, 1n, WAD, WAD - 1n, WAD + 1n, MAX_UINT256),
  fc.bigInt({ min: 0n, max: MAX_UINT256 }),
)
const value = fc.record({ amount, decimals: fc.integer({ min: 0, max: 36 }) })
const reading: fc.Arbitrary<(at: { block: number; nowMs: number }) => Reading> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({
        health: fc.oneof(
          fc.constant({ noDebt: true } as const),
          fc.record({ noDebt: fc.constant(false as const), healthWad: amount, liquidatable: fc.boolean() }),
        ),
        collateral: value,
        debt: value,
        unit: fc.constantFrom('USD' as const, 'other:WMON' as const),
        endpoint: fc.constantFrom('first', 'second'),
      })
      .map(
        (what) =>
          ({ block, nowMs }: { block: number; nowMs: number }): Reading => ({
            kind: 'ok',
            block: blockAt(block, nowMs),
            ...what,
          }),
      ),
  },
  {
    weight: 1,
    arbitrary: fc.constant(({ block, nowMs }: { block: number; nowMs: number }): Reading => {
      return { kind: 'none', block: blockAt(block, nowMs), endpoint: 'first' }
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('rpc' as const, 'oracle' as const, 'reorg' as const, 'decode' as const)
      .map((reason) => (): Reading => ({ kind: 'unknown', reason, detail: '' })),
  },
)
/** Blocks and clocks that go forward, stand still, leap and fall back. */
const step = fc.record({
  reading,
  blocks: fc.oneof({ weight: 6, arbitrary: fc.constant(40) }, fc.constantFrom(0, -1, -99, -5_000, 1_000_000)),
  ms: fc.oneof(
    { weight: 6, arbitrary: fc.constant(15_000) },
    fc.constantFrom(0, 600_000, HOUR, 24 * HOUR, -HOUR, -24 * HOUR),
  ),
  warningWad: fc.bigInt({ min: MIN_WARNING_WAD, max: MAX_WARNING_WAD }),
  dustFloorCents: fc.constantFrom(0, 100, 0.5, Number.MAX_SAFE_INTEGER),
})

describe('whatever the chain and the clock say', () => {
  it('is decided without an exception, numbered one by one, remembered through JSON and replayed without a word', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let state: AlertState | null = null
        let block = 1_000_000
        let nowMs = START_MS
        for (const { reading: make, blocks, ms, warningWad, dustFloorCents } of steps) {
          block += blocks
          nowMs += ms
          const lines = linesFor(warningWad)
          const rules = { ...DEFAULT_SETTINGS, escalates: true, dustFloorCents }
          const input = { reading: make({ block, nowMs }), lines, rules, nowMs }
          const before: AlertState | null = state
          const decision = decide({ ...input, state: before })
          expect(decision.transitions.map(({ seq }) => seq)).toEqual(
            decision.transitions.map((_, index) => (before?.seq ?? 0) + index + 1),
          )
          if (before?.closed && decision.state.closed) expect(decision.transitions).toEqual([])
          for (const transition of decision.transitions) {
            expect(typeof needsSecondLook(transition)).toBe('boolean')
            expect(['confirmed', 'unconfirmed', 'disputed']).toContain(
              judgeSecondLook(transition, input.reading),
            )
          }
          state = fromJson(toJson(decision.state)) as AlertState
          expect(state).toEqual(decision.state)
          if (input.reading.kind === 'unknown') continue
          expect(decide({ ...input, state })).toMatchObject({ transitions: [] })
        }
      }),
      { numRuns: 500 },
    )
  })

  it('repeats no more than once for each stretch of time that it waits, whatever the clock does', () => {
    const moves = fc.array(fc.constantFrom(15_000, 60_000, 600_000, HOUR, 24 * HOUR, -60_000, -HOUR), {
      maxLength: 60,
    })
    fc.assert(
      fc.property(moves, (ms) => {
        const rules = { ...DEFAULT_SETTINGS, escalates: false }
        let state: AlertState | null = null
        let nowMs = START_MS
        let waitedMs = 0
        for (const [index, move] of [0, ...ms].entries()) {
          nowMs += move
          waitedMs += Math.max(0, move)
          const health = { noDebt: false, healthWad: (WAD * 11n) / 10n, liquidatable: false } as const
          const worth = { amount: 1_000n, decimals: 0 }
          const decision = decide({
            state,
            reading: {
              kind: 'ok',
              health,
              collateral: worth,
              debt: worth,
              unit: 'USD',
              block: blockAt(1_000_000 + index, START_MS),
              endpoint: 'first',
            },
            lines: linesFor((WAD * 3n) / 2n),
            rules,
            nowMs,
          })
          state = decision.state
          if (decision.transitions.length === 0) {
            // Never longer silent than the interval and the step that ended it.
            expect(waitedMs).toBeLessThan(30 * 60_000 + 24 * HOUR)
            continue
          }
          expect(decision.transitions).toHaveLength(1)
          if (index > 0) expect(waitedMs).toBeGreaterThanOrEqual(30 * 60_000)
          waitedMs = 0
        }
      }),
    )
  })
})

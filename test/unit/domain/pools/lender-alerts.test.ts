import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DEFAULT_LENDER_LINES,
  type LenderEvent,
  type LenderReading,
  type LenderState,
  lenderStep,
  NEW_LENDER,
} from '../../../../src/domain/pools/lender-alerts.ts'

const LINES = { utilisation: 0.9, yieldPerYear: 0.04 }

/** Utilisation in hundredths; the rest is calm unless said. */
function at(utilisation: number | null, change: Partial<LenderReading> = {}): Omit<LenderReading, 'atMs'> {
  return {
    utilisation: utilisation === null ? null : utilisation / 100,
    liquidityRaw: 1_000n,
    suppliedRaw: 100n,
    yieldPerYear: 0.05,
    ...change,
  }
}

const UNKNOWN = at(null, { liquidityRaw: null, suppliedRaw: null, yieldPerYear: null })

function run(
  readings: readonly Omit<LenderReading, 'atMs'>[],
  lines = LINES as { utilisation: number; yieldPerYear: number | null },
): { told: LenderEvent['kind'][][]; state: LenderState } {
  let state = NEW_LENDER
  const told = readings.map((reading, index) => {
    const step = lenderStep(state, { reading: { ...reading, atMs: index + 1 }, lines })
    state = step.state
    return step.events.map(({ kind }) => kind)
  })
  return { told, state }
}

describe('somebody who lends', () => {
  it('is told once that the pool runs dry, and once that it does not any more', () => {
    expect(run([at(80), at(91), at(95), at(99), at(80), at(80), at(80)]).told).toEqual([
      [],
      ['dry'],
      [],
      [],
      [],
      ['liquid'],
      [],
    ])
  })

  it('is not told again and again of a pool that moves about the line', () => {
    expect(run([at(90), at(89), at(90), at(89), at(91), at(80), at(90)]).told.flat()).toEqual(['dry'])
  })

  it('is told from 95 % lent out on when they chose no line', () => {
    expect(run([at(94), at(95)], DEFAULT_LENDER_LINES).told).toEqual([[], ['dry']])
  })

  it('is told that less is left than they have in, whatever the utilisation', () => {
    const step = lenderStep(NEW_LENDER, {
      reading: { ...at(50, { liquidityRaw: 99n }), atMs: 1 },
      lines: LINES,
    })
    expect(step.events).toEqual([{ kind: 'dry', reason: 'liquidity' }])
  })

  it('is not told "back to normal" while only just enough is left', () => {
    const dry = at(50, { liquidityRaw: 99n })
    const tight = at(50, { liquidityRaw: 119n })
    const enough = at(50, { liquidityRaw: 120n })
    expect(run([dry, tight, tight, tight, enough, enough]).told.flat()).toEqual(['dry', 'liquid'])
    expect(run([dry, tight, tight, tight]).told.flat()).toEqual(['dry'])
  })

  it('is told once that the rate fell below their line, and once that it is back well above it', () => {
    const rates = [0.05, 0.039, 0.03, 0.041, 0.041, 0.045, 0.045, 0.045]
    expect(run(rates.map((yieldPerYear) => at(50, { yieldPerYear }))).told).toEqual([
      [],
      ['rate-low'],
      [],
      [],
      [],
      [],
      ['rate-back'],
      [],
    ])
  })

  it('hears nothing of rates without a line, not even that one is back', () => {
    const low = at(50, { yieldPerYear: 0 })
    expect(run([low, low], { ...LINES, yieldPerYear: null }).told.flat()).toEqual([])
    const { state } = run([low])
    const lines = { ...LINES, yieldPerYear: null }
    const once = lenderStep(state, { reading: { ...low, atMs: 5 }, lines })
    const twice = lenderStep(once.state, { reading: { ...low, atMs: 6 }, lines })
    expect([...once.events, ...twice.events]).toEqual([])
    expect(twice.state.low).toBe(false)
  })

  it('hears of money that cannot be taken out before they hear of a rate', () => {
    expect(run([at(95, { yieldPerYear: 0.01 })]).told).toEqual([['dry', 'rate-low']])
  })

  it('is not told that a dry pool is back to normal by half a reading', () => {
    const half = at(50, { liquidityRaw: null })
    expect(run([at(95), half, half, half]).told.flat()).toEqual(['dry'])
  })

  const amount = fc.option(fc.bigInt({ min: 0n, max: 300n }), { nil: null })
  const reading = fc.record({
    utilisation: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null }),
    liquidityRaw: amount,
    suppliedRaw: amount,
    yieldPerYear: fc.option(fc.double({ min: 0, max: 0.1, noNaN: true }), { nil: null }),
  })

  it('is told the two halves of each story in turn, however readings come', () => {
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 80 }), (readings) => {
        const told = run(readings).told.flat()
        const pools = told.filter((kind) => kind === 'dry' || kind === 'liquid')
        const rates = told.filter((kind) => kind === 'rate-low' || kind === 'rate-back')
        expect(pools).toEqual(pools.map((_, index) => (index % 2 === 0 ? 'dry' : 'liquid')))
        expect(rates).toEqual(rates.map((_, index) => (index % 2 === 0 ? 'rate-low' : 'rate-back')))
      }),
    )
  })

  it('is unaffected by readings that know nothing, and by older ones', () => {
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1, maxLength: 40 }), (readings) => {
        const { state } = run(readings)
        for (const strange of [
          { ...UNKNOWN, atMs: 1_000 },
          { ...at(99), atMs: state.lastMs },
        ]) {
          expect(lenderStep(state, { reading: strange, lines: LINES })).toEqual({ state, events: [] })
        }
        expect(JSON.parse(JSON.stringify(state))).toEqual(state)
      }),
    )
  })
})

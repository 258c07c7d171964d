import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_ROTATION, rotations } from '../../../../src/domain/pools/rotation.ts'
import { lendAt, supplyIn } from './lending-kit.ts'

const here = lendAt({ id: 'here', rate: 0.04 })
const there = lendAt({ id: 'there', rate: 0.08 })
const held = [{ supply: supplyIn(here, 36_500), opportunity: here }]
const open = (opportunity: typeof here) => ({ opportunity, open: true })

describe('advice to move a deposit', () => {
  it('says from where to where, what it earns more a day and when it has paid for itself', () => {
    const [advice, ...others] = rotations(
      { held, targets: [open(here), open(there)] },
      { ...DEFAULT_ROTATION, moveCostUsd: 2 },
    )
    expect(others).toEqual([])
    expect(advice).toMatchObject({ from: here, to: there, yieldNow: 0.04, yieldThere: 0.08 })
    expect(advice?.gainUsdPerDay).toBeCloseTo(4, 9)
    expect(advice?.breakEvenDays).toBeCloseTo(0.5, 9)
  })

  it('does not guess when a move has paid for itself', () => {
    expect(rotations({ held, targets: [open(there)] })[0]?.breakEvenDays).toBeNull()
  })

  it.each([
    ['yields just less than 1.3 times as much', lendAt({ id: 'close', rate: 0.0519 })],
    [
      'is another token',
      lendAt({ id: 'other', rate: 0.5, token: '0x00000000000000000000000000000000000000bb' }),
    ],
    ['nobody vouches for', lendAt({ id: 'wild', rate: 0.5, trust: 'low' })],
    ['has no number for its yield', lendAt({ id: 'nan', rate: Number.NaN })],
  ])('is not given for a place that %s', (_, place) => {
    expect(rotations({ held, targets: [open(place)] })).toEqual([])
  })

  it('is not given for a place that takes no deposits', () => {
    expect(rotations({ held, targets: [{ opportunity: there, open: false }] })).toEqual([])
  })

  it('is not given when what the user has now is not known, or not worth it', () => {
    const targets = [open(there)]
    expect(rotations({ held: [{ supply: supplyIn(here, 36_500), opportunity: null }], targets })).toEqual([])
    expect(rotations({ held: [{ supply: supplyIn(here, null), opportunity: here }], targets })).toEqual([])
    expect(rotations({ held: [{ supply: supplyIn(here, 9), opportunity: here }], targets })).toEqual([])
  })

  it('names the best place per deposit, the most gain first, and no more than asked for', () => {
    const small = { supply: supplyIn(here, 100), opportunity: here }
    const big = { supply: supplyIn(here, 10_000), opportunity: here }
    const best = lendAt({ id: 'best', rate: 0.09 })
    const advice = rotations({ held: [small, big], targets: [open(there), open(best)] })
    expect(advice.map(({ to, valueUsd }) => [to.id, valueUsd])).toEqual([
      ['best', 10_000],
      ['best', 100],
    ])
    expect(
      rotations({ held: [small, big], targets: [open(best)] }, { ...DEFAULT_ROTATION, most: 1 }),
    ).toHaveLength(1)
  })

  it('always yields the multiple that was asked for, and gains something', () => {
    const rate = fc.double({ min: 0, max: 3, noNaN: true })
    const story = fc.record({
      now: rate,
      rates: fc.array(rate, { maxLength: 8 }),
      multiplier: fc.double({ min: 1, max: 3, noNaN: true }),
    })
    fc.assert(
      fc.property(story, ({ now, rates, multiplier }) => {
        const from = lendAt({ id: 'from', rate: now })
        const targets = rates.map((one, index) => open(lendAt({ id: `to ${index}`, rate: one })))
        const [advice] = rotations(
          { held: [{ supply: supplyIn(from, 1_000), opportunity: from }], targets },
          { ...DEFAULT_ROTATION, multiplier },
        )
        const worthIt = rates.some((one) => one > now && one >= now * multiplier)
        expect(advice !== undefined).toBe(worthIt)
        if (!advice) return
        expect(advice.yieldThere).toBe(Math.max(...rates))
        expect(advice.gainUsdPerDay).toBeGreaterThan(0)
      }),
    )
  })
})

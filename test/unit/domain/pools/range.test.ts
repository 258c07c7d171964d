import { describe, expect, it } from 'vitest'
import {
  type Bins,
  decideRange,
  nearBins,
  type RangeState,
  rangeOf,
} from '../../../../src/domain/pools/range.ts'
import { NOW_MS } from './kit.ts'

const at = (active: number | null, outOfRange: boolean | null = null): Bins => ({
  lower: 100,
  upper: 168,
  active,
  outOfRange,
})

describe('where a position stands', () => {
  it.each<[number, object]>([
    [99, { kind: 'out', side: 'low', binsAway: 1 }],
    [100, { kind: 'near', side: 'low', binsLeft: 0 }],
    [105, { kind: 'near', side: 'low', binsLeft: 5 }],
    [106, { kind: 'in', side: 'low', binsLeft: 6 }],
    [134, { kind: 'in', side: 'low', binsLeft: 34 }],
    [163, { kind: 'near', side: 'high', binsLeft: 5 }],
    [168, { kind: 'near', side: 'high', binsLeft: 0 }],
    [170, { kind: 'out', side: 'high', binsAway: 2 }],
  ])('at bin %d of 100 to 168', (active, range) => {
    expect(rangeOf(at(active))).toEqual(range)
  })

  it('is unknown without a price, unless the source says that it is outside', () => {
    expect(rangeOf(at(null))).toEqual({ kind: 'unknown' })
    expect(rangeOf(at(null, false))).toEqual({ kind: 'unknown' })
    expect(rangeOf(at(null, true))).toEqual({ kind: 'out', binsAway: null, side: null })
  })

  it('is unknown where bins and source contradict each other', () => {
    expect(rangeOf(at(134, true))).toEqual({ kind: 'unknown' })
  })

  it('is near the edge by a tenth of the width, one bin at least', () => {
    expect([
      nearBins({ lower: 1, upper: 3 }),
      nearBins({ lower: 1, upper: 30 }),
      nearBins({ lower: 0, upper: 999 }),
    ]).toEqual([1, 3, 5])
  })
})

describe('news of a position', () => {
  /** The news of each look, five minutes apart. */
  function news(actives: readonly (number | null)[]): (string | null)[] {
    let state: RangeState | null = null
    return actives.map((active, index) => {
      const decided = decideRange(state, { bins: at(active), nowMs: NOW_MS + index * 300_000 })
      state = decided.state
      return decided.news
    })
  }

  it('is near, out and back, each once', () => {
    expect(news([134, 164, 165, 169, 171, 134, 130])).toEqual([null, 'near', null, 'out', null, 'back', null])
  })

  it('is nothing at first when all is well, and something when it is not', () => {
    expect([news([134]), news([169]), news([168])]).toEqual([[null], ['out'], ['near']])
  })

  it('is told once for a price that swings over the line of near', () => {
    expect(news([134, 163, 162, 163, 161, 163, 160, 134])).toEqual([
      null,
      'near',
      null,
      null,
      null,
      null,
      null,
      null,
    ])
  })

  it('that cannot be known is told after half an hour, once, and never as in range', () => {
    const blind = Array.from({ length: 9 }, () => null)
    expect(news([134, ...blind, 134])).toEqual([
      null,
      null,
      null,
      null,
      null,
      null,
      null,
      'unknown',
      null,
      null,
      'back',
    ])
  })

  it('is what changed while it could not be seen', () => {
    expect(news([134, null, null, 169])).toEqual([null, null, null, 'out'])
    expect(news([169, null, 170])).toEqual(['out', null, null])
  })

  it('of a position never seen is nothing', () => {
    expect(news([null, null, null])).toEqual([null, null, null])
  })
})

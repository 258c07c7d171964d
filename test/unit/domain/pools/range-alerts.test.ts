import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DEFAULT_EDGE_BINS,
  NEW_RANGE,
  type RangeEvent,
  type RangeState,
  rangeStep,
} from '../../../../src/domain/pools/range-alerts.ts'

const [LOWER, UPPER] = [100, 120]

/** One character a reading: the active bin relative to 100..120, three from an edge counting as near. */
const BINS: Readonly<Record<string, number | null>> = {
  i: 110,
  n: 102,
  N: 118,
  e: 105,
  o: 99,
  O: 125,
  '?': null,
}

function run(series: string, from: RangeState = NEW_RANGE): { told: string; state: RangeState } {
  let state = from
  const told = series.split('').map((mark, index) => {
    const activeBin = BINS[mark] ?? null
    const atMs = from.lastMs + (index + 1) * 1000
    const step = rangeStep(state, { reading: { atMs, lowerBin: LOWER, upperBin: UPPER, activeBin } })
    state = step.state
    return letterOf(step.event)
  })
  return { told: told.join(''), state }
}

function letterOf(event: RangeEvent | null): string {
  if (event === null) return '.'
  if (event.kind === 'back') return 'B'
  return event.kind === 'near' ? 'N' : event.side === 'below' ? 'v' : '^'
}

describe('a position in a range', () => {
  it.each([
    ['is told nothing while it is in range', { series: 'iiii', told: '....' }],
    ['is told once that it is near the edge', { series: 'innnn', told: '.N...' }],
    ['is told near again only after it was well inside', { series: 'innenniinn', told: '.N......N.' }],
    ['is told that it is out only when two readings agree', { series: 'ioo', told: '..v' }],
    ['is told which side it left by', { series: 'iOO', told: '..^' }],
    ['is not told of a price that jumps over the edge and back', { series: 'ioioioi', told: '.......' }],
    [
      'is told that it is back only when two readings agree, near or not',
      { series: 'ioooiniii', told: '..v..B...' },
    ],
    ['is told nothing of a look back into the range', { series: 'ooioo', told: '.v...' }],
    ['is never told out for what is not known', { series: 'i????', told: '.....' }],
    ['keeps what it knew over what is not known', { series: 'oo??ii', told: '.v...B' }],
    ['is told when the very first looks find it out', { series: 'oo', told: '.v' }],
    ['is told when the very first look finds it near the edge', { series: 'N', told: 'N' }],
  ])('%s', (_, { series, told }) => {
    expect(run(series).told).toBe(told)
  })

  it('names the bins that are left', () => {
    const activeBin = UPPER - DEFAULT_EDGE_BINS
    const reading = { atMs: 1, lowerBin: LOWER, upperBin: UPPER, activeBin }
    expect(rangeStep(NEW_RANGE, { reading }).event).toEqual({
      kind: 'near',
      side: 'above',
      binsLeft: DEFAULT_EDGE_BINS,
    })
  })

  it('of a few bins is simply in range, wherever the price is in it', () => {
    for (const activeBin of [1, 2, 3, 4]) {
      const reading = { atMs: 1, lowerBin: 1, upperBin: 4, activeBin }
      expect(rangeStep(NEW_RANGE, { reading })).toMatchObject({ event: null, state: { place: 'in' } })
    }
  })

  it('does not change for a reading that is older than the newest, or impossible', () => {
    const { state } = run('ii')
    for (const reading of [
      { atMs: 1, lowerBin: LOWER, upperBin: UPPER, activeBin: 1 },
      { atMs: 9_000, lowerBin: UPPER, upperBin: LOWER, activeBin: 110 },
      { atMs: 9_000, lowerBin: LOWER, upperBin: UPPER, activeBin: Number.NaN },
    ]) {
      expect(rangeStep(state, { reading })).toEqual({ state, event: null })
    }
  })

  it('never tells the same thing twice in a row, and back only after out', () => {
    const series = fc.array(fc.constantFrom(...Object.keys(BINS)), { maxLength: 60 })
    fc.assert(
      fc.property(series, (marks) => {
        const told = run(marks.join('')).told.replaceAll('.', '')
        expect(told).not.toMatch(/vv|\^\^|v\^|\^v|BB|NB/)
        expect(told).not.toMatch(/^B/)
      }),
    )
  })

  it('survives being stored and read back', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...Object.keys(BINS)), { maxLength: 30 }), (marks) => {
        const { state } = run(marks.join(''))
        expect(JSON.parse(JSON.stringify(state))).toEqual(state)
      }),
    )
  })
})

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dueSlice, PHASES, type PhaseRange, phaseOf, type Slice } from '../../../src/domain/schedule.ts'

const INTERVAL_MS = 15_000

function hashedOwner(index: number): string {
  return `0x${createHash('sha256').update(`owner ${index}`).digest('hex').slice(0, 40)}`
}

function countingOwner(index: number): string {
  return `0x${index.toString(16).padStart(40, '0')}`
}

/** Chi-square of 10,000 owners over 64 equal parts of the interval; about 63 when they are spread by chance. */
function unevenness(ownerAt: (index: number) => string): number {
  const parts = 64
  const owners = 10_000
  const counts = new Array<number>(parts).fill(0)
  for (let index = 0; index < owners; index += 1) {
    const part = Math.floor((phaseOf(ownerAt(index)) * parts) / PHASES)
    counts[part] = (counts[part] ?? 0) + 1
  }
  const expected = owners / parts
  return counts.reduce((total, count) => total + (count - expected) ** 2 / expected, 0)
}

describe('phaseOf', () => {
  it('spreads random owners evenly over the interval', () => {
    // A chance of one in a hundred thousand to be passed by an even spread; the owners are always the same.
    expect(unevenness(hashedOwner)).toBeLessThan(125)
  })

  it('spreads owners that differ in a few digits only', () => {
    expect(unevenness(countingOwner)).toBeLessThan(125)
  })

  it('stays within the phases', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (owner) => {
        const phase = phaseOf(owner)
        expect(Number.isInteger(phase)).toBe(true)
        expect(phase).toBeGreaterThanOrEqual(0)
        expect(phase).toBeLessThan(PHASES)
      }),
    )
  })

  it('keeps the phases that databases already hold', () => {
    expect([0, 1, 2].map((index) => phaseOf(hashedOwner(index)))).toEqual([3_663, 14_756, 33_062])
  })
})

function phasesIn(ranges: readonly PhaseRange[]): number {
  return ranges.reduce((total, { from, to }) => total + to - from, 0)
}

describe('dueSlice', () => {
  const slice = (cursor: number, elapsedMs: number): Slice =>
    dueSlice(cursor, { elapsedMs, intervalMs: INTERVAL_MS })

  it('takes the share of the interval that has passed', () => {
    expect(slice(0, 7_500)).toEqual({ ranges: [{ from: 0, to: PHASES / 2 }], cursor: PHASES / 2 })
  })

  it('goes on at the start where the interval ends', () => {
    const cursor = PHASES - 100
    expect(slice(cursor, 7_500)).toEqual({
      ranges: [
        { from: cursor, to: PHASES },
        { from: 0, to: PHASES / 2 - 100 },
      ],
      cursor: PHASES / 2 - 100,
    })
  })

  it('ends exactly at the end of the interval without a second, empty range', () => {
    expect(slice(PHASES / 2, 7_500)).toEqual({ ranges: [{ from: PHASES / 2, to: PHASES }], cursor: 0 })
  })

  it('takes nothing when no time has passed', () => {
    expect(phasesIn(slice(77, 0).ranges)).toBe(0)
    expect(slice(77, 0).cursor).toBe(77)
  })

  it('takes everything once after a pause, not once per interval missed', () => {
    for (const elapsedMs of [INTERVAL_MS, INTERVAL_MS + 1, 86_400_000]) {
      expect(slice(1_234, elapsedMs)).toEqual({ ranges: [{ from: 0, to: PHASES }], cursor: 1_234 })
    }
  })

  it('reads every phase once per turn, whatever the rhythm of the ticks', () => {
    const ticks = fc.array(fc.integer({ min: 1, max: INTERVAL_MS - 1 }), { minLength: 1, maxLength: 80 })
    fc.assert(
      fc.property(ticks, fc.integer({ min: 0, max: PHASES - 1 }), (elapsed, start) => {
        let cursor = start
        let position = start
        for (const elapsedMs of elapsed) {
          const { ranges, cursor: next } = slice(cursor, elapsedMs)
          // Each slice begins where the one before ended, and its ranges join: nothing twice, nothing left out.
          for (const { from, to } of ranges) {
            expect(from).toBe(position % PHASES)
            expect(to).toBeGreaterThanOrEqual(from)
            expect(to).toBeLessThanOrEqual(PHASES)
            position += to - from
          }
          expect(next).toBe(position % PHASES)
          const due = (elapsedMs / INTERVAL_MS) * PHASES
          expect(phasesIn(ranges)).toBeLessThanOrEqual(due)
          expect(phasesIn(ranges)).toBeGreaterThan(due - 1)
          cursor = next
        }
      }),
    )
  })
})

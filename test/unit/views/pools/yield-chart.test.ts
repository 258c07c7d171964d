import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timeTicks, valueAxis } from '../../../../src/views/pools/axis.ts'
import { drawable } from '../../../../src/views/pools/svg.ts'
import { type YieldPoint, yieldChart } from '../../../../src/views/pools/yield-chart.ts'

const HOUR_MS = 3_600_000
const START_MS = Date.UTC(2026, 10, 21)

function hourly(yields: readonly (number | null)[]): YieldPoint[] {
  return yields.map((yieldPerYear, index) => ({ atMs: START_MS + index * HOUR_MS, yieldPerYear }))
}

function chart(points: readonly YieldPoint[], change: { title?: string; line?: number | null } = {}): string {
  const svg = yieldChart({
    title: change.title ?? 'USDC',
    subtitle: 'per year',
    points,
    line: change.line ?? null,
  })
  if (svg === null) throw new Error('no chart')
  return svg
}

function curves(svg: string): number {
  return svg.match(/fill="none"/g)?.length ?? 0
}

describe('the chart of a yield', () => {
  it('names the pool, the newest yield, its range and its time', () => {
    const svg = chart(hourly([0.05, 0.04, 0.0612]), { title: 'USDC · Main' })
    for (const text of ['USDC · Main', '6.12 %', 'low 4.00 %', 'high 6.12 %', '21 Nov 2026, 02:00 UTC']) {
      expect(svg).toContain(text)
    }
  })

  it('has a gap where nothing could be read, and where nobody looked', () => {
    expect(curves(chart(hourly([0.05, 0.05, 0.05, 0.05])))).toBe(1)
    expect(curves(chart(hourly([0.05, 0.05, null, 0.05, 0.05])))).toBe(2)
    const late = hourly([0.05, 0.05, 0.05]).concat(
      hourly([0.05, 0.05]).map((point) => ({ ...point, atMs: point.atMs + 9 * HOUR_MS })),
    )
    expect(curves(chart(late))).toBe(2)
  })

  it("draws the user's line with its number, inside the picture even far from the curve", () => {
    expect(chart(hourly([0.05, 0.05]), { line: 0.01 })).toContain('your line 1.00 %')
    expect(chart(hourly([0.05, 0.05]))).not.toContain('your line')
  })

  it('is not drawn of fewer than two readings', () => {
    for (const points of [hourly([]), hourly([0.05]), hourly([null, 0.05, null])]) {
      expect(yieldChart({ title: 'USDC', subtitle: '', points, line: null })).toBeNull()
    }
  })

  it("never lets a pool's name be markup, nor text that the font does not have", () => {
    const svg = chart(hourly([0.05, 0.05]), { title: '<script>&"漢字🚀' })
    expect(svg).toContain('&lt;script&gt;&amp;&quot;???')
    expect(svg).not.toContain('<script>')
  })

  it('shortens a name that would run into the number beside it', () => {
    expect(drawable('W'.repeat(40), 20)).toBe(`${'W'.repeat(17)}…`)
    expect(drawable('  one\n two ', 20)).toBe('one two')
  })

  it('stays in the picture and small, whatever is drawn', () => {
    const value = fc.option(fc.double({ min: 0, max: 1_000, noNaN: true }), { nil: null })
    fc.assert(
      fc.property(fc.array(value, { maxLength: 1_500 }), value, (yields, line) => {
        const svg = yieldChart({ title: 'USDC', subtitle: '', points: hourly(yields), line })
        if (svg === null) return
        expect(svg).not.toMatch(/NaN|Infinity|undefined|null/)
        expect(svg.length).toBeLessThan(60_000)
        for (const [, x, y] of svg.matchAll(/cx="([^"]+)" cy="([^"]+)"/g)) {
          expect(Number(x)).toBeGreaterThanOrEqual(130)
          expect(Number(x)).toBeLessThanOrEqual(1150)
          expect(Number(y)).toBeGreaterThanOrEqual(204)
          expect(Number(y)).toBeLessThanOrEqual(611)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('axes', () => {
  it('are round numbers around all values, few of them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { minLength: 1, maxLength: 20 }),
        (values) => {
          const { from, to, ticks } = valueAxis(values, 4)
          expect(from).toBeLessThanOrEqual(Math.min(...values) + 1e-6)
          expect(to).toBeGreaterThanOrEqual(Math.max(...values) - 1e-6)
          expect(ticks.length).toBeGreaterThanOrEqual(3)
          expect(ticks.length).toBeLessThanOrEqual(8)
        },
      ),
    )
  })

  it('of time are whole hours or days in UTC', () => {
    expect(timeTicks({ from: START_MS + 1, to: START_MS + 7 * 24 * HOUR_MS }, 7)).toHaveLength(7)
    expect(timeTicks({ from: START_MS, to: START_MS + 6 * HOUR_MS }, 7)[1]).toBe(START_MS + HOUR_MS)
  })
})

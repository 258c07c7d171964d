import { describe, expect, it } from 'vitest'
import { feePerDay, scoreOf, turnoverPerDay } from '../../../../src/domain/pools/score.ts'
import { aLoan, aPool, DAY_MS, evenWindows, HOUR_MS } from './kit.ts'

describe('the rate of a pool', () => {
  it('is the mean over the windows it is old enough for', () => {
    expect(feePerDay(evenWindows(0.01), 30 * DAY_MS).perDay).toBeCloseTo(0.01, 12)
    const young = feePerDay({ ...evenWindows(0.01), '24h': 0.002 }, 5 * HOUR_MS)
    expect(young.windows).toEqual(['30m', '1h', '2h', '4h'])
    expect(young.perDay).toBeCloseTo(0.01, 12)
    expect(feePerDay(evenWindows(0.01), 60_000)).toMatchObject({ perDay: 0, windows: [] })
  })

  it('hardly moves with one fresh spike, which is named', () => {
    const spike = feePerDay({ ...evenWindows(0.01), '30m': 0.5 }, null)
    expect(spike.outliers).toEqual(['30m'])
    expect(spike.perDay).toBeCloseTo(0.01, 12)
  })

  it('counts no window as more than a fifth a day', () => {
    const rate = feePerDay(evenWindows(3), null)
    expect(rate).toMatchObject({ capped: true, outliers: [] })
    expect(rate.perDay).toBeCloseTo(0.2, 12)
  })

  it('is 0, and a number, for nothing, NaN, negative and endless figures', () => {
    for (const value of [0, Number.NaN, -1, Number.POSITIVE_INFINITY]) {
      const { perDay } = feePerDay(evenWindows(value), null)
      expect(perDay).toBe(0)
    }
  })
})

describe('the score', () => {
  it('is the product of its ingredients', () => {
    const score = scoreOf(aPool({ tvlUsd: 25_000, ageMs: 36 * HOUR_MS, trust: 'medium' }))
    expect(score).toMatchObject({ tvlFactor: 0.5, ageFactor: 0.5, trustFactor: 0.6, suspicious: false })
    expect(score.score).toBeCloseTo(0.01 * 0.5 * 0.5 * 0.6, 12)
  })

  it('gives dust a tenth, and what is not known less than what is good', () => {
    expect(scoreOf(aPool({ tvlUsd: 1 })).tvlFactor).toBe(0.1)
    expect(scoreOf(aPool({ tvlUsd: null })).tvlFactor).toBe(0.3)
    expect(scoreOf(aPool({ ageMs: null })).ageFactor).toBe(0.5)
  })

  it('is 0 for turnover that looks like trading with itself, unless the tokens are known', () => {
    const pool = { volumeDayUsd: 6_000_000, freezable: false, binStep: 10 }
    expect(scoreOf(aPool({ pool, trust: 'low' }))).toMatchObject({ score: 0, suspicious: true })
    expect(scoreOf(aPool({ pool })).score).toBeGreaterThan(0)
  })

  it('puts lending on the same scale by its own rate, whatever its age', () => {
    const score = scoreOf(aLoan(0.365))
    expect(score.score).toBeCloseTo(0.001, 12)
    expect(score.ageFactor).toBe(1)
    expect(scoreOf(aLoan(Number.NaN)).score).toBe(0)
    expect(scoreOf(aLoan(10_000))).toMatchObject({ perDay: 0.2, capped: true })
  })

  it('divides by no empty pool', () => {
    expect(turnoverPerDay(aPool({ tvlUsd: 0 }))).toBeNull()
    expect(turnoverPerDay(aLoan(0.1))).toBeNull()
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Verified } from '../../../src/domain/alerting/state.ts'
import type { Delivery } from '../../../src/domain/delivery.ts'
import { createRate } from '../../../src/domain/rate.ts'
import { createMetrics, createSeries } from '../../../src/ops/metrics.ts'
import { aDelivery } from '../delivery/dispatcher-kit.ts'
import { aTransition, verified } from '../views/kit.ts'

const BLOCK_S = 1_800_000_000
const BLOCK_MS = BLOCK_S * 1000

function anAlert(reading: Verified | null, maybeRepeat = false): Pick<Delivery, 'maybeRepeat' | 'content'> {
  const { content } = aDelivery(1, { transitions: [aTransition({ reading })] })
  return { maybeRepeat, content }
}

function fromBlock(maybeRepeat = false) {
  return anAlert(verified('1.08', { blockTimestamp: BLOCK_S }), maybeRepeat)
}

describe('a series of measured values', () => {
  it('knows nothing before the first value', () => {
    const series = createSeries()
    expect([series.mean(), series.percentile(0.5), series.percentile(0.99)]).toEqual([null, null, null])
  })

  it('agrees with a plain count over the newest thousand values', () => {
    const size = fc.constantFrom(1, 2, 3, 10, 99, 100, 101, 999, 1000, 1001, 1500)
    const values = size.chain((length) =>
      fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: length, maxLength: length }),
    )
    // Sixty-fourths are exact in binary, so the reference can count in whole numbers.
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 64 }), (all, part) => {
        const series = createSeries()
        for (const value of all) series.add(value)
        const kept = all.slice(-1000)
        const under = (limit: number) => kept.filter((value) => value <= limit).length
        const reached = kept.filter((value) => under(value) * 64 >= part * kept.length)
        expect(series.percentile(part / 64)).toBe(Math.min(...reached))
        expect(series.mean()).toBeCloseTo(kept.reduce((sum, value) => sum + value, 0) / kept.length, 6)
      }),
      { numRuns: 60 },
    )
  })

  it('has the median and the 99th percentile of one to a hundred', () => {
    const series = createSeries()
    for (let value = 100; value >= 1; value -= 1) series.add(value)
    expect([0, 0.5, 0.99, 1].map((share) => series.percentile(share))).toEqual([1, 50, 99, 100])
  })

  it('keeps the order in which values came when it is asked in between', () => {
    const series = createSeries()
    for (const value of [9, 1, 5]) series.add(value)
    expect(series.percentile(0.5)).toBe(5)
    for (let value = 0; value < 998; value += 1) series.add(7)
    expect(series.percentile(0)).toBe(1)
    series.add(7)
    expect(series.percentile(0)).toBe(5)
  })
})

describe('a rate per minute', () => {
  function rateAt(startMs: number) {
    let nowMs = startMs
    const rate = createRate(() => nowMs)
    const at = (ms: number) => {
      nowMs = startMs + ms
      return rate
    }
    return { rate, at }
  }

  it('is zero at the start, and counts every tick of the last sixty seconds', () => {
    const { rate, at } = rateAt(BLOCK_MS)
    expect(rate.perMinute()).toBe(0)
    for (const ms of [0, 0, 999, 30_000]) at(ms).tick()
    expect(at(30_000).perMinute()).toBe(4)
    expect(at(59_999).perMinute()).toBe(4)
    expect(at(60_000).perMinute()).toBe(1)
    expect(at(89_999).perMinute()).toBe(1)
    expect(at(90_000).perMinute()).toBe(0)
  })

  it('agrees with a plain count by the second for any gaps', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 300 }), (gaps) => {
        const { at } = rateAt(BLOCK_MS)
        const ticks: number[] = []
        let ms = 0
        for (const gap of gaps) {
          ms += gap
          ticks.push(Math.floor(ms / 1000))
          at(ms).tick()
        }
        const second = Math.floor(ms / 1000)
        expect(at(ms).perMinute()).toBe(ticks.filter((tick) => tick > second - 60).length)
      }),
    )
  })
})

describe('the figures of the process', () => {
  function metricsAt(ms: number) {
    let nowMs = ms
    const metrics = createMetrics(() => nowMs)
    return {
      metrics,
      at: (later: number) => {
        nowMs = later
      },
    }
  }

  it('are zeros and nulls at the start', () => {
    expect(metricsAt(BLOCK_MS).metrics.snapshot()).toEqual({
      looksPerMinute: 0,
      meanLookMs: null,
      alertLatencyMs: { p50: null, p99: null },
      alertsSent: 0,
      maybeRepeats: 0,
      refusedTexts: 0,
    })
  })

  it('measure an alert from the time of its block', () => {
    const { metrics, at } = metricsAt(BLOCK_MS)
    for (const ms of [1_000, 2_500, 9_000]) {
      at(BLOCK_MS + ms)
      metrics.delivered(fromBlock(), 'sent')
    }
    expect(metrics.snapshot()).toMatchObject({ alertsSent: 3, alertLatencyMs: { p50: 2_500, p99: 9_000 } })
  })

  it('never measure less than nothing when a block is ahead of the clock', () => {
    const { metrics } = metricsAt(BLOCK_MS - 3_000)
    metrics.delivered(fromBlock(), 'sent')
    expect(metrics.snapshot().alertLatencyMs).toEqual({ p50: 0, p99: 0 })
  })

  it('count an alert without a reading, and measure nothing by it', () => {
    const { metrics } = metricsAt(BLOCK_MS)
    metrics.delivered(anAlert(null), 'sent')
    expect(metrics.snapshot()).toMatchObject({ alertsSent: 1, alertLatencyMs: { p50: null, p99: null } })
  })

  it('count only what Telegram accepted as sent, and refused texts and possible repeats beside it', () => {
    const { metrics } = metricsAt(BLOCK_MS)
    for (const outcome of ['not-sent', 'unknown', 'rate-limited', 'unreachable', 'moved']) {
      metrics.delivered(fromBlock(true), outcome)
    }
    metrics.delivered(fromBlock(), 'refused-text')
    metrics.delivered(fromBlock(), 'sent')
    metrics.delivered(fromBlock(true), 'sent')
    expect(metrics.snapshot()).toMatchObject({ alertsSent: 2, maybeRepeats: 1, refusedTexts: 1 })
  })

  it('count looks and the mean time of them', () => {
    const { metrics, at } = metricsAt(BLOCK_MS)
    metrics.looked(100)
    metrics.looked(300)
    expect(metrics.snapshot()).toMatchObject({ looksPerMinute: 2, meanLookMs: 200 })
    at(BLOCK_MS + 60_000)
    expect(metrics.snapshot()).toMatchObject({ looksPerMinute: 0, meanLookMs: 200 })
  })
})

import type { Delivery } from '../domain/delivery.ts'
import { createRate } from '../domain/rate.ts'

/** The newest values of something measured, enough for a median and a 99th percentile. */
export interface Series {
  add(value: number): void
  mean(): number | null
  /** The value that `share` (0 to 1) of the kept ones lie at or under. */
  percentile(share: number): number | null
}

const KEPT = 1_000

export function createSeries(): Series {
  const values: number[] = []
  let count = 0
  return {
    add(value) {
      values[count % KEPT] = value
      count += 1
    },
    mean: () => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length),
    percentile(share) {
      const sorted = [...values].sort((a, b) => a - b)
      return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
    },
  }
}

/** What the process measures about itself, in plain numbers. */
export interface MetricsSnapshot {
  readonly looksPerMinute: number
  /** Mean time a person waited for a look; `null` before the first one. */
  readonly meanLookMs: number | null
  /** From the block that rang to Telegram's acceptance. */
  readonly alertLatencyMs: { readonly p50: number | null; readonly p99: number | null }
  readonly alertsSent: number
  readonly maybeRepeats: number
  readonly refusedTexts: number
}

export interface Metrics {
  looked(ms: number): void
  delivered(delivery: Pick<Delivery, 'maybeRepeat' | 'content'>, outcome: string): void
  snapshot(): MetricsSnapshot
}

/** The one place where figures are kept: `/stats` reads it, and so will a page of metrics. */
export function createMetrics(now: () => number): Metrics {
  const looks = createRate(now)
  const lookMs = createSeries()
  const latencyMs = createSeries()
  let sent = 0
  let repeats = 0
  let refused = 0
  return {
    looked(ms) {
      looks.tick()
      lookMs.add(ms)
    },
    delivered({ maybeRepeat, content }, outcome) {
      if (outcome === 'refused-text') refused += 1
      if (outcome !== 'sent' || content.kind !== 'alerts') return
      sent += 1
      if (maybeRepeat) repeats += 1
      for (const { transition } of content.items) {
        if (transition.reading) latencyMs.add(Math.max(0, now() - transition.reading.blockTimestamp * 1000))
      }
    },
    snapshot: () => ({
      looksPerMinute: looks.perMinute(),
      meanLookMs: lookMs.mean(),
      alertLatencyMs: { p50: latencyMs.percentile(0.5), p99: latencyMs.percentile(0.99) },
      alertsSent: sent,
      maybeRepeats: repeats,
      refusedTexts: refused,
    }),
  }
}

import { FEE_WINDOWS, type FeeWindow, type FeeYields, type Opportunity } from './opportunity.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const DAYS_PER_YEAR = 365

export const WINDOW_MS: Record<FeeWindow, number> = {
  '30m': HOUR_MS / 2,
  '1h': HOUR_MS,
  '2h': 2 * HOUR_MS,
  '4h': 4 * HOUR_MS,
  '12h': 12 * HOUR_MS,
  '24h': DAY_MS,
}

/** A pool that earned more than a fifth of itself in a day had a spike: no more than this counts. */
const MAX_PER_DAY = 0.2
/** A window that says more than this many times the middle one is an accident, not a rate. */
const OUTLIER_TIMES = 5
/** Less than that a day is noise beside which nothing is an outlier. */
const QUIET_PER_DAY = 0.0001
/** Money that counts in full. */
const FULL_TVL_USD = 100_000
const LEAST_TVL_FACTOR = 0.1
/** Money of which nobody says how much it is. */
const UNKNOWN_TVL_FACTOR = 0.3
const FULL_AGE_MS = 72 * HOUR_MS
const UNKNOWN_AGE_FACTOR = 0.5
const TRUST_FACTORS = { high: 1, medium: 0.6, low: 0.3 } as const
/** Traded more often than that a day without a token that anybody vouches for: most likely with itself. */
const WASH_TIMES = 50

/** What the rank of an opportunity is made of. The score is their product. */
export interface Score {
  readonly score: number
  /** Fraction per day, every window capped, outliers left out. */
  readonly perDay: number
  /** Windows that counted; of lending none. */
  readonly windows: readonly FeeWindow[]
  /** Windows left out because they say far more than the others. */
  readonly outliers: readonly FeeWindow[]
  /** A window was cut to the most that counts. */
  readonly capped: boolean
  readonly tvlFactor: number
  readonly ageFactor: number
  readonly trustFactor: number
  /** Turnover that looks like trading with itself; the score is 0 then. */
  readonly suspicious: boolean
}

/** Ranks pools and lending on one scale. Costs of a loan never come here: an Opportunity is something that earns. */
export function scoreOf(opportunity: Opportunity): Score {
  const rate = ratePerDay(opportunity)
  const tvlFactor = tvlFactorOf(opportunity.tvlUsd)
  // What lends is as old as its protocol: only of a pool is the age a warning.
  const ageFactor = opportunity.kind === 'lend' ? 1 : ageFactorOf(opportunity.ageMs)
  const trustFactor = TRUST_FACTORS[opportunity.trust]
  const suspicious = isSuspicious(opportunity)
  const product = rate.perDay * tvlFactor * ageFactor * trustFactor
  const score = suspicious || !Number.isFinite(product) ? 0 : Math.max(0, product)
  return { score, ...rate, tvlFactor, ageFactor, trustFactor, suspicious }
}

interface Rate {
  readonly perDay: number
  readonly windows: readonly FeeWindow[]
  readonly outliers: readonly FeeWindow[]
  readonly capped: boolean
}

function ratePerDay({ windows, ageMs, yieldPerYear }: Opportunity): Rate {
  const rewards = windows ? (yieldPerYear.base + yieldPerYear.reward) / DAYS_PER_YEAR : 0
  if (!windows) {
    const perDay = positive(yieldPerYear.total) / DAYS_PER_YEAR
    return { perDay: Math.min(perDay, MAX_PER_DAY), windows: [], outliers: [], capped: perDay > MAX_PER_DAY }
  }
  const fee = feePerDay(windows, ageMs)
  return { ...fee, perDay: Math.min(fee.perDay + positive(rewards), MAX_PER_DAY) }
}

/**
 * What the fees of a pool say about a day: the mean over the windows the pool is old enough for, each cut to the most that
 * counts, those far above the middle one left out. One old spike or one fresh one moves it little.
 */
export function feePerDay(windows: FeeYields, ageMs: number | null): Rate {
  const full = FEE_WINDOWS.filter((window) => ageMs === null || ageMs >= WINDOW_MS[window])
  const rates = full.map((window) => ({
    window,
    perDay: positive(windows[window]) * (DAY_MS / WINDOW_MS[window]),
  }))
  const middle = Math.max(median(rates.map(({ perDay }) => perDay)), QUIET_PER_DAY)
  const outliers = rates.filter(({ perDay }) => perDay > middle * OUTLIER_TIMES)
  const kept = rates.filter(({ perDay }) => perDay <= middle * OUTLIER_TIMES)
  const sum = kept.reduce((total, { perDay }) => total + Math.min(perDay, MAX_PER_DAY), 0)
  return {
    perDay: kept.length === 0 ? 0 : sum / kept.length,
    windows: kept.map(({ window }) => window),
    outliers: outliers.map(({ window }) => window),
    capped: kept.some(({ perDay }) => perDay > MAX_PER_DAY),
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  const upper = sorted[half] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2
}

function tvlFactorOf(tvlUsd: number | null): number {
  if (tvlUsd === null) return UNKNOWN_TVL_FACTOR
  return Math.min(1, Math.max(LEAST_TVL_FACTOR, Math.sqrt(positive(tvlUsd) / FULL_TVL_USD)))
}

function ageFactorOf(ageMs: number | null): number {
  return ageMs === null ? UNKNOWN_AGE_FACTOR : Math.min(1, positive(ageMs) / FULL_AGE_MS)
}

function isSuspicious(opportunity: Opportunity): boolean {
  const turnover = turnoverPerDay(opportunity)
  return turnover !== null && turnover > WASH_TIMES && opportunity.trust === 'low'
}

/** How often the money in a pool was traded in a day; `null` where nothing is traded or that is not known. */
export function turnoverPerDay({ pool, tvlUsd }: Opportunity): number | null {
  if (!pool || tvlUsd === null || tvlUsd <= 0) return null
  return pool.volumeDayUsd / tvlUsd
}

/** Fees of a window in dollars; `null` where there are none or the money is not known. */
export function feesUsd({ windows, tvlUsd }: Opportunity, window: FeeWindow): number | null {
  return windows && tvlUsd !== null ? windows[window] * tvlUsd : null
}

function positive(value: number): number {
  return value > 0 && Number.isFinite(value) ? value : 0
}

import type { Opportunity, OpportunityToken } from './opportunity.ts'
import { feesUsd, turnoverPerDay } from './score.ts'

const HOUR_MS = 3_600_000

/** The most risk that a chat wants to hear of. */
export interface RiskCeiling {
  readonly minAgeMs: number
  /** How many of the tokens somebody must vouch for. */
  readonly verified: 'all' | 'one' | 'none'
  /** Whether a token that nobody vouches for may be frozen by somebody. */
  readonly allowFreezable: boolean
  /** How often a day its money may be traded. */
  readonly maxTurnover: number
}

/** What a chat wants to hear of. Yields are fractions per year. */
export interface PoolRules {
  /** `both`: every token is on the list or a quote token, and one of them is on the list. `any`: one of them is on the list. */
  readonly sides: 'both' | 'any'
  /** Tokens that may stand on the other side, by address. */
  readonly quotes: readonly string[]
  readonly minTvlUsd: number
  readonly minFees30mUsd: number
  readonly minFees24hUsd: number
  readonly minYield: number
  readonly risk: RiskCeiling
  /** Between two looks. */
  readonly intervalMs: number
  /** How many times better than what was told, or than what the people have now. */
  readonly multiplier: number
  readonly kinds: 'pool' | 'lend' | 'all'
  /** What somebody lends must earn so much; `null`, or not there: nobody asked to hear of less. */
  readonly lendLine?: number | null
}

/** Wrapped SOL, USDC and USDT on Solana: what most pools have on their other side. */
const QUOTE_MINTS = [
  'So11111111111111111111111111111111111111112',
  'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
  'Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB',
] as const

export const PRESETS = ['careful', 'balanced', 'degen'] as const
export type Preset = (typeof PRESETS)[number]

/** No chat may ask for less: under that there is nothing but dust. */
export const LEAST_TVL_USD = 1_000

export const PRESET_RULES: Record<Preset, PoolRules> = {
  careful: {
    sides: 'both',
    quotes: QUOTE_MINTS,
    minTvlUsd: 100_000,
    minFees30mUsd: 0,
    minFees24hUsd: 100,
    minYield: 0.05,
    risk: { minAgeMs: 168 * HOUR_MS, verified: 'all', allowFreezable: false, maxTurnover: 10 },
    intervalMs: 4 * HOUR_MS,
    multiplier: 1.3,
    kinds: 'all',
  },
  balanced: {
    sides: 'both',
    quotes: QUOTE_MINTS,
    minTvlUsd: 10_000,
    minFees30mUsd: 0,
    minFees24hUsd: 50,
    minYield: 0.1,
    risk: { minAgeMs: 24 * HOUR_MS, verified: 'one', allowFreezable: false, maxTurnover: 50 },
    intervalMs: HOUR_MS,
    multiplier: 1.3,
    kinds: 'all',
  },
  degen: {
    sides: 'any',
    quotes: QUOTE_MINTS,
    minTvlUsd: 1_000,
    minFees30mUsd: 100,
    minFees24hUsd: 0,
    minYield: 1,
    risk: { minAgeMs: HOUR_MS, verified: 'none', allowFreezable: true, maxTurnover: 500 },
    intervalMs: 15 * 60_000,
    multiplier: 1.3,
    kinds: 'pool',
  },
}

/** Whether an opportunity is good enough, whatever tokens it has. */
export function passes(opportunity: Opportunity, rules: PoolRules): boolean {
  const { kind, tvlUsd, yieldPerYear } = opportunity
  if (rules.kinds !== 'all' && rules.kinds !== kind) return false
  if (!Number.isFinite(yieldPerYear.total) || yieldPerYear.total < rules.minYield) return false
  if (tvlUsd === null || tvlUsd < rules.minTvlUsd) return false
  if (kind === 'lend') return true
  const fees30m = feesUsd(opportunity, '30m')
  const fees24h = feesUsd(opportunity, '24h')
  if (fees30m === null || fees30m < rules.minFees30mUsd) return false
  if (fees24h === null || fees24h < rules.minFees24hUsd) return false
  return isUnder(opportunity, rules.risk)
}

/** What is not known counts as the worse. */
function isUnder(opportunity: Opportunity, risk: RiskCeiling): boolean {
  const { ageMs, tokens, pool } = opportunity
  if (ageMs === null ? risk.minAgeMs > 0 : ageMs < risk.minAgeMs) return false
  const vouched = tokens.filter(({ verified }) => verified === true).length
  if (risk.verified === 'all' && vouched < tokens.length) return false
  if (risk.verified === 'one' && vouched === 0) return false
  if (!risk.allowFreezable && pool?.freezable !== false) return false
  const turnover = turnoverPerDay(opportunity)
  return turnover !== null && turnover <= risk.maxTurnover
}

/** A chat's list of tokens by address; `null` when it named none, and then any token will do. */
export type TokenList = ReadonlySet<string> | null

/** Whether the tokens are those that a chat named. Never by symbol, which anybody may choose. */
export function hasTokens(
  tokens: readonly OpportunityToken[],
  wanted: { list: TokenList; sides: PoolRules['sides']; quotes: readonly string[] },
): boolean {
  const { list, sides, quotes } = wanted
  if (list === null) return true
  if (!tokens.some(({ address }) => list.has(address))) return false
  return sides === 'any' || tokens.every(({ address }) => list.has(address) || quotes.includes(address))
}

import type { ProtocolId } from '../position.ts'

export type OpportunitySource = 'meteora' | ProtocolId

/** A token of an opportunity. Symbols are chosen by strangers; only the address (an EVM address, or a Solana mint) identifies it. */
export interface OpportunityToken {
  readonly address: string
  readonly symbol: string
  /** Whether the source vouches for it; `null` when it does not say. */
  readonly verified: boolean | null
}

/** Fractions per year: 0.05 = 5 %. `total` is the sum of the parts. Simple rates: nothing is compounded. */
export interface YieldPerYear {
  /** Interest that borrowers pay. */
  readonly base: number
  /** Paid on top by a campaign that is still running. */
  readonly reward: number
  /** Trading fees, extrapolated from the past. */
  readonly fee: number
  readonly total: number
}

export const FEE_WINDOWS = ['30m', '1h', '2h', '4h', '12h', '24h'] as const
export type FeeWindow = (typeof FEE_WINDOWS)[number]

/** Fees of each window divided by TVL, as a fraction of that window alone: 0.001 in `1h` = 0.1 % in one hour. */
export type FeeYields = Readonly<Record<FeeWindow, number>>

/** What is known of a trading pool beyond what lending has too. */
export interface PoolFacts {
  /** Traded in the last 24 hours. */
  readonly volumeDayUsd: number
  /** Somebody can freeze a token that nobody vouches for; `null` when not known. */
  readonly freezable: boolean | null
  /** Width of one price bin in hundredths of a percent. */
  readonly binStep: number
}

/** One place where money can earn. Only what earns: what a loan costs is never an opportunity. */
export interface Opportunity {
  readonly source: OpportunitySource
  readonly kind: 'pool' | 'lend'
  /** Stable, and unique within its source. */
  readonly id: string
  /** Chosen by strangers for pools. */
  readonly name: string
  readonly tokens: readonly OpportunityToken[]
  readonly yieldPerYear: YieldPerYear
  /** What is in it; for lending what could be withdrawn at once. `null` when not known. */
  readonly tvlUsd: number | null
  /** Since it exists; `null` when not known. */
  readonly ageMs: number | null
  readonly trust: 'high' | 'medium' | 'low'
  readonly link: string
  readonly seenAtMs: number
  /** Of pools only. */
  readonly windows?: FeeYields
  /** Of pools only. */
  readonly pool?: PoolFacts
}

/** Unique over all sources. */
export function opportunityKey({ source, id }: Pick<Opportunity, 'source' | 'id'>): string {
  return `${source}:${id}`
}

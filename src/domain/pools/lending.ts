import type { Address } from '../address.ts'
import type { Token } from '../detail.ts'
import type { ProtocolId } from '../position.ts'
import { WAD } from '../units.ts'
import type { Opportunity } from './opportunity.ts'

/** What else is known of a market that one lends to. Amounts in the smallest unit of `asset`. */
export interface LendingFacts {
  /** The protocol's own id of the market. */
  readonly market: string
  readonly asset: Token
  /** How much of the deposits is lent out, 0 to 1. */
  readonly utilisation: number
  /** All that is deposited, lent out or not. */
  readonly suppliedRaw: bigint
  /** What could be taken out by all together right now. */
  readonly liquidityRaw: bigint
  /** `false`: takes no deposits now (full, frozen, paused). Still told, for those who are in it. */
  readonly open: boolean
  /** The yearly yield when interest is reinvested all the time, as most apps show it. */
  readonly compoundedPerYear: number
}

/** One market as something to lend to: the yield is the lenders', never what borrowers pay. */
export interface LendingOpportunity extends Opportunity {
  readonly source: ProtocolId
  readonly kind: 'lend'
  readonly lending: LendingFacts
}

/** All that lending earns at one protocol, at one block. */
export interface LendingYields {
  readonly rows: readonly LendingOpportunity[]
  /** Markets whose numbers could not be used. */
  readonly skipped: number
  /** Why there may be more markets; `null` when these are all. Fit for a person to read. */
  readonly gaps: string | null
}

/** What one owner has lent to one market. */
export interface Supply {
  readonly owner: Address
  /** Id of the opportunity that it is in. */
  readonly opportunityId: string
  readonly market: string
  /** Chosen by strangers: never trusted as text. */
  readonly marketName: string
  readonly asset: Token
  /** With interest up to the block. */
  readonly amountRaw: bigint
  /** `null` where the protocol does not count in dollars. */
  readonly valueUsd: number | null
}

/** What was found for one owner. `partial`: these exist, others may; an empty one never means "lends nothing". */
export type Supplies =
  | { readonly kind: 'complete'; readonly supplies: readonly Supply[] }
  | { readonly kind: 'partial'; readonly supplies: readonly Supply[]; readonly reason: string }

export interface LendingRow {
  readonly source: ProtocolId
  readonly market: string
  readonly id: string
  readonly name: string
  readonly asset: Token
  /** Simple yearly interest of lenders, 1e18 = 100 %. */
  readonly rateWad: bigint
  /** 1e18 = everything is lent out. */
  readonly utilisationWad: bigint
  readonly suppliedRaw: bigint
  readonly liquidityRaw: bigint
  readonly open: boolean
  /** Of one whole token; `null` when not known. */
  readonly priceUsd: number | null
  readonly verified: boolean | null
  readonly trust: Opportunity['trust']
  readonly link: string
  readonly seenAtMs: number
}

const SECONDS_PER_YEAR = 31_536_000
/** 1,000 % a year. What claims more is broken, or will be gone before anybody gets there. */
const MOST_RATE_WAD = 10n * WAD

/** `null` for numbers that no market can have. */
export function lendingRow(row: LendingRow): LendingOpportunity | null {
  const { asset, rateWad, utilisationWad, suppliedRaw, liquidityRaw, priceUsd } = row
  if (rateWad < 0n || rateWad > MOST_RATE_WAD || utilisationWad < 0n || utilisationWad > WAD) return null
  if (suppliedRaw < 0n || liquidityRaw < 0n) return null
  const base = wadNumber(rateWad)
  return {
    source: row.source,
    kind: 'lend',
    id: row.id,
    name: row.name,
    tokens: [{ address: asset.address, symbol: asset.symbol, verified: row.verified }],
    yieldPerYear: { base, reward: 0, fee: 0, total: base },
    tvlUsd: usdOf({ amountRaw: liquidityRaw, asset, priceUsd }),
    ageMs: null,
    trust: row.trust,
    link: row.link,
    seenAtMs: row.seenAtMs,
    lending: {
      market: row.market,
      asset,
      utilisation: wadNumber(utilisationWad),
      suppliedRaw,
      liquidityRaw,
      open: row.open,
      compoundedPerYear: compounded(base),
    },
  }
}

/** The rows that make sense, and how many did not. */
export function usableRows(rows: readonly (LendingOpportunity | null)[]): {
  readonly rows: readonly LendingOpportunity[]
  readonly skipped: number
} {
  const usable = rows.filter((row) => row !== null)
  return { rows: usable, skipped: rows.length - usable.length }
}

/** A simple yearly rate with interest put back every second: 0.05 becomes 0.05127. */
function compounded(simplePerYear: number): number {
  return Math.expm1(SECONDS_PER_YEAR * Math.log1p(simplePerYear / SECONDS_PER_YEAR))
}

/** How much of what there is is lent out; 0 where there is nothing. */
export function utilisationWad({ lentRaw, liquidityRaw }: { lentRaw: bigint; liquidityRaw: bigint }): bigint {
  return lentRaw === 0n ? 0n : (lentRaw * WAD) / (lentRaw + liquidityRaw)
}

/** For display and comparison, so a float will do; `null` without a price or where it is no number any more. */
export function usdOf(what: {
  readonly amountRaw: bigint
  readonly asset: Pick<Token, 'decimals'>
  readonly priceUsd: number | null
}): number | null {
  if (what.priceUsd === null) return null
  const usd = (Number(what.amountRaw) / 10 ** what.asset.decimals) * what.priceUsd
  return Number.isFinite(usd) ? usd : null
}

export function wadNumber(wad: bigint): number {
  return Number(wad) / 1e18
}

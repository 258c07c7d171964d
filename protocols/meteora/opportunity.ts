import {
  FEE_WINDOWS,
  type FeeWindow,
  type Opportunity,
  type OpportunityToken,
} from '../../src/domain/pools/opportunity.ts'
import { feePerDay } from '../../src/domain/pools/score.ts'
import type { MovingRow, StaticRow } from './rows.ts'

const DAYS_PER_YEAR = 365
/** Later than 1973 in milliseconds, later than the year 5000 in seconds. */
const FIRST_MILLISECONDS = 1e11

/** What stays of a pool, kept apart from its figures. */
export interface PoolIdentity {
  readonly name: string
  readonly tokens: readonly OpportunityToken[]
  readonly trust: Opportunity['trust']
  readonly freezable: boolean
  readonly createdAtMs: number
  readonly binStep: number
}

export function identityOf({ name, token_x, token_y, created_at, pool_config }: StaticRow): PoolIdentity {
  const both = [token_x, token_y]
  // A freeze authority is normal for a dollar that somebody issues; of a token that nobody vouches for it is a trap.
  const freezable = both.some((token) => !token.is_verified && !token.freeze_authority_disabled)
  const vouched = both.filter(({ is_verified }) => is_verified).length
  return {
    name,
    tokens: both.map(({ address, symbol, is_verified }) => ({ address, symbol, verified: is_verified })),
    trust: vouched === 2 ? 'high' : vouched === 1 && !freezable ? 'medium' : 'low',
    freezable,
    // Documented in neither unit: both have been seen.
    createdAtMs: created_at > FIRST_MILLISECONDS ? created_at : created_at * 1000,
    binStep: pool_config.bin_step,
  }
}

/**
 * The API's own `apr` is a percentage per day and its `apy` overflows: neither is read. Fees of each window over TVL give the
 * rate. Farm rewards are left out: the API does not say when they end.
 */
export function opportunityOf(
  { row, identity }: { row: MovingRow; identity: PoolIdentity },
  seenAtMs: number,
): Opportunity {
  const ageMs = Math.max(0, seenAtMs - identity.createdAtMs)
  const windows = Object.fromEntries(
    FEE_WINDOWS.map((window) => [window, row.fees[window] / row.tvl]),
  ) as Record<FeeWindow, number>
  const fee = feePerDay(windows, ageMs).perDay * DAYS_PER_YEAR
  return {
    source: 'meteora',
    kind: 'pool',
    id: row.address,
    name: identity.name,
    tokens: identity.tokens,
    yieldPerYear: { base: 0, reward: 0, fee, total: fee },
    tvlUsd: row.tvl,
    ageMs,
    trust: identity.trust,
    link: `https://app.meteora.ag/dlmm/${row.address}`,
    seenAtMs,
    windows,
    pool: { volumeDayUsd: row.volume['24h'], freezable: identity.freezable, binStep: identity.binStep },
  }
}

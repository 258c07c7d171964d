import { FEE_WINDOWS, type FeeYields, type Opportunity } from '../../../../src/domain/pools/opportunity.ts'
import { scoreOf, WINDOW_MS } from '../../../../src/domain/pools/score.ts'
import type { Ranked } from '../../../../src/domain/pools/tell.ts'

export const NOW_MS = 1_800_000_000_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
export const SOL = 'So11111111111111111111111111111111111111112'

/** Windows that all say the same rate per day. */
export function evenWindows(perDay: number): FeeYields {
  return Object.fromEntries(
    FEE_WINDOWS.map((window) => [window, (perDay * WINDOW_MS[window]) / DAY_MS]),
  ) as unknown as FeeYields
}

/** A sound pool: 1 % a day, 100,000 dollars, a month old, both tokens verified. */
export function aPool(change: Partial<Opportunity> = {}, perDay = 0.01): Opportunity {
  const fee = perDay * 365
  return {
    source: 'meteora',
    kind: 'pool',
    id: 'pool',
    name: 'SOL-X',
    tokens: [
      { address: SOL, symbol: 'SOL', verified: true },
      { address: 'X', symbol: 'X', verified: true },
    ],
    yieldPerYear: { base: 0, reward: 0, fee, total: fee },
    tvlUsd: 100_000,
    ageMs: 30 * DAY_MS,
    trust: 'high',
    link: 'https://app.meteora.ag/dlmm/pool',
    seenAtMs: NOW_MS,
    windows: evenWindows(perDay),
    pool: { volumeDayUsd: 100_000, freezable: false, binStep: 10 },
    ...change,
  }
}

export function aLoan(total: number, change: Partial<Opportunity> = {}): Opportunity {
  return {
    source: 'morpho',
    kind: 'lend',
    id: 'vault',
    name: 'Vault',
    tvlUsd: 100_000,
    trust: 'high',
    link: 'https://app.morpho.org',
    seenAtMs: NOW_MS,
    tokens: [{ address: '0xusdc', symbol: 'USDC', verified: null }],
    yieldPerYear: { base: total, reward: 0, fee: 0, total },
    ageMs: null,
    ...change,
  }
}

export function ranked(opportunity: Opportunity): Ranked {
  return { opportunity, score: scoreOf(opportunity) }
}

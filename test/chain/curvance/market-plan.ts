export type CurvanceMarketName = 'WMON/USDC' | 'sMON/WMON' | 'WBTC/USDC'

export interface CurvanceTokenPlan {
  symbol: string
  borrowable: boolean
  /** Basis points with the 100 % in them. */
  soft: bigint
  hard: bigint
  /** What can be borrowed, in whole tokens. */
  liquidity: string
}

interface CurvanceMarketPlan {
  bufferBps: bigint
  tokens: readonly [CurvanceTokenPlan, CurvanceTokenPlan]
}

/** Dollars of one whole token, where every test starts. */
export const CURVANCE_PRICES: Record<string, string> = { WMON: '2', USDC: '1', WBTC: '60000', sMON: '2.1' }

/** Two tokens a market, one that nobody can borrow among them; margins as in the live markets. */
export const CURVANCE_MARKET_PLANS: Record<CurvanceMarketName, CurvanceMarketPlan> = {
  'WMON/USDC': {
    bufferBps: 9_950n,
    tokens: [
      { symbol: 'WMON', borrowable: true, soft: 13_000n, hard: 12_000n, liquidity: '1000000' },
      { symbol: 'USDC', borrowable: true, soft: 11_500n, hard: 11_000n, liquidity: '1000000' },
    ],
  },
  'sMON/WMON': {
    bufferBps: 9_990n,
    tokens: [
      { symbol: 'sMON', borrowable: false, soft: 10_600n, hard: 10_400n, liquidity: '0' },
      { symbol: 'WMON', borrowable: true, soft: 10_600n, hard: 10_400n, liquidity: '1000000' },
    ],
  },
  'WBTC/USDC': {
    bufferBps: 9_950n,
    tokens: [
      { symbol: 'WBTC', borrowable: true, soft: 12_500n, hard: 11_500n, liquidity: '100' },
      { symbol: 'USDC', borrowable: true, soft: 11_500n, hard: 11_000n, liquidity: '1000000' },
    ],
  },
}

import type { MarketName } from './addresses.ts'

export interface ReservePlan {
  symbol: string
  decimals: number
  usd: string
  ltvBps: number
  liquidationThresholdBps: number
  /** 10500 = the liquidator gets 5 % more than the debt is worth. */
  liquidationBonusBps: number
  /** What the whale lends, in whole tokens. */
  liquidity: string
}

export interface MarketPlan {
  marketId: string
  registryId: number
  reserves: readonly ReservePlan[]
}

const USDC: ReservePlan = {
  symbol: 'USDC',
  decimals: 6,
  usd: '1',
  ltvBps: 7500,
  liquidationThresholdBps: 7800,
  liquidationBonusBps: 10450,
  // Deep on purpose: a debt of a few thousand then grows by less than one unit per minute,
  // and a health factor stays exact to the last digit for as long as a test looks at it.
  liquidity: '10000000',
}

const WMON: ReservePlan = {
  symbol: 'WMON',
  decimals: 18,
  usd: '4',
  ltvBps: 7000,
  liquidationThresholdBps: 7500,
  liquidationBonusBps: 11000,
  liquidity: '2000000',
}

const WBTC: ReservePlan = {
  symbol: 'WBTC',
  decimals: 8,
  usd: '60000',
  ltvBps: 7300,
  liquidationThresholdBps: 7800,
  liquidationBonusBps: 10500,
  liquidity: '200',
}

const SMON: ReservePlan = {
  symbol: 'sMON',
  decimals: 18,
  usd: '4.2',
  ltvBps: 6500,
  liquidationThresholdBps: 7000,
  liquidationBonusBps: 11000,
  liquidity: '1000000',
}

const PT_AUSD: ReservePlan = {
  symbol: 'PT-AUSD',
  decimals: 18,
  usd: '0.97',
  ltvBps: 8500,
  liquidationThresholdBps: 8800,
  liquidationBonusBps: 10400,
  liquidity: '1000000',
}

/** What is deployed. The tokens, prices and parameters are round numbers for tests, not the live ones. */
export const MARKET_PLANS: Record<MarketName, MarketPlan> = {
  main: { marketId: 'Neverland Main', registryId: 1, reserves: [WMON, USDC, WBTC, SMON] },
  isolated: { marketId: 'Neverland Isolated', registryId: 2, reserves: [PT_AUSD, USDC] },
}

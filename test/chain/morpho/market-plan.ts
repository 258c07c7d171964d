import type { MorphoMarketName } from './addresses.ts'

export interface MorphoMarketPlan {
  /** Symbols of tokens of the market `main`. */
  collateral: string
  loan: string
  lltv: string
  /** One collateral token in loan tokens. */
  price: string
  /** What the whale lends, in whole tokens. */
  liquidity: string
  interest: boolean
  /** The part of the interest that goes to the fee recipient. */
  fee?: string
}

/** What is deployed. Round numbers for tests, not the live ones. */
export const MORPHO_MARKET_PLANS: Record<MorphoMarketName, MorphoMarketPlan> = {
  'WMON-USDC': {
    collateral: 'WMON',
    loan: 'USDC',
    lltv: '0.86',
    price: '4',
    liquidity: '10000000',
    interest: true,
  },
  'WBTC-USDC': {
    collateral: 'WBTC',
    loan: 'USDC',
    lltv: '0.86',
    price: '60000',
    liquidity: '10000000',
    interest: true,
    fee: '0.1',
  },
  'USDC-WMON': {
    collateral: 'USDC',
    loan: 'WMON',
    lltv: '0.77',
    price: '0.25',
    liquidity: '2000000',
    interest: true,
  },
  'sMON-WMON': {
    collateral: 'sMON',
    loan: 'WMON',
    lltv: '0.915',
    price: '1.05',
    liquidity: '2000000',
    interest: false,
  },
}

export const IDLE_MARKET_LOAN = 'USDC'

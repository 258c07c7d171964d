export interface ApiAsset {
  address: string
  symbol: string
  decimals: number
  priceUsd: number | null
}

export interface ApiPreLiquidation {
  address: string
  preLltv: bigint
  preLCF1: bigint
  preLCF2: bigint
  preLIF1: bigint
  preLIF2: bigint
  preLiquidationOracle: string
}

export interface ApiMarket {
  /** Default 143. */
  chainId?: number
  marketId: string
  /** 1e18 = 100 %. */
  lltv: bigint
  oracleAddress: string
  irmAddress: string
  /** Default true. */
  listed?: boolean
  loanAsset: ApiAsset
  /** None in an idle market. */
  collateralAsset: ApiAsset | null
  preLiquidations?: readonly ApiPreLiquidation[]
}

export interface ApiPosition {
  marketId: string
  user: string
  collateral: bigint
  borrowShares: bigint
  supplyShares: bigint
  /** None without debt, or when the API knows no price. */
  healthFactor: number | null
}

/** What the API knows. Every position is in one of the markets. */
export interface ApiData {
  markets: readonly ApiMarket[]
  positions: readonly ApiPosition[]
}

/** Asked anew for every request. */
export type ApiSource = () => ApiData | Promise<ApiData>

export const DEFAULT_CHAIN_ID = 143

/** Collateral first, then what is borrowed. */
export type MorphoMarketName = 'WMON-USDC' | 'WBTC-USDC' | 'USDC-WMON' | 'sMON-WMON'

export interface MorphoMarketAddresses {
  /** keccak256 of the five parameters below. */
  id: string
  loanToken: string
  collateralToken: string
  /** Our settable oracle; every market has its own. */
  oracle: string
  /** The zero address in a market without interest. */
  irm: string
  /** 1e18 = 100 %. */
  lltv: bigint
  loanDecimals: number
  collateralDecimals: number
  loanSymbol: string
  collateralSymbol: string
}

/** A market that nobody can borrow from: no collateral, no oracle, no interest, and an lltv of 0. */
export type MorphoIdleMarket = Pick<MorphoMarketAddresses, 'id' | 'loanToken' | 'loanDecimals' | 'loanSymbol'>

export interface MorphoAddresses {
  address: string
  irm: string
  preLiquidationFactory: string
  markets: Record<MorphoMarketName, MorphoMarketAddresses>
  idleMarket: MorphoIdleMarket
  /** The whale: supplies to every market but the idle one. */
  lender: string
}

/** The market's parameters in the order in which Morpho takes them. */
export function marketParamsOf(market: Omit<MorphoMarketAddresses, 'id'>): unknown[] {
  return [market.loanToken, market.collateralToken, market.oracle, market.irm, market.lltv]
}

/** How many digits the raw price has behind the point: the raw price is in smallest units, times 1e36. */
export function priceDecimalsOf(market: Pick<MorphoMarketAddresses, 'loanDecimals' | 'collateralDecimals'>) {
  return 36 + market.loanDecimals - market.collateralDecimals
}

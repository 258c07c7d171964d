import type { MorphoAddresses } from './morpho/addresses.ts'

/** Two markets of the same code, each with its own addresses provider, pool and oracle. */
export type MarketName = 'main' | 'isolated'

export const MARKET_NAMES: readonly MarketName[] = ['main', 'isolated']

export interface ReserveAddresses {
  token: string
  /** Our settable feed; a token listed in two markets has one in each. */
  aggregator: string
  decimals: number
  aToken: string
  variableDebtToken: string
}

export interface MarketAddresses {
  provider: string
  pool: string
  oracle: string
  dataProvider: string
  /** By token symbol. */
  reserves: Record<string, ReserveAddresses>
}

export interface ChainAddresses {
  multicall3: string
  registry: string
  markets: Record<MarketName, MarketAddresses>
  morpho: MorphoAddresses
}

/** The reserve of a market by token symbol; throws with the listed symbols when there is none. */
export function reserveOf(market: MarketAddresses, asset: string): ReserveAddresses {
  const reserve = market.reserves[asset]
  if (reserve !== undefined) return reserve
  throw new Error(`No reserve ${asset} in this market, only ${Object.keys(market.reserves).join(', ')}`)
}

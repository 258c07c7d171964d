import { createMorpho } from '../../protocols/morpho/index.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { Api } from '../../src/chain/api.ts'
import type { MemoryCache } from '../../src/chain/memory-cache.ts'
import { createTokens } from '../../src/chain/tokens.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import type { MorphoMarketName } from '../chain/morpho/addresses.ts'
import { memoryCache } from './cache-kit.ts'
import { lower } from './neverland-kit.ts'

export interface MorphoSetup {
  /** The API; the chain alone when left out. */
  readonly api?: { readonly url: string; readonly upstream: Api }
  readonly cache?: MemoryCache
}

/** The real Morpho of the local chain. */
export function morphoOf(
  chain: LocalChain,
  { api, cache = memoryCache() }: MorphoSetup = {},
): LendingStrategy {
  const { morpho } = chain.addresses
  return createMorpho(
    {
      morpho: lower(morpho.address),
      preLiquidationFactory: lower(morpho.preLiquidationFactory),
      apiUrl: api?.url ?? null,
      chainId: 143,
    },
    { cache, tokens: createTokens({ cache }), api: api?.upstream ?? null },
  )
}

/** The position of an owner in a market, as discovery names it. */
export function morphoRef(
  chain: LocalChain,
  { owner: holder, market }: { owner: string; market: MorphoMarketName },
): PositionRef {
  const { id, collateralSymbol, loanSymbol, lltv } = chain.addresses.morpho.markets[market]
  const owner = lower(holder)
  return {
    protocol: 'morpho',
    key: `morpho:${id}:${owner}`,
    owner,
    market: id,
    marketName: `Morpho ${collateralSymbol}/${loanSymbol} ${Number(lltv / 10n ** 15n) / 10}%`,
  }
}

import type { Api } from '../../src/chain/api.ts'
import type { Cache } from '../../src/chain/cache.ts'
import type { Tokens } from '../../src/chain/tokens.ts'
import type { Address } from '../../src/domain/address.ts'
import type { ContractRef, LendingStrategy } from '../strategy.ts'
import { createMorphoApi } from './api.ts'
import { describeLiquidation } from './describe-liquidation.ts'
import { discoverPositions } from './discover.ts'
import { inspectPosition, rescuePosition } from './inspect.ts'
import { createLogs } from './logs.ts'
import { createMarketList } from './market-list.ts'
import { createMarkets } from './markets.ts'
import { createPrices } from './prices.ts'
import { readPositions } from './read.ts'
import { selfCheckMorpho } from './self-check.ts'
import { createShown } from './shown.ts'
import { readSupplies } from './supplies.ts'
import { readYields } from './yields.ts'

export interface MorphoConfig {
  readonly morpho: Address
  readonly preLiquidationFactory: Address
  /** `null`: from the chain alone. */
  readonly apiUrl: string | null
  readonly chainId: number
}

interface MorphoDeps {
  readonly cache: Cache
  readonly tokens: Tokens
  /** The upstream behind `apiUrl`. */
  readonly api: Api | null
}

const APP_URL = 'https://app.morpho.org'

/** Morpho Blue: isolated markets in one contract, one position per owner and market. */
export function createMorpho(config: MorphoConfig, deps: MorphoDeps): LendingStrategy {
  const { morpho, preLiquidationFactory, apiUrl, chainId } = config
  const { cache, tokens } = deps
  const api = apiUrl !== null && deps.api ? createMorphoApi({ url: apiUrl, api: deps.api, chainId }) : null
  const markets = createMarkets({ morpho, cache, tokens })
  const list = createMarketList({ api, cache })
  const prices = createPrices({ api, cache })
  const lending = { morpho, markets, list, shown: createShown({ api, cache }), appUrl: APP_URL }
  const contracts: ContractRef[] = [
    { address: morpho, what: 'Morpho', configuredBy: 'BUOY_MORPHO_ADDRESS' },
    {
      address: preLiquidationFactory,
      what: 'Morpho PreLiquidationFactory',
      configuredBy: 'BUOY_MORPHO_PRELIQUIDATION_FACTORY',
    },
  ]
  const inspecting = {
    morpho,
    markets,
    appUrl: APP_URL,
    prices,
    preLiquidationFactory,
    preLiquidations: (marketId: string) => list.preLiquidations(marketId),
  }
  return {
    id: 'morpho',
    name: 'Morpho',
    appUrl: APP_URL,
    contracts,
    selfCheck: (at) => selfCheckMorpho({ contracts, morpho, list, markets }, at),
    discover: (owners, at) => discoverPositions(owners, { morpho, markets, api, list, at }),
    read: (refs, at) => {
      list.learn([...new Set(refs.map((ref) => ref.market))])
      return readPositions(refs, { morpho, markets, at })
    },
    inspect: (ref, at) => inspectPosition(ref, { ...inspecting, at }),
    rescue: (request, at) => rescuePosition(request, { ...inspecting, at }),
    yields: (at) => readYields({ ...lending, at }),
    supplies: (owners, at) => readSupplies(owners, { ...lending, at }),
    logs: createLogs({ morpho, preLiquidationFactory, list }),
    describeLiquidation: (event, at) => describeLiquidation(event, { markets, at }),
  }
}

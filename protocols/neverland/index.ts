import type { Tokens } from '../../src/chain/tokens.ts'
import type { Address } from '../../src/domain/address.ts'
import type { ContractRef, LendingStrategy } from '../strategy.ts'
import { AAVE_PROVIDER } from './addresses.ts'
import { describeLiquidation } from './describe-liquidation.ts'
import { discoverPositions } from './discover.ts'
import { inspectPosition } from './inspect.ts'
import { createLogs } from './logs.ts'
import { createMarkets } from './markets.ts'
import { readPositions } from './read.ts'
import { rescuePosition } from './rescue.ts'
import { selfCheckNeverland } from './self-check.ts'
import { createVaults } from './vaults.ts'
import { readSupplies, readYields } from './yields.ts'

export interface NeverlandConfig {
  readonly providers: readonly Address[]
  readonly registry: Address
  /** Only asked for a hint, so nothing depends on it. */
  readonly vaultFactory: Address
}

/** Neverland: an Aave v3.0.2 fork with several markets, one health factor per owner and market. */
export function createNeverland(config: NeverlandConfig, { tokens }: { tokens: Tokens }): LendingStrategy {
  const markets = createMarkets(config)
  const vaults = createVaults(config.vaultFactory)
  const contracts: ContractRef[] = [
    { address: config.registry, what: 'Neverland registry', configuredBy: 'BUOY_NEVERLAND_REGISTRY' },
    ...config.providers.map((address) => ({
      address,
      what: `${address === AAVE_PROVIDER ? 'Aave v3' : 'Neverland'} PoolAddressesProvider`,
      configuredBy: 'BUOY_NEVERLAND_PROVIDERS',
    })),
  ]
  return {
    id: 'neverland',
    name: 'Neverland',
    appUrl: 'https://app.neverland.money',
    contracts,
    selfCheck: async (at) => selfCheckNeverland({ contracts, markets: await markets.at(at) }, at),
    discover: async (owners, at) => discoverPositions(owners, { markets: await markets.at(at), at }),
    read: async (refs, at) => readPositions(refs, { markets: await markets.at(at), at }),
    inspect: async (ref, at) => inspectPosition(ref, { markets: await markets.at(at), tokens, vaults, at }),
    rescue: async (request, at) =>
      rescuePosition(request, { markets: await markets.at(at), tokens, vaults, at }),
    yields: async (at) => readYields({ markets: await markets.at(at), tokens, at }),
    supplies: async (owners, at) => readSupplies(owners, { markets: await markets.at(at), tokens, at }),
    logs: createLogs({ markets, registry: config.registry }),
    describeLiquidation: async (event, at) =>
      describeLiquidation(event, { markets: await markets.at(at), tokens, at }),
  }
}

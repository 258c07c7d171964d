import type { Address } from '../../src/domain/address.ts'
import type { ContractRef, LendingStrategy } from '../strategy.ts'
import { discoverPositions } from './discover.ts'
import { createMarkets } from './markets.ts'
import { readPositions } from './read.ts'
import { selfCheckNeverland } from './self-check.ts'

export interface NeverlandConfig {
  readonly providers: readonly Address[]
  readonly registry: Address
}

/** Neverland: an Aave v3.0.2 fork with several markets, one health factor per owner and market. */
export function createNeverland(config: NeverlandConfig): LendingStrategy {
  const marketsAt = createMarkets(config)
  const contracts: ContractRef[] = [
    { address: config.registry, what: 'Neverland registry', configuredBy: 'BUOY_NEVERLAND_REGISTRY' },
    ...config.providers.map((address) => ({
      address,
      what: 'Neverland PoolAddressesProvider',
      configuredBy: 'BUOY_NEVERLAND_PROVIDERS',
    })),
  ]
  return {
    id: 'neverland',
    name: 'Neverland',
    appUrl: 'https://app.neverland.money',
    contracts,
    selfCheck: async (at) => selfCheckNeverland({ contracts, markets: await marketsAt(at) }, at),
    discover: async (owners, at) => discoverPositions(owners, { markets: await marketsAt(at), at }),
    read: async (refs, at) => readPositions(refs, { markets: await marketsAt(at), at }),
  }
}

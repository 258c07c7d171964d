import type { Tokens } from '../../src/chain/tokens.ts'
import type { Address } from '../../src/domain/address.ts'
import type { ContractRef, LendingStrategy } from '../strategy.ts'
import { describeLiquidation } from './describe-liquidation.ts'
import { discoverPositions } from './discover.ts'
import { inspectPosition } from './inspect.ts'
import { createLogs } from './logs.ts'
import { createMarkets } from './markets.ts'
import { readPositions } from './read.ts'
import { createProtocolReader } from './reader.ts'
import { rescuePosition } from './rescue.ts'
import { selfCheckCurvance } from './self-check.ts'
import { readSupplies, readYields } from './yields.ts'

export interface CurvanceConfig {
  readonly registry: Address
  /** `null`: the market's own contracts alone. */
  readonly reader: Address | null
}

export interface CurvanceDeps {
  readonly tokens: Tokens
}

const APP_URL = 'https://app.curvance.com'

/** Curvance: isolated markets of two tokens, each with its own manager; one health per account and manager. */
export function createCurvance(config: CurvanceConfig, deps: CurvanceDeps): LendingStrategy {
  const { registry, reader: readerAddress } = config
  const markets = createMarkets({ registry, tokens: deps.tokens })
  const reader = createProtocolReader({ registry, reader: readerAddress })
  const contracts: ContractRef[] = [
    { address: registry, what: 'Curvance registry', configuredBy: 'BUOY_CURVANCE_REGISTRY' },
    ...(readerAddress === null
      ? []
      : [{ address: readerAddress, what: 'Curvance ProtocolReader', configuredBy: 'BUOY_CURVANCE_READER' }]),
  ]
  const reading = { registry, markets, reader }
  const inspecting = { ...reading, readerAddress, appUrl: APP_URL }
  return {
    id: 'curvance',
    name: 'Curvance',
    appUrl: APP_URL,
    contracts,
    selfCheck: (at) => selfCheckCurvance({ ...reading, contracts, at }),
    discover: (owners, at) => discoverPositions(owners, { ...reading, at }),
    read: (refs, at) => readPositions(refs, { ...reading, at }),
    inspect: (ref, at) => inspectPosition(ref, { ...inspecting, at }),
    rescue: (request, at) => rescuePosition(request, { ...inspecting, at }),
    yields: (at) => readYields({ markets, reader, appUrl: APP_URL, at }),
    supplies: (owners, at) => readSupplies(owners, { markets, reader, appUrl: APP_URL, at }),
    logs: createLogs(markets),
    describeLiquidation: (event, at) => describeLiquidation(event, { markets, at }),
  }
}

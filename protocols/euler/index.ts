import type { Api } from '../../src/chain/api.ts'
import type { Cache } from '../../src/chain/cache.ts'
import type { Tokens } from '../../src/chain/tokens.ts'
import type { Address } from '../../src/domain/address.ts'
import type { ContractRef, LendingStrategy } from '../strategy.ts'
import { createCollateralVaults } from './collateral-vaults.ts'
import { describeLiquidation } from './describe-liquidation.ts'
import { discoverPositions } from './discover.ts'
import { createMadeByFactory } from './factory.ts'
import { createFollowVaults } from './follow-vaults.ts'
import { createHermes } from './hermes.ts'
import { inspectPosition, rescuePosition } from './inspect.ts'
import { createKnown } from './known.ts'
import { createLogs } from './logs.ts'
import { createPythUpdates } from './pyth.ts'
import { readPositions } from './read.ts'
import { selfCheckEuler } from './self-check.ts'
import { createSubgraph } from './subgraph.ts'
import { readSupplies } from './supplies.ts'
import { createVaults } from './vaults.ts'
import { readYields } from './yields.ts'

export interface EulerConfig {
  /** The Ethereum Vault Connector. */
  readonly evc: Address
  readonly vaultFactory: Address
  /** Lists the vaults that Euler vouches for; `null`: yields are told only of vaults that were met. */
  readonly perspective: Address | null
  /** `null`: every search is done on the chain. */
  readonly subgraphUrl: string | null
  /** Hermes, Pyth's price service; `null`: old prices stay old. */
  readonly pythUrl: string | null
  /** Pyth's contract; `null` as above. */
  readonly pyth: Address | null
  readonly chainId: number
}

export interface EulerDeps {
  readonly cache: Cache
  readonly tokens: Tokens
  /** The upstream behind `subgraphUrl`. */
  readonly subgraphApi: Pick<Api, 'fetch'> | null
  /** The upstream behind `pythUrl`. */
  readonly pythApi: Pick<Api, 'fetch'> | null
  /** The contract that calls of a ChainReader go through: whom Euler sees as the caller. */
  readonly multicall: Address
}

const APP_URL = 'https://app.euler.finance'

/** Euler v2: vaults that lend to accounts, 256 of which belong to one owner. */
export function createEuler(config: EulerConfig, deps: EulerDeps): LendingStrategy {
  const { evc, vaultFactory, perspective, subgraphUrl, pythUrl, pyth, chainId } = config
  const { cache, tokens, subgraphApi, pythApi, multicall } = deps
  const vaults = createVaults({ cache, tokens })
  const collateralVaults = createCollateralVaults({ cache, tokens })
  const madeByFactory = createMadeByFactory({ cache, vaultFactory })
  const known = createKnown()
  const followVaults = createFollowVaults({ known, madeByFactory })
  const subgraph =
    subgraphUrl !== null && subgraphApi ? createSubgraph({ url: subgraphUrl, api: subgraphApi }) : null
  const prices =
    pythUrl !== null && pyth !== null && pythApi
      ? { hermes: createHermes({ url: pythUrl, api: pythApi }), pyth }
      : null
  const priceUpdates = prices && createPythUpdates({ ...prices, evc, vaults, cache })
  const contracts: ContractRef[] = [
    { address: evc, what: 'Euler vault connector', configuredBy: 'BUOY_EULER_EVC' },
    { address: vaultFactory, what: 'Euler vault factory', configuredBy: 'BUOY_EULER_VAULT_FACTORY' },
    ...(prices ? [{ address: prices.pyth, what: 'Pyth', configuredBy: 'BUOY_EULER_PYTH' }] : []),
  ]
  const reading = { evc, multicall, priceUpdates, vaults }
  const inspecting = { ...reading, collateralVaults, appUrl: APP_URL, chainId }
  const lending = { perspective, vaults, met: followVaults, appUrl: APP_URL }
  return {
    id: 'euler',
    name: 'Euler',
    appUrl: APP_URL,
    contracts,
    selfCheck: (at) =>
      selfCheckEuler({ contracts, evc, vaultFactory, subgraph, followVaults, vaults, prices, multicall }, at),
    async discover(owners, at) {
      known.learnOwners(owners)
      const found = await discoverPositions(owners, { evc, vaults, subgraph, known, madeByFactory, at })
      known.learn(found.flatMap(({ refs }) => refs))
      return found
    },
    read(refs, at) {
      known.learn(refs)
      return readPositions(refs, { ...reading, at })
    },
    inspect: (ref, at) => inspectPosition(ref, { ...inspecting, at }),
    rescue: (request, at) => rescuePosition(request, { ...inspecting, at }),
    yields: (at) => readYields({ ...lending, at }),
    supplies: (owners, at) => readSupplies(owners, { ...lending, known, subgraph, at }),
    logs: createLogs({ evc, known, followVaults }),
    describeLiquidation: (event, at) => describeLiquidation(event, { vaults, at }),
  }
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CurvanceDoubles, createCurvanceDoubles } from '../chain/curvance/doubles.ts'
import { createEulerDoubles, type EulerDoubles } from '../chain/euler/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import { createFakeBotApi, type FakeBotApi } from '../fakes/bot-api/index.ts'
import { followChain } from '../fakes/euler-subgraph/follow-chain.ts'
import { type FakeEulerSubgraph, startFakeEulerSubgraph } from '../fakes/euler-subgraph/server.ts'
import { createFakeMorphoApi, type FakeMorphoApi } from '../fakes/morpho-api/index.ts'
import { type BuoyProcess, createBuoyProcess } from './buoy-process.ts'

export interface BedOptions {
  /** Further settings of the product, or other values for those the bed sets. */
  readonly env?: Readonly<Record<string, string>>
  /** How many RPC endpoints the product knows; default 1. */
  readonly endpoints?: number
}

/** The product with everything around it, all on this machine: chain, RPC proxy, Telegram, indexers, database file. */
export interface Bed {
  /** Real Aave and Morpho contracts; WMON is $4 on all four protocols. */
  readonly chain: LocalChain
  readonly euler: EulerDoubles
  readonly curvance: CurvanceDoubles
  /** Between the product and the chain: the first of the endpoints. */
  readonly proxy: RpcProxy
  /** All of them. */
  readonly proxies: readonly RpcProxy[]
  readonly telegram: FakeBotApi
  /** Answers from the chain. */
  readonly morphoApi: FakeMorphoApi
  /** Euler's; knows every account that the chain's events name. */
  readonly subgraph: FakeEulerSubgraph
  readonly buoy: BuoyProcess
  readonly databasePath: string
  /** The whole environment of the product. */
  readonly env: Readonly<Record<string, string>>
  /** One more process of the product on the same database; its log is its own. */
  another(env?: Readonly<Record<string, string>>): BuoyProcess
  /** Moves the product's clock and the chain's clock together. */
  advance(seconds: number): Promise<void>
  /** Resolves when everything has been read again, start to end, after this call. */
  aCycle(): Promise<void>
  stop(): Promise<void>
}

type Surroundings = Pick<
  Bed,
  'chain' | 'euler' | 'curvance' | 'proxies' | 'telegram' | 'morphoApi' | 'subgraph' | 'databasePath'
>

/** Sets everything up; the product itself is not started yet. */
export async function createBed(options: BedOptions = {}): Promise<Bed> {
  const folder = await mkdtemp(join(tmpdir(), 'buoy-bed-'))
  const chain = await createLocalChain()
  const euler = await createEulerDoubles(chain)
  const curvance = await createCurvanceDoubles(chain)
  await curvance.setFeed({ symbol: 'WMON', lower: '4' })
  await curvance.setFeed({ symbol: 'sMON', lower: '4.2' })
  await chain.startBlocks(1)
  const proxy = await createRpcProxy({ target: chain.url })
  const proxies = [proxy]
  while (proxies.length < (options.endpoints ?? 1)) proxies.push(await createRpcProxy({ target: chain.url }))
  const telegram = await createFakeBotApi()
  const morphoApi = await createFakeMorphoApi()
  morphoApi.followChain(chain)
  const subgraph = await startFakeEulerSubgraph()
  followChain(subgraph, { rpc: chain.rpc, evc: euler.evc })
  const databasePath = join(folder, 'buoy.db')
  const around = { chain, euler, curvance, proxies, telegram, morphoApi, subgraph, databasePath }
  const env = { ...settings(around), ...options.env }
  const buoy = createBuoyProcess(env)
  const others: BuoyProcess[] = []
  let advancedMs = 0
  return {
    ...around,
    proxy,
    buoy,
    env,
    another(more = {}) {
      const other = createBuoyProcess({ ...env, ...more })
      others.push(other)
      // It starts where the clock of all is.
      void other.advance(advancedMs)
      return other
    },
    async advance(seconds) {
      advancedMs += seconds * 1000
      await chain.accrueTime(seconds)
      await buoy.advance(seconds * 1000)
    },
    async aCycle() {
      // The first one to end may have begun before.
      for (let ended = 0; ended < 2; ended += 1) {
        await buoy.waitForLog(({ msg }) => msg === 'cycle', { what: 'a cycle', from: buoy.logMark() })
      }
    },
    async stop() {
      for (const process of [buoy, ...others]) await process.kill9().catch(() => undefined)
      await Promise.all([telegram, morphoApi, subgraph, chain, ...proxies].map((part) => part.stop()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Every address and every URL, so that no default of the live network is left. */
function settings(around: Surroundings): Record<string, string> {
  const { chain, euler, curvance, proxies, telegram, morphoApi, subgraph, databasePath } = around
  const { markets, registry, multicall3, morpho } = chain.addresses
  return {
    BUOY_TELEGRAM_TOKEN: telegram.token,
    BUOY_TELEGRAM_API_ROOT: telegram.url,
    BUOY_RPC_URLS: proxies.map(({ url }) => `${url};rps=1000;gas=200000000`).join(','),
    BUOY_DATABASE_URL: `file:${databasePath}`,
    // Beds stand side by side on one machine.
    BUOY_HTTP_PORT: '0',
    BUOY_CYCLE_SECONDS: '1',
    BUOY_DISCOVERY_SECONDS: '2',
    BUOY_MULTICALL3: multicall3,
    BUOY_NEVERLAND_REGISTRY: registry,
    BUOY_NEVERLAND_PROVIDERS: `${markets.main.provider},${markets.isolated.provider}`,
    BUOY_MORPHO_ADDRESS: morpho.address,
    BUOY_MORPHO_PRELIQUIDATION_FACTORY: morpho.preLiquidationFactory,
    BUOY_MORPHO_API_URL: morphoApi.url,
    BUOY_EULER_EVC: euler.evc,
    BUOY_EULER_VAULT_FACTORY: euler.factory,
    BUOY_EULER_PERSPECTIVE: euler.perspective,
    BUOY_EULER_SUBGRAPH_URL: subgraph.url,
    BUOY_EULER_PYTH_URL: '',
    BUOY_METEORA_API_URL: '',
    BUOY_EULER_PYTH: euler.pyth,
    BUOY_CURVANCE_REGISTRY: curvance.addresses.registry,
    BUOY_CURVANCE_READER: curvance.addresses.reader,
  }
}

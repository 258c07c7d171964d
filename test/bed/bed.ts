import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import { createFakeBotApi, type FakeBotApi } from '../fakes/bot-api/index.ts'
import { createFakeMorphoApi, type FakeMorphoApi } from '../fakes/morpho-api/index.ts'
import { type BuoyProcess, createBuoyProcess } from './buoy-process.ts'

export interface BedOptions {
  /** Further settings of the product, or other values for those the bed sets. */
  readonly env?: Readonly<Record<string, string>>
}

/** The product with everything around it, all on this machine: chain, RPC proxy, Telegram, Morpho's API, database file. */
export interface Bed {
  readonly chain: LocalChain
  /** Between the product and the chain. */
  readonly proxy: RpcProxy
  readonly telegram: FakeBotApi
  /** Answers from the chain. */
  readonly morphoApi: FakeMorphoApi
  readonly buoy: BuoyProcess
  /** The settings that the product gets. */
  readonly env: Readonly<Record<string, string>>
  readonly databasePath: string
  /** Moves the product's clock and the chain's clock together. */
  advance(seconds: number): Promise<void>
  /** Resolves when everything has been read again, start to end, after this call. */
  aCycle(): Promise<void>
  stop(): Promise<void>
}

/** Sets everything up; the product itself is not started yet. */
export async function createBed(options: BedOptions = {}): Promise<Bed> {
  const folder = await mkdtemp(join(tmpdir(), 'buoy-bed-'))
  const chain = await createLocalChain()
  await chain.startBlocks(1)
  const proxy = await createRpcProxy({ target: chain.url })
  const telegram = await createFakeBotApi()
  const morphoApi = await createFakeMorphoApi()
  morphoApi.followChain(chain)
  const databasePath = join(folder, 'buoy.db')
  const { markets, registry, multicall3, morpho } = chain.addresses
  const env = {
    BUOY_TELEGRAM_TOKEN: telegram.token,
    BUOY_TELEGRAM_API_ROOT: telegram.url,
    BUOY_RPC_URLS: `${proxy.url};rps=1000;gas=200000000`,
    BUOY_DATABASE_URL: `file:${databasePath}`,
    BUOY_CYCLE_SECONDS: '1',
    BUOY_DISCOVERY_SECONDS: '2',
    BUOY_MULTICALL3: multicall3,
    BUOY_NEVERLAND_REGISTRY: registry,
    BUOY_NEVERLAND_PROVIDERS: `${markets.main.provider},${markets.isolated.provider}`,
    BUOY_MORPHO_ADDRESS: morpho.address,
    BUOY_MORPHO_PRELIQUIDATION_FACTORY: morpho.preLiquidationFactory,
    BUOY_MORPHO_API_URL: morphoApi.url,
    ...options.env,
  }
  const buoy = createBuoyProcess(env)
  return {
    chain,
    proxy,
    telegram,
    morphoApi,
    buoy,
    env,
    databasePath,
    async advance(seconds) {
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
      await buoy.kill9().catch(() => undefined)
      await Promise.all([telegram.stop(), morphoApi.stop(), proxy.stop(), chain.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

import { createCacheStore } from '../../db/cache.ts'
import { drillStarts } from '../../db/drills.ts'
import { createStrategies } from '../../protocols/index.ts'
import { MORPHO_API_NAME } from '../../protocols/morpho/api.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import { type Api, createApi } from '../chain/api.ts'
import type { CacheCounters } from '../chain/cache.ts'
import type { EndpointStats } from '../chain/endpoint.ts'
import { createCache } from '../chain/memory-cache.ts'
import { createRpc, type Rpc } from '../chain/rpc.ts'
import { createTokens } from '../chain/tokens.ts'
import { type Calm, createCalm } from '../domain/calm.ts'
import type { ProtocolId } from '../domain/position.ts'
import { withDrills } from '../monitor/drill-strategy.ts'
import { createLoop, type Loop } from '../monitor/loop.ts'
import { createStrategyCall, type StrategyCall } from '../monitor/strategy-call.ts'
import type { Context, Part } from './context.ts'

/** The chain, the protocols on it and what is remembered about them. */
export interface Reading {
  readonly rpc: Rpc
  readonly strategies: readonly LendingStrategy[]
  readonly strategyCall: StrategyCall
  /** The same for what cannot wait long: five seconds, then it counts as not answered. */
  readonly quickCall: StrategyCall
  readonly calm: Calm
  /** Drops what was remembered about a protocol's markets, also on disk. */
  forget(protocol: ProtocolId): Promise<void>
  stats(): {
    readonly endpoints: readonly EndpointStats[]
    readonly apis: readonly EndpointStats[]
    readonly cache: CacheCounters
  }
  readonly loops: readonly Loop[]
  readonly parts: readonly Part[]
}

const STRATEGY_BUDGET_MS = 20_000
const QUICK_BUDGET_MS = 5_000
const CACHE_ENTRIES = 20_000
const CACHE_SAVE_MS = 30_000
const HEADS_EVERY_MS = 2_000
const ROUND_TIMEOUT_MS = 30_000
/** The rates stay well below what is allowed: Morpho 5,000 requests in five minutes, Pyth 30 in ten seconds. */
const API_LIMITS = { timeoutMs: 5_000, maxBytes: 8 * 1024 * 1024 }

export async function createReading(
  context: Pick<Context, 'config' | 'log' | 'db' | 'now' | 'stopping'>,
): Promise<Reading> {
  const { config, log, db, now, stopping } = context
  const { chain, protocols } = config
  const rpc = createRpc({ specs: chain.endpoints, chainId: chain.id, multicall: chain.multicall3, now })
  const calm = createCalm({ now })
  const cache = createCache({
    now,
    maxEntries: CACHE_ENTRIES,
    calm: () => calm.isCalm(),
    saved: createCacheStore({ db, now }),
    onError: (error) => {
      log.warn({ err: error }, 'what was remembered before the restart could not be used')
    },
  })
  await cache.start()
  function apiAt(
    url: string | null | undefined,
    limits: { name: string; requestsPerSecond: number },
  ): Api | null {
    return url ? createApi({ ...limits, ...API_LIMITS, url, now, random: Math.random }) : null
  }
  const morphoApi = apiAt(protocols.morpho?.apiUrl, { name: MORPHO_API_NAME, requestsPerSecond: 10 })
  const subgraphApi = apiAt(protocols.euler?.subgraphUrl, { name: "Euler's subgraph", requestsPerSecond: 5 })
  const pythApi = apiAt(protocols.euler?.pythUrl, { name: "Euler's Pyth API", requestsPerSecond: 2 })
  const apis = [morphoApi, subgraphApi, pythApi].filter((api) => api !== null)
  const real = createStrategies(protocols, {
    cache,
    tokens: createTokens({ cache }),
    multicall: chain.multicall3,
    morphoApi,
    subgraphApi,
    pythApi,
  })
  const strategies = real.map((strategy) =>
    withDrills(strategy, { now, startsOf: (owners) => drillStarts(db, owners) }),
  )
  const callWithin = (budgetMs: number): StrategyCall =>
    createStrategyCall({
      pinned: (options, work) => rpc.pinned(options, work),
      budgetMs,
      stopping,
      onBug: (error, protocol) => {
        log.error({ err: error, protocol }, 'protocol reader failed')
      },
    })
  const loops = [
    createLoop({
      round: (signal) => rpc.trackHeads(signal),
      pauseMs: HEADS_EVERY_MS,
      timeoutMs: ROUND_TIMEOUT_MS,
      onError: (error) => {
        log.error({ err: error }, 'heads could not be followed')
      },
    }),
    createLoop({
      round: () => cache.flush(),
      pauseMs: CACHE_SAVE_MS,
      timeoutMs: ROUND_TIMEOUT_MS,
      onError: (error) => {
        log.warn({ err: error }, 'what is remembered could not be saved')
      },
    }),
  ]
  return {
    rpc,
    strategies,
    strategyCall: callWithin(STRATEGY_BUDGET_MS),
    quickCall: callWithin(QUICK_BUDGET_MS),
    calm,
    async forget(protocol) {
      cache.forget(`${protocol}:`)
      await cache.flush()
    },
    stats: () => ({
      endpoints: rpc.stats(),
      apis: apis.map((api) => api.stats()),
      cache: cache.counters(),
    }),
    loops,
    parts: [...loops, ...apis, rpc, { stop: () => cache.flush() }],
  }
}

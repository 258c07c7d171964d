import { setPoolsPaused } from '../../db/pool-pause.ts'
import { leastTvlUsd, poolRulesOf, poolTokensOf } from '../../db/pool-rules.ts'
import { poolWatchers } from '../../db/pool-watchers.ts'
import { yieldsOf } from '../../db/pool-yields.ts'
import { transact } from '../../db/transact.ts'
import { METEORA_API_NAME } from '../../protocols/meteora/api.ts'
import { createMeteora } from '../../protocols/meteora/index.ts'
import type { PoolSource } from '../../protocols/strategy.ts'
import { type Api, createApi } from '../chain/api.ts'
import type { EndpointStats } from '../chain/endpoint.ts'
import type { PoolDesk } from '../domain/pools/desk.ts'
import { PRESET_RULES } from '../domain/pools/rules.ts'
import { createLoop, type Loop } from '../monitor/loop.ts'
import { createPngRenderer } from '../ops/png-renderer.ts'
import { createPoolDesk } from '../pools/desk.ts'
import { createHoldings } from '../pools/holdings.ts'
import { createLenders } from '../pools/lenders.ts'
import { createLendingSource } from '../pools/lending-source.ts'
import { createRanges } from '../pools/ranges.ts'
import { createPoolRefresh, type SharedSnapshot } from '../pools/refresh.ts'
import { createPoolRound } from '../pools/round.ts'
import { fittingTelling } from '../views/pools/opportunities.ts'
import { yieldChart } from '../views/pools/yield-chart.ts'
import type { Alerts } from './alerts.ts'
import type { Context, Part } from './context.ts'
import { createPoolStore } from './pool-store.ts'
import type { Reading } from './reading.ts'

/** A third of what the API allows. */
const REQUESTS_PER_SECOND = 10
const API_LIMITS = { timeoutMs: 20_000, maxBytes: 16 * 1024 * 1024 }
const MOST_OWNERS = 500
const MOST_OF_A_CHAT = 100
const DAY_MS = 24 * 3_600_000
const TIDY_TIMEOUT_MS = 5 * 60_000

/** Opportunities: read for everybody at once, told to those who want to hear of them. Never in the way of an alert. */
export interface Pools {
  readonly desk: PoolDesk
  readonly loops: readonly Pick<Loop, 'start' | 'stop'>[]
  /** What the loops stand on. */
  readonly parts: readonly Part[]
  /** How the sources are doing. */
  apis(): readonly EndpointStats[]
}

export function createPools(
  context: Context,
  {
    reading,
    alerts,
    pauseMs,
  }: {
    reading: Pick<Reading, 'strategies' | 'strategyCall'>
    alerts: Pick<Alerts, 'dispatch'>
    pauseMs?: number | undefined
  },
): Pools {
  const { log, db, now } = context
  const clock = (): number => performance.now()
  const store = createPoolStore(context)
  const renderer = createPngRenderer({ onError: failed(context, 'a chart could not be drawn') })
  const meteora = meteoraOf(context)
  const onQueued = (count: number): void => {
    log.info({ count }, 'messages about opportunities queued')
    alerts.dispatch.poke()
  }
  const holdings = createHoldings({
    ...reading,
    owners: async () =>
      [...new Set((await store.watchers()).map(({ owner }) => owner))].slice(0, MOST_OWNERS),
    now,
    onTrouble: (protocol, reason) => {
      log.warn({ protocol, reason }, 'deposits could not be read')
    },
    onError: failed(context, 'deposits could not be looked at'),
  })
  const ranges =
    meteora &&
    createRanges({
      ...store.ranges,
      positions: (wallet, signal) => meteora.positions(wallet, { priority: 'discovery', signal }),
      paused: () => store.paused(),
      now,
      onQueued,
      onTrouble: (error) => {
        log.warn({ err: error }, 'positions of a wallet could not be read')
      },
      onError: failed(context, 'positions could not be looked at'),
    })
  const depositsOf: typeof holdings.of = (owner) => holdings.of(owner)
  const watchers = () => store.watchers()
  const round = createPoolRound({
    store: store.round,
    watchers,
    depositsOf,
    poolsOf: (chatId) => ranges?.poolsOf(chatId) ?? new Set(),
    fit: fittingTelling,
    now,
    clock,
    onQueued,
  })
  const paused = () => store.paused()
  const lenders = createLenders({ ...store.lenders, watchers, depositsOf, paused, onQueued })
  /** One that fails costs the others nothing. */
  async function each(snapshot: SharedSnapshot, signal: AbortSignal): Promise<void> {
    const steps: [string, () => Promise<void>][] = [
      ['yields could not be recorded', () => store.record(snapshot)],
      ['markets of lenders could not be looked at', () => lenders(snapshot.opportunities)],
      ['opportunities could not be told', () => round(snapshot, signal)],
    ]
    for (const [what, step] of steps) {
      if (signal.aborted) return
      await step().catch(failed(context, what))
    }
  }
  const refresh = createPoolRefresh({
    sources: [
      ...(meteora ? [meteora.source] : []),
      ...reading.strategies.map((strategy) => createLendingSource({ ...reading, strategy, now })),
    ],
    now,
    clock,
    onSuspect: (suspect) => {
      log.warn(suspect, 'opportunities of this source are not believed now')
    },
    onError: failed(context, 'opportunities could not be read'),
    onSnapshot: each,
    ...(pauseMs !== undefined && { pauseMs }),
  })
  const tidying = createLoop({
    round: () => store.tidy(),
    pauseMs: DAY_MS,
    timeoutMs: TIDY_TIMEOUT_MS,
    onError: failed(context, 'old opportunities could not be forgotten'),
  })
  const desk = createPoolDesk({
    hasPools: meteora !== null,
    latest: () => refresh.latest(),
    rulesOf: (chatId) => poolRulesOf(db, chatId),
    tokensOf: async (chatId) =>
      ((await poolTokensOf(db, [chatId])).get(chatId) ?? []).map(({ address }) => address),
    watchersOf: (chatId) => poolWatchers(db, { chatId, limit: MOST_OF_A_CHAT }),
    depositsOf,
    history: (asked) => yieldsOf(db, asked),
    async draw({ title, points, isLending }) {
      const subtitle = isLending ? 'Lending yield per year, without rewards' : 'Fees per year, from the past'
      const svg = yieldChart({ title, subtitle, points, line: null })
      return svg === null ? null : renderer.render(svg)
    },
    positions: meteora && ((wallet) => meteora.positions(wallet, { priority: 'command' })),
    paused,
    pause: (isPaused) => transact(db, (tx) => setPoolsPaused(tx, { paused: isPaused, nowMs: now() })),
    now,
    clock,
    onError: failed(context, 'positions of a wallet could not be read'),
  })
  return {
    desk,
    loops: [refresh, holdings, ...(ranges ? [ranges] : []), tidying],
    parts: [renderer, ...(meteora ? [meteora.api] : [])],
    apis: () => (meteora ? [meteora.api.stats()] : []),
  }
}

function failed({ log }: Pick<Context, 'log'>, what: string): (error: unknown) => void {
  return (error) => {
    log.error({ err: error }, what)
  }
}

interface MeteoraReady extends Pick<ReturnType<typeof createMeteora>, 'positions'> {
  readonly api: Api
  /** Asks for what anybody wants to hear of, and no more. */
  readonly source: PoolSource
}

/** `null` where no address is configured. */
function meteoraOf({ config, db, now }: Pick<Context, 'config' | 'db' | 'now'>): MeteoraReady | null {
  const { meteoraApiUrl: url } = config
  if (url === null) return null
  const limits = { ...API_LIMITS, name: METEORA_API_NAME, requestsPerSecond: REQUESTS_PER_SECOND }
  const api = createApi({ ...limits, url, now, random: Math.random })
  let least = PRESET_RULES.balanced.minTvlUsd
  const meteora = createMeteora({ url, api, leastTvlUsd: () => least, now })
  const { pools } = meteora
  return {
    api,
    positions: (wallet, request) => meteora.positions(wallet, request),
    source: {
      id: pools.id,
      async refresh(signal) {
        // What somebody without rules is shown is in it too.
        least = Math.min(PRESET_RULES.balanced.minTvlUsd, (await leastTvlUsd(db)) ?? Number.POSITIVE_INFINITY)
        return pools.refresh(signal)
      },
    },
  }
}

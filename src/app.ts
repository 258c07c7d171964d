import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Api } from 'grammy'
import { createBotStore } from '../db/bot-store.ts'
import { barOtherChats } from '../db/chats.ts'
import { type CommittedTransition, commitTransitions } from '../db/commit-transitions.ts'
import { openDatabase } from '../db/database.ts'
import { claim } from '../db/outbox-claim.ts'
import { recoverSending, settle } from '../db/outbox-settle.ts'
import { duePositions, storeFound, watchedOwners } from '../db/positions.ts'
import { storedStats } from '../db/stats.ts'
import { transact } from '../db/transact.ts'
import { createStrategies } from '../protocols/index.ts'
import { createBot } from './bot/bot.ts'
import { startPolling } from './bot/polling.ts'
import { createQuota } from './bot/quota.ts'
import { parseAddress } from './chain/address.ts'
import { createRpc } from './chain/rpc.ts'
import type { Config } from './config.ts'
import { createDispatcher } from './delivery/dispatcher.ts'
import { createTelegramSender, outcomeOf } from './delivery/telegram.ts'
import { decide } from './domain/alerting/decide.ts'
import type { PositionRef } from './domain/position.ts'
import { createCheck } from './monitor/check.ts'
import { createCycle } from './monitor/cycle.ts'
import { createSweep } from './monitor/discovery.ts'
import { createInspect } from './monitor/inspect.ts'
import { createLoop } from './monitor/loop.ts'
import { type CycleReport, createScheduler } from './monitor/scheduler.ts'
import { selfCheck } from './monitor/self-check.ts'
import { createStrategyCall } from './monitor/strategy-call.ts'
import { createChatTag, type Logger } from './ops/logger.ts'
import { createMetrics } from './ops/metrics.ts'

/** Under the ten seconds that a stop may take. */
const SEND_TIMEOUT_S = 8
const STRATEGY_BUDGET_MS = 20_000
const DISPATCH_PAUSE_MS = 250
const DISPATCH_TIMEOUT_MS = 10 * 60_000

export interface AppOverrides {
  /** Wall-clock milliseconds. The default starts at the wall clock and then runs steadily, whatever happens to it. */
  readonly now?: () => number
}

export interface App {
  /** Opens the database and starts every loop. Throws ConfigError or DatabaseError with an instruction. */
  start(): Promise<void>
  /** Ends what is under way and closes everything. */
  stop(): Promise<void>
  /** Resolves with the reason when Telegram refuses the bot as a whole; the process must then end. */
  readonly fatal: Promise<string>
}

/** Builds the whole application; the only place where parts meet. */
export function createApp(
  { config, log }: { config: Config; log: Logger },
  overrides: AppOverrides = {},
): App {
  const now = overrides.now ?? (() => Math.round(performance.timeOrigin + performance.now()))
  const startedAtMs = now()
  const chatTag = createChatTag(config.telegram.token)
  const metrics = createMetrics(now)
  const stopping = new AbortController()
  const parts: { stop(): Promise<void> }[] = []
  let reportFatal: (reason: string) => void = () => undefined
  const fatal = new Promise<string>((resolve) => {
    reportFatal = resolve
  })

  async function start(): Promise<void> {
    const database = await openDatabase(config.database)
    const { db } = database
    parts.unshift({ stop: () => database.close() })
    await transact(db, (tx) => barOtherChats(tx, config.telegram.allowedChats))
    const recovered = await recoverSending(db)
    if (recovered > 0)
      log.warn({ recovered }, 'alerts were being sent when the process ended; they are sent again')

    const { chain } = config
    const rpc = createRpc({ specs: chain.endpoints, chainId: chain.id, multicall: chain.multicall3, now })
    parts.unshift(rpc)
    const strategies = createStrategies(config.protocols)
    const strategyCall = createStrategyCall({
      pinned: (options, work) => rpc.pinned(options, work),
      budgetMs: STRATEGY_BUDGET_MS,
      stopping: stopping.signal,
      onBug: (error, protocol) => {
        log.error({ err: error, protocol }, 'protocol reader failed')
      },
    })

    const sender = createTelegramSender(
      new Api(config.telegram.token, { apiRoot: config.telegram.apiRoot, timeoutSeconds: SEND_TIMEOUT_S }),
    )
    const dispatcher = createDispatcher({
      sender,
      claim: (options) => claim(db, options),
      settle: (outcome) => settle(db, outcome),
      appUrlOf: (protocol) => strategies.find(({ id }) => id === protocol)?.appUrl ?? null,
      newDeliveryId: newReference,
      now,
      pause: (ms) => sleep(ms),
      stopping: stopping.signal,
      onSettled: (delivery, settlement) => {
        const { deliveryId, chatId, attempt, transition } = delivery
        metrics.delivered(delivery, settlement.kind)
        log.info(
          {
            delivery: deliveryId,
            chat: chatTag(chatId),
            kind: transition.kind,
            attempt,
            outcome: settlement.kind,
          },
          'alert attempt',
        )
      },
      onFatal: reportFatal,
      onError: (error) => {
        log.error({ err: error }, 'an alert attempt could not be settled')
      },
    })
    const dispatch = createLoop({
      round: (signal) => dispatcher.drain(signal),
      pauseMs: DISPATCH_PAUSE_MS,
      timeoutMs: DISPATCH_TIMEOUT_MS,
      onError: (error) => {
        log.error({ err: error }, 'dispatch round failed')
      },
    })

    function onCommitted(committed: readonly CommittedTransition[]): void {
      for (const { chatId, ref, transition } of committed) {
        const { kind, from, to, reading } = transition
        log.info(
          { chat: chatTag(chatId), position: ref.key, kind, from, to, block: reading?.block },
          'transition',
        )
      }
      if (committed.length > 0) dispatch.poke()
    }
    function onPairFailed(error: unknown, ref: PositionRef): void {
      log.error({ err: error, position: ref.key }, 'a reading could not be stored')
    }
    let lastCycle: (CycleReport & { atMs: number }) | null = null
    const cycle = createCycle({
      strategies,
      strategyCall,
      duePositions: (range) => duePositions(db, range),
      commit: (work) => commitTransitions(db, { ...work, onPairFailed }),
      concurrency: config.batchConcurrency,
      now,
      stopping: stopping.signal,
      onCommitted,
      onBatchError: (error) => {
        log.error({ err: error }, 'a batch of readings could not be stored')
      },
    })
    const scheduler = createScheduler({
      cycle,
      intervalMs: config.cycleSeconds * 1000,
      monotonicNow: () => performance.now(),
      onCycle: (report) => {
        lastCycle = { ...report, atMs: now() }
        log.info(rounded(report), 'cycle')
      },
      onError: (error) => {
        log.error({ err: error }, 'cycle failed')
      },
    })
    const sweep = createSweep({
      strategies,
      strategyCall,
      watchedOwners: () => watchedOwners(db),
      storeFound: (refs) => transact(db, (tx) => storeFound(tx, { refs, nowMs: now() })),
      intervalMs: config.discoverySeconds * 1000,
      onSweep: (report) => {
        log.info(report, 'sweep')
      },
      onError: (error) => {
        log.error({ err: error }, 'sweep failed')
      },
    })

    const { bot, idle } = createBot({
      token: config.telegram.token,
      apiRoot: config.telegram.apiRoot,
      adminIds: config.telegram.adminIds,
      store: createBotStore({
        db,
        now,
        commit: async (readings) => {
          onCommitted(await commitTransitions(db, { readings, nowMs: now(), decide, onPairFailed }))
        },
      }),
      check: createCheck({ strategies, strategyCall }),
      inspect: createInspect({ strategies, strategyCall }),
      parseAddress,
      protocols: strategies.map(({ id }) => id),
      apps: Object.fromEntries(strategies.map(({ id, appUrl }) => [id, appUrl])),
      allowedChats: config.telegram.allowedChats,
      maxWallets: config.maxWallets,
      quota: createQuota({ perMinute: 6, perHour: 60, now }),
      cycleSeconds: config.cycleSeconds,
      lastCycleMs: () => lastCycle?.atMs ?? null,
      now,
      sweepMinutes: Math.max(1, Math.round(config.discoverySeconds / 60)),
      newReference,
      stats: async () => ({
        ...(await storedStats(db)),
        ...metrics.snapshot(),
        lastCycle,
        endpoints: rpc.stats(),
        memoryMb: Math.round(process.memoryUsage().rss / 1024 / 1024),
        uptimeMs: now() - startedAtMs,
        nowMs: now(),
      }),
      onError: (error, reference) => {
        log.error({ err: error, reference }, 'command failed')
      },
      onLook: (ms) => {
        metrics.looked(ms)
      },
      onAdminCall: (userId, command) => {
        log.info({ admin: chatTag(userId), command }, 'admin command')
      },
    })
    const polling = startPolling({
      bot,
      idle,
      adminIds: config.telegram.adminIds,
      fatalReason: (error) => {
        const outcome = outcomeOf(error)
        return outcome.kind === 'fatal' ? outcome.error : null
      },
      onFatal: reportFatal,
      onTrouble: (error) => {
        log.warn({ err: error }, 'Telegram does not answer; trying again')
      },
      onReady: (name) => {
        log.info({ bot: name }, 'listening to commands')
      },
    })
    log.info('starting loops')
    parts.unshift(polling, scheduler, sweep, dispatch)
    for (const loop of [dispatch, scheduler, sweep]) loop.start()
    void selfCheck({ strategies, strategyCall }).then((lines) => {
      for (const line of lines) log[line.ok ? 'info' : 'error'](line, 'self-check')
    })
  }

  async function stop(): Promise<void> {
    stopping.abort()
    // Intake first, then the loops, then what they stand on.
    for (const part of parts.splice(0)) {
      try {
        await part.stop()
      } catch (error) {
        log.error({ err: error }, 'a part could not be stopped')
      }
    }
  }

  return { start, stop, fatal }
}

/** Short enough to read out on the phone; for messages and logs. */
function newReference(): string {
  return randomBytes(4).toString('hex').toUpperCase().slice(0, 6)
}

function rounded(report: CycleReport): CycleReport {
  return { ...report, durationMs: Math.round(report.durationMs), workMs: Math.round(report.workMs) }
}

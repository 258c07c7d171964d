import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Transformer } from 'grammy'
import { createBotStore } from '../../db/bot-store.ts'
import { createPoolChoices } from '../../db/pool-choices.ts'
import { poolStats } from '../../db/pool-stats.ts'
import { storedStats } from '../../db/stats.ts'
import { createBot } from '../bot/bot.ts'
import { createPairingCode, createPairTries } from '../bot/pairing-code.ts'
import { startPolling } from '../bot/polling.ts'
import { createQuota } from '../bot/quota.ts'
import { parseAddress } from '../chain/address.ts'
import { outcomeOf, throughGate } from '../delivery/telegram.ts'
import { examine } from '../doctor/examine.ts'
import { decide } from '../domain/alerting/decide.ts'
import { LeaseLostError } from '../errors.ts'
import { createCheck } from '../monitor/check.ts'
import type { Drills } from '../monitor/drill.ts'
import { createInspect } from '../monitor/inspect.ts'
import type { Alerts } from './alerts.ts'
import type { Context, Part } from './context.ts'
import type { Pools } from './pools.ts'
import type { Reading } from './reading.ts'
import type { Watching } from './watching.ts'

/** More would hold up everything else for longer than a moment. */
const QUICK_CHECK_BYTES = 32 * 1024 * 1024
const LOOKS = { perMinute: 6, perHour: 60 }

export interface AnsweringDeps {
  readonly reading: Reading
  readonly alerts: Alerts
  readonly watching: Watching
  readonly drills: Drills
  readonly pools: Pools
  readonly startedAtMs: number
  readonly onFatal: (reason: string) => void
}

/** The chat side: commands, buttons, statistics. Listens from here on. */
export function startAnswering(context: Context, deps: AnsweringDeps): Part {
  const { config, log, db, now, mayAct, metrics, chatTag, newReference } = context
  const { reading, alerts, watching, pools } = deps
  const apis = () => [...reading.stats().apis, ...pools.apis()]
  const { strategies } = reading
  const { token, apiRoot, adminIds, allowedChats } = config.telegram
  const { bot, idle } = createBot({
    token,
    apiRoot,
    pace: throughGate(context.gate, (ms) => sleep(ms)),
    adminIds,
    allowedChats,
    store: createBotStore({
      db,
      now,
      commit: async (readings) => {
        alerts.announce(await alerts.store({ readings, nowMs: now(), decide }))
      },
    }),
    check: createCheck(reading),
    inspect: createInspect(reading),
    parseAddress,
    protocols: strategies.map(({ id }) => id),
    apps: Object.fromEntries(strategies.map(({ id, appUrl }) => [id, appUrl])),
    maxWallets: config.maxWallets,
    drills: deps.drills,
    pools: deps.pools.desk,
    poolChoices: createPoolChoices({ db, now }),
    quota: createQuota({ ...LOOKS, now }),
    newCode: () => createPairingCode((below) => randomInt(below)),
    pairTries: createPairTries({ now }),
    cycleSeconds: config.cycleSeconds,
    lastCycleMs: () => watching.lastCycle()?.atMs ?? null,
    now,
    sweepMinutes: Math.max(1, Math.round(config.discoverySeconds / 60)),
    newReference,
    stats: async () => ({
      ...(await storedStats(db)),
      pools: { ...(await poolStats(db)), ...(await deps.pools.desk.stats()) },
      ...metrics.snapshot(),
      ...reading.stats(),
      apis: apis(),
      lastCycle: watching.lastCycle(),
      events: watching.follower.lag(),
      memoryMb: Math.round(process.memoryUsage().rss / 1024 / 1024),
      uptimeMs: now() - deps.startedAtMs,
      nowMs: now(),
    }),
    doctor: () =>
      examine({
        config,
        strategies,
        strategyCall: reading.strategyCall,
        apis,
        now,
        quickCheckBytes: QUICK_CHECK_BYTES,
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
  bot.api.config.use(onlyWhile(mayAct))
  return startPolling({
    bot,
    idle,
    adminIds,
    fatalReason: (error) => {
      const outcome = outcomeOf(error)
      return outcome.kind === 'fatal' ? outcome.error : null
    },
    onFatal: deps.onFatal,
    onTrouble: (error) => {
      log.warn({ err: error }, 'Telegram does not answer; trying again')
    },
    onReady: (name) => {
      log.info({ bot: name }, 'listening to commands')
    },
  })
}

/** Without the lease nothing is asked of Telegram: a poll alone would throw out the process that works now. */
function onlyWhile(mayAct: () => boolean): Transformer {
  return (call, ...asked) =>
    mayAct()
      ? call(...asked)
      : Promise.reject(new LeaseLostError('The lease is not held; Telegram was not called'))
}

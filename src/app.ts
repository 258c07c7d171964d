import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { barOtherChats } from '../db/chats.ts'
import { openDatabase } from '../db/database.ts'
import { recoverSending } from '../db/outbox-settle.ts'
import { transact } from '../db/transact.ts'
import type { Config } from './config.ts'
import { createGate } from './delivery/gate.ts'
import { selfCheck } from './monitor/self-check.ts'
import { createChatTag, type Logger } from './ops/logger.ts'
import { createMetrics } from './ops/metrics.ts'
import type { Fatal } from './ops/shutdown.ts'
import { createSteadyClock } from './ops/steady-clock.ts'
import { createAlerts } from './wiring/alerts.ts'
import { startAnswering } from './wiring/answering.ts'
import type { Context, Part } from './wiring/context.ts'
import { createDrilling } from './wiring/drilling.ts'
import { createWatchman } from './wiring/health.ts'
import { createOneBrain } from './wiring/lease.ts'
import { createOutage } from './wiring/outage.ts'
import { createPools } from './wiring/pools.ts'
import { createReading } from './wiring/reading.ts'
import { createStorage } from './wiring/storage.ts'
import { createTidying } from './wiring/tidying.ts'
import { createVerifying } from './wiring/verifying.ts'
import { createWatching } from './wiring/watching.ts'

export interface AppOverrides {
  /** Wall-clock milliseconds. The default is the steady clock, which the newest blocks keep right. */
  readonly now?: () => number
  /** Between two looks at opportunities. The default is five minutes. */
  readonly poolPauseMs?: number
}

export interface App {
  /**
   * Opens the database, takes the lease on it and starts every loop; on standby that may take for ever. Throws DatabaseError or
   * StartError with an instruction; then nothing is left open.
   */
  start(): Promise<void>
  /** Ends what is under way and closes everything. */
  stop(): Promise<void>
  /** Resolves when Telegram refuses the bot as a whole, or another process has taken over; the process must then end. */
  readonly fatal: Promise<Fatal>
}

/** Builds the whole application; the only place where parts meet. */
export function createApp(
  { config, log }: { config: Config; log: Logger },
  overrides: AppOverrides = {},
): App {
  const clock = createSteadyClock()
  const now = overrides.now ?? (() => clock.now())
  const startedAtMs = now()
  const chatTag = createChatTag(config.telegram.token)
  const metrics = createMetrics(now)
  const gate = createGate({ now, pause: (ms) => sleep(ms) })
  const stopping = new AbortController()
  const parts: Part[] = []
  let end: (fatal: Fatal) => void = () => undefined
  const fatal = new Promise<Fatal>((resolve) => {
    end = resolve
  })
  const onFatal = (reason: string): void => {
    end({ line: REFUSED, reason })
  }

  async function start(): Promise<void> {
    try {
      await begin()
    } catch (error) {
      await stop()
      throw error
    }
  }

  async function begin(): Promise<void> {
    const database = await openDatabase(config.database, { untilLeased: true })
    const { db } = database
    parts.unshift({ stop: () => database.close() })
    const storage = createStorage({ config, log, db, gate })
    const watchman = createWatchman({ config, log, db, now, stores: () => storage.isOk() })
    parts.unshift(watchman)
    let isLost = false
    const oneBrain = createOneBrain({
      config,
      log,
      db,
      now,
      stopping: stopping.signal,
      onStandby: () => watchman.standsBy(),
      onLost: () => {
        isLost = true
        end({ line: REPLACED, reason: 'the lease was taken over', atOnce: true })
      },
    })
    parts.unshift(oneBrain)
    const lease = await oneBrain.taken
    // Stopped while it waited.
    if (lease === null) return
    await database.migrate()
    await watchman.works(() => lease.isHeld())
    await transact(db, (tx) => barOtherChats(tx, config.telegram.allowedChats))
    const recovered = await recoverSending(db, lease.token)
    if (recovered > 0)
      log.warn({ recovered }, 'alerts were being sent when the process ended; they are sent again')

    const context: Context = {
      config,
      log,
      db,
      metrics,
      now,
      chatTag,
      newReference,
      gate,
      mayAct: () => !isLost && lease.isHeld(),
      leaseToken: lease.token,
      stopping: stopping.signal,
    }
    const outage = await createOutage(context, lease)
    const reading = await createReading(context)
    parts.unshift(...reading.parts)
    reading.rpc.onHead(({ timestamp }) => {
      clock.seen(timestamp * 1000)
    })
    const alerts = createAlerts(context, { strategies: reading.strategies, onFatal })
    const watching = createWatching(context, {
      reading,
      alerts,
      onVerified: () => {
        watchman.cycleVerified()
        outage.cycleVerified()
      },
    })
    const verifier = createVerifying(context, { reading, alerts })
    const drills = createDrilling(context, { reading, watching })
    const pools = createPools(context, { reading, alerts, pauseMs: overrides.poolPauseMs })
    parts.unshift(...pools.parts)
    const tidying = createTidying(context)
    const loops = [alerts.dispatch, verifier, ...watching.loops, drills.loop, tidying, ...pools.loops]
    parts.unshift(...loops)
    const started = { reading, alerts, watching, drills, pools, startedAtMs, onFatal }
    parts.unshift(startAnswering(context, started))
    log.info('starting loops')
    for (const loop of [...reading.loops, ...loops]) loop.start()
    void selfCheck(reading).then((lines) => {
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

const REFUSED = 'Telegram refuses this bot: check the token, and that no other process uses it'
const REPLACED = 'Another Buoy has taken over this database; this one ends and writes nothing more'

/** Short enough to read out on the phone; for messages and logs. */
function newReference(): string {
  return randomBytes(4).toString('hex').toUpperCase().slice(0, 6)
}

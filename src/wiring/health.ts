import { oldestReady } from '../../db/outbox.ts'
import type { Database } from '../../db/schema.ts'
import { createHttp } from '../chain/http.ts'
import type { Config } from '../config.ts'
import { createEventLoopWatch } from '../ops/event-loop.ts'
import { createHealth } from '../ops/health.ts'
import { createHeartbeat } from '../ops/heartbeat.ts'
import { createHttpServer } from '../ops/http.ts'
import type { Logger } from '../ops/logger.ts'
import type { Part } from './context.ts'

const HEARTBEAT_MS = 10_000
const HEARTBEAT_BYTES = 64 * 1024

export interface Watchman extends Part {
  /** Answers as one who waits. */
  standsBy(): Promise<void>
  /** Answers as one who works, from here on. Throws StartError when the port cannot be had. */
  works(isHeld: () => boolean): Promise<void>
  cycleVerified(): void
}

export interface WatchmanDeps {
  readonly config: Config
  readonly log: Logger
  readonly db: Database
  readonly now: () => number
  /** The database takes what is written to it. */
  readonly stores: () => boolean
}

/** Health for whoever asks, and the heartbeat for whoever waits for it. */
export function createWatchman({ config, log, db, now, stores }: WatchmanDeps): Watchman {
  const monotonicNow = (): number => performance.now()
  const eventLoop = createEventLoopWatch(monotonicNow)
  let isHeld = (): boolean => false
  const health = createHealth({
    isHeld: () => isHeld(),
    cycleSeconds: config.cycleSeconds,
    blockedMs: () => eventLoop.blockedMs(),
    oldestReadyMs: () => oldestReady(db, now()),
    stores,
    now,
    monotonicNow,
  })
  const server = config.http && createHttpServer({ ...config.http, report: () => health.report() })
  const { heartbeatUrl: url } = config
  const http = url === null ? null : createHttp({ timeoutMs: HEARTBEAT_MS, maxBytes: HEARTBEAT_BYTES, now })
  const heartbeat =
    url !== null && http
      ? createHeartbeat({
          call: async (signal) => (await http.exchange({ url, method: 'GET', headers: {}, signal })).status,
          isGreen: async () => (await health.report()).status === 'ok',
          monotonicNow,
          onTrouble: (reason) => {
            log.warn({ reason }, 'the heartbeat is not answered; the work goes on')
          },
          onRecovered: () => {
            log.info('the heartbeat is answered again')
          },
        })
      : null
  let serving: Promise<void> | undefined

  async function serve(): Promise<void> {
    eventLoop.start()
    if (!server) return
    serving ??= server.start().then(() => {
      log.info({ ...config.http }, 'health is served')
    })
    await serving
  }

  return {
    async standsBy() {
      health.standsBy()
      await serve()
    },
    async works(held) {
      isHeld = held
      health.works()
      await serve()
    },
    cycleVerified() {
      health.cycleVerified()
      heartbeat?.cycleVerified()
    },
    async stop() {
      await heartbeat?.stop()
      await http?.stop()
      await server?.stop()
      await eventLoop.stop()
    },
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { fence } from '../../db/fence.ts'
import { createLeaseStore } from '../../db/lease.ts'
import type { Database } from '../../db/schema.ts'
import type { Config } from '../config.ts'
import { createLoop } from '../monitor/loop.ts'
import { holderText, judgeHolder, ownHolder } from '../ops/holder.ts'
import { type Lease, takeLease } from '../ops/lease.ts'
import type { Logger } from '../ops/logger.ts'
import type { Part } from './context.ts'

const TTL_MS = 20_000
const RENEW_EVERY_MS = 5_000
const RENEW_TIMEOUT_MS = 10_000

export interface OneBrainDeps {
  readonly config: Config
  readonly log: Logger
  readonly db: Database
  readonly now: () => number
  readonly stopping: AbortSignal
  readonly onStandby: () => Promise<void>
  /** The process must end at once. */
  readonly onLost: () => void
}

/** Takes the lease and keeps it. Nothing may be read for others, written or sent before `taken` resolves. */
export function createOneBrain(deps: OneBrainDeps): Part & { readonly taken: Promise<Lease | null> } {
  const { config, log, db, stopping, onLost } = deps
  const holder = ownHolder()
  let keep: Part | undefined

  async function take(): Promise<Lease | null> {
    const lease = await takeLease({
      store: createLeaseStore({ db, holder, ttlMs: TTL_MS, now: deps.now }),
      ttlMs: TTL_MS,
      judge: judgeHolder,
      nameOf: holderText,
      standby: config.standby,
      monotonicNow: () => performance.now(),
      pause: (ms) => sleep(ms, undefined, { signal: stopping }).catch(() => undefined),
      stopping,
      onWaiting: async ({ standby, holder: other }) => {
        if (standby) {
          log.info({ holder: other }, 'standing by: another process works on this database')
          await deps.onStandby()
        } else log.info({ holder: other }, 'waiting for the lease of a process that gives no sign of life')
      },
      onTrouble: (error) => {
        log.warn({ err: error }, 'the lease cannot be looked at')
      },
      onLost,
    })
    if (lease === null) return null
    fence(db, { token: lease.token, onLost })
    const loop = createLoop({
      round: () => lease.renew(),
      pauseMs: RENEW_EVERY_MS,
      timeoutMs: RENEW_TIMEOUT_MS,
      onError: (error) => {
        log.error({ err: error }, 'the lease could not be renewed; nothing is sent once it has run out')
      },
    })
    loop.start()
    keep = loop
    log.info({ token: lease.token }, 'lease taken')
    return lease
  }

  const taken = take()
  // Whoever waits for it hears of a refusal; a stop before that must not make it an error of nobody.
  taken.catch(() => undefined)
  return {
    taken,
    async stop() {
      const lease = await taken.catch(() => null)
      await keep?.stop()
      await lease?.release()
    },
  }
}

import { forgetOldAlerts } from '../../db/outbox-cleanup.ts'
import { transact } from '../../db/transact.ts'
import { createLoop, type Loop } from '../monitor/loop.ts'
import type { Context } from './context.ts'

const HOUR_MS = 3_600_000
/** `/history` shows thirty days. */
const KEPT_MS = 35 * 24 * HOUR_MS
const AT_ONCE = 200
const ROUND_TIMEOUT_MS = 5 * 60_000

/** Forgets what nobody can ask for any more, a little at a time. */
export function createTidying({ db, log, now }: Context): Loop {
  return createLoop({
    async round(signal) {
      let forgotten = 0
      for (;;) {
        const beforeMs = now() - KEPT_MS
        const some = await transact(db, (tx) => forgetOldAlerts(tx, { beforeMs, limit: AT_ONCE }))
        forgotten += some
        if (some < AT_ONCE || signal.aborted) break
      }
      if (forgotten > 0) log.info({ forgotten }, 'old alerts forgotten')
    },
    pauseMs: HOUR_MS,
    timeoutMs: ROUND_TIMEOUT_MS,
    onError: (error) => {
      log.error({ err: error }, 'old alerts could not be forgotten')
    },
  })
}

import { queueReceipts, releaseReceipts } from '../../db/receipts.ts'
import { transact } from '../../db/transact.ts'
import type { Lease } from '../ops/lease.ts'
import type { Context } from './context.ts'

/** A shorter absence is not worth a message. */
const WORTH_TELLING_MS = 10 * 60_000
/** So long the summary waits for everything to be looked at once. */
const LOOK_WITHIN_MS = 5 * 60_000

/** Tells everybody with debt when nobody watched. */
export interface Outage {
  /** Everything has been looked at once since the start. */
  cycleVerified(): void
}

/** Looks how long nobody held the lease, and commits to telling it. A failure is logged: it must not cost the alerts. */
export async function createOutage({ db, log, now }: Context, lease: Lease): Promise<Outage> {
  const nowMs = now()
  const awayMs = lease.lastAliveMs === null ? 0 : lease.takenAtMs - lease.lastAliveMs
  if (awayMs >= WORTH_TELLING_MS) {
    try {
      // The length by the clock of the lease, its end by ours.
      const outage = { fromMs: nowMs - awayMs, toMs: nowMs, notBeforeMs: nowMs + LOOK_WITHIN_MS, nowMs }
      const chats = await queueReceipts(db, outage)
      log.warn({ minutes: Math.round(awayMs / 60_000), chats }, 'nobody watched for a while; it is told')
    } catch (error) {
      log.error({ err: error }, 'the outage cannot be told')
    }
  }
  let isReleased = false
  return {
    cycleVerified() {
      if (isReleased) return
      isReleased = true
      transact(db, (tx) => releaseReceipts(tx, now())).catch((error: unknown) => {
        isReleased = false
        log.error({ err: error }, 'summaries of the outage could not be released')
      })
    },
  }
}

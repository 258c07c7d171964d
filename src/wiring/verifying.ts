import { confirm, unconfirmed } from '../../db/confirmations.ts'
import { decide } from '../domain/alerting/decide.ts'
import type { Loop } from '../monitor/loop.ts'
import { createVerifier } from '../monitor/verifier.ts'
import type { Alerts } from './alerts.ts'
import type { Context } from './context.ts'
import type { Reading } from './reading.ts'

/** The second look at alarms; each goes out as soon as it has its verdict. */
export function createVerifying(
  { db, log, now, chatTag }: Context,
  { reading, alerts }: { reading: Reading; alerts: Alerts },
): Loop {
  const verifier = createVerifier({
    strategies: reading.strategies,
    strategyCall: reading.quickCall,
    endpoints: () => reading.rpc.stats().map(({ name }) => name),
    unconfirmed: (nowMs) => unconfirmed(db, nowMs),
    async confirm(work) {
      const changed = await confirm(db, work)
      alerts.dispatch.poke()
      return changed
    },
    async apply(readings) {
      alerts.announce(await alerts.store({ readings, nowMs: now(), decide }))
    },
    now,
    onVerdict: ({ chatId, ref, transition, createdAtMs }, verdict) => {
      const { kind } = transition
      log.info(
        { chat: chatTag(chatId), position: ref.key, kind, verdict, tookMs: now() - createdAtMs },
        'second look',
      )
    },
    onError: (error) => {
      log.error({ err: error }, 'a second look failed')
    },
  })
  alerts.onAnnounced(() => {
    verifier.poke()
  })
  return verifier
}

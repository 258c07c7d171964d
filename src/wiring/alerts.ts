import { setTimeout as sleep } from 'node:timers/promises'
import { Api } from 'grammy'
import { type CommittedTransition, commitTransitions } from '../../db/commit-transitions.ts'
import { claim } from '../../db/outbox-claim.ts'
import { settle } from '../../db/outbox-settle.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import { createDispatcher } from '../delivery/dispatcher.ts'
import { createTelegramSender } from '../delivery/telegram.ts'
import type { CycleDeps } from '../monitor/cycle.ts'
import { createLoop, type Loop } from '../monitor/loop.ts'
import { deliveryView } from '../views/delivery.ts'
import type { Context } from './context.ts'

/** From readings to messages: decided and stored together, then handed over. */
export interface Alerts {
  /** Stores what readings mean; nothing is told before that. */
  store(work: Work): Promise<CommittedTransition[]>
  /** What was stored is logged and sent without waiting for the next look. */
  announce(committed: readonly CommittedTransition[]): void
  /** Tells whenever something was stored that waits to be sent. */
  onAnnounced(listener: () => void): void
  readonly dispatch: Loop
}

type Work = Parameters<CycleDeps['commit']>[0]

/** Under the ten seconds that a stop may take. */
const SEND_TIMEOUT_S = 8
const DISPATCH_PAUSE_MS = 250
const DISPATCH_TIMEOUT_MS = 10 * 60_000

export interface AlertsDeps {
  readonly strategies: readonly LendingStrategy[]
  readonly onFatal: (reason: string) => void
}

export function createAlerts(context: Context, { strategies, onFatal }: AlertsDeps): Alerts {
  const { config, log, db, now, mayAct, leaseToken, metrics, chatTag, gate } = context
  const { token, apiRoot } = config.telegram
  const dispatcher = createDispatcher({
    sender: createTelegramSender(new Api(token, { apiRoot, timeoutSeconds: SEND_TIMEOUT_S })),
    gate,
    mayAct,
    claim: (options) => claim(db, { ...options, leaseToken }),
    settle: (outcome) => settle(db, outcome),
    render: (delivery, form) =>
      deliveryView(delivery, {
        ...form,
        appUrlOf: (protocol) => strategies.find(({ id }) => id === protocol)?.appUrl ?? null,
      }),
    newDeliveryId: context.newReference,
    now,
    pause: (ms) => sleep(ms),
    stopping: context.stopping,
    onSettled: (delivery, settlement) => {
      const { deliveryId, chatId, attempt, content } = delivery
      metrics.delivered(delivery, settlement.kind)
      const kinds =
        content.kind === 'alerts' ? content.items.map(({ transition }) => transition.kind) : [content.kind]
      log.info(
        { delivery: deliveryId, chat: chatTag(chatId), kinds, attempt, outcome: settlement.kind },
        'alert attempt',
      )
    },
    onFatal,
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

  const listeners: (() => void)[] = []
  return {
    dispatch,
    onAnnounced(listener) {
      listeners.push(listener)
    },
    store: (work) =>
      commitTransitions(db, {
        ...work,
        onPairFailed: (error, ref) => {
          log.error({ err: error, position: ref.key }, 'a reading could not be stored')
        },
      }),
    announce(committed) {
      for (const { chatId, ref, transition } of committed) {
        const { kind, from, to, reading } = transition
        log.info(
          { chat: chatTag(chatId), position: ref.key, kind, from, to, block: reading?.block },
          'transition',
        )
      }
      if (committed.length === 0) return
      dispatch.poke()
      for (const listener of listeners) listener()
    },
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { Api } from 'grammy'
import { type CommittedTransition, commitTransitions } from '../../db/commit-transitions.ts'
import { claim } from '../../db/outbox-claim.ts'
import { settle } from '../../db/outbox-settle.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import { createDispatcher } from '../delivery/dispatcher.ts'
import type { Sender } from '../delivery/sender.ts'
import { createTelegramSender } from '../delivery/telegram.ts'
import type { CycleDeps } from '../monitor/cycle.ts'
import { createLoop, type Loop } from '../monitor/loop.ts'
import type { Context } from './context.ts'

/** From readings to messages: decided and stored together, then handed over. */
export interface Alerts {
  /** Stores what readings mean; nothing is told before that. */
  store(work: Work): Promise<CommittedTransition[]>
  /** What was stored is logged and sent without waiting for the next look. */
  announce(committed: readonly CommittedTransition[]): void
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
  const { config, log, db, now, mayAct, metrics, chatTag } = context
  const { token, apiRoot } = config.telegram
  const dispatcher = createDispatcher({
    sender: whileHeld(
      createTelegramSender(new Api(token, { apiRoot, timeoutSeconds: SEND_TIMEOUT_S })),
      mayAct,
    ),
    claim: (options) => claim(db, options),
    settle: (outcome) => settle(db, outcome),
    appUrlOf: (protocol) => strategies.find(({ id }) => id === protocol)?.appUrl ?? null,
    newDeliveryId: context.newReference,
    now,
    pause: (ms) => sleep(ms),
    stopping: context.stopping,
    onSettled: (delivery, settlement) => {
      const { deliveryId, chatId, attempt, transition } = delivery
      metrics.delivered(delivery, settlement.kind)
      const { kind } = transition
      log.info(
        { delivery: deliveryId, chat: chatTag(chatId), kind, attempt, outcome: settlement.kind },
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

  return {
    dispatch,
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
      if (committed.length > 0) dispatch.poke()
    },
  }
}

/** The last look before a message leaves: whoever was held up since the claim may have been replaced. */
function whileHeld(sender: Sender, mayAct: () => boolean): Sender {
  return {
    send: (message) =>
      mayAct()
        ? sender.send(message)
        : Promise.resolve({ kind: 'not-sent', error: 'the lease was not held at that moment' }),
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { ClaimOptions, Delivery } from '../../db/outbox-claim.ts'
import type { Settlement } from '../../db/outbox-settle.ts'
import { rings } from '../domain/alerting/urgency.ts'
import { alertView, plainAlertView } from '../views/alert.ts'
import type { View } from '../views/view.ts'
import type { Sender, SendOutcome } from './sender.ts'

export interface DispatcherDeps {
  readonly sender: Sender
  readonly claim: (options: ClaimOptions) => Promise<Delivery | undefined>
  readonly settle: (outcome: { delivery: Delivery; settlement: Settlement; nowMs: number }) => Promise<void>
  readonly appUrlOf: (protocol: string) => string | null
  readonly newDeliveryId: () => string
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
  /** Fires when the process stops: an outcome that cannot be stored then counts as unknown after the restart. */
  readonly stopping: AbortSignal
  readonly onSettled: (delivery: Delivery, settlement: Settlement) => void
  /** Telegram refuses the bot as a whole. */
  readonly onFatal: (reason: string) => void
  readonly onError: (error: unknown) => void
}

export interface Dispatcher {
  /** Hands over everything that is ready, most urgent first, several chats at a time. */
  drain(signal: AbortSignal): Promise<void>
}

const MAX_IN_FLIGHT = 8
const FIRST_RETRY_MS = 1_000
/** Short enough that everything is out within a minute of Telegram being back. */
const LONGEST_RETRY_MS = 20_000
const SETTLE_AGAIN_MS = 1_000
const LOOK_AGAIN_MS = 250

/** Claim, render, send, settle. The row stays `sending` from claim to settlement, so a crash in between is noticed. */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  let fatal = false

  function render(delivery: Delivery, nowMs: number): View {
    const facts = { ...delivery, nowMs, appUrl: deps.appUrlOf(delivery.ref.protocol) }
    if (delivery.plain) return plainAlertView(facts)
    try {
      return alertView(facts)
    } catch (error) {
      // A bug in the full text must not cost the alert.
      deps.onError(error)
      return plainAlertView(facts)
    }
  }

  async function attempt(delivery: Delivery): Promise<SendOutcome> {
    try {
      return await deps.sender.send({
        chatId: delivery.chatId,
        threadId: delivery.threadId,
        view: render(delivery, deps.now()),
        silent: !rings(delivery.transition.kind),
      })
    } catch (error) {
      deps.onError(error)
      return { kind: 'unknown', error: 'internal error' }
    }
  }

  /** Until it is written down the chat's next alert waits, so this goes on until it works or the process ends. */
  async function settle(delivery: Delivery, settlement: Settlement): Promise<void> {
    do {
      try {
        await deps.settle({ delivery, settlement, nowMs: deps.now() })
        return
      } catch (error) {
        deps.onError(error)
        await deps.pause(SETTLE_AGAIN_MS)
      }
    } while (!deps.stopping.aborted)
  }

  async function deliver(delivery: Delivery): Promise<void> {
    const outcome = await attempt(delivery)
    if (outcome.kind === 'fatal') {
      fatal = true
      deps.onFatal(outcome.error)
    }
    const settlement = settlementOf(outcome, { delivery, nowMs: deps.now() })
    await settle(delivery, settlement)
    deps.onSettled(delivery, settlement)
  }

  async function claimNext(signal: AbortSignal): Promise<Delivery | undefined> {
    if (signal.aborted || fatal) return undefined
    return deps.claim({ nowMs: deps.now(), newDeliveryId: deps.newDeliveryId() })
  }

  return {
    async drain(signal) {
      const inFlight = new Set<Promise<void>>()
      for (;;) {
        const delivery = await claimNext(signal)
        if (delivery) {
          const sending = deliver(delivery).finally(() => inFlight.delete(sending))
          inFlight.add(sending)
          if (inFlight.size < MAX_IN_FLIGHT) continue
        } else if (inFlight.size === 0) {
          return
        }
        // A chat that answers slowly must not keep a new alert of another one waiting.
        await Promise.race(delivery ? inFlight : [...inFlight, sleep(LOOK_AGAIN_MS)])
      }
    },
  }
}

function settlementOf(outcome: SendOutcome, at: { delivery: Delivery; nowMs: number }): Settlement {
  const backoffMs = Math.min(FIRST_RETRY_MS * 2 ** (at.delivery.attempt - 1), LONGEST_RETRY_MS)
  const againAtMs = at.nowMs + backoffMs
  switch (outcome.kind) {
    case 'sent':
    case 'moved':
    case 'unreachable':
      return outcome
    case 'topic-gone':
      // Without a topic left to leave out there is nothing better than to wait.
      return at.delivery.threadId === null
        ? { kind: 'not-sent', againAtMs: at.nowMs + LONGEST_RETRY_MS, error: outcome.error }
        : outcome
    case 'not-sent':
    case 'fatal':
      return { kind: 'not-sent', againAtMs, error: outcome.error }
    case 'unknown':
      return { kind: 'unknown', againAtMs, error: outcome.error }
    case 'rate-limited':
      return { kind: 'rate-limited', againAtMs: at.nowMs + outcome.retryAfterMs }
    case 'refused-text':
      // The short form was refused too: try again later rather than in a tight loop, and never drop it.
      return at.delivery.plain
        ? { kind: 'not-sent', againAtMs: at.nowMs + LONGEST_RETRY_MS, error: outcome.error }
        : outcome
  }
}

import type { ClaimOptions } from '../../db/outbox-claim.ts'
import type { Settlement } from '../../db/outbox-settle.ts'
import { type Delivery, isLoud } from '../domain/delivery.ts'
import type { View } from '../views/view.ts'
import type { Gate } from './gate.ts'
import type { Sender, SendOutcome } from './sender.ts'

export interface DispatcherDeps {
  readonly sender: Sender
  readonly gate: Gate
  readonly claim: (options: Omit<ClaimOptions, 'leaseToken'>) => Promise<Delivery | undefined>
  readonly settle: (outcome: { delivery: Delivery; settlement: Settlement; nowMs: number }) => Promise<void>
  /** The text as of now; `plain` without names and formatting. */
  readonly render: (delivery: Delivery, form: { nowMs: number; plain: boolean }) => View
  readonly newDeliveryId: () => string
  readonly now: () => number
  readonly pause: (ms: number) => Promise<void>
  /** Whether this process still holds the lease. Asked just before each send. */
  readonly mayAct: () => boolean
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

/**
 * Claim, render, send, settle. The rows stay `sending` from claim to settlement, so a crash in between is noticed. A row is claimed
 * only when it can leave at once, so that nothing more urgent can come before it while it waits.
 */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  let fatal = false

  function render(delivery: Delivery, nowMs: number): View {
    if (delivery.plain) return deps.render(delivery, { nowMs, plain: true })
    try {
      return deps.render(delivery, { nowMs, plain: false })
    } catch (error) {
      // A bug in the full text must not cost the alert.
      deps.onError(error)
      return deps.render(delivery, { nowMs, plain: true })
    }
  }

  async function attempt(delivery: Delivery): Promise<SendOutcome> {
    const { chatId, threadId, content } = delivery
    try {
      const view = render(delivery, deps.now())
      if (content.kind === 'edit') {
        return await deps.sender.edit({ chatId, messageId: content.messageId, view })
      }
      return await deps.sender.send({ chatId, threadId, view, silent: !isLoud(content) })
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
    } while (!deps.stopping.aborted && deps.mayAct())
  }

  async function deliver(delivery: Delivery): Promise<void> {
    if (delivery.content.kind === 'nothing') {
      await settle(delivery, { kind: 'dropped', error: 'no message to edit' })
      return
    }
    // Whoever holds the lease now sends it, as one that may be a repeat.
    if (!deps.mayAct()) return
    const outcome = await attempt(delivery)
    if (outcome.kind === 'fatal') {
      fatal = true
      deps.onFatal(outcome.error)
    }
    if (outcome.kind === 'rate-limited') deps.gate.silence(delivery.chatId, outcome.retryAfterMs)
    const settlement = settlementOf(outcome, { delivery, nowMs: deps.now() })
    await settle(delivery, settlement)
    deps.onSettled(delivery, settlement)
  }

  /** `undefined` when nothing can leave now. */
  async function claimNext(signal: AbortSignal): Promise<Delivery | undefined> {
    if (fatal || !deps.mayAct()) return undefined
    const slot = await deps.gate.slot(signal)
    if (!slot) return undefined
    try {
      const delivery = await deps.claim({
        nowMs: deps.now(),
        newDeliveryId: deps.newDeliveryId(),
        exceptChats: deps.gate.busyChats(),
      })
      if (delivery) slot.use(delivery.chatId)
      return delivery
    } finally {
      slot.release()
    }
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
        await Promise.race(delivery ? inFlight : [...inFlight, deps.pause(LOOK_AGAIN_MS)])
      }
    },
  }
}

function settlementOf(outcome: SendOutcome, at: { delivery: Delivery; nowMs: number }): Settlement {
  const { delivery, nowMs } = at
  const backoffMs = Math.min(FIRST_RETRY_MS * 2 ** (delivery.attempt - 1), LONGEST_RETRY_MS)
  const againAtMs = nowMs + backoffMs
  if (delivery.content.kind === 'edit' && !isWorthAnotherEdit(outcome)) {
    return { kind: 'dropped', error: 'error' in outcome ? outcome.error : outcome.kind }
  }
  switch (outcome.kind) {
    case 'sent':
    case 'moved':
    case 'unreachable':
      return outcome
    case 'topic-gone':
      // Without a topic left to leave out there is nothing better than to wait.
      return delivery.threadId === null
        ? { kind: 'not-sent', againAtMs: nowMs + LONGEST_RETRY_MS, error: outcome.error }
        : outcome
    case 'not-sent':
    case 'fatal':
      return { kind: 'not-sent', againAtMs, error: outcome.error }
    case 'unknown':
      return { kind: 'unknown', againAtMs, error: outcome.error }
    case 'rate-limited':
      return { kind: 'rate-limited', againAtMs: nowMs + outcome.retryAfterMs }
    case 'refused-text':
      // The short form was refused too: try again later rather than in a tight loop, and never drop it.
      return delivery.plain
        ? { kind: 'not-sent', againAtMs: nowMs + LONGEST_RETRY_MS, error: outcome.error }
        : outcome
  }
}

/** An edit is a courtesy: it is tried again only where Telegram itself asked to wait, or the whole bot is refused. */
function isWorthAnotherEdit({ kind }: SendOutcome): boolean {
  return (
    kind === 'sent' ||
    kind === 'rate-limited' ||
    kind === 'moved' ||
    kind === 'fatal' ||
    kind === 'unreachable'
  )
}

import type { ClaimOptions, Delivery } from '../../../db/outbox-claim.ts'
import type { Settlement } from '../../../db/outbox-settle.ts'
import { createDispatcher, type Dispatcher, type DispatcherDeps } from '../../../src/delivery/dispatcher.ts'
import type { OutgoingMessage, Sender, SendOutcome } from '../../../src/delivery/sender.ts'
import { aRef, aTransition, NOW_MS } from '../views/kit.ts'

/** A Sender double: keeps what it was given and answers from a list, then "sent" for ever. It proves wiring only. */
export interface SenderDouble extends Sender {
  readonly messages: OutgoingMessage[]
}

export function senderDouble(answers: readonly (SendOutcome | Promise<SendOutcome>)[] = []): SenderDouble {
  const left = [...answers]
  const messages: OutgoingMessage[] = []
  return {
    messages,
    async send(message) {
      messages.push(message)
      return (await left.shift()) ?? { kind: 'sent', messageId: 1000 + messages.length }
    },
  }
}

/** An answer that takes a while. */
export function after(ms: number, outcome: SendOutcome): Promise<SendOutcome> {
  return new Promise((resolve) => {
    setTimeout(() => {
      resolve(outcome)
    }, ms)
  })
}

export function aDelivery(rowId: number, over: Partial<Delivery> = {}): Delivery {
  return {
    rowId,
    deliveryId: `REF${rowId}`,
    chatId: rowId,
    threadId: null,
    ref: aRef(),
    label: 'Main',
    transition: aTransition(),
    createdAtMs: NOW_MS,
    attempt: 1,
    maybeRepeat: false,
    plain: false,
    ...over,
  }
}

export function deliveries(count: number): Delivery[] {
  return Array.from({ length: count }, (_, index) => aDelivery(index))
}

export interface Dispatching {
  readonly dispatcher: Dispatcher
  readonly claims: ClaimOptions[]
  readonly settled: { rowId: number; settlement: Settlement; nowMs: number }[]
  readonly fatal: string[]
  readonly errors: unknown[]
  readonly stopping: AbortController
  readonly drain: () => Promise<void>
}

/** A dispatcher over a list of deliveries, handed out in order. Wants fake timers. */
export function dispatching(
  queue: readonly Delivery[],
  over: { readonly sender?: SenderDouble } & Partial<DispatcherDeps> = {},
): Dispatching {
  const left = [...queue]
  const claims: ClaimOptions[] = []
  const settled: Dispatching['settled'] = []
  const fatal: string[] = []
  const errors: unknown[] = []
  const stopping = new AbortController()
  const dispatcher = createDispatcher({
    sender: senderDouble(),
    claim: (options) => {
      claims.push(options)
      return Promise.resolve(left.shift())
    },
    settle: ({ delivery, settlement, nowMs }) => {
      settled.push({ rowId: delivery.rowId, settlement, nowMs })
      return Promise.resolve()
    },
    appUrlOf: (protocol) => `https://${protocol}.example`,
    newDeliveryId: () => `NEW${claims.length}`,
    now: () => Date.now(),
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    stopping: stopping.signal,
    onSettled: () => undefined,
    onFatal: (reason) => fatal.push(reason),
    onError: (error) => errors.push(error),
    ...over,
  })
  const drain = (): Promise<void> => dispatcher.drain(stopping.signal)
  return { dispatcher, claims, settled, fatal, errors, stopping, drain }
}

import type { Settlement } from '../../../db/outbox-settle.ts'
import { createDispatcher, type Dispatcher, type DispatcherDeps } from '../../../src/delivery/dispatcher.ts'
import { createGate } from '../../../src/delivery/gate.ts'
import type { OutgoingEdit, OutgoingMessage, Sender, SendOutcome } from '../../../src/delivery/sender.ts'
import type { Transition } from '../../../src/domain/alerting/transition.ts'
import type { Delivery, DeliveryItem } from '../../../src/domain/delivery.ts'
import { deliveryView } from '../../../src/views/delivery.ts'
import { aRef, aTransition, NOW_MS } from '../views/kit.ts'

/** A Sender double: keeps what it was given and answers from a list, then "sent" for ever. It proves wiring only. */
export interface SenderDouble extends Sender {
  readonly messages: OutgoingMessage[]
  readonly edits: OutgoingEdit[]
}

export function senderDouble(answers: readonly (SendOutcome | Promise<SendOutcome>)[] = []): SenderDouble {
  const left = [...answers]
  const messages: OutgoingMessage[] = []
  const edits: OutgoingEdit[] = []
  return {
    messages,
    edits,
    async edit(edit) {
      edits.push(edit)
      return (await left.shift()) ?? { kind: 'sent', messageId: edit.messageId }
    },
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

export interface DeliveryOver extends Partial<Delivery> {
  /** What is told; one alert without it. */
  readonly transitions?: readonly Transition[]
}

export function aDelivery(rowId: number, { transitions, ...over }: DeliveryOver = {}): Delivery {
  const items = (transitions ?? [aTransition()]).map((transition, index) => anItem(rowId + index, transition))
  return {
    rowIds: items.map((item) => item.rowId),
    deliveryId: `REF${rowId}`,
    chatId: rowId,
    threadId: null,
    content: { kind: 'alerts', items },
    urgency: 20,
    createdAtMs: NOW_MS,
    readyAtMs: NOW_MS,
    attempt: 1,
    maybeRepeat: false,
    plain: false,
    ...over,
  }
}

function anItem(rowId: number, transition: Transition): DeliveryItem {
  return {
    rowId,
    ref: aRef(),
    label: 'Main',
    transition,
    createdAtMs: NOW_MS,
    confirm: 'none',
    second: null,
    told: [],
    overtaken: false,
    present: null,
  }
}

/** What the product shows of a delivery, at the time of the tests. */
export function shown(delivery: Delivery, plain = false): OutgoingMessage['view'] {
  const appUrlOf = (protocol: string): string => `https://${protocol}.example`
  return deliveryView(delivery, { nowMs: NOW_MS, plain, appUrlOf })
}

export function deliveries(count: number): Delivery[] {
  return Array.from({ length: count }, (_, index) => aDelivery(index + 1))
}

export interface Dispatching {
  readonly dispatcher: Dispatcher
  readonly claims: Parameters<DispatcherDeps['claim']>[0][]
  readonly settled: { rowId: number | undefined; settlement: Settlement; nowMs: number }[]
  readonly fatal: string[]
  readonly errors: unknown[]
  readonly stopping: AbortController
  readonly drain: () => Promise<void>
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** A dispatcher over a list of deliveries, handed out in order. Wants fake timers. */
export function dispatching(
  queue: readonly Delivery[],
  over: { readonly sender?: SenderDouble } & Partial<DispatcherDeps> = {},
): Dispatching {
  const left = [...queue]
  const claims: Dispatching['claims'] = []
  const settled: Dispatching['settled'] = []
  const fatal: string[] = []
  const errors: unknown[] = []
  const stopping = new AbortController()
  const dispatcher = createDispatcher({
    sender: senderDouble(),
    gate: createGate({ now: () => Date.now(), pause: sleep }),
    claim: (options) => {
      claims.push(options)
      return Promise.resolve(left.shift())
    },
    settle: ({ delivery, settlement, nowMs }) => {
      settled.push({ rowId: delivery.rowIds[0], settlement, nowMs })
      return Promise.resolve()
    },
    render: (delivery, form) =>
      deliveryView(delivery, { ...form, appUrlOf: (protocol) => `https://${protocol}.example` }),
    mayAct: () => true,
    newDeliveryId: () => `NEW${claims.length}`,
    now: () => Date.now(),
    pause: sleep,
    stopping: stopping.signal,
    onSettled: () => undefined,
    onFatal: (reason) => fatal.push(reason),
    onError: (error) => errors.push(error),
    ...over,
  })
  const drain = (): Promise<void> => dispatcher.drain(stopping.signal)
  return { dispatcher, claims, settled, fatal, errors, stopping, drain }
}

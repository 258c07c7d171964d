import { FormattedString } from '@grammyjs/parse-mode'
import type { Content, Delivery, DeliveryItem } from '../domain/delivery.ts'
import type { PoolsPayload } from '../domain/pools/message.ts'
import { alertView, plainAlertView, shortAlert } from './alert.ts'
import type { AlertFacts } from './alert-facts.ts'
import { alertHeadline, plainHeadline, shortHeadline } from './alert-headline.ts'
import { honesty } from './alert-source.ts'
import { timeText } from './numbers.ts'
import { poolsMessageView } from './pools/message.ts'
import { receiptView } from './receipt.ts'
import { toldLines } from './told.ts'
import { type Button, lines, type View, view } from './view.ts'

export interface DeliveryForm {
  readonly nowMs: number
  /** Without names, formatting and buttons: Telegram refused the full text. */
  readonly plain: boolean
  readonly appUrlOf: (protocol: string) => string | null
}

/** Under Telegram's 4,096. */
const MAX_UNITS = 4_000

/** What one delivery looks like to its readers. */
export function deliveryView(delivery: Delivery, form: DeliveryForm): View {
  const { content } = delivery
  switch (content.kind) {
    case 'alerts':
    case 'edit':
      return alertsView({ ...delivery, content }, form)
    case 'receipt':
      return receiptView({ ...content.news, nowMs: form.nowMs })
    case 'message':
      if (content.message === 'pools' || content.message === 'digest')
        return poolsMessageView(content.payload as PoolsPayload, { ...delivery, ...form })
      throw new Error(`no text for ${content.message}`)
    case 'nothing':
      throw new Error(`no text for ${content.kind}`)
  }
}

/** One message with every transition of a chat that was ready: the most urgent in full, each other one with its own line. */
function alertsView(
  delivery: Delivery & { content: Extract<Content, { kind: 'alerts' | 'edit' }> },
  form: DeliveryForm,
): View {
  const { content } = delivery
  const facts = content.items.map((item) => factsOf(item, { delivery, form }))
  const [first, ...others] = facts
  if (!first) throw new Error('a delivery without a transition')
  if (content.kind === 'edit') return editedView(facts, form.nowMs)
  if (others.length === 0) return form.plain ? plainAlertView(first) : alertView(first)
  if (form.plain) {
    // In this form too a repeat says so, and what was never sent is told.
    const plain = (body: (one: AlertFacts) => string[]): FormattedString =>
      lines([...facts.flatMap(body), ...honesty({ ...delivery, nowMs: form.nowMs })])
    const whole = plain((one) => [plainHeadline(one), ...toldLines(one)])
    return view(whole.text.length <= MAX_UNITS ? whole : plain((one) => [plainHeadline(one)]))
  }
  const whole = alertView({ ...first, maybeRepeat: false, readyAtMs: form.nowMs })
  const count = FormattedString.b(`${facts.length} things to tell, the most urgent first.`)
  const body = (rest: readonly FormattedString[]): FormattedString =>
    lines([whole.body, '', count, ...rest, ...honesty({ ...delivery, nowMs: form.nowMs })])
  // Every transition keeps its line, whatever else has to go.
  const forms = [shortAlert, (one: AlertFacts) => FormattedString.b(alertHeadline(one))]
  const fitting = forms.map((short) => body(others.map(short))).find(({ text }) => text.length <= MAX_UNITS)
  const whatever = (): FormattedString => body(others.map((one) => new FormattedString(shortHeadline(one))))
  return view(fitting ?? whatever(), buttonsOf(first))
}

function factsOf(item: DeliveryItem, at: { delivery: Delivery; form: DeliveryForm }): AlertFacts {
  const { delivery, form } = at
  const edited = delivery.content.kind === 'edit'
  return {
    ...item,
    nowMs: form.nowMs,
    readyAtMs: edited ? form.nowMs : delivery.readyAtMs,
    deliveryId: delivery.content.kind === 'edit' ? delivery.content.deliveryId : delivery.deliveryId,
    maybeRepeat: delivery.maybeRepeat && !edited,
    overtaken: item.overtaken && !edited,
    appUrl: form.appUrlOf(item.ref.protocol),
  }
}

/** Under several alerts: "Seen" answers all of them. */
function buttonsOf({ rowId }: AlertFacts): Button[][] {
  return [
    [
      { text: 'Seen, all of it', data: `seen:${rowId}` },
      { text: 'Snooze 1 h', data: `snooze:${rowId}` },
    ],
    [
      { text: 'Check now', data: 'check' },
      { text: 'Ways out', data: `ways:${rowId}` },
    ],
  ]
}

/** The message as it rang, with what became of it since. Nothing in it asks for an answer any more. */
function editedView(facts: readonly AlertFacts[], nowMs: number): View {
  const blocks = facts.map((one) => FormattedString.b(alertHeadline(one)))
  const [first] = facts
  const body = facts.length === 1 && first ? alertView(first).body : lines(blocks)
  return view(lines([body, `✅ Over: see the newer message. Written ${timeText(nowMs, nowMs)}.`]))
}

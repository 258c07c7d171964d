import { FormattedString } from '@grammyjs/parse-mode'
import type { RangeEvent, RangeSide } from '../../domain/pools/range-alerts.ts'
import { walletName } from '../names.ts'
import { timeText } from '../numbers.ts'
import { plain } from '../plain.ts'
import { lines, type View, view } from '../view.ts'

export interface RangeAlertFacts {
  readonly label: string | null
  readonly owner: string
  /** The pool, chosen by strangers. */
  readonly poolName: string
  readonly event: RangeEvent
  readonly seenAtMs: number
  readonly nowMs: number
  readonly link: string
  readonly deliveryId: string
}

/** Where the price went relative to a position's range. */
export function rangeAlertView(facts: RangeAlertFacts): View {
  const who = `${walletName(facts)} · ${plain(facts.poolName)}`
  const { headline, detail } = told(facts.event)
  const body = lines([
    FormattedString.b(headline(who)),
    detail,
    `As of ${timeText(facts.seenAtMs, facts.nowMs)} · ref ${facts.deliveryId}`,
  ])
  return view(body, [[{ text: 'Open the pool', url: facts.link }]])
}

function told(event: RangeEvent): { headline: (who: string) => string; detail: string } {
  switch (event.kind) {
    case 'near':
      return {
        headline: (who) => `🟡 ${who} · near the ${edge(event.side)}, ${binsText(event.binsLeft)}`,
        detail: 'Past the edge it earns no fees and holds one token only.',
      }
    case 'out':
      return {
        headline: (who) => `🟠 ${who} · out of range, price ${event.side} it`,
        detail: 'It earns no fees until the price comes back or you move the range.',
      }
    case 'back':
      return { headline: (who) => `🟢 ${who} · back in range`, detail: 'It earns fees again.' }
  }
}

function edge(side: RangeSide): string {
  return side === 'below' ? 'lower edge' : 'upper edge'
}

function binsText(left: number): string {
  if (left === 0) return 'on the last bin'
  return left === 1 ? '1 bin left' : `${left} bins left`
}

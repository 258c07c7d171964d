import type { Transition } from '../domain/alerting/transition.ts'
import type { DeliveryItem } from '../domain/delivery.ts'
import { LEVEL_ICONS } from './names.ts'
import { healthText, timeText } from './numbers.ts'

/** More steps than this are counted. */
const MAX_STEPS = 8

/** What was never sent by itself and is told here: `Before that: 🟠 1.38 at 14:02 UTC, 🔴 1.04 at 14:05 UTC.` */
export function toldLines({ told, nowMs }: Pick<DeliveryItem, 'told'> & { nowMs: number }): string[] {
  if (told.length === 0) return []
  const shown = told.slice(-MAX_STEPS).map((step) => stepText(step, nowMs))
  const left = told.length - shown.length
  const earlier = left > 0 ? `${left} earlier, ` : ''
  return [`Before that, not sent by itself: ${earlier}${shown.join(', ')}.`]
}

function stepText({ kind, to, reading, unseen }: Transition, nowMs: number): string {
  switch (kind) {
    case 'warning':
    case 'critical':
    case 'liquidatable':
    case 'recovered':
    case 'sighted': {
      const health =
        reading === null ? to : reading.health.noDebt ? 'no debt' : healthText(reading.health.healthWad)
      const icon = kind === 'recovered' || kind === 'sighted' ? LEVEL_ICONS[to] : LEVEL_ICONS[kind]
      return `${icon} ${health}${reading ? ` at ${timeText(reading.atMs, nowMs)}` : ''}`
    }
    case 'blind':
      return `⚫ not seen since ${timeText(unseen?.sinceMs ?? nowMs, nowMs)}`
    case 'liquidated':
    case 'escalation':
    case 'closed':
    case 'moved':
      return kind
  }
}

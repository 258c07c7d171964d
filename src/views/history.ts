import { FormattedString } from '@grammyjs/parse-mode'
import { isDrill } from '../domain/drill.ts'
import type { History, ToldAlert } from '../domain/history.ts'
import { healthPhrase } from './health.ts'
import { LEVEL_ICONS, positionName, walletName } from './names.ts'
import { durationText, timeText } from './numbers.ts'
import { lines, nearestPage, pageButtons, type View, view } from './view.ts'

export const HISTORY_PAGE = 8
export const HISTORY_DAYS = 30
/** From here on it was late. */
const LATE_AFTER_MS = 60_000

/** `/history`: the alerts of the last thirty days, newest first. */
export function historyView(history: History, at: { page: number; nowMs: number }): View {
  const pages = Math.ceil(history.count / HISTORY_PAGE)
  const page = nearestPage(at.page, pages)
  if (history.count === 0) {
    return view(
      new FormattedString(
        `No alerts in the last ${HISTORY_DAYS} days. /drill shows what one would look like.`,
      ),
      [[{ text: 'Check now', data: 'check' }]],
    )
  }
  const count = history.count === 1 ? 'One alert' : `${history.count} alerts`
  return view(
    lines([
      FormattedString.b(`${count} in the last ${HISTORY_DAYS} days, newest first`),
      ...history.alerts.map((alert) => `\n${entry(alert, at.nowMs)}`),
    ]),
    pageButtons({ page, pages }, (number) => `hist:${number}`),
  )
}

function entry(alert: ToldAlert, nowMs: number): string {
  const { ref, label, transition, createdAtMs } = alert
  const who = `${walletName({ label, owner: ref.owner })} · ${positionName(ref)}`
  const known = transition.reading ?? transition.before
  const health = known ? ` · ${healthPhrase(known.health, ref.protocol)}` : ''
  return [
    `${timeText(createdAtMs, nowMs)} · ${isDrill(ref) ? 'DRILL · ' : ''}${what(alert)}`,
    `${who}${health}`,
    `${fate(alert, nowMs)}${seen(alert, nowMs)}`,
  ].join('\n')
}

function what({ transition }: ToldAlert): string {
  const { kind, to, newLow, repeat } = transition
  switch (kind) {
    case 'warning':
    case 'critical':
    case 'liquidatable':
      return `${LEVEL_ICONS[kind]} ${newLow ? 'still falling' : repeat ? `still ${kind}` : kind}`
    case 'liquidated':
      return '💥 liquidated'
    case 'escalation':
      return '🚨 nobody answered'
    case 'recovered':
      return to === 'safe' ? '🟢 recovered' : `🟡 better, ${to}`
    case 'blind':
      return '⚫ not visible'
    case 'sighted':
      return '👁 visible again'
    case 'closed':
      return '⚪ closed'
    case 'moved':
      return '↪️ moved'
  }
}

function fate({ state, createdAtMs, settledAtMs, maybeRepeat }: ToldAlert, nowMs: number): string {
  switch (state) {
    case 'pending':
    case 'sending':
      return 'on its way'
    case 'sent': {
      const afterMs = (settledAtMs ?? createdAtMs) - createdAtMs
      const late = afterMs >= LATE_AFTER_MS ? `, ${durationText(afterMs)} after it was decided` : ''
      return `sent ${timeText(settledAtMs ?? createdAtMs, nowMs)}${late}${maybeRepeat ? ', perhaps twice' : ''}`
    }
    case 'superseded':
      return 'told with a later one'
    case 'unreachable':
      return 'not sent: this chat could not be written to'
  }
}

function seen({ seenAtMs }: ToldAlert, nowMs: number): string {
  return seenAtMs === null ? '' : ` · seen ${timeText(seenAtMs, nowMs)}`
}

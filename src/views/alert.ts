import { FormattedString } from '@grammyjs/parse-mode'
import type { Transition } from '../domain/alerting/transition.ts'
import { isDrill } from '../domain/drill.ts'
import { detail, waysOut } from './alert-detail.ts'
import type { AlertFacts } from './alert-facts.ts'
import { alertHeadline, plainHeadline } from './alert-headline.ts'
import { honesty, presentLine, source } from './alert-source.ts'
import { PROTOCOL_NAMES } from './names.ts'
import { toldLines } from './told.ts'
import { type Button, lines, type View, view } from './view.ts'

/** The alert as its reader sees it: the first line alone must do on a lock screen. */
export function alertView(facts: AlertFacts): View {
  const body = lines([
    FormattedString.b(alertHeadline(facts)),
    ...detail(facts),
    presentLine(facts),
    ...toldLines(facts),
    ...honesty(facts),
  ])
  return view(body, buttons(facts))
}

/** One alert among others in a message: its first line and what to do. */
export function shortAlert(facts: AlertFacts): FormattedString {
  const { transition } = facts
  const way = transition.reading && waysOut(facts, transition.reading)
  const [situationLine] = detail(facts)
  const told = facts.told.length > 0 ? toldLines(facts) : []
  return lines([
    FormattedString.b(alertHeadline(facts)),
    (isLevel(transition.kind) ? way : null) ?? situationLine ?? null,
    ...told,
  ])
}

/** Under an alert with sound: known, quiet, and now. The ids are the alert's own, so an old button cannot mean another one. */
function buttons({ ref, appUrl, rowId, transition }: AlertFacts): Button[][] {
  const open: Button[] =
    appUrl === null ? [] : [{ text: `Open ${PROTOCOL_NAMES[ref.protocol]}`, url: appUrl }]
  const now: Button = { text: 'Refresh', data: `now:${rowId}` }
  switch (transition.kind) {
    case 'warning':
    case 'critical':
    case 'liquidatable':
      // There is no contract behind an exercise: nothing to look at, nothing to open.
      if (isDrill(ref)) return [[{ text: 'Seen', data: `seen:${rowId}` }]]
      return [
        [
          { text: 'Seen', data: `seen:${rowId}` },
          { text: 'Snooze 1 h', data: `snooze:${rowId}` },
        ],
        [now, { text: 'Ways out', data: `ways:${rowId}` }],
        ...(transition.repeat ? [[{ text: 'No more repeats', data: `norep:${rowId}` }]] : []),
        ...(open.length > 0 ? [open] : []),
      ]
    case 'liquidated':
    case 'blind':
      return [[{ text: 'Seen', data: `seen:${rowId}` }], [now, ...open]]
    case 'escalation':
      return [[{ text: 'Seen', data: `seen:${rowId}` }], ...(open.length > 0 ? [open] : [])]
    case 'recovered':
    case 'sighted':
      return [[now, ...open]]
    case 'closed':
    case 'moved':
      return open.length > 0 ? [open] : []
  }
}

/** The same without names, formatting or buttons, for when Telegram refuses the full text. */
export function plainAlertView(facts: AlertFacts): View {
  const { transition } = facts
  const origin = transition.reading ? source(transition.reading, facts) : `Ref ${facts.deliveryId}`
  return view(lines([plainHeadline(facts), origin, ...toldLines(facts), ...honesty(facts)]))
}

function isLevel(kind: Transition['kind']): boolean {
  return kind === 'warning' || kind === 'critical' || kind === 'liquidatable'
}

import { FormattedString } from '@grammyjs/parse-mode'
import type { Level } from '../domain/alerting/state.ts'
import type { PositionRef } from '../domain/position.ts'
import { LEVEL_ICONS, positionName, walletName } from './names.ts'
import { clockText, timeText } from './numbers.ts'
import { lines, type View, view } from './view.ts'

const MAX_SHOWN = 20
const DAY_MS = 24 * 3_600_000

/** What `/snooze` did: loans in danger that ring no more at their present level. `untilMs` `null`: they ring again. */
export function snoozedView(result: {
  loans: readonly { readonly ref: PositionRef; readonly label: string | null; readonly level: Level }[]
  untilMs: number | null
  nowMs: number
}): View {
  const { loans, untilMs, nowMs } = result
  if (loans.length === 0) {
    return view(new FormattedString('Nothing to snooze: no loan here is in danger. I ring when one is.'))
  }
  const until =
    untilMs === null ? '' : untilMs - nowMs < DAY_MS ? clockText(untilMs) : timeText(untilMs, nowMs)
  const left = loans.length - MAX_SHOWN
  return view(
    lines([
      FormattedString.b(untilMs === null ? '🔔 Awake again.' : `😴 Quiet until ${until}, at these levels:`),
      ...loans
        .slice(0, MAX_SHOWN)
        .map(
          ({ ref, label, level }) =>
            `${LEVEL_ICONS[level]} ${walletName({ label, owner: ref.owner })} · ${positionName(ref)}: ${level}`,
        ),
      left > 0 ? `… and ${left} more` : null,
      untilMs === null
        ? 'What is not seen rings again after its usual time.'
        : 'A deeper level rings at once. A liquidation does too.',
    ]),
    untilMs === null ? [] : [[{ text: 'Wake up now', data: 'snoozeall:off' }]],
  )
}

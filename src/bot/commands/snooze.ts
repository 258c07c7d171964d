import { FormattedString } from '@grammyjs/parse-mode'
import { plain } from '../../views/plain.ts'
import { snoozedView } from '../../views/snooze.ts'
import { view } from '../../views/view.ts'
import type { Command, CommandDeps } from '../command.ts'

const MINUTE_MS = 60_000
const UNITS: Readonly<Record<string, number>> = { m: 1, min: 1, h: 60, d: 1_440 }
const DEFAULT_MINUTES = 60
const LEAST_MINUTES = 5
const MOST_MINUTES = 1_440

/** `/snooze [time]`: every loan in danger is quiet at its present level for so long; `off` wakes them. */
export function snoozeCommand(deps: CommandDeps): Command {
  return async ({ chatId, text }) => {
    const asked = text.trim().toLowerCase()
    const minutes = asked === '' ? DEFAULT_MINUTES : readMinutes(asked)
    if (asked !== 'off' && minutes === undefined) {
      return view(
        new FormattedString(
          `I read “${plain(text)}” as a time; it must be 5 minutes to 1 day, for example /snooze 2h, /snooze 30m or /snooze off.`,
        ),
      )
    }
    const nowMs = deps.now()
    const untilMs = minutes === undefined ? null : nowMs + minutes * MINUTE_MS
    const loans = await deps.store.snoozeAll(chatId, untilMs)
    return snoozedView({ loans, untilMs, nowMs })
  }
}

/** `undefined` for `off`, and for what is no time within the limits. */
function readMinutes(text: string): number | undefined {
  const match = /^(\d{1,4})\s*(m|min|h|d)$/.exec(text)
  const minutes = Number(match?.[1]) * (UNITS[match?.[2] ?? ''] ?? Number.NaN)
  return minutes >= LEAST_MINUTES && minutes <= MOST_MINUTES ? minutes : undefined
}

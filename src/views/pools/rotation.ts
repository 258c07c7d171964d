import { FormattedString } from '@grammyjs/parse-mode'
import type { Rotation } from '../../domain/pools/rotation.ts'
import { walletName } from '../names.ts'
import { type Button, lines, type View, view } from '../view.ts'
import { opportunityName, rateText, usdText } from './rates.ts'

export interface RotationFacts {
  readonly label: string | null
  readonly owner: string
  /** At least one, the most gain first. */
  readonly rotations: readonly Rotation[]
}

const HONESTY =
  'Simple yearly rates of right now, without rewards. They change with every loan; a move takes two transactions, and the new place may carry other risks.'

/** From -> to for each deposit that is worth moving; the first line tells the best of them. */
export function rotationView({ label, owner, rotations }: RotationFacts): View {
  const [best, ...others] = rotations
  const wallet = walletName({ label, owner })
  if (!best) return view(lines([`${wallet} · nothing better found than where it lends now`]))
  return view(
    lines([
      FormattedString.b(
        `💱 ${wallet} · ${rateText(best.yieldNow)} → ${rateText(best.yieldThere)} · +${usdText(best.gainUsdPerDay)} a day`,
      ),
      ...adviceLines(best),
      ...others.flatMap((one) => [
        '',
        `${rateText(one.yieldNow)} → ${rateText(one.yieldThere)} · +${usdText(one.gainUsdPerDay)} a day`,
        ...adviceLines(one),
      ]),
      '',
      HONESTY,
    ]),
    buttonsOf(rotations),
  )
}

function adviceLines({ from, to, valueUsd, gainUsdPerDay, breakEvenDays }: Rotation): string[] {
  return [
    `From ${opportunityName(from)} (${usdText(valueUsd)})`,
    `To ${opportunityName(to)}`,
    breakEvenDays === null
      ? 'What the move costs is not known; it has to earn that back first.'
      : // What a move costs is taken, not read: so it is said.
        `If the move costs ${usdText(breakEvenDays * gainUsdPerDay)}, it has paid for itself after ${daysText(breakEvenDays)}.`,
  ]
}

function daysText(days: number): string {
  const hours = Math.ceil(days * 24)
  if (hours < 48) return hours === 1 ? '1 hour' : `${hours} hours`
  return `${Math.ceil(days)} days`
}

function buttonsOf(rotations: readonly Rotation[]): Button[][] {
  return rotations.map(({ to }, index) => [
    { text: rotations.length === 1 ? 'Open the new place' : `Open place ${index + 1}`, url: to.link },
  ])
}

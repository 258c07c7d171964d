import { FormattedString, fmt } from '@grammyjs/parse-mode'
import type { BestPools } from '../../domain/pools/desk.ts'
import type { Ranked } from '../../domain/pools/tell.ts'
import { fittingCount } from '../fitted.ts'
import { durationText, grouped } from '../numbers.ts'
import { type Button, lines, nearestPage, pageButtons, type View, view } from '../view.ts'
import {
  moneyText,
  nameText,
  opportunityBlock,
  PAST,
  partsText,
  percentText,
  scoreText,
  sourceName,
  whyText,
} from './parts.ts'

const ROWS = 5
/** For the rows, and what one takes at most in its short form. */
const UNITS = 3_500
const LINE_UNITS = 220

export interface ListedPools extends BestPools {
  readonly page: number
  /** How many tokens were named; 0 = the chat's own rules and list. */
  readonly named: number
  /** What a button needs to mean this list: the mark of the tokens named, or nothing. */
  readonly filter: string
  /** Short for a key: buttons have little room. */
  readonly markOf: (ranked: Ranked) => string
}

/** `/pools`: what matches now, in pages, with why each stands where it stands. */
export function poolsView(best: ListedPools): View {
  const { rows, ageMs, named, filter } = best
  if (ageMs === null)
    return view(lines(['I have not seen any pools yet. Try again in a few minutes.']), [FOOT])
  const pages = Math.ceil(rows.length / ROWS)
  const page = nearestPage(best.page, pages)
  const shown = rows.slice(page * ROWS, page * ROWS + ROWS).map((row, index) => ({
    row,
    number: page * ROWS + index + 1,
  }))
  const some = shown.length > 0
  const behind = filter === '' ? '' : `:${filter}`
  return view(
    FormattedString.join(
      [
        lines([head(best, some), suspectLine(best.suspect)]),
        ...(some ? blocks(shown) : [new FormattedString(emptyLine(named))]),
        lines([
          `${grouped(best.count)} looked at · data ${durationText(ageMs)} old, from Meteora and the lending protocols themselves.`,
          some ? PAST : null,
        ]),
      ],
      '\n\n',
    ),
    [
      ...chartButtons(shown, { behind, markOf: best.markOf }),
      ...pageButtons({ page, pages }, (to) => `poolpage:${to}${behind}`),
      FOOT,
    ],
  )
}

const FOOT: readonly Button[] = [
  { text: 'Alerts', data: 'poolalerts' },
  { text: 'Tokens', data: 'tokens' },
]

function head({ named }: ListedPools, some: boolean): FormattedString {
  const what = named === 0 ? '' : named === 1 ? ' with this token' : ` with these ${named} tokens`
  if (!some) return new FormattedString(`Nothing${what} matches your rules now.`)
  return FormattedString.b(`Where money earns now${what}, the best first`)
}

function suspectLine(suspect: string | null): string | null {
  return suspect === null
    ? null
    : '⚠️ A source gives odd answers now, so of that one this is what was last good.'
}

function emptyLine(named: number): string {
  return named === 0
    ? '/poolalerts changes the rules, /tokens the tokens.'
    : 'Your rules for money, fees, age and risk count here too: /poolalerts shows them.'
}

function chartButtons(
  shown: readonly { row: Ranked; number: number }[],
  { behind, markOf }: { behind: string; markOf: (ranked: Ranked) => string },
): Button[][] {
  if (shown.length === 0) return []
  return [
    shown.map(({ row, number }) => ({ text: `📈 ${number}`, data: `poolchart:${markOf(row)}${behind}` })),
  ]
}

/** In full as far as there is room; strangers' names may take so much of it that the last ones are short. */
function blocks(shown: readonly { row: Ranked; number: number }[]): FormattedString[] {
  const full = shown.map(({ row, number }) => opportunityBlock(row, `${number}.`))
  const room = { units: UNITS - shown.length * LINE_UNITS, items: shown.length }
  const count = fittingCount(
    full.map(({ text }) => [text]),
    room,
  )
  return full.map((block, index) => {
    const one = shown[index]
    return index < count || !one ? block : shortLine(one.row, one.number)
  })
}

function shortLine({ opportunity, score }: Ranked, number: number): FormattedString {
  const { name, link, source, yieldPerYear, tvlUsd } = opportunity
  return fmt`${number}. ${FormattedString.link(nameText(name), link)} · ${sourceName(source)} · ${percentText(yieldPerYear.total)} a year · ${moneyText(tvlUsd)} · score ${scoreText(score.score)}`
}

/** What stands under a chart, or alone where there is none: at most 1,024 UTF-16 units. */
export function chartCaptionView(
  { opportunity, score }: Ranked,
  { ageMs, drawn }: { ageMs: number | null; drawn: boolean },
): View {
  const { kind, source, tvlUsd, yieldPerYear } = opportunity
  return view(
    lines([
      fmt`${FormattedString.b(nameText(opportunity.name))} · ${sourceName(source)} · ${percentText(yieldPerYear.total)} a year`,
      partsText(opportunity),
      `${kind === 'lend' ? 'free to withdraw' : 'TVL'} ${moneyText(tvlUsd)}${ageMs === null ? '' : ` · data ${durationText(ageMs)} old`}`,
      whyText(score),
      drawn ? null : 'No picture yet: I keep a point every five minutes and need a few of them.',
      PAST,
    ]),
    [[{ text: `Open ${sourceName(source)}`, url: opportunity.link }], FOOT],
  )
}

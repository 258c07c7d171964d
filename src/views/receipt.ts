import { FormattedString } from '@grammyjs/parse-mode'
import type { ReceiptChange, ReceiptNews } from '../domain/alerting/receipt.ts'
import { fittingCount } from './fitted.ts'
import { LEVEL_ICONS, positionName, walletName } from './names.ts'
import { clockText, durationText, healthText, timeText } from './numbers.ts'
import { lines, type View, view } from './view.ts'

const MAX_LINES = 20
const LINES_UNITS = 3_000
const DAY_MS = 24 * 3_600_000

/** Silent: when the bot was down, and what changed meanwhile. */
export function receiptView(news: ReceiptNews & { nowMs: number }): View {
  const { changes, same, beyond } = news
  const texts = changes.map(changeText)
  const count = fittingCount(
    texts.map((text) => [text]),
    { units: LINES_UNITS, items: MAX_LINES },
  )
  const left = changes.length - count
  return view(
    lines([
      FormattedString.b(headline(news)),
      changes.length > 0 ? 'Nobody watched your loans in that time. Since then:' : null,
      ...texts.slice(0, count),
      left > 0 ? `… and ${left} more that changed.` : null,
      rest({ changed: changes.length, same, beyond }),
    ]),
    [[{ text: 'Check now', data: 'check' }]],
  )
}

function headline({ fromMs, toMs, nowMs }: ReceiptNews & { nowMs: number }): string {
  // The day where the times alone would be misread.
  const isLong = toMs - fromMs >= DAY_MS
  const from = isLong ? timeText(fromMs, nowMs) : clockText(fromMs)
  const to = isLong ? timeText(toMs, nowMs) : clockText(toMs)
  return `🔌 I was down from ${from.replace(' UTC', '')} to ${to} (${durationText(toMs - fromMs)}).`
}

function changeText({ ref, label, beforeWad, change }: ReceiptChange): string {
  const who = `${walletName({ label, owner: ref.owner })} · ${positionName(ref)}`
  const was = healthText(beforeWad)
  switch (change.kind) {
    case 'health':
      return `${LEVEL_ICONS[change.to]} ${who} · health ${healthText(change.healthWad)}, was ${was}`
    case 'no-debt':
      return `⚪ ${who} · no debt any more, was ${was}`
    case 'closed':
      return `⚫ ${who} · the chain no longer has this loan, was ${was}`
    case 'unseen':
      return `❔ ${who} · not seen again so far, was ${was}`
  }
}

function rest({ changed, same, beyond }: { changed: number; same: number; beyond: number }): string | null {
  const other = changed > 0 ? 'other ' : ''
  const asBefore =
    same === 0
      ? null
      : same === 1
        ? `Your ${other}loan is as before.`
        : `Your ${same} ${other}loans are as before.`
  const more = beyond === 0 ? null : `I did not compare ${beyond} more of your loans; /check shows them.`
  const said = [asBefore, more].filter((part) => part !== null)
  return said.length === 0 ? null : said.join(' ')
}

import { FormattedString } from '@grammyjs/parse-mode'
import type { Telling, Tip } from '../../domain/pools/tell.ts'
import { fittingCount } from '../fitted.ts'
import { lines, type View, view } from '../view.ts'
import { ageLine, nameText, opportunityBlock, PAST, percentText } from './parts.ts'

const UNITS = 3_300

/** Telegram's room decides too: as many tips as `tellingView` shows. What does not fit is not shown and must not be marked. */
export function fittingTelling(telling: Telling): Telling {
  const texts = telling.tips.map((tip) => [tipBlock(tip).text])
  const count =
    telling.tips.length === 0 ? 0 : fittingCount(texts, { units: UNITS, items: telling.tips.length })
  const tips = telling.tips.slice(0, count)
  return {
    ...telling,
    tips,
    told: telling.told.slice(0, count),
    more: telling.more + telling.tips.length - count,
  }
}

/** What is worth telling, in one message. `telling` is one that fits. */
export function tellingView(telling: Telling, at: { seenAtMs: number; nowMs: number }): View {
  const { tips, more, first } = telling
  const [best] = tips
  const total = tips.length + more
  const head = first
    ? `💧 ${total} ${total === 1 ? 'opportunity matches' : 'opportunities match'} your rules now.`
    : total === 1
      ? `💧 ${best?.reason === 'better' ? 'Better now' : 'New'}: ${nameText(best?.ranked.opportunity.name ?? '')} · ${percentText(best?.ranked.opportunity.yieldPerYear.total ?? Number.NaN)} a year`
      : `💧 ${total} opportunities are new or better.`
  return view(
    FormattedString.join(
      [
        new FormattedString(head),
        ...tips.map(tipBlock),
        lines([more > 0 ? `… and ${more} more: /pools shows them.` : null, ageLine(at), PAST]),
      ],
      '\n\n',
    ),
    [
      [
        { text: 'All now', data: 'pools' },
        { text: 'Alert rules', data: 'poolalerts' },
      ],
    ],
  )
}

function tipBlock({ ranked, reason, before }: Tip): FormattedString {
  const block = opportunityBlock(ranked, reason === 'new' ? '🆕' : '📈')
  if (before === null) return block
  return lines([block, `   you were told ${percentText(before.yieldPerYear)} a year`])
}

import { FormattedString } from '@grammyjs/parse-mode'
import type { Ranked, Telling, Tip } from '../../domain/pools/tell.ts'
import { fittingCount } from '../fitted.ts'
import { durationText } from '../numbers.ts'
import { lines, nearestPage, pageButtons, paged, type View, view } from '../view.ts'
import { nameText, opportunityBlock, opportunityLine, PAST, percentText } from './parts.ts'

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
        { text: 'All now', data: 'pools:0' },
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

/** `/pools`: what matches now, in pages. */
export function poolsView(
  ranked: readonly Ranked[],
  at: { page: number; seenAtMs: number | null; nowMs: number; suspect: string | null },
): View {
  if (at.seenAtMs === null) return view(lines(['I have not seen any pools yet. Try again in a few minutes.']))
  const age = ageLine({ seenAtMs: at.seenAtMs, nowMs: at.nowMs })
  const trouble =
    at.suspect === null ? null : `⚠️ The source gives odd answers now, so this is what was last good.`
  const pages = paged(
    ranked.map((one, index) => opportunityLine(one, index + 1)),
    PAST.length + 300,
  )
  const page = nearestPage(at.page, pages.length)
  const shown = pages[page]
  return view(
    lines([
      shown ? FormattedString.b('Where money earns now, the best first') : 'Nothing matches your rules now.',
      trouble,
      '',
      ...(shown ?? ['/poolalerts changes the rules, /tokens the tokens.']),
      '',
      age,
      shown ? PAST : null,
    ]),
    [
      ...pageButtons({ page, pages: pages.length }, (to) => `pools:${to}`),
      [
        { text: 'Alert rules', data: 'poolalerts' },
        { text: 'Tokens', data: 'tokens' },
      ],
    ],
  )
}

function ageLine({ seenAtMs, nowMs }: { seenAtMs: number; nowMs: number }): string {
  return `Data is ${durationText(nowMs - seenAtMs)} old.`
}

import { FormattedString } from '@grammyjs/parse-mode'
import { type Finding, type Mark, summaryOf, worstFirst } from '../domain/finding.ts'
import { fitted } from './fitted.ts'
import { lines, type View, view } from './view.ts'

const SIGN: Record<Mark, string> = { good: '✓', doubtful: '⚠️', bad: '❌' }
/** Under Telegram's 4,096, with room for the summary. */
const ROOM = { units: 3_700, items: 100, more: (left: number) => `… and ${left} more: npm run doctor` }
const LONGEST_TEXT = 500

/** `/doctor`: what needs attention first. */
export function doctorView(findings: readonly Finding[]): View {
  const items = worstFirst(findings).map(({ mark, what, detail, change }) => [
    shortened(`${SIGN[mark]} ${what}: ${detail}`),
    ...(change === null ? [] : [shortened(`   → ${change}`)]),
  ])
  return view(lines([FormattedString.b('Self-check'), summaryOf(findings), '', ...fitted(items, ROOM)]))
}

function shortened(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
}

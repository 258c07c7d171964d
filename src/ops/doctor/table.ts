import type { Finding, Mark } from '../../domain/finding.ts'
import { summaryOf } from '../../domain/finding.ts'

export interface TableStyle {
  /** Columns of the terminal. */
  readonly width: number
  readonly colour: boolean
}

const SIGN: Record<Mark, string> = { good: '✓', doubtful: '!', bad: '✗' }
const COLOUR: Record<Mark, number> = { good: 32, doubtful: 33, bad: 31 }
const WIDEST_NAME = 38
const NARROWEST = 40
const GAP = 2

/** The findings as one aligned table with a summary under it, in lines of at most `width` columns. */
export function doctorTable(findings: readonly Finding[], { width, colour }: TableStyle): string {
  const usable = Math.max(NARROWEST, width)
  const longest = Math.max(0, ...findings.map(({ what }) => what.length))
  const nameWidth = Math.min(longest, WIDEST_NAME, Math.floor((usable - GAP * 2) / 2))
  const textWidth = usable - GAP * 2 - nameWidth
  const rows = findings.flatMap(({ mark, what, detail, change }) => {
    const names = wrapped(what, nameWidth)
    const texts = [
      ...wrapped(detail, textWidth),
      ...(change === null ? [] : wrapped(`→ ${change}`, textWidth)),
    ]
    const sign = colour ? `\u001b[${COLOUR[mark]}m${SIGN[mark]}\u001b[0m` : SIGN[mark]
    return Array.from({ length: Math.max(names.length, texts.length) }, (_, index) =>
      `${index === 0 ? sign : ' '} ${(names[index] ?? '').padEnd(nameWidth)}  ${texts[index] ?? ''}`.trimEnd(),
    )
  })
  return `${[...rows, '', summaryOf(findings)].join('\n')}\n`
}

/** Broken between words; a word that is too long by itself is cut. Never empty. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/).flatMap((long) => pieces(long, width))) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function pieces(word: string, width: number): string[] {
  return Array.from({ length: Math.max(1, Math.ceil(word.length / width)) }, (_, index) =>
    word.slice(index * width, (index + 1) * width),
  )
}

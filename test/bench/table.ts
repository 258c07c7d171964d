import type { BenchResult } from './result.ts'

/** A result as a table for a terminal. */
export function tableText({ title, columns, rows, notes, broken }: BenchResult): string {
  const cells = [['', ...columns], ...rows.map(({ what, cells }) => [what, ...cells.map(String)])]
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index + 1]?.length ?? 0)))
  const first = Math.max(...cells.map(([what = '']) => what.length))
  const text = cells.map(([what = '', ...rest]) =>
    [what.padEnd(first), ...rest.map((cell, index) => cell.padStart(widths[index] ?? 0))].join('  '),
  )
  return [
    title,
    '',
    ...text,
    '',
    ...notes,
    ...(broken.length > 0 ? broken.map((line) => `BROKEN: ${line}`) : ['All limits kept.']),
    '',
  ].join('\n')
}

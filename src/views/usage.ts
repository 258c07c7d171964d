import { FormattedString, fmt } from '@grammyjs/parse-mode'
import { lines, type View, view } from './view.ts'

/** A wrong argument: what was read and expected, then an example to copy. Nothing was changed. */
export function usageView(error: string, example: string): View {
  return view(lines([error, fmt`Example: ${FormattedString.code(example)}`]))
}

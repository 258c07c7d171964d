import { FormattedString } from '@grammyjs/parse-mode'
import { plain } from './plain.ts'
import { lines, type View, view } from './view.ts'

const MAX_REASON = 120

/** For the operator, when the database takes nothing more; `reason` in its words. */
export function storageView(reason: string): View {
  return view(
    lines([
      FormattedString.b('🛑 Buoy cannot store anything.'),
      `The database says: ${plain(reason, MAX_REASON)}.`,
      'Until that is mended no alert can be sent, and settings stay as they are. Make room on its disk; I then go on by myself.',
      'I say this once an hour at most. /healthz is red as long as it lasts.',
    ]),
  )
}

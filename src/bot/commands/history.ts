import { HISTORY_DAYS, HISTORY_PAGE, historyView } from '../../views/history.ts'
import { nearestPage } from '../../views/view.ts'
import type { Command, CommandDeps } from '../command.ts'

const DAY_MS = 24 * 3_600_000

/** `/history`, and its pages: the text is the number of one, from 0. */
export function historyCommand(deps: CommandDeps): Command {
  return async ({ chatId, text }) => {
    const nowMs = deps.now()
    const sinceMs = nowMs - HISTORY_DAYS * DAY_MS
    const asked = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0
    const at = { chatId, sinceMs, limit: HISTORY_PAGE }
    const found = await deps.store.history({ ...at, offset: asked * HISTORY_PAGE })
    const page = nearestPage(asked, Math.ceil(found.count / HISTORY_PAGE))
    // Rows may have gone since the button was made.
    const shown = page === asked ? found : await deps.store.history({ ...at, offset: page * HISTORY_PAGE })
    return historyView(shown, { page, nowMs })
  }
}

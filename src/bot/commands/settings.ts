import type { StoredSettings } from '../../../db/bot-store.ts'
import { PAIRING_MS } from '../../domain/pairing.ts'
import { WAD } from '../../domain/units.ts'
import { thresholdText } from '../../views/numbers.ts'
import { plain } from '../../views/plain.ts'
import { letGoView, pairingCodeView, unpairedView } from '../../views/second-chat.ts'
import { settingsPageView } from '../../views/settings-pages.ts'
import { usageView } from '../../views/usage.ts'
import { parseCritical } from '../arguments.ts'
import type { Answer, Command, CommandDeps } from '../command.ts'
import { readWish } from '../settings-words.ts'

/** `/settings`, and every button of its menu: shows a part of the settings or changes one, and answers with what holds then. */
export function settingsCommand(deps: CommandDeps): Command {
  const { store } = deps
  return async ({ chatId, text }) => {
    const now = await store.settings(chatId)
    const wish = readWish(text, now.settings)
    switch (wish.kind) {
      case 'wrong':
        return usageView(wish.error, wish.example)
      case 'show':
        return settingsPageView(wish.page, now)
      case 'change':
        return settingsPageView(wish.page, await store.changeSettings(chatId, wish.change))
      case 'critical':
        return setCritical(deps, { chatId, text: wish.text, now })
      case 'code': {
        const code = deps.newCode()
        await store.openPairing(chatId, code)
        return pairingCodeView({ code, minutes: PAIRING_MS / 60_000, replaces: now.second !== null })
      }
      case 'unpair': {
        const secondId = await store.unpair(chatId)
        const shown = unpairedView(secondId !== null)
        if (secondId === null) return shown
        return { ...shown, after: () => deps.say(secondId, letGoView()) }
      }
    }
  }
}

/** Moves the critical line of the chat. The loans it moves for count as told, as with a threshold. */
async function setCritical(
  deps: CommandDeps,
  request: { chatId: number; text: string; now: StoredSettings },
): Promise<Answer> {
  const { chatId, text, now } = request
  const { warningWad } = now.lines
  const criticalWad = parseCritical(text)
  if (
    criticalWad === undefined ||
    (criticalWad !== null && (criticalWad <= WAD || criticalWad >= warningWad))
  ) {
    return usageView(
      `I read “${plain(text)}” as the critical line; it must lie between 1 and ${thresholdText(warningWad)}, the warning line here. Nothing was changed.`,
      '/settings critical usual',
    )
  }
  await deps.store.setThreshold(chatId, { target: { kind: 'chat' }, warningWad, criticalWad })
  return settingsPageView('critical', await deps.store.settings(chatId))
}

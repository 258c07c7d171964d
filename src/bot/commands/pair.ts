import { FormattedString } from '@grammyjs/parse-mode'
import { plain } from '../../views/plain.ts'
import { firstToldView, pairedView, secondLeftView, unpairedFirstsView } from '../../views/second-chat.ts'
import { usageView } from '../../views/usage.ts'
import { view } from '../../views/view.ts'
import type { Command, CommandDeps } from '../command.ts'
import { isCode } from '../pairing-code.ts'

const EXAMPLE = '/pair K7MQ2XHD'
const MAX_TOLD = 20

/** `/pair CODE`: makes the chat where it is typed the second chat of the one that made the code. */
export function pairCommand(deps: CommandDeps): Command {
  return async ({ chatId, text }) => {
    const code = text.trim().toUpperCase()
    if (!isCode(code)) {
      return usageView(
        code === ''
          ? 'I need the code that /settings, “Second chat”, made in the other chat.'
          : `I read “${plain(text)}”; a code has 8 letters and digits. /settings, “Second chat”, makes one in the other chat.`,
        EXAMPLE,
      )
    }
    if (!deps.pairTries.mayTry(chatId))
      return view(new FormattedString('Too many wrong codes in this chat. Try again in an hour.'))
    const paired = await deps.store.pair(chatId, code)
    switch (paired.kind) {
      case 'paired':
        return { ...pairedView(), after: () => deps.say(paired.firstId, firstToldView()) }
      case 'itself':
        return view(
          new FormattedString(
            'This chat made the code: type it in the other chat, the one that shall hear what nobody answers here.',
          ),
        )
      case 'unknown':
        deps.pairTries.wrong(chatId)
        return usageView(
          `I do not know the code “${code}”. It works once and for 15 min; make a new one in the other chat with /settings, “Second chat”.`,
          EXAMPLE,
        )
    }
  }
}

/** `/unpair`: this chat hears of no other chat's loans any more. */
export function unpairCommand(deps: CommandDeps): Command {
  return async ({ chatId }) => {
    const firsts = await deps.store.unpairFirsts(chatId)
    return {
      ...unpairedFirstsView(firsts.length),
      after: async () => {
        for (const firstId of firsts.slice(0, MAX_TOLD)) await deps.say(firstId, secondLeftView())
      },
    }
  }
}

import { FormattedString } from '@grammyjs/parse-mode'
import { view } from '../../views/view.ts'
import type { Command, CommandDeps } from '../command.ts'

/** `/stop`: no alerts in this chat until `/resume`; everything stays stored. */
export function stopCommand(deps: CommandDeps): Command {
  return async (request) => {
    await deps.store.setState(request.chatId, 'stopped')
    return view(
      new FormattedString(
        '⏸ No more alerts in this chat, not even for a liquidation. Your wallets stay stored.',
      ),
      [[{ text: 'Resume', data: 'resume' }]],
    )
  }
}

/** `/resume`: alerts again, judged by the state of now. */
export function resumeCommand(deps: CommandDeps): Command {
  return async (request) => {
    await deps.store.setState(request.chatId, 'active')
    return view(
      new FormattedString(
        '▶️ Alerts are on. What got worse meanwhile rings within a minute; /check shows how everything is.',
      ),
      [
        [
          { text: 'Check now', data: 'check' },
          { text: 'My wallets', data: 'list' },
        ],
      ],
    )
  }
}

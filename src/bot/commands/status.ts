import { PROTOCOL_IDS } from '../../domain/position.ts'
import { protocolsView, statusView } from '../../views/status.ts'
import type { Command, CommandDeps } from '../command.ts'

/** `/status`: whether everything is all right here. */
export function statusCommand(deps: CommandDeps): Command {
  return async ({ chatId, stopped }) =>
    statusView({
      ...(await deps.store.summary(chatId)),
      stopped,
      lastCycleMs: deps.lastCycleMs(),
      cycleSeconds: deps.cycleSeconds,
      nowMs: deps.now(),
    })
}

/** `/protocols`: what is watched, and where this chat has loans. */
export function protocolsCommand(deps: CommandDeps): Command {
  return async ({ chatId }) => {
    const { loansByProtocol } = await deps.store.summary(chatId)
    return protocolsView(
      PROTOCOL_IDS.map((id) => ({ id, appUrl: deps.apps[id] ?? null, loans: loansByProtocol[id] ?? 0 })),
    )
  }
}

import { positionName } from '../../views/names.ts'
import { listView } from '../../views/wallets.ts'
import type { Command, CommandDeps } from '../command.ts'

/** `/list`: the wallets of this chat and the lines that apply to their loans. */
export function listCommand(deps: CommandDeps): Command {
  return async (request) => {
    const wallets = await deps.store.wallets(request.chatId)
    return listView({
      stopped: request.stopped,
      page: Number(request.text.trim() || 0),
      wallets: wallets.map(({ watch, positions }) => ({
        watchId: watch.id,
        owner: watch.owner,
        label: watch.label,
        positions: positions
          .filter(({ closed }) => !closed)
          .map(({ position, lines }) => ({
            name: positionName(position.ref),
            warningWad: lines.warningWad,
            criticalWad: lines.criticalWad,
            source: lines.source,
          })),
      })),
    })
  }
}

import { helpView, startView } from '../../views/welcome.ts'
import type { Command, CommandDeps } from '../command.ts'
import { pasteCommand } from './check.ts'

/** `/start`, also `?start=<address>`, which offers to watch that wallet. */
export function startCommand(deps: CommandDeps): Command {
  const paste = pasteCommand(deps)
  return async (request) => {
    return request.text.trim() === '' ? startView(deps.protocols, request.stopped) : paste(request)
  }
}

/** `/help`. */
export function helpCommand(deps: CommandDeps): Command {
  return () => Promise.resolve(helpView(deps.protocols))
}

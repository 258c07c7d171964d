import { exampleView } from '../../views/example.ts'
import type { Command, CommandDeps } from '../command.ts'

/** `/example`: how an alert looks. */
export function exampleCommand(deps: CommandDeps): Command {
  return () => Promise.resolve(exampleView(deps.now()))
}

import { drillReportView, drillRunningView, drillStartedView, drillTooSoonView } from '../../views/drill.ts'
import type { Command, CommandDeps } from '../command.ts'

/** `/drill`: a loan that does not exist falls, through everything that a real one goes through. */
export function drillCommand({ drills }: CommandDeps): Command {
  return async ({ chatId, threadId }) => {
    const started = await drills.start(chatId, threadId)
    if (started === 'started') return drillStartedView()
    return started === 'running' ? drillRunningView() : drillTooSoonView(started.againAtMs)
  }
}

/** How the last drill went, as far as it came. */
export function drillReportButton({ drills }: CommandDeps): Command {
  return async ({ chatId }) => drillReportView(await drills.report(chatId))
}

import type { CommandDeps, CommandEntry } from './command.ts'
import { addCommand } from './commands/add.ts'
import { checkCommand, checkPageButton } from './commands/check.ts'
import { drillCommand, drillReportButton } from './commands/drill.ts'
import { exampleCommand } from './commands/example.ts'
import { historyCommand } from './commands/history.ts'
import { labelCommand } from './commands/label.ts'
import { listCommand } from './commands/list.ts'
import { pairCommand, unpairCommand } from './commands/pair.ts'
import { positionButton, positionCommand } from './commands/position.ts'
import { removeButton, removeCommand, undoButton } from './commands/remove.ts'
import { alertWaysButton, rescueButton, rescueCommand } from './commands/rescue.ts'
import { settingsCommand } from './commands/settings.ts'
import { snoozeCommand } from './commands/snooze.ts'
import { helpCommand, startCommand } from './commands/start.ts'
import { protocolsCommand, statusCommand } from './commands/status.ts'
import { resumeCommand, stopCommand } from './commands/stop.ts'
import { chooseThresholdButton, setThresholdButton, thresholdCommand } from './commands/threshold.ts'

/** Every command that everybody may try, and what it takes. */
export function commandTable(deps: CommandDeps): Readonly<Record<string, CommandEntry>> {
  const add: CommandEntry = { command: addCommand(deps), changes: true, looks: true }
  const rescue: CommandEntry = { command: rescueCommand(deps), looks: true }
  return {
    start: { command: startCommand(deps) },
    help: { command: helpCommand(deps) },
    add,
    monitor: add,
    check: { command: checkCommand(deps), looks: true },
    position: { command: positionCommand(deps), looks: true },
    rescue,
    repay: rescue,
    list: { command: listCommand(deps) },
    label: { command: labelCommand(deps), changes: true },
    threshold: { command: thresholdCommand(deps), changes: true },
    remove: { command: removeCommand(deps), changes: true },
    stop: { command: stopCommand(deps), changes: true },
    resume: { command: resumeCommand(deps), changes: true },
    settings: { command: settingsCommand(deps), changes: true },
    pair: { command: pairCommand(deps), changes: true },
    unpair: { command: unpairCommand(deps), changes: true },
    snooze: { command: snoozeCommand(deps), changes: true },
    history: { command: historyCommand(deps) },
    example: { command: exampleCommand(deps) },
    drill: { command: drillCommand(deps), changes: true },
    status: { command: statusCommand(deps) },
    protocols: { command: protocolsCommand(deps) },
  }
}

/** What the buttons mean: the word before the first colon. Those under alerts are in alert-buttons.ts. */
export function buttonTable(deps: CommandDeps): Readonly<Record<string, CommandEntry | undefined>> {
  const { add, check, help, threshold, remove, resume } = commandTable(deps)
  return {
    add,
    check,
    help,
    threshold,
    remove,
    resume,
    list: { command: listCommand(deps), edits: false },
    hist: { command: historyCommand(deps), edits: true },
    snoozeall: { command: snoozeCommand(deps), changes: true, edits: true },
    drillreport: { command: drillReportButton(deps) },
    showexample: { command: exampleCommand(deps) },
    page: { command: checkPageButton(deps), looks: true, edits: true },
    pos: { command: positionButton(deps), looks: true },
    rpos: { command: positionButton(deps), looks: true, edits: true },
    out: { command: rescueButton(deps), looks: true },
    rout: { command: rescueButton(deps), looks: true, edits: true },
    ways: { command: alertWaysButton(deps), looks: true },
    rm: { command: removeButton(deps), changes: true, edits: true },
    undo: { command: undoButton(deps), changes: true, edits: true },
    th: { command: chooseThresholdButton(deps), changes: true, edits: true },
    ts: { command: setThresholdButton(deps), changes: true, edits: true },
    set: { command: settingsCommand(deps), changes: true, edits: true },
  }
}

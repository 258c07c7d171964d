import type { CommandDeps, CommandEntry } from './command.ts'
import { addCommand } from './commands/add.ts'
import { checkCommand, checkPageButton } from './commands/check.ts'
import { drillCommand, drillReportButton } from './commands/drill.ts'
import { exampleCommand } from './commands/example.ts'
import { historyCommand } from './commands/history.ts'
import { labelCommand } from './commands/label.ts'
import { listCommand } from './commands/list.ts'
import { lpAddButton, lpCommand, lpPageButton, lpRemoveButton, lpShowButton } from './commands/lp.ts'
import { pairCommand, unpairCommand } from './commands/pair.ts'
import { poolAlertsButton, poolAlertsCommand } from './commands/pool-alerts.ts'
import {
  poolChartButton,
  poolPageButton,
  poolsButton,
  poolsCommand,
  poolTokenButton,
} from './commands/pools.ts'
import { positionButton, positionCommand } from './commands/position.ts'
import { removeButton, removeCommand, undoButton } from './commands/remove.ts'
import { alertWaysButton, rescueButton, rescueCommand } from './commands/rescue.ts'
import { settingsCommand } from './commands/settings.ts'
import { snoozeCommand } from './commands/snooze.ts'
import { helpCommand, startCommand } from './commands/start.ts'
import { protocolsCommand, statusCommand } from './commands/status.ts'
import { resumeCommand, stopCommand } from './commands/stop.ts'
import { chooseThresholdButton, setThresholdButton, thresholdCommand } from './commands/threshold.ts'
import { showsTokens, tokensButton, tokensCommand } from './commands/tokens.ts'

/** Only what does more than show. */
const withWords = (text: string): boolean => text.trim() !== ''

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
    pools: { command: poolsCommand(deps) },
    tokens: { command: tokensCommand(deps), changes: (text) => !showsTokens(text) },
    poolalerts: { command: poolAlertsCommand(deps), changes: true },
    lp: { command: lpCommand(deps), changes: withWords, looks: true },
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
    ...poolButtons(deps),
  }
}

/** Those of opportunities. What stands under an alert answers below it and leaves the alert as it is. */
function poolButtons(deps: CommandDeps): Readonly<Record<string, CommandEntry>> {
  return {
    pools: { command: poolsButton(deps) },
    pooltoken: { command: poolTokenButton(deps) },
    poolpage: { command: poolPageButton(deps), edits: true },
    poolchart: { command: poolChartButton(deps), looks: true },
    poolalerts: { command: poolAlertsButton(deps), changes: true },
    pal: { command: poolAlertsCommand(deps), changes: true, edits: true },
    tokens: { command: tokensButton(deps) },
    tok: { command: tokensCommand(deps), changes: (text) => !showsTokens(text), edits: true },
    lp: { command: lpShowButton(deps), looks: true },
    lpshow: { command: lpShowButton(deps), looks: true },
    lppage: { command: lpPageButton(deps), looks: true, edits: true },
    lprm: { command: lpRemoveButton(deps), changes: true, edits: true },
    lpadd: { command: lpAddButton(deps), changes: true, looks: true, edits: true },
  }
}

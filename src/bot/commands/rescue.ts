import { parseWad, WAD } from '../../domain/units.ts'
import { type ShownLoan, unseenView } from '../../views/loan.ts'
import { clearOf, type RescueTarget, rescueData, rescueView } from '../../views/rescue.ts'
import { usageView } from '../../views/usage.ts'
import type { View } from '../../views/view.ts'
import { parseArguments } from '../arguments.ts'
import type { Command, CommandDeps, CommandRequest } from '../command.ts'
import { answerForLoan, loanAt, storedLoan } from '../loans.ts'
import { freePlace } from '../place.ts'
import { GONE } from './position.ts'

const EXAMPLE = '/rescue Main 1.4'
/** A button may carry the end of an alert, which lies above the highest line. */
const MAX_TARGET_WAD = 11n * WAD

/** `/rescue`, `/repay`: the ways out of one loan, to its warning line or to a number that was typed. */
export function rescueCommand(deps: CommandDeps): Command {
  return async (request) => {
    const parsed = parseArguments(request.text, { ...deps, namesLoans: true })
    if (!parsed.ok) return usageView(parsed.error, EXAMPLE)
    const { thresholdWad } = parsed.value
    return answerForLoan(deps, {
      request,
      words: parsed.value,
      action: 'out',
      example: EXAMPLE,
      withDebt: true,
      show: (loan) =>
        showRescue(deps, { loan, target: targetFor(loan, { request, askedWad: thresholdWad }) }),
    })
  }
}

/** Button `out:<loan>[:<health>]`, and `rout:` to read it again in place. */
export function rescueButton(deps: CommandDeps): Command {
  return (request) =>
    Promise.resolve(async () => {
      const [first = '', second = '', number = ''] = request.text.split(':')
      const loan = await loanAt(deps, { chatId: request.chatId, text: `${first}:${second}` })
      if (!loan) return GONE
      const askedWad = parseWad(number) ?? null
      if (askedWad !== null && (askedWad <= WAD || askedWad > MAX_TARGET_WAD)) return GONE
      return showRescue(deps, { loan, target: targetFor(loan, { request, askedWad }) })
    })
}

/** Button `ways:<alert>`: the ways out of the loan of an alert, to where that alert ends. */
export function alertWaysButton(deps: CommandDeps): Command {
  return ({ chatId, text }) =>
    Promise.resolve(async () => {
      const rowId = /^\d{1,15}$/.test(text) ? Number(text) : null
      const alert = rowId === null ? undefined : await deps.store.alert(chatId, rowId)
      if (!alert) return GONE
      const { ref, transition } = alert
      const wallet = await deps.store.wallet(chatId, ref.owner)
      const position = wallet?.positions.find((item) => item.position.ref.key === ref.key)
      const loan: ShownLoan =
        wallet && position
          ? storedLoan({ wallet, position })
          : {
              ref,
              label: wallet?.watch.label ?? null,
              lines: null,
              last: null,
              place: freePlace(ref),
              watched: wallet !== undefined,
            }
      // The line may have been moved since it rang.
      const { warningWad } = loan.lines ?? transition.lines
      return showRescue(deps, { loan, target: { wad: clearOf(warningWad), from: 'clear' } })
    })
}

function targetFor(
  { lines }: ShownLoan,
  { request, askedWad }: { request: CommandRequest; askedWad: bigint | null },
): RescueTarget {
  if (askedWad !== null) return { wad: askedWad, from: 'asked' }
  return lines ? { wad: lines.warningWad, from: lines.source } : { wad: request.chatWarningWad, from: 'chat' }
}

async function showRescue(
  deps: CommandDeps,
  { loan, target }: { loan: ShownLoan; target: RescueTarget },
): Promise<View> {
  const inspected = await deps.inspect({ ref: loan.ref, targetWad: target.wad })
  const nowMs = deps.now()
  if (inspected.kind === 'ok') {
    const { detail, ways } = inspected
    return rescueView({ loan, detail, ways, target, nowMs })
  }
  const appUrl = deps.apps[loan.ref.protocol] ?? null
  return unseenView(loan, {
    inspected,
    appUrl,
    refresh: `rout:${rescueData(loan.place, target)}`,
    nowMs,
  })
}

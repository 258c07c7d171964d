import { FormattedString } from '@grammyjs/parse-mode'
import { type ShownLoan, unseenView } from '../../views/loan.ts'
import { positionView } from '../../views/position.ts'
import { usageView } from '../../views/usage.ts'
import { type View, view } from '../../views/view.ts'
import { parseArguments } from '../arguments.ts'
import type { Command, CommandDeps } from '../command.ts'
import { answerForLoan, loanAt } from '../loans.ts'

const EXAMPLE = '/position Main WMON'

/** `/position`: what one loan is made of. */
export function positionCommand(deps: CommandDeps): Command {
  return async (request) => {
    const parsed = parseArguments(request.text, { ...deps, namesLoans: true })
    if (!parsed.ok) return usageView(parsed.error, EXAMPLE)
    if (parsed.value.thresholdWad !== null) {
      return usageView(
        'I read a number; /position takes a label, an address, a protocol or the name of a market.',
        EXAMPLE,
      )
    }
    return answerForLoan(deps, {
      request,
      words: parsed.value,
      action: 'pos',
      example: EXAMPLE,
      withDebt: false,
      show: (loan) => showPosition(deps, loan),
    })
  }
}

/** Button `pos:<loan>`, and `rpos:<loan>` to read it again in place. */
export function positionButton(deps: CommandDeps): Command {
  return ({ chatId, text }) =>
    Promise.resolve(async () => {
      const loan = await loanAt(deps, { chatId, text })
      return loan ? showPosition(deps, loan) : GONE
    })
}

async function showPosition(deps: CommandDeps, loan: ShownLoan): Promise<View> {
  const inspected = await deps.inspect({ ref: loan.ref, targetWad: null })
  const nowMs = deps.now()
  if (inspected.kind === 'ok') return positionView({ loan, detail: inspected.detail, nowMs })
  const appUrl = deps.apps[loan.ref.protocol] ?? null
  return unseenView(loan, { inspected, appUrl, refresh: `rpos:${loan.place}`, nowMs })
}

export const GONE = view(
  new FormattedString('I cannot find the loan of this button now. /check reads all.'),
  [
    [
      { text: 'Check now', data: 'check' },
      { text: 'My wallets', data: 'list' },
    ],
  ],
)

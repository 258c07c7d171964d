import { FormattedString } from '@grammyjs/parse-mode'
import type { Health } from '../domain/position.ts'
import { type CheckedWallet, compare, rankOf, walletBlock } from './check.ts'
import { fittingCount } from './fitted.ts'
import { loanHeadline } from './health.ts'
import { loanName, type ShownLoan } from './loan.ts'
import { durationText } from './numbers.ts'
import { type Button, lines, paged, type View, view } from './view.ts'

const MAX_LOANS = 12
const LOANS_UNITS = 3500

export interface LoanChoice {
  readonly loan: ShownLoan
  /** `null` when it could not be read, or not yet. */
  readonly health: Health | null
  /** When that was so; `null` with `health`. */
  readonly seenMs: number | null
}

/** Several loans fit: all of them worst first, each with its button. `action` is the word the buttons begin with. */
export function loansView(
  choices: readonly LoanChoice[],
  how: { action: 'pos' | 'out'; nowMs: number },
): View {
  const sorted = [...choices].sort((a, b) => compare(rankOf(a.health), rankOf(b.health)))
  const texts = sorted.map(({ loan, health }) => choiceText(loan, health))
  const count = fittingCount(
    texts.map((text) => [text]),
    { units: LOANS_UNITS, items: MAX_LOANS },
  )
  const left = sorted.length - count
  const oldestMs = sorted.reduce((oldest, { seenMs }) => Math.min(oldest, seenMs ?? how.nowMs), how.nowMs)
  return view(
    lines([
      FormattedString.b('Which one? Worst first:'),
      ...texts.slice(0, count),
      left > 0 ? `… and ${left} more: name one more closely.` : null,
      sorted.some(({ seenMs }) => seenMs !== null)
        ? `${ageText(how.nowMs - oldestMs)}; a button reads it now.`
        : 'A button reads it now.',
    ]),
    sorted
      .slice(0, count)
      .map(({ loan }): Button[] => [{ text: loanName(loan), data: `${how.action}:${loan.place}` }]),
  )
}

const JUST_NOW_MS = 2_000

function ageText(ms: number): string {
  return ms < JUST_NOW_MS ? 'Seen just now' : `Seen within the last ${durationText(ms)}`
}

function choiceText(loan: ShownLoan, health: Health | null): string {
  if (health === null) return `❔ ${loanName(loan)} · not seen so far`
  return loanHeadline(loanName(loan), { health, lines: loan.lines, protocol: loan.ref.protocol })
}

/** Nothing to show: what was looked at, what could not be seen, and where to go from here. */
export function noLoanView(wallets: readonly CheckedWallet[], watched: boolean): View {
  const isBlind = wallets.some(({ protocols }) => protocols.some(({ incomplete }) => incomplete !== null))
  const head = isBlind
    ? 'I see no loan here, but I could not look everywhere.'
    : 'There is no loan or deposit to show.'
  const [blocks = []] = paged(
    wallets.map((wallet) => walletBlock(wallet)),
    head.length + 100,
  )
  const left = wallets.length - blocks.length
  const [only] = wallets
  return view(
    lines([head, '', ...blocks, left > 0 ? `… and ${left} more wallets: /check shows them.` : null]),
    [
      watched || !only
        ? [
            { text: 'Check now', data: 'check' },
            { text: 'My wallets', data: 'list' },
          ]
        : [
            { text: 'Watch', data: `add:${only.owner}` },
            { text: 'Help', data: 'help' },
          ],
    ],
  )
}

import { FormattedString, fmt } from '@grammyjs/parse-mode'
import { depthOf, type Level } from '../domain/alerting/state.ts'
import type { ThresholdSource } from '../domain/thresholds.ts'
import { linesText, thresholdText } from './numbers.ts'
import { type Button, lines, type View, view } from './view.ts'
import { SOURCES } from './wallets.ts'

const CHOICES_MILLI = [1050, 1100, 1200, 1300, 1400, 1500, 1750, 2000]
const WAD_PER_MILLI = 10n ** 15n
/** With names of 32 characters each, both lists together stay within one message. */
const MAX_SHOWN = 15
const MAX_KEPT_SHOWN = 10

export interface LoanLine {
  readonly watchId: number
  readonly positionId: number
  /** Wallet and loan. */
  readonly name: string
  readonly warningWad: bigint
  /** Shown where it is not the usual one. */
  readonly criticalWad?: bigint
  readonly source: ThresholdSource
}

/** `/threshold` without a number: what applies where, and a button for each loan. */
export function thresholdsView(facts: { chatWad: bigint; loans: readonly LoanLine[] }): View {
  const buttons = facts.loans
    .slice(0, 20)
    .map(({ name, watchId, positionId }): Button[] => [{ text: name, data: `th:${watchId}:${positionId}` }])
  return view(
    lines([
      FormattedString.b('When I ring'),
      `New loans without a line of their own: ${thresholdText(facts.chatWad)}`,
      ...facts.loans
        .slice(0, MAX_SHOWN)
        .map((loan) => `${loan.name}: ${linesText(loan)} (${SOURCES[loan.source]})`),
      more(facts.loans.length - MAX_SHOWN),
      '',
      fmt`The closest setting counts: loan, then protocol, then wallet, then this chat. ${FormattedString.code('/threshold 1.4')} sets the chat, ${FormattedString.code('/threshold Main 1.4')} a wallet, ${FormattedString.code('/threshold Main neverland 1.3')} a protocol of it; with the name of a market it sets that loan. ${FormattedString.code('/threshold Main 1.4 critical 1.1')} moves the critical line too. ${FormattedString.code('/threshold Main default')} takes a wallet's line away again.`,
    ]),
    buttons,
  )
}

/** The choices for one loan. */
export function chooseThresholdView(loan: LoanLine): View {
  const choices = CHOICES_MILLI.map(
    (milli): Button => ({
      text: thresholdText(BigInt(milli) * WAD_PER_MILLI),
      data: `ts:${loan.watchId}:${loan.positionId}:${milli}`,
    }),
  )
  return view(
    lines([
      fmt`${FormattedString.b(loan.name)} rings at ${linesText(loan)} (${SOURCES[loan.source]}).`,
      'At which health shall it ring?',
    ]),
    [
      choices.slice(0, 4),
      choices.slice(4),
      [{ text: 'No line of its own', data: `ts:${loan.watchId}:${loan.positionId}:0` }],
    ],
  )
}

export interface ThresholdChange {
  readonly what: string
  readonly from: bigint | null
  /** `null` when the line was taken away. */
  readonly to: bigint | null
  /** Of the new line; shown where it is not the usual one. */
  readonly criticalWad?: bigint
  /** Loans whose line moved, with the level they have under it now. */
  readonly moved: readonly {
    readonly name: string
    readonly warningWad: bigint
    readonly criticalWad?: bigint
    readonly level: Level
  }[]
  /** Loans in reach that keep a closer line. */
  readonly kept: readonly {
    readonly name: string
    readonly warningWad: bigint
    readonly criticalWad?: bigint
    readonly source: ThresholdSource
  }[]
}

/** What a change did, loan by loan. Levels reached only because the line moved count as told by this message. */
export function thresholdChangedView(change: ThresholdChange): View {
  const { what, from, to, moved, kept } = change
  const head =
    to === null
      ? `${what} has no line of its own any more${from === null ? '; it had none' : `; it was ${thresholdText(from)}`}.`
      : `${what} rings at ${linesText({ warningWad: to, criticalWad: change.criticalWad })}${from === null || from === to ? '' : `; it was ${thresholdText(from)}`}.`
  // What is under its line now counts as told by this message, so it comes first.
  const sorted = [...moved].sort((a, b) => depthOf(b.level) - depthOf(a.level))
  return view(
    lines([
      FormattedString.b(head),
      ...sorted
        .slice(0, MAX_SHOWN)
        .map(
          (loan) =>
            `   ${loan.name}: ${linesText(loan)}${loan.level === 'safe' ? '' : `, so it is ${loan.level} now`}`,
        ),
      more(sorted.length - MAX_SHOWN),
      ...kept
        .slice(0, MAX_KEPT_SHOWN)
        .map((loan) => `   ${loan.name} keeps ${linesText(loan)} (${SOURCES[loan.source]})`),
      more(kept.length - MAX_KEPT_SHOWN),
    ]),
    [
      [
        { text: 'Check now', data: 'check' },
        { text: 'My wallets', data: 'list' },
      ],
    ],
  )
}

function more(left: number): string | null {
  return left > 0 ? `   … and ${left} more` : null
}

import type { Verified } from '../domain/alerting/state.ts'
import type { PositionDetail } from '../domain/detail.ts'
import type { Inspected } from '../domain/inspect.ts'
import type { PositionRef } from '../domain/position.ts'
import type { Lines, ThresholdSource } from '../domain/thresholds.ts'
import { fitted } from './fitted.ts'
import { healthPhrase } from './health.ts'
import { PROTOCOL_NAMES, positionName, walletName } from './names.ts'
import { durationText, grouped, timeText } from './numbers.ts'
import { compact, plain } from './plain.ts'
import { type Button, lines, type View, view } from './view.ts'

const MAX_REASON = 160
const MAX_NOTE = 160
const MAX_NOTES = 5
const NOTES_UNITS = 600

/** One loan as the commands about a single loan show it. */
export interface ShownLoan {
  readonly ref: PositionRef
  readonly label: string | null
  /** The lines that apply; `null` for a loan that is not watched here. */
  readonly lines: (Lines & { readonly source: ThresholdSource }) | null
  /** What was known before. */
  readonly last: Verified | null
  /** How the buttons name this loan. */
  readonly place: string
  readonly watched: boolean
}

/** Wallet and loan in a few words. */
export function loanName({ ref, label }: Pick<ShownLoan, 'ref' | 'label'>): string {
  return `${walletName({ label, owner: ref.owner })} · ${positionName(ref)}`
}

/** What is said when there is no detail to show: the chain has no such loan, or it could not be read. */
export function unseenView(
  loan: ShownLoan,
  facts: {
    inspected: Exclude<Inspected, { kind: 'ok' }>
    appUrl: string | null
    refresh: string
    nowMs: number
  },
): View {
  const { inspected, nowMs } = facts
  const buttons: Button[] = [
    { text: 'Refresh', data: facts.refresh },
    ...(facts.appUrl === null ? [] : [openButton(loan.ref, facts.appUrl)]),
  ]
  if (inspected.kind === 'none') {
    const missing = `⚪ ${loanName(loan)} · no such loan or deposit on the chain.`
    const promise = loan.watched ? 'I look twice before I call it closed, and then I say so.' : null
    return view(lines([missing, promise, sourceLine(inspected, nowMs)]), [buttons])
  }
  return view(
    lines([
      `❔ ${loanName(loan)} · I cannot see it: ${plain(inspected.detail, MAX_REASON)}`,
      loan.last === null
        ? 'That says nothing about the loan itself.'
        : `Last seen ${timeText(loan.last.atMs, nowMs)}: ${healthPhrase(loan.last.health, loan.ref.protocol)}. It may be worse by now.`,
    ]),
    [buttons],
  )
}

export function openButton({ protocol }: PositionRef, url: string): Button {
  return { text: `Open ${PROTOCOL_NAMES[protocol]}`, url }
}

/** `Block 12,345,678, 3 s old · rpc.example`. */
export function sourceLine(
  { block, endpoint }: Pick<PositionDetail, 'block' | 'endpoint'>,
  nowMs: number,
): string {
  return `Block ${grouped(block.number)}, ${durationText(nowMs - block.timestamp * 1000)} old · ${endpoint}`
}

/** What the protocol adds, one line each. */
export function noteLines({ notes }: Pick<PositionDetail, 'notes'>): string[] {
  const texts = notes.slice(0, MAX_NOTES).map((note) => compact(note, MAX_NOTE))
  return fitted(
    texts.filter((text) => text !== '').map((text) => [`ℹ️ ${text}`]),
    { units: NOTES_UNITS, items: MAX_NOTES, more: (left) => `… and ${left} more in the app` },
  )
}

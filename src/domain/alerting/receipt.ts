import type { PositionRef } from '../position.ts'
import { type AlertState, depthOf, type Level } from './state.ts'

/** A loan as it was last seen before the bot was down. */
export interface LoanBefore {
  readonly positionId: number
  readonly ref: PositionRef
  readonly level: Level
  /** Nobody could see it then either. */
  readonly blind: boolean
  readonly healthWad: bigint
}

/** What is kept with the summary of an outage until it is sent. */
export interface ReceiptFacts {
  readonly fromMs: number
  readonly toMs: number
  /** The loans with debt, worst first, and no more than `MAX_RECEIPT_LOANS`. */
  readonly before: readonly LoanBefore[]
  /** How many loans with debt there were beyond those. */
  readonly beyond: number
}

/** What became of a loan while nobody looked. */
type Change =
  | { readonly kind: 'health'; readonly healthWad: bigint; readonly from: Level; readonly to: Level }
  | { readonly kind: 'no-debt' | 'closed' | 'unseen' }

export interface ReceiptChange {
  readonly ref: PositionRef
  readonly label: string | null
  readonly beforeWad: bigint
  readonly change: Change
}

export interface ReceiptNews {
  readonly fromMs: number
  readonly toMs: number
  /** Worst first. */
  readonly changes: readonly ReceiptChange[]
  /** Loans that are as they were. */
  readonly same: number
  /** Loans that were not compared. */
  readonly beyond: number
}

export const MAX_RECEIPT_LOANS = 50
/** A smaller move of health than one part in so many is no news. */
const NEWS_PART = 20n

/** What a loan's present state says about the time since it was last seen; `null` when nothing worth telling happened. */
export function changeSince(
  { before, toMs }: { before: LoanBefore; toMs: number },
  state: AlertState,
): Change | null {
  if (state.closed) return { kind: 'closed' }
  const { last } = state
  if (state.blind || last === null || last.atMs < toMs) return { kind: 'unseen' }
  if (last.health.noDebt) return { kind: 'no-debt' }
  const { healthWad } = last.health
  const move = healthWad > before.healthWad ? healthWad - before.healthWad : before.healthWad - healthWad
  const isNews = state.level !== before.level || before.blind || move * NEWS_PART >= before.healthWad
  return isNews ? { kind: 'health', healthWad, from: before.level, to: state.level } : null
}

/** The order in which changes are told: what needs a look first. */
export function rankOfChange(change: Change): number {
  switch (change.kind) {
    case 'health':
      return change.to === 'safe' ? 4 : 3 - depthOf(change.to)
    case 'unseen':
      return 3
    case 'closed':
    case 'no-debt':
      return 5
  }
}

import type { PositionRef, Value } from '../position.ts'
import type { Lines } from '../thresholds.ts'
import type { AlertState, DangerLevel, Level, Verified } from './state.ts'

export type AlertKind =
  | DangerLevel
  | 'liquidated'
  | 'escalation'
  | 'recovered'
  | 'blind'
  | 'sighted'
  | 'closed'
  | 'moved'

/** Tokens that changed hands, as far as the event and the market tell. The symbol is chosen by strangers. */
export interface TokenAmount {
  readonly symbol: string | null
  readonly amount: Value | null
}

/** What the protocol's own event says about a liquidation. */
export interface Liquidation {
  readonly block: number
  readonly logIndex: number
  /** Debt that was paid back by the liquidator. */
  readonly repaid: TokenAmount | null
  /** Collateral that was taken for it. */
  readonly seized: TokenAmount | null
}

/** One thing to tell one chat. Committed together with the state that caused it. */
export interface Transition {
  readonly kind: AlertKind
  readonly episode: number
  readonly seq: number
  readonly from: Level
  readonly to: Level
  /** The level did not change; health fell another tenth of the way to 1. */
  readonly newLow: boolean
  /** Nothing changed; nobody has seen the last one. */
  readonly repeat: boolean
  /** The collateral no longer covers the debt. */
  readonly badDebt: boolean
  /** The level was left because what is owed is worth less than the chat's floor. */
  readonly dust: boolean
  readonly lines: Lines
  /** What was known before. */
  readonly before: Verified | null
  /** Health at the last alert with sound before this one, in this episode. */
  readonly rangAtWad: bigint | null
  /** The reading that rang; `null` for `blind`, `closed`, `moved`, `liquidated` and `escalation`, which have none. */
  readonly reading: Verified | null
  readonly unseen: AlertState['unseen']
  /** What the market that the debt went to is called; `null` for every other kind. Chosen by strangers. */
  readonly movedTo: string | null
  /** `null` for every kind but `liquidated`. */
  readonly liquidation: Liquidation | null
  /** Quiet hours hold it until then; `null` when nothing does. */
  readonly holdUntilMs: number | null
}

/** One position's transition, as every reader of the outbox meets it. */
export interface Alert {
  readonly ref: PositionRef
  readonly transition: Transition
}

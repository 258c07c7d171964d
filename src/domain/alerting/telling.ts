import type { AlertRules } from '../chat-settings.ts'
import { quietUntil } from '../quiet-hours.ts'
import type { Lines } from '../thresholds.ts'
import { type AlertState, depthOf, type Level, type Verified } from './state.ts'
import type { AlertKind, Liquidation, Transition } from './transition.ts'

export interface Decision {
  readonly state: AlertState
  readonly transitions: readonly Transition[]
}

/** What a decision about one position for one chat stands on. */
export interface Situation {
  readonly lines: Lines
  readonly rules: AlertRules
  readonly nowMs: number
}

interface Telling {
  readonly at: Situation
  readonly from: AlertState
  readonly kind: AlertKind
  readonly reading?: Verified | null
  readonly newLow?: boolean
  readonly repeat?: boolean
  readonly badDebt?: boolean
  readonly dust?: boolean
  readonly movedTo?: string | null
  readonly liquidation?: Liquidation
}

/** The next state with one more thing told. */
export function tell(next: AlertState, what: Telling): Decision {
  const state: AlertState = { ...next, seq: next.seq + 1 }
  const { kind, from, at } = what
  const transition: Transition = {
    kind,
    episode: state.episode,
    seq: state.seq,
    from: from.level,
    to: state.level,
    newLow: what.newLow ?? false,
    repeat: what.repeat ?? false,
    badDebt: what.badDebt ?? false,
    dust: what.dust ?? false,
    lines: at.lines,
    before: from.last,
    rangAtWad: from.ringHealthWad,
    reading: what.reading ?? null,
    unseen: kind === 'sighted' ? from.unseen : state.unseen,
    movedTo: what.movedTo ?? null,
    liquidation: what.liquidation ?? null,
    holdUntilMs: isHeld(kind, from.level) ? quietUntil(at.rules.quiet, at.nowMs) : null,
  }
  return { state, transitions: [transition] }
}

/** What waits for the end of the quiet hours. What makes no sound may come at any time. */
function isHeld(kind: AlertKind, from: Level): boolean {
  return kind === 'warning' || (kind === 'blind' && depthOf(from) < depthOf('critical'))
}

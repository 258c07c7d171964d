import type { AlertRules } from '../chat-settings.ts'
import type { NoneReading, OkReading, Reading, UnknownReading } from '../position.ts'
import { quietUntil } from '../quiet-hours.ts'
import type { Lines } from '../thresholds.ts'
import { WAD } from '../units.ts'
import { isEscalationDue } from './escalation.ts'
import { isBadDebt, isDust, levelUnder, nextLevel } from './levels.ts'
import {
  type AlertState,
  type DangerLevel,
  depthOf,
  initialState,
  isAnswered,
  isSnoozed,
  type Level,
  type Ring,
  type Verified,
} from './state.ts'
import type { AlertKind, Liquidation, Transition } from './transition.ts'

/** A minute of failed reads at least: one hiccup right after a long stop is not yet blindness. */
const MIN_UNSEEN_MS = 60_000
/** So long the contradicting block numbers of `heal` are not believed. */
const BELIEVE_BACK_AFTER_MS = 10 * 60_000
const MINUTE_MS = 60_000

export interface Decision {
  readonly state: AlertState
  readonly transitions: readonly Transition[]
}

/** What a decision about one position for one chat stands on. */
interface Situation {
  readonly lines: Lines
  readonly rules: AlertRules
  readonly nowMs: number
}

export interface DecisionInput extends Situation {
  readonly state: AlertState | null
  readonly reading: Reading
}

/**
 * What one reading means for one chat: the new state and what to tell. Pure and total; a reading at or below the block
 * already applied changes nothing but what time alone brings (escalation). Rules: docs/alerting.md.
 */
export function decide(input: DecisionInput): Decision {
  const state = heal(input.state ?? initialState({ nowMs: input.nowMs }), input)
  const decided = goesBack(state, input.reading)
    ? decideUnknown(state, { ...input, reading: backwards })
    : decideReading(state, input)
  return escalate(decided, input)
}

function decideReading(state: AlertState, input: DecisionInput): Decision {
  switch (input.reading.kind) {
    case 'ok':
      return decideOk(state, { ...input, reading: input.reading })
    case 'none':
      return decideNone(state, { ...input, reading: input.reading })
    case 'unknown':
      return decideUnknown(state, { ...input, reading: input.reading })
  }
}

/** A liquidation that the protocol's own event tells. Pure; one at or before the last one told changes nothing. */
export function decideLiquidation(
  input: Situation & { readonly state: AlertState | null; readonly liquidation: Liquidation },
): Decision {
  const state = input.state ?? initialState({ nowMs: input.nowMs })
  const { block, logIndex } = input.liquidation
  const told = state.liquidation
  const isOld = told !== null && (block < told.block || (block === told.block && logIndex <= told.logIndex))
  if (isOld) return { state, transitions: [] }
  const next: AlertState = { ...state, liquidation: { block, logIndex } }
  return tell(next, { at: input, from: state, kind: 'liquidated', liquidation: input.liquidation })
}

/** A block so far below the last one is not a slower endpoint: one of the two numbers is wrong. */
const FAR_BACK_BLOCKS = 100

const backwards: UnknownReading = {
  kind: 'unknown',
  reason: 'reorg',
  detail: 'the block numbers of the endpoints contradict each other',
}

function goesBack({ lastBlock }: AlertState, reading: Reading): boolean {
  return reading.kind !== 'unknown' && reading.block.number < lastBlock - FAR_BACK_BLOCKS
}

/** After as long as one is blind for, the lower numbers are believed: one false block must not silence a loan for ever. */
function heal(state: AlertState, { reading, nowMs }: DecisionInput): AlertState {
  const { unseen } = state
  const believed = unseen?.reason === 'reorg' && nowMs - unseen.sinceMs >= BELIEVE_BACK_AFTER_MS
  if (reading.kind === 'unknown' || !believed || !goesBack(state, reading)) return state
  return { ...state, lastBlock: reading.block.number - 1 }
}

function decideOk(state: AlertState, input: DecisionInput & { reading: OkReading }): Decision {
  const { reading, lines, nowMs } = input
  if (reading.block.number <= state.lastBlock) return { state, transitions: [] }
  const dust = isDust(reading, input.rules.dustFloorCents)
  // Too small to wake anybody for: shown as it is, judged as if nothing were owed.
  const health = dust ? ({ noDebt: true } as const) : reading.health
  const { level, clear } = nextLevel(state, { health, lines, blockTimestamp: reading.block.timestamp })
  const next: AlertState = {
    ...state,
    lastBlock: reading.block.number,
    last: verified(reading, nowMs),
    blind: false,
    unseen: null,
    absent: null,
    closed: false,
    level,
    clear,
  }
  const healthWad = health.noDebt ? null : health.healthWad
  const told = { at: input, from: state, reading: next.last, dust, badDebt: isBadDebt(reading) }

  if (depthOf(level) > depthOf(state.level)) {
    const ring = rungAt(state, { level: level as DangerLevel, nowMs, badDebt: told.badDebt })
    const entered = { ...next, episode: state.level === 'safe' ? state.episode + 1 : state.episode, ring }
    // It was told in this episode that nothing can be saved any more.
    if (told.badDebt && state.ring?.badDebt)
      return { state: { ...entered, ring: state.ring }, transitions: [] }
    return tell({ ...entered, ringHealthWad: healthWad }, { ...told, kind: level as DangerLevel })
  }
  if (depthOf(level) < depthOf(state.level)) {
    // A level may be left at a lower health than it rang at (liquidatable is the contract's word): told is told.
    const ringHealthWad = level === 'safe' ? null : lower(state.ringHealthWad, healthWad)
    const left = { ...next, ringHealthWad, ...answersAfterLeaving(state, { level, nowMs }) }
    return tell(left, { ...told, kind: 'recovered' })
  }
  if (level !== 'safe' && healthWad !== null) {
    const again = ringsAgain(state, { level, healthWad, input, badDebt: told.badDebt })
    if (again) {
      const ring = {
        ...(state.ring ?? newRing(nowMs)),
        atMs: nowMs,
        badDebt: told.badDebt || state.ring?.badDebt === true,
      }
      const ringHealthWad = again === 'repeat' ? lower(state.ringHealthWad, healthWad) : healthWad
      const flags = again === 'repeat' ? { repeat: true } : { newLow: true }
      return tell({ ...next, ring, ringHealthWad }, { ...told, kind: level, ...flags })
    }
  }
  if (state.blind) return tell(next, { ...told, kind: 'sighted' })
  return { state: next, transitions: [] }
}

function newRing(nowMs: number): Ring {
  return { atMs: nowMs, deepSinceMs: null, escalated: null, badDebt: false }
}

/** The alarm that begins with a deeper level. The wait for an answer goes on from the first alarm that had none. */
function rungAt(state: AlertState, at: { level: DangerLevel; nowMs: number; badDebt: boolean }): Ring {
  const { ring } = state
  const waiting = ring?.deepSinceMs != null && !isAnswered(state, { level: state.level, nowMs: at.nowMs })
  const deepSinceMs = waiting ? ring.deepSinceMs : at.nowMs
  return {
    atMs: at.nowMs,
    deepSinceMs: depthOf(at.level) >= depthOf('critical') ? deepSinceMs : null,
    escalated: ring?.escalated ?? null,
    badDebt: at.badDebt || ring?.badDebt === true,
  }
}

/** Whoever knew about the deeper level knows about the one that is left over. */
function answersAfterLeaving(
  state: AlertState,
  at: { level: Level; nowMs: number },
): Pick<AlertState, 'ring' | 'seen' | 'snooze'> {
  if (at.level === 'safe') return { ring: null, seen: null, snooze: null }
  const seen = state.seen && depthOf(state.seen.level) >= depthOf(state.level) ? state.seen : null
  const deep =
    depthOf(at.level) >= depthOf('critical') && !isAnswered(state, { level: state.level, nowMs: at.nowMs })
  const ring = state.ring && {
    ...state.ring,
    deepSinceMs: deep ? state.ring.deepSinceMs : null,
    escalated: depthOf(at.level) >= depthOf('critical') ? state.ring.escalated : null,
  }
  return { ring, seen: seen && { level: at.level, atMs: seen.atMs }, snooze: null }
}

/** Whether a level that did not change rings once more: it fell further, or nobody has seen it for long. */
function ringsAgain(
  state: AlertState,
  at: {
    level: DangerLevel
    healthWad: bigint
    input: DecisionInput & { reading: OkReading }
    badDebt: boolean
  },
): 'new-low' | 'repeat' | null {
  const { level, input } = at
  const { nowMs, rules } = input
  if (at.badDebt || isSnoozed(state, { level, nowMs })) return null
  if (isNewLow(at.healthWad, state.ringHealthWad)) return 'new-low'
  const everyMinutes = rules.repeatMinutes[level]
  if (everyMinutes === null || state.ring === null || isAnswered(state, { level, nowMs })) return null
  // On its way out of the level it says nothing.
  if (depthOf(levelUnder(input.reading.health, input.lines)) < depthOf(level)) return null
  return nowMs - state.ring.atMs >= everyMinutes * MINUTE_MS ? 'repeat' : null
}

function lower(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return a ?? b
  return b < a ? b : a
}

function isNewLow(healthWad: bigint, ringHealthWad: bigint | null): boolean {
  if (ringHealthWad === null || ringHealthWad <= WAD) return false
  // A few wei above 1 a tenth of the way rounds to nothing, and standing still is not a new low.
  return healthWad < ringHealthWad && healthWad <= ringHealthWad - (ringHealthWad - WAD) / 10n
}

function decideNone(state: AlertState, input: DecisionInput & { reading: NoneReading }): Decision {
  const { block, endpoint, movedTo } = input.reading
  if (block.number <= state.lastBlock || state.closed) return { state, transitions: [] }
  if (!state.absent)
    return { state: { ...state, absent: { block: block.number, endpoint } }, transitions: [] }
  const agrees = block.number > state.absent.block || endpoint !== state.absent.endpoint
  if (!agrees) return { state, transitions: [] }
  const closed: AlertState = {
    ...initialState({ nowMs: state.firstSeenMs, episode: state.episode, seq: state.seq }),
    last: state.last,
    lastBlock: block.number,
    liquidation: state.liquidation,
    closed: true,
  }
  // A deposit that never had a debt comes and goes without a word.
  const hadDebt = state.level !== 'safe' || state.blind || state.last?.health.noDebt === false
  if (!hadDebt) return { state: closed, transitions: [] }
  // The newer of the two reads knows better where the debt is.
  return tell(closed, {
    at: input,
    from: state,
    kind: movedTo ? 'moved' : 'closed',
    movedTo: movedTo?.marketName ?? null,
  })
}

function decideUnknown(state: AlertState, input: DecisionInput & { reading: UnknownReading }): Decision {
  if (state.closed) return { state, transitions: [] }
  const { reason, detail } = input.reading
  const unseen = { sinceMs: state.unseen?.sinceMs ?? input.nowMs, reason, detail }
  const next: AlertState = { ...state, unseen }
  const { blindMinutes, blindCriticalMinutes, dustFloorCents } = input.rules
  const deep = depthOf(state.level) >= depthOf('critical')
  const limitMs = (deep ? Math.min(blindCriticalMinutes, blindMinutes) : blindMinutes) * MINUTE_MS
  const sinceSeenMs = input.nowMs - (state.last?.atMs ?? state.firstSeenMs)
  const due = sinceSeenMs >= limitMs && input.nowMs - unseen.sinceMs >= MIN_UNSEEN_MS
  // Nothing can happen to a position that had no debt when it was last seen, and nothing worth waking for to a tiny one.
  const harmless = state.last !== null && (state.last.health.noDebt || isDust(state.last, dustFloorCents))
  if (state.blind || !due || harmless) return { state: next, transitions: [] }
  return tell({ ...next, blind: true }, { at: input, from: state, kind: 'blind' })
}

/** What time alone brings: nobody answered for too long. */
function escalate(decided: Decision, input: DecisionInput): Decision {
  const { state, transitions } = decided
  if (!isEscalationDue(state, input) || state.ring === null) return decided
  const next: AlertState = { ...state, ring: { ...state.ring, escalated: state.level as DangerLevel } }
  const told = tell(next, { at: input, from: state, kind: 'escalation' })
  return { state: told.state, transitions: [...transitions, ...told.transitions] }
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

function tell(next: AlertState, what: Telling): Decision {
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

function verified(reading: OkReading, atMs: number): Verified {
  return {
    health: reading.health,
    collateral: reading.collateral,
    ...(reading.collateralNote && { collateralNote: reading.collateralNote }),
    debt: reading.debt,
    unit: reading.unit,
    block: reading.block.number,
    blockTimestamp: reading.block.timestamp,
    endpoint: reading.endpoint,
    atMs,
  }
}

import type { NoneReading, OkReading, Reading, UnknownReading } from '../position.ts'
import type { Lines } from '../thresholds.ts'
import { WAD } from '../units.ts'
import { nextLevel } from './levels.ts'
import {
  type AlertState,
  type DangerLevel,
  depthOf,
  initialState,
  type Level,
  type Verified,
} from './state.ts'

/** A minute of failed reads at least: one hiccup right after a long stop is not yet blindness. */
const MIN_UNSEEN_MS = 60_000
const BLIND_AFTER_MS = 10 * 60_000
const BLIND_AFTER_CRITICAL_MS = 3 * 60_000

export type AlertKind = DangerLevel | 'recovered' | 'blind' | 'sighted' | 'closed' | 'moved'

/** One thing to tell one chat. Committed together with the state that caused it. */
export interface Transition {
  readonly kind: AlertKind
  readonly episode: number
  readonly seq: number
  readonly from: Level
  readonly to: Level
  /** The level did not change; health fell another tenth of the way to 1. */
  readonly newLow: boolean
  readonly lines: Lines
  /** What was known before. */
  readonly before: Verified | null
  /** Health at the last alert with sound before this one, in this episode. */
  readonly rangAtWad: bigint | null
  /** The reading that rang; `null` for `blind`, `closed` and `moved`, which have none. */
  readonly reading: Verified | null
  readonly unseen: AlertState['unseen']
  /** What the market that the debt went to is called; `null` for every other kind. Chosen by strangers. */
  readonly movedTo: string | null
}

export interface Decision {
  readonly state: AlertState
  readonly transitions: readonly Transition[]
}

export interface DecisionInput {
  readonly state: AlertState | null
  readonly reading: Reading
  readonly lines: Lines
  readonly nowMs: number
}

/**
 * What one reading means for one chat: the new state and what to tell. Pure and total; a reading at or below the block
 * already applied changes nothing. Rules: docs/alerting.md.
 */
export function decide(input: DecisionInput): Decision {
  const state = heal(input.state ?? initialState({ nowMs: input.nowMs }), input)
  if (goesBack(state, input.reading)) return decideUnknown(state, { ...input, reading: backwards })
  switch (input.reading.kind) {
    case 'ok':
      return decideOk(state, { ...input, reading: input.reading })
    case 'none':
      return decideNone(state, { ...input, reading: input.reading })
    case 'unknown':
      return decideUnknown(state, { ...input, reading: input.reading })
  }
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
  const believed = unseen?.reason === 'reorg' && nowMs - unseen.sinceMs >= BLIND_AFTER_MS
  if (reading.kind === 'unknown' || !believed || !goesBack(state, reading)) return state
  return { ...state, lastBlock: reading.block.number - 1 }
}

function decideOk(state: AlertState, input: DecisionInput & { reading: OkReading }): Decision {
  const { reading, lines } = input
  if (reading.block.number <= state.lastBlock) return { state, transitions: [] }
  const seen: AlertState = {
    ...state,
    lastBlock: reading.block.number,
    last: verified(reading, input.nowMs),
    blind: false,
    unseen: null,
    absent: null,
    closed: false,
  }
  const { level, clear } = nextLevel(state, {
    health: reading.health,
    lines,
    blockTimestamp: reading.block.timestamp,
  })
  const moved: AlertState = { ...seen, level, clear }
  const healthWad = reading.health.noDebt ? null : reading.health.healthWad

  if (depthOf(level) > depthOf(state.level)) {
    const episode = state.level === 'safe' ? state.episode + 1 : state.episode
    return tell(
      { ...moved, episode, ringHealthWad: healthWad },
      { input, from: state, kind: level as DangerLevel },
    )
  }
  if (depthOf(level) < depthOf(state.level)) {
    // A level may be left at a lower health than it rang at (liquidatable is the contract's word): told is told.
    const ringHealthWad = level === 'safe' ? null : lower(state.ringHealthWad, healthWad)
    return tell(
      { ...moved, ringHealthWad, seen: null, snooze: null },
      { input, from: state, kind: 'recovered' },
    )
  }
  const snoozed =
    state.snooze !== null &&
    input.nowMs < state.snooze.untilMs &&
    depthOf(level) <= depthOf(state.snooze.level)
  if (level !== 'safe' && healthWad !== null && !snoozed && isNewLow(healthWad, state.ringHealthWad)) {
    return tell({ ...moved, ringHealthWad: healthWad }, { input, from: state, kind: level, newLow: true })
  }
  if (state.blind) return tell(moved, { input, from: state, kind: 'sighted' })
  return { state: moved, transitions: [] }
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
    closed: true,
  }
  // A deposit that never had a debt comes and goes without a word.
  const hadDebt = state.level !== 'safe' || state.blind || state.last?.health.noDebt === false
  if (!hadDebt) return { state: closed, transitions: [] }
  // The newer of the two reads knows better where the debt is.
  return tell(closed, { input, from: state, kind: movedTo ? 'moved' : 'closed' })
}

function decideUnknown(state: AlertState, input: DecisionInput & { reading: UnknownReading }): Decision {
  if (state.closed) return { state, transitions: [] }
  const { reason, detail } = input.reading
  const unseen = { sinceMs: state.unseen?.sinceMs ?? input.nowMs, reason, detail }
  const next: AlertState = { ...state, unseen }
  const limitMs = depthOf(state.level) >= depthOf('critical') ? BLIND_AFTER_CRITICAL_MS : BLIND_AFTER_MS
  const sinceSeenMs = input.nowMs - (state.last?.atMs ?? state.firstSeenMs)
  const due = sinceSeenMs >= limitMs && input.nowMs - unseen.sinceMs >= MIN_UNSEEN_MS
  // Nothing can happen to a position that had no debt when it was last seen.
  if (state.blind || !due || state.last?.health.noDebt) return { state: next, transitions: [] }
  return tell({ ...next, blind: true }, { input, from: state, kind: 'blind' })
}

function tell(
  next: AlertState,
  what: { input: DecisionInput; from: AlertState; kind: AlertKind; newLow?: boolean },
): Decision {
  const state: AlertState = { ...next, seq: next.seq + 1 }
  const transition: Transition = {
    kind: what.kind,
    episode: state.episode,
    seq: state.seq,
    from: what.from.level,
    to: state.level,
    newLow: what.newLow ?? false,
    lines: what.input.lines,
    before: what.from.last,
    rangAtWad: what.from.ringHealthWad,
    reading: what.input.reading.kind === 'ok' ? state.last : null,
    unseen: what.kind === 'sighted' ? what.from.unseen : state.unseen,
    movedTo: what.kind === 'moved' ? marketOf(what.input.reading) : null,
  }
  return { state, transitions: [transition] }
}

function marketOf(reading: Reading): string | null {
  return reading.kind === 'none' ? (reading.movedTo?.marketName ?? null) : null
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

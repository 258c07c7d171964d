import type { NoneReading, OkReading, Reading, UnknownReading } from '../position.ts'
import { isEscalationDue } from './escalation.ts'
import { isBadDebt, isDust, nextLevel } from './levels.ts'
import { answersAfterLeaving, atPresentPace, lowest, ringsAgain, rungAt } from './ring.ts'
import { type AlertState, type DangerLevel, depthOf, initialState, type Verified } from './state.ts'
import { type Decision, type Situation, tell } from './telling.ts'
import type { Liquidation } from './transition.ts'
import { backwards, goesBack, heal, isOld, withoutFuture } from './trust.ts'

export type { Decision } from './telling.ts'

/** A minute of failed reads at least: one hiccup right after a long stop is not yet blindness. */
const MIN_UNSEEN_MS = 60_000
const MINUTE_MS = 60_000

export interface DecisionInput extends Situation {
  readonly state: AlertState | null
  readonly reading: Reading
}

/**
 * What one reading means for one chat: the new state and what to tell. Pure and total; a reading at or below the block
 * already applied changes nothing but what time alone brings (escalation). Rules: docs/alerting.md.
 */
export function decide(input: DecisionInput): Decision {
  const { reading, nowMs } = input
  const known = input.state ?? initialState({ nowMs })
  if (isOld(known, reading)) return escalate({ state: known, transitions: [] }, input)
  const state = heal(withoutFuture(known, nowMs), input)
  const decided = goesBack(state, reading)
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

function decideOk(state: AlertState, input: DecisionInput & { reading: OkReading }): Decision {
  const { reading, lines, rules, nowMs } = input
  const dust = isDust(reading, rules.dustFloorCents)
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
  const badDebt = isBadDebt(reading)
  const told = { at: input, from: state, reading: next.last, dust, badDebt }
  const quietly = (after: AlertState): Decision =>
    state.blind ? tell(after, { ...told, kind: 'sighted' }) : { state: after, transitions: [] }

  if (depthOf(level) > depthOf(state.level)) {
    const danger = level as DangerLevel
    const episode = state.level === 'safe' ? state.episode + 1 : state.episode
    // What was answered before says nothing about what comes now, even where it is the answer to an older alert of this level.
    const entered = { ...next, episode, seen: null, snooze: null }
    // It was told in this episode that nothing can be saved any more.
    if (badDebt && state.ring?.badDebt) return quietly(entered)
    const ring = rungAt(state, { level: danger, nowMs, badDebt, rules })
    return tell({ ...entered, ring, ringHealthWad: healthWad }, { ...told, kind: danger })
  }
  if (depthOf(level) < depthOf(state.level)) {
    // A level may be left at a lower health than it rang at (liquidatable is the contract's word): told is told.
    const ringHealthWad = level === 'safe' ? null : lowest(state.ringHealthWad, healthWad)
    const left = { ...next, ringHealthWad, ...answersAfterLeaving(state, { level, nowMs, rules }) }
    return tell(left, { ...told, kind: 'recovered' })
  }
  const ring = atPresentPace(state.ring, { level, nowMs, rules })
  if (level === 'safe' || healthWad === null) return quietly({ ...next, ring })
  const isClear = clear[level] !== null
  const again = ringsAgain({ ...state, ring }, { level, healthWad, badDebt, isClear, rules, nowMs })
  if (again === null) return quietly({ ...next, ring })
  const rung = {
    ...next,
    ring: rungAt(state, { level, nowMs, badDebt, rules }),
    ringHealthWad: again === 'repeat' ? lowest(state.ringHealthWad, healthWad) : healthWad,
  }
  return tell(rung, { ...told, kind: level, newLow: again === 'new-low', repeat: again === 'repeat' })
}

function decideNone(state: AlertState, input: DecisionInput & { reading: NoneReading }): Decision {
  const { block, endpoint, movedTo } = input.reading
  if (state.closed) return { state: { ...state, unseen: null }, transitions: [] }
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
  const { reason, detail } = input.reading
  const backSinceMs = state.unseen?.backSinceMs ?? (reason === 'reorg' ? input.nowMs : undefined)
  const unseen = {
    sinceMs: state.unseen?.sinceMs ?? input.nowMs,
    reason,
    detail,
    ...(backSinceMs !== undefined && { backSinceMs }),
  }
  const next: AlertState = { ...state, unseen }
  // What is closed has nothing to see; only a false block number must not keep it closed for ever.
  if (state.closed) return { state: reason === 'reorg' ? next : state, transitions: [] }
  const { blindMinutes, blindCriticalMinutes, dustFloorCents } = input.rules
  const deep = depthOf(state.level) >= depthOf('critical')
  const limitMs = (deep ? Math.min(blindCriticalMinutes, blindMinutes) : blindMinutes) * MINUTE_MS
  // After a clock was set back the last reading may lie ahead of it.
  const sinceSeenMs = input.nowMs - Math.min(state.last?.atMs ?? state.firstSeenMs, unseen.sinceMs)
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

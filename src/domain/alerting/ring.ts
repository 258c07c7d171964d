import type { AlertRules } from '../chat-settings.ts'
import { quietUntil } from '../quiet-hours.ts'
import { WAD } from '../units.ts'
import {
  type AlertState,
  type DangerLevel,
  depthOf,
  isAnswered,
  isSnoozed,
  type Level,
  type Ring,
} from './state.ts'

const MINUTE_MS = 60_000

function isDeep(level: Level): boolean {
  return depthOf(level) >= depthOf('critical')
}

/** Since when nobody answers what is critical or worse; `null` when somebody did, or it is not. A snooze that ended was an answer. */
export function waitsSinceMs(state: AlertState, nowMs: number): number | null {
  const { level, ring, snooze } = state
  const since = ring?.deepSinceMs ?? null
  if (since === null || isAnswered(state, { level, nowMs })) return null
  const slept = snooze !== null && depthOf(snooze.level) >= depthOf(level)
  return slept ? Math.max(since, snooze.untilMs) : since
}

/** The alarm that rings now, at a deeper level or once more. The wait for an answer goes on from the first alarm that had none. */
export function rungAt(
  state: AlertState,
  at: { level: DangerLevel; nowMs: number; badDebt: boolean; rules: AlertRules },
): Ring {
  const { ring } = state
  return {
    atMs: at.nowMs,
    everyMinutes: at.rules.repeatMinutes[at.level],
    deepSinceMs: isDeep(at.level) ? (waitsSinceMs(state, at.nowMs) ?? at.nowMs) : null,
    escalated: ring?.escalated ?? null,
    badDebt: at.badDebt || ring?.badDebt === true,
  }
}

/** Whoever knew about the deeper level knows about the one that is left over. */
export function answersAfterLeaving(
  state: AlertState,
  at: { level: Level; nowMs: number; rules: AlertRules },
): Pick<AlertState, 'ring' | 'seen' | 'snooze'> {
  if (at.level === 'safe') return { ring: null, seen: null, snooze: null }
  const seen = state.seen && depthOf(state.seen.level) >= depthOf(state.level) ? state.seen : null
  const ring = state.ring && {
    ...state.ring,
    everyMinutes: at.rules.repeatMinutes[at.level],
    deepSinceMs: isDeep(at.level) ? waitsSinceMs(state, at.nowMs) : null,
    escalated: isDeep(at.level) ? state.ring.escalated : null,
  }
  return { ring, seen: seen && { level: at.level, atMs: seen.atMs }, snooze: null }
}

/** An interval that somebody changed counts from then: no setting rings again what was told. */
export function atPresentPace(
  ring: Ring | null,
  at: { level: Level; nowMs: number; rules: AlertRules },
): Ring | null {
  if (ring === null || at.level === 'safe') return ring
  const everyMinutes = at.rules.repeatMinutes[at.level]
  if (ring.everyMinutes === everyMinutes) return ring
  return { ...ring, everyMinutes, atMs: ring.everyMinutes === undefined ? ring.atMs : at.nowMs }
}

/**
 * Whether a level that did not change rings once more: it fell further, the collateral no longer covers the debt, or nobody has
 * seen it for long. `state` is the one before, at the present pace; `isClear` when the reading counts towards leaving the level.
 */
export function ringsAgain(
  state: AlertState,
  at: {
    level: DangerLevel
    healthWad: bigint
    badDebt: boolean
    isClear: boolean
    rules: AlertRules
    nowMs: number
  },
): 'new-low' | 'bad-debt' | 'repeat' | null {
  const { level, nowMs, rules } = at
  const { ring } = state
  if (isSnoozed(state, { level, nowMs })) return null
  if (at.badDebt) return ring === null || ring.badDebt ? null : 'bad-debt'
  if (isNewLow(at.healthWad, state.ringHealthWad)) return 'new-low'
  const everyMinutes = rules.repeatMinutes[level]
  // On its way out of the level it says nothing.
  if (everyMinutes === null || ring === null || at.isClear || isAnswered(state, { level, nowMs })) return null
  const everyMs = everyMinutes * MINUTE_MS
  if (nowMs - ring.atMs < everyMs) return null
  return nowMs - heardAtMs(ring, { level, rules }) >= everyMs ? 'repeat' : null
}

/** When an alarm could first be heard: a warning in quiet hours not before they end. */
function heardAtMs(ring: Ring, { level, rules }: { level: DangerLevel; rules: AlertRules }): number {
  return level === 'warning' ? (quietUntil(rules.quiet, ring.atMs) ?? ring.atMs) : ring.atMs
}

/** The lower of what rang and what is now; `null` is a debt that is gone, which is never lower. */
export function lowest(ringHealthWad: bigint | null, healthWad: bigint | null): bigint | null {
  if (healthWad === null) return ringHealthWad
  return ringHealthWad === null || healthWad < ringHealthWad ? healthWad : ringHealthWad
}

function isNewLow(healthWad: bigint, ringHealthWad: bigint | null): boolean {
  if (ringHealthWad === null || ringHealthWad <= WAD) return false
  // A few wei above 1 a tenth of the way rounds to nothing, and standing still is not a new low.
  return healthWad < ringHealthWad && healthWad <= ringHealthWad - (ringHealthWad - WAD) / 10n
}

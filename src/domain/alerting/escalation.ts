import type { AlertRules } from '../chat-settings.ts'
import { isDust } from './levels.ts'
import { waitsSinceMs } from './ring.ts'
import { type AlertState, depthOf } from './state.ts'

/** A critical loan that nobody answered for so long goes to the second chat. */
const ESCALATE_AFTER_MS = 10 * 60_000

/** Whether the second chat must hear of this loan now. Each level once, as long as nobody answers. */
export function isEscalationDue(state: AlertState, at: { rules: AlertRules; nowMs: number }): boolean {
  const { level, ring, last } = state
  if (!at.rules.escalates) return false
  const sinceMs = waitsSinceMs(state, at.nowMs)
  if (sinceMs === null || at.nowMs - sinceMs < ESCALATE_AFTER_MS) return false
  // It was left in all but time: what is owed became too small to wake anybody.
  if (last !== null && isDust(last, at.rules.dustFloorCents)) return false
  return depthOf(ring?.escalated ?? 'safe') < depthOf(level)
}

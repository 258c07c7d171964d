import type { AlertRules } from '../chat-settings.ts'
import { isDust } from './levels.ts'
import { type AlertState, depthOf, isAnswered } from './state.ts'

/** A critical loan that nobody answered for so long goes to the second chat. */
const ESCALATE_AFTER_MS = 10 * 60_000

/** Whether the second chat must hear of this loan now. Each level once, as long as nobody answers. */
export function isEscalationDue(state: AlertState, at: { rules: AlertRules; nowMs: number }): boolean {
  const { level, ring, last } = state
  if (!at.rules.escalates || state.closed || ring?.deepSinceMs == null) return false
  if (depthOf(level) < depthOf('critical') || isAnswered(state, { level, nowMs: at.nowMs })) return false
  // It was left in all but time: what is owed became too small to wake anybody.
  if (last !== null && isDust(last, at.rules.dustFloorCents)) return false
  if (depthOf(ring.escalated ?? 'safe') >= depthOf(level)) return false
  return at.nowMs - ring.deepSinceMs >= ESCALATE_AFTER_MS
}

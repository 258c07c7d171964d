import type { AlertState } from '../src/domain/alerting/state.ts'
import type { Transition } from '../src/domain/alerting/transition.ts'
import type { PositionRef } from '../src/domain/position.ts'
import { toJson } from './json.ts'
import { alertOf } from './outbox.ts'
import type { Executor } from './schema.ts'

/** An alert as a button under it names it. */
export interface PressedAlert {
  readonly positionId: number
  readonly ref: PositionRef
  readonly transition: Transition
}

/** The alert behind a button; `undefined` when it is not one of this chat's. */
export async function pressedAlert(
  db: Executor,
  which: { chatId: number; rowId: number },
): Promise<PressedAlert | undefined> {
  const row = await db
    .selectFrom('outbox')
    .select(['position_id', 'payload'])
    .where('id', '=', which.rowId)
    .where('chat_id', '=', which.chatId)
    .executeTakeFirst()
  if (!row) return undefined
  return { positionId: row.position_id, ...alertOf(row) }
}

/** Somebody has seen an alert: it and its level count as acknowledged. A deeper level rings again. */
export async function markSeen(
  tx: Executor,
  which: { chatId: number; rowId: number; nowMs: number },
): Promise<PressedAlert | undefined> {
  const alert = await pressedAlert(tx, which)
  if (!alert) return undefined
  await tx.updateTable('outbox').set({ seen_at: which.nowMs }).where('id', '=', which.rowId).execute()
  const seen: AlertState['seen'] = { level: alert.transition.to, atMs: which.nowMs }
  await setState(tx, { chatId: which.chatId, positionId: alert.positionId, set: { seen: toJson(seen) } })
  return alert
}

/** No further "still falling" of this level until then. A deeper level rings at once. */
export async function snoozeAlert(
  tx: Executor,
  which: { chatId: number; rowId: number; untilMs: number },
): Promise<PressedAlert | undefined> {
  const alert = await pressedAlert(tx, which)
  if (!alert) return undefined
  const snooze: AlertState['snooze'] = { level: alert.transition.to, untilMs: which.untilMs }
  await setState(tx, { chatId: which.chatId, positionId: alert.positionId, set: { snooze: toJson(snooze) } })
  return alert
}

async function setState(
  tx: Executor,
  change: { chatId: number; positionId: number; set: { seen: string } | { snooze: string } },
): Promise<void> {
  await tx
    .updateTable('alert_states')
    .set(change.set)
    .where('chat_id', '=', change.chatId)
    .where('position_id', '=', change.positionId)
    .execute()
}

import type { Address } from '../src/domain/address.ts'
import {
  DRILL_FALL_MS,
  DRILL_OWNERS,
  DRILL_WARNING_WAD,
  type DrillReport,
  drillRef,
} from '../src/domain/drill.ts'
import type { ProtocolId } from '../src/domain/position.ts'
import { positionsOf, storeFound } from './positions.ts'
import type { Database, Executor, OutboxRow } from './schema.ts'
import { addWatch, removeWatch, setThreshold } from './watches.ts'

/** Whoever forgets an exercise is not kept busy by it. */
const LONGEST_MS = 5 * 60_000
const AGAIN_AFTER_MS = 10 * 60_000
const MAX_SUPERSEDED = 10

export type DrillStart = 'started' | 'running' | { readonly againAtMs: number }

export interface NewDrill {
  readonly chatId: number
  readonly threadId: number | null
  /** The protocol that the shadow pretends to be of. */
  readonly protocol: ProtocolId
  readonly nowMs: number
}

/** Stores a shadow loan and whatever makes it be watched like a real one. One at a time, and one in ten minutes. */
export async function startDrill(tx: Executor, drill: NewDrill): Promise<DrillStart> {
  const { chatId, threadId, nowMs } = drill
  await endOldDrills(tx, nowMs)
  const last = await tx.selectFrom('drills').selectAll().where('chat_id', '=', chatId).executeTakeFirst()
  if (last?.ended_at === null) return 'running'
  if (last && nowMs - last.started_at < AGAIN_AFTER_MS) return { againAtMs: last.started_at + AGAIN_AFTER_MS }
  const ref = drillRef(chatId, drill.protocol)
  const { watch } = await addWatch(tx, { chatId, owner: ref.owner, label: 'DRILL', threadId, nowMs })
  await setThreshold(tx, { watchId: watch.id, scope: 'wallet', target: '', warningWad: DRILL_WARNING_WAD })
  await storeFound(tx, { refs: [ref], nowMs })
  const [position] = await positionsOf(tx, ref.owner)
  if (!position) throw new Error(`${ref.key} was not stored`)
  const row = { owner: ref.owner, position_id: position.id, started_at: nowMs, ended_at: null }
  await tx
    .insertInto('drills')
    .values({ chat_id: chatId, ...row })
    .onConflict((conflict) => conflict.column('chat_id').doUpdateSet(row))
    .execute()
  return 'started'
}

/** Forgets the shadow with its settings and states; what was told about it stays in the history. */
export async function endDrill(tx: Executor, end: { chatId: number; nowMs: number }): Promise<void> {
  await removeShadows(tx, { chatId: end.chatId, beforeMs: end.nowMs })
  await tx
    .updateTable('drills')
    .set({ ended_at: end.nowMs })
    .where('chat_id', '=', end.chatId)
    .where('ended_at', 'is', null)
    .execute()
}

/** Ends every exercise that nobody ended. Answers with how many. */
export async function endOldDrills(tx: Executor, nowMs: number): Promise<number> {
  const beforeMs = nowMs - LONGEST_MS
  const removed = await removeShadows(tx, { beforeMs })
  await tx
    .updateTable('drills')
    .set({ ended_at: nowMs })
    .where('started_at', '<=', beforeMs)
    .where('ended_at', 'is', null)
    .execute()
  return removed
}

/** By address, not by what is written down: a group that became a supergroup took its shadow along. */
async function removeShadows(tx: Executor, which: { chatId?: number; beforeMs: number }): Promise<number> {
  let query = tx
    .selectFrom('watches')
    .select(['id', 'chat_id'])
    .where((eb) => eb.between('owner', DRILL_OWNERS, `${DRILL_OWNERS}g`))
    .where('created_at', '<=', which.beforeMs)
  if (which.chatId !== undefined) query = query.where('chat_id', '=', which.chatId)
  const shadows = await query.execute()
  for (const { id, chat_id } of shadows) await removeWatch(tx, { chatId: chat_id, watchId: id })
  return shadows.length
}

/** When the exercises of these shadows began; one that is over is not among them. */
export async function drillStarts(db: Executor, owners: readonly Address[]): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('drills')
    .select(['owner', 'started_at'])
    .where('owner', 'in', [...owners])
    .where('ended_at', 'is', null)
    .execute()
  return new Map(rows.map((row) => [row.owner, row.started_at]))
}

/** How the last exercise of a chat went, also after its end; `null` when there was none. */
export async function drillReport(db: Database, chatId: number): Promise<DrillReport | null> {
  const drill = await db.selectFrom('drills').selectAll().where('chat_id', '=', chatId).executeTakeFirst()
  if (!drill) return null
  const alert = await db
    .selectFrom('outbox')
    .selectAll()
    .where('chat_id', '=', chatId)
    .where('position_id', '=', drill.position_id)
    .where('kind', 'in', ['warning', 'critical', 'liquidatable'])
    .where('created_at', '>=', drill.started_at)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  const told = alert && (await tellerOf(db, alert))
  return {
    fellAtMs: drill.started_at + DRILL_FALL_MS,
    detectedAtMs: alert?.created_at ?? null,
    sentAtMs: told?.state === 'sent' ? told.settled_at : null,
    tappedAtMs: alert?.seen_at ?? told?.seen_at ?? null,
  }
}

/** The row whose message told this one. */
async function tellerOf(db: Database, row: OutboxRow): Promise<OutboxRow> {
  let current = row
  for (let step = 0; step < MAX_SUPERSEDED && current.superseded_by !== null; step += 1) {
    const next = await db
      .selectFrom('outbox')
      .selectAll()
      .where('id', '=', current.superseded_by)
      .executeTakeFirst()
    if (!next) break
    current = next
  }
  return current
}

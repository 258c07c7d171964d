import { urgencyOfMessage } from '../src/domain/alerting/urgency.ts'
import type { Delivery } from '../src/domain/delivery.ts'
import { moveChat, setQuietUntil } from './chats.ts'
import { toJson } from './json.ts'
import { markSent } from './pools-told.ts'
import type { Database, Executor, OutboxRow } from './schema.ts'
import { transact } from './transact.ts'

/** What became of an attempt. `againAtMs` says when the next one may start. */
export type Settlement =
  | { readonly kind: 'sent'; readonly messageId: number }
  | { readonly kind: 'not-sent'; readonly againAtMs: number; readonly error: string }
  | { readonly kind: 'unknown'; readonly againAtMs: number; readonly error: string }
  | { readonly kind: 'rate-limited'; readonly againAtMs: number }
  | { readonly kind: 'refused-text'; readonly error: string }
  | { readonly kind: 'topic-gone'; readonly error: string }
  | { readonly kind: 'unreachable'; readonly error: string }
  | { readonly kind: 'moved'; readonly toChatId: number }
  /** An edit that cannot be made: nothing is lost, the message itself was sent. */
  | { readonly kind: 'dropped'; readonly error: string }

/** Writes down what became of an attempt, for all its rows and with everything it means for the chat, in one transaction. */
export async function settle(
  db: Database,
  outcome: { delivery: Delivery; settlement: Settlement; nowMs: number },
): Promise<void> {
  await transact(db, (tx) => settleIn(tx, outcome))
}

async function settleIn(
  tx: Executor,
  { delivery, settlement, nowMs }: { delivery: Delivery; settlement: Settlement; nowMs: number },
): Promise<void> {
  const ids = [...delivery.rowIds]
  // The chat may have got a new id since the claim.
  const row = await tx.selectFrom('outbox').select('chat_id').where('id', 'in', ids).executeTakeFirst()
  const chatId = row?.chat_id ?? delivery.chatId
  const update = (set: Partial<OutboxRow>) =>
    tx
      .updateTable('outbox')
      .set(set)
      .where('id', 'in', ids)
      // The chat may have been given up meanwhile; only an alert that did arrive changes that.
      .$if(set.state !== 'sent', (query) => query.where('state', '=', 'sending'))
      .execute()
  /** It surely did not arrive, so the next message may be put together anew; unless an earlier attempt may have. */
  const release = async (set: Partial<OutboxRow>) => {
    await update({ state: 'pending', ...set })
    await tx
      .updateTable('outbox')
      .set({ delivery_id: null })
      .where('id', 'in', ids)
      .where('state', '=', 'pending')
      .where('maybe_repeat', '=', 0)
      .execute()
  }
  switch (settlement.kind) {
    case 'sent':
      await update({ state: 'sent', message_id: settlement.messageId, settled_at: nowMs, last_error: null })
      await queueEdits(tx, { delivery, chatId, nowMs })
      await markSent(tx, { content: delivery.content, chatId, nowMs })
      return
    case 'not-sent':
      await release({ not_before: settlement.againAtMs, last_error: settlement.error })
      return
    case 'unknown':
      await update({
        state: 'pending',
        not_before: settlement.againAtMs,
        maybe_repeat: 1,
        last_error: settlement.error,
      })
      return
    case 'rate-limited':
      await release({ last_error: 'rate limit (429)' })
      await setQuietUntil(tx, { chatId, untilMs: settlement.againAtMs })
      return
    case 'refused-text':
      await update({ state: 'pending', plain: 1, last_error: settlement.error })
      return
    case 'topic-gone':
      await update({ state: 'pending', thread_id: null, last_error: settlement.error })
      await tx
        .updateTable('watches')
        .set({ thread_id: null })
        .where('chat_id', '=', chatId)
        .where('thread_id', '=', delivery.threadId)
        .execute()
      return
    case 'unreachable':
      await giveUpChat(tx, { chatId, nowMs, why: settlement.error })
      return
    case 'moved':
      await moveChat(tx, { from: chatId, to: settlement.toChatId })
      await update({ state: 'pending' })
      return
    case 'dropped':
      await update({ state: 'superseded', settled_at: nowMs, last_error: settlement.error })
  }
}

/** What is over is also written into the message that rang for it. Best effort: the fact itself was sent on its own. */
async function queueEdits(
  tx: Executor,
  { delivery, chatId, nowMs }: { delivery: Delivery; chatId: number; nowMs: number },
): Promise<void> {
  if (delivery.content.kind !== 'alerts') return
  for (const { rowId, transition } of delivery.content.items) {
    if (transition.kind !== 'recovered' && transition.kind !== 'closed') continue
    const told = await tx.selectFrom('outbox').selectAll().where('id', '=', rowId).executeTakeFirst()
    const rang = told && (await lastRing(tx, told))
    if (!told || !rang?.delivery_id || rang.delivery_id === delivery.deliveryId) continue
    if (await hasOpenAlarm(tx, { chatId, deliveryId: rang.delivery_id })) continue
    await tx
      .updateTable('outbox')
      .set({ state: 'superseded', settled_at: nowMs })
      .where('chat_id', '=', chatId)
      .where('kind', '=', 'edit')
      .where('state', '=', 'pending')
      .where('payload', '=', toJson({ deliveryId: rang.delivery_id }))
      .execute()
    await tx
      .insertInto('outbox')
      .values({
        key: `edit:${chatId}:${told.position_id}:${told.episode}:${told.seq}`,
        chat_id: chatId,
        thread_id: told.thread_id,
        position_id: told.position_id,
        kind: 'edit',
        episode: told.episode,
        seq: told.seq,
        urgency: urgencyOfMessage('edit'),
        health_wad_sort: told.health_wad_sort,
        payload: toJson({ deliveryId: rang.delivery_id }),
        state: 'pending',
        confirm: 'none',
        not_before: nowMs,
        created_at: nowMs,
        attempts: 0,
        maybe_repeat: 0,
        plain: 0,
      })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute()
  }
}

/** Whether the message tells of something else that is not over: then its words and buttons stay. */
async function hasOpenAlarm(
  tx: Executor,
  { chatId, deliveryId }: { chatId: number; deliveryId: string },
): Promise<boolean> {
  const open = await tx
    .selectFrom('outbox as rang')
    .select('rang.id')
    .where('rang.delivery_id', '=', deliveryId)
    .where('rang.chat_id', '=', chatId)
    .where('rang.kind', 'in', ['warning', 'critical', 'liquidatable', 'blind'])
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('outbox as end')
            .select('end.id')
            .whereRef('end.chat_id', '=', 'rang.chat_id')
            .whereRef('end.position_id', '=', 'rang.position_id')
            .whereRef('end.id', '>', 'rang.id')
            .where('end.state', '=', 'sent')
            .where((ends) =>
              ends.or([
                ends('end.kind', 'in', ['recovered', 'closed', 'moved']),
                ends.and([ends('rang.kind', '=', 'blind'), ends('end.kind', '=', 'sighted')]),
              ]),
            ),
        ),
      ),
    )
    .limit(1)
    .executeTakeFirst()
  return open !== undefined
}

/** The newest alert with sound of the same episode that arrived. */
function lastRing(tx: Executor, row: OutboxRow): Promise<{ delivery_id: string | null } | undefined> {
  return tx
    .selectFrom('outbox')
    .select('delivery_id')
    .where('chat_id', '=', row.chat_id)
    .where('position_id', '=', row.position_id)
    .where('episode', '=', row.episode)
    .where('state', '=', 'sent')
    .where('kind', 'in', ['warning', 'critical', 'liquidatable'])
    .where('message_id', 'is not', null)
    .orderBy('id', 'desc')
    .executeTakeFirst()
}

/** The chat cannot be written to any more: its alerts end here, its settings stay. Inside a transaction. */
export async function giveUpChat(
  tx: Executor,
  { chatId, nowMs, why }: { chatId: number; nowMs: number; why: string },
): Promise<void> {
  // Somebody's own /stop outlives a block.
  await tx
    .updateTable('chats')
    .set({ state: 'unreachable' })
    .where('id', '=', chatId)
    .where('state', '=', 'active')
    .execute()
  await tx
    .updateTable('outbox')
    .set({ state: 'unreachable', settled_at: nowMs, last_error: why })
    .where('chat_id', '=', chatId)
    .where('state', 'in', ['pending', 'sending'])
    .execute()
}

/**
 * After a crash: what somebody else was sending may or may not have arrived, so it is sent again and says so. `leaseToken` is that
 * of this process, whose own sends are not touched; without one all are.
 */
export async function recoverSending(db: Database, leaseToken = 0): Promise<number> {
  const result = await transact(db, (tx) =>
    tx
      .updateTable('outbox')
      .set({ state: 'pending', maybe_repeat: 1 })
      .where('state', '=', 'sending')
      .where((eb) => eb.or([eb('lease_token', 'is', null), eb('lease_token', '!=', leaseToken)]))
      .executeTakeFirst(),
  )
  return Number(result.numUpdatedRows)
}

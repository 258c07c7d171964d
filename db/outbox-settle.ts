import { moveChat, setQuietUntil } from './chats.ts'
import type { Delivery } from './outbox-claim.ts'
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

/** Writes down what became of an attempt, with everything it means for the chat, in one transaction. */
export async function settle(
  db: Database,
  outcome: { delivery: Delivery; settlement: Settlement; nowMs: number },
): Promise<void> {
  const { delivery, settlement, nowMs } = outcome
  await transact(db, async (tx) => {
    // The chat may have got a new id since the claim.
    const row = await tx
      .selectFrom('outbox')
      .select('chat_id')
      .where('id', '=', delivery.rowId)
      .executeTakeFirst()
    const chatId = row?.chat_id ?? delivery.chatId
    const update = (set: Partial<OutboxRow>) =>
      tx
        .updateTable('outbox')
        .set(set)
        .where('id', '=', delivery.rowId)
        // The chat may have been given up meanwhile; only an alert that did arrive changes that.
        .$if(set.state !== 'sent', (query) => query.where('state', '=', 'sending'))
        .execute()
    switch (settlement.kind) {
      case 'sent':
        await update({ state: 'sent', message_id: settlement.messageId, settled_at: nowMs, last_error: null })
        return
      case 'not-sent':
        await update({ state: 'pending', not_before: settlement.againAtMs, last_error: settlement.error })
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
        await update({ state: 'pending', last_error: 'rate limit (429)' })
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
    }
  })
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

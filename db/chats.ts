import { DEFAULT_WARNING_WAD } from '../src/domain/thresholds.ts'
import { movePools } from './move-pools.ts'
import type { ChatRow, Executor } from './schema.ts'

/** The chat, created with defaults when it is new. Changes nothing about a known chat. */
export async function ensureChat(
  db: Executor,
  chat: { id: number; kind: string; nowMs: number },
): Promise<ChatRow> {
  await db
    .insertInto('chats')
    .values({
      id: chat.id,
      kind: chat.kind,
      state: 'active',
      warning_wad: DEFAULT_WARNING_WAD.toString(),
      quiet_until: 0,
      created_at: chat.nowMs,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
  return db.selectFrom('chats').selectAll().where('id', '=', chat.id).executeTakeFirstOrThrow()
}

export async function setChatState(
  db: Executor,
  change: { chatId: number; state: ChatRow['state'] },
): Promise<void> {
  await db.updateTable('chats').set({ state: change.state }).where('id', '=', change.chatId).execute()
}

/** Telegram wants silence in this chat until then. */
export async function setQuietUntil(
  db: Executor,
  change: { chatId: number; untilMs: number },
): Promise<void> {
  await db.updateTable('chats').set({ quiet_until: change.untilMs }).where('id', '=', change.chatId).execute()
}

/** A group became a supergroup: everything of the old chat now belongs to the new id. Call inside a transaction. */
export async function moveChat(tx: Executor, move: { from: number; to: number }): Promise<void> {
  // Told twice, by the service message and by a refused send: the second time there is nothing left to move.
  if (move.from === move.to) return
  // Also of a chat that was told of before and is known by its new id alone.
  await tx.updateTable('outbox').set({ chat_id: move.to }).where('chat_id', '=', move.from).execute()
  await tx
    .updateTable('outbox')
    .set({ origin_chat_id: move.to })
    .where('origin_chat_id', '=', move.from)
    .where('state', 'in', ['pending', 'sending'])
    .execute()
  await tx.updateTable('chats').set({ escalate_to: move.to }).where('escalate_to', '=', move.from).execute()
  const old = await tx.selectFrom('chats').selectAll().where('id', '=', move.from).executeTakeFirst()
  if (!old) return
  await tx
    .insertInto('chats')
    .values({ ...old, id: move.to, kind: 'supergroup', quiet_until: 0 })
    .onConflict((conflict) =>
      // Met under its new id before the move was told: what was set in the group still holds, unless it was set anew.
      conflict.column('id').doUpdateSet((eb) => ({
        settings: eb.fn.coalesce('chats.settings', eb.ref('excluded.settings')),
        escalate_to: eb.fn.coalesce('chats.escalate_to', eb.ref('excluded.escalate_to')),
      })),
    )
    .execute()
  await movePairings(tx, move)
  const taken = tx.selectFrom('watches').select('owner').where('chat_id', '=', move.to)
  await tx
    .updateTable('watches')
    .set({ chat_id: move.to })
    .where('chat_id', '=', move.from)
    .where('owner', 'not in', taken)
    .execute()
  const told = tx.selectFrom('alert_states').select('position_id').where('chat_id', '=', move.to)
  await tx
    .updateTable('alert_states')
    .set({ chat_id: move.to })
    .where('chat_id', '=', move.from)
    .where('position_id', 'not in', told)
    .execute()
  // Those that were sent too: Seen under one of them is for the chat it came from.
  await tx
    .updateTable('outbox')
    .set({ origin_chat_id: move.to })
    .where('origin_chat_id', '=', move.from)
    .execute()
  await tx.updateTable('undo').set({ chat_id: move.to }).where('chat_id', '=', move.from).execute()
  await movePools(tx, move)
  await tx.deleteFrom('chats').where('id', '=', move.from).execute()
}

/** A code that was made can still be typed. */
async function movePairings(tx: Executor, move: { from: number; to: number }): Promise<void> {
  // Both ids were one group: nobody is their own second chat.
  await tx
    .updateTable('chats')
    .set({ escalate_to: null })
    .where('id', '=', move.to)
    .where('escalate_to', '=', move.to)
    .execute()
  const ownCode = tx.selectFrom('pairings').select('chat_id').where('chat_id', '=', move.to)
  await tx
    .updateTable('pairings')
    .set({ chat_id: move.to })
    .where('chat_id', '=', move.from)
    .where((eb) => eb.not(eb.exists(ownCode)))
    .execute()
}

/**
 * Keeps to the operator's list: chats that are not on it get no alerts until they are, and their settings stay. A state of its
 * own, so that it is not taken for somebody's /stop once the list changes. An empty list bars nobody.
 */
export async function barOtherChats(db: Executor, allowed: readonly number[]): Promise<void> {
  const listed = [...allowed]
  const unbar = db.updateTable('chats').set({ state: 'active' }).where('state', '=', 'barred')
  await (listed.length === 0 ? unbar : unbar.where('id', 'in', listed)).execute()
  if (listed.length === 0) return
  await db
    .updateTable('chats')
    .set({ state: 'barred' })
    .where('id', 'not in', listed)
    .where('state', '=', 'active')
    .execute()
}

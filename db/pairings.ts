import { PAIRING_MS, type SecondChat } from '../src/domain/pairing.ts'
import type { Executor } from './schema.ts'

/** Makes this the one code of the chat. Codes that are over go. Inside a transaction. */
export async function openPairing(
  tx: Executor,
  pairing: { chatId: number; code: string; nowMs: number },
): Promise<void> {
  const { chatId, code, nowMs } = pairing
  await tx
    .deleteFrom('pairings')
    .where((eb) => eb.or([eb('chat_id', '=', chatId), eb('expires_at', '<=', nowMs)]))
    .execute()
  await tx
    .insertInto('pairings')
    .values({ code, chat_id: chatId, expires_at: nowMs + PAIRING_MS })
    .execute()
}

/** `unknown`: no chat has made this code, or it is over or used. */
export type Paired = { readonly kind: 'paired'; readonly firstId: number } | { kind: 'unknown' | 'itself' }

/** Makes the chat where a code is typed the second chat of the one that made it. A code works once. Inside a transaction. */
export async function pair(
  tx: Executor,
  typed: { chatId: number; code: string; nowMs: number },
): Promise<Paired> {
  const made = await tx
    .selectFrom('pairings')
    .select('chat_id')
    .where('code', '=', typed.code)
    .where('expires_at', '>', typed.nowMs)
    .executeTakeFirst()
  if (!made) return { kind: 'unknown' }
  // Still good: it was typed in the wrong chat.
  if (made.chat_id === typed.chatId) return { kind: 'itself' }
  await tx.deleteFrom('pairings').where('code', '=', typed.code).execute()
  await tx.updateTable('chats').set({ escalate_to: typed.chatId }).where('id', '=', made.chat_id).execute()
  return { kind: 'paired', firstId: made.chat_id }
}

/** Takes the second chat of a chat away, and a code that waits to be typed. Answers with the second chat's id. */
export async function unpair(tx: Executor, chatId: number): Promise<number | null> {
  await tx.deleteFrom('pairings').where('chat_id', '=', chatId).execute()
  const chat = await tx
    .selectFrom('chats')
    .select('escalate_to')
    .where('id', '=', chatId)
    .executeTakeFirstOrThrow()
  await tx.updateTable('chats').set({ escalate_to: null }).where('id', '=', chatId).execute()
  return chat.escalate_to
}

/** This chat is nobody's second chat any more. Answers with the chats whose second one it was. */
export async function unpairFirsts(tx: Executor, secondId: number): Promise<number[]> {
  const firsts = await tx
    .updateTable('chats')
    .set({ escalate_to: null })
    .where('escalate_to', '=', secondId)
    .returning('id')
    .execute()
  return firsts.map(({ id }) => id)
}

/** How the second chat of a chat is doing. One that is not known any more cannot be reached. */
export async function secondChatOf(db: Executor, chatId: number): Promise<SecondChat> {
  const row = await db
    .selectFrom('chats as first')
    .leftJoin('chats as second', 'second.id', 'first.escalate_to')
    .select(['first.escalate_to', 'second.state'])
    .where('first.id', '=', chatId)
    .executeTakeFirst()
  const isPaired = row?.escalate_to != null
  return isPaired ? (row.state ?? 'unreachable') : null
}

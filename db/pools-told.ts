import { sql } from 'kysely'
import type { Content } from '../src/domain/delivery.ts'
import type { PoolsPayload } from '../src/domain/pools/message.ts'
import type { Told } from '../src/domain/pools/tell.ts'
import type { Executor } from './schema.ts'

const BULK = 500
/** Whatever was told longer ago than this is forgotten, and new when it is there again. */
export const TOLD_KEPT_MS = 90 * 86_400_000
/** Most that is remembered of one chat: the newest. */
export const MAX_TOLD = 500

/** What these chats were told of pools, by key. */
export async function poolsTold(
  db: Executor,
  chatIds: readonly number[],
): Promise<Map<number, Map<string, Told>>> {
  const all = new Map<number, Map<string, Told>>()
  for (let start = 0; start < chatIds.length; start += BULK) {
    const rows = await db
      .selectFrom('pools_told')
      .selectAll()
      .where('chat_id', 'in', chatIds.slice(start, start + BULK))
      .execute()
    for (const row of rows) {
      const told = all.get(row.chat_id) ?? new Map<string, Told>()
      all.set(row.chat_id, told)
      told.set(row.pool, {
        key: row.pool,
        yieldPerYear: row.yield_per_year,
        score: row.score,
        atMs: row.told_at,
        risen: row.risen === 1,
      })
    }
  }
  return all
}

/**
 * Marks as told what a message shows: in the transaction that accepts the message. `isMessage` is false for marks that
 * only settle and belong to no message.
 */
export async function markTold(
  tx: Executor,
  change: { chatId: number; told: readonly Told[]; isMessage: boolean; nowMs: number },
): Promise<void> {
  const { chatId, told, isMessage, nowMs } = change
  if (told.length > 0) {
    await tx
      .insertInto('pools_told')
      .values(
        told.slice(0, BULK).map((one) => ({
          chat_id: chatId,
          pool: one.key,
          yield_per_year: one.yieldPerYear,
          score: one.score,
          told_at: one.atMs,
          risen: one.risen ? 1 : 0,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['chat_id', 'pool']).doUpdateSet({
          yield_per_year: sql.ref('excluded.yield_per_year'),
          score: sql.ref('excluded.score'),
          told_at: sql.ref('excluded.told_at'),
          risen: sql.ref('excluded.risen'),
        }),
      )
      .execute()
  }
  if (!isMessage) return
  await tx
    .updateTable('pool_rules')
    .set({ first_told_at: nowMs })
    .where('chat_id', '=', chatId)
    .where('first_told_at', 'is', null)
    .execute()
  await tx
    .deleteFrom('pools_told')
    .where('chat_id', '=', chatId)
    .where('pool', 'in', (eb) =>
      eb
        .selectFrom('pools_told')
        .select('pool')
        .where('chat_id', '=', chatId)
        .orderBy('told_at', 'desc')
        .orderBy('pool')
        // SQLite knows no offset without a limit.
        .limit(1_000_000)
        .offset(MAX_TOLD),
    )
    .execute()
}

/** What a message that was sent just now has told. Nothing for any other content. In the transaction that settles it. */
export async function markSent(
  tx: Executor,
  { content, chatId, nowMs }: { content: Content; chatId: number; nowMs: number },
): Promise<void> {
  if (content.kind !== 'message' || (content.message !== 'pools' && content.message !== 'digest')) return
  const { about, told = [] } = content.payload as Partial<PoolsPayload>
  // A message that names nothing marks nothing; to fail here would hold up the chat's alerts.
  if (told.length === 0 && about !== 'opportunities') return
  const isThere = await tx.selectFrom('chats').select('id').where('id', '=', chatId).executeTakeFirst()
  if (!isThere) return
  await markTold(tx, {
    chatId,
    told: told.map((one) => ({ ...one, atMs: nowMs })),
    isMessage: about === 'opportunities',
    nowMs,
  })
}

/** Answers with how many were forgotten. */
export async function forgetOldTold(db: Executor, { nowMs }: { nowMs: number }): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('pools_told')
    .where('told_at', '<', nowMs - TOLD_KEPT_MS)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

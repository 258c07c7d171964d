import { sql } from 'kysely'
import type { Transition } from '../src/domain/alerting/transition.ts'
import type { PositionRef } from '../src/domain/position.ts'
import { alertOf } from './outbox.ts'
import type { Database, Executor, OutboxRow } from './schema.ts'
import { isPostgres, transact } from './transact.ts'

/** One alert on its way to Telegram. */
export interface Delivery {
  readonly rowId: number
  /** The same for every attempt, so that a repeat can be recognised. */
  readonly deliveryId: string
  readonly chatId: number
  readonly threadId: number | null
  readonly ref: PositionRef
  readonly label: string | null
  readonly transition: Transition
  readonly createdAtMs: number
  /** Attempts including this one. */
  readonly attempt: number
  readonly maybeRepeat: boolean
  readonly plain: boolean
}

export interface ClaimOptions {
  readonly nowMs: number
  /** Used when the row has none yet. */
  readonly newDeliveryId: string
}

/**
 * Takes the most urgent alert that is ready, from a chat with none under way, and marks it `sending`. From here until it is
 * settled its outcome counts as unknown.
 */
export async function claim(db: Database, options: ClaimOptions): Promise<Delivery | undefined> {
  return transact(db, async (tx) => {
    let query = tx
      .selectFrom('outbox')
      .selectAll('outbox')
      .where('state', '=', sql.lit('pending' as const))
      .where('not_before', '<=', options.nowMs)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('outbox as busy')
              .select('busy.id')
              .whereRef('busy.chat_id', '=', 'outbox.chat_id')
              .where('busy.state', '=', sql.lit('sending' as const)),
          ),
        ),
      )
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('chats')
              .select('chats.id')
              .whereRef('chats.id', '=', 'outbox.chat_id')
              .where('chats.quiet_until', '>', options.nowMs),
          ),
        ),
      )
      .orderBy('urgency')
      .orderBy('health_wad_sort')
      .orderBy('id')
      .limit(1)
    if (isPostgres(tx)) query = query.forUpdate().skipLocked()
    const row = await query.executeTakeFirst()
    if (!row) return undefined
    const taken = {
      state: 'sending' as const,
      delivery_id: row.delivery_id ?? options.newDeliveryId,
      sending_at: options.nowMs,
      attempts: row.attempts + 1,
    }
    await tx.updateTable('outbox').set(taken).where('id', '=', row.id).execute()
    return deliveryOf(tx, { ...row, ...taken })
  })
}

async function deliveryOf(tx: Executor, row: OutboxRow & { delivery_id: string }): Promise<Delivery> {
  const { ref, transition } = alertOf(row)
  const watch = await tx
    .selectFrom('watches')
    .select('label')
    .where('chat_id', '=', row.chat_id)
    .where('owner', '=', ref.owner)
    .executeTakeFirst()
  return {
    rowId: row.id,
    deliveryId: row.delivery_id,
    chatId: row.chat_id,
    threadId: row.thread_id,
    ref,
    label: watch?.label ?? null,
    transition,
    createdAtMs: row.created_at,
    attempt: row.attempts,
    maybeRepeat: row.maybe_repeat === 1,
    plain: row.plain === 1,
  }
}

import type { Transition } from '../src/domain/alerting/decide.ts'
import { urgencyOf } from '../src/domain/alerting/urgency.ts'
import type { PositionRef } from '../src/domain/position.ts'
import { fromJson, toJson } from './json.ts'
import type { Executor } from './schema.ts'

const UINT256_DIGITS = 78

export interface NewAlert {
  readonly chatId: number
  readonly threadId: number | null
  readonly positionId: number
  readonly ref: PositionRef
  readonly transition: Transition
  readonly nowMs: number
}

/** Commits to telling a transition. Only inside the transaction that stores the state it belongs to. */
export async function addToOutbox(tx: Executor, alert: NewAlert): Promise<void> {
  const { transition, ref } = alert
  const { kind, episode, seq } = transition
  const health = (transition.reading ?? transition.before)?.health
  const healthWad = health && !health.noDebt ? health.healthWad : 0n
  await tx
    .insertInto('outbox')
    .values({
      key: `${kind}:${alert.chatId}:${alert.positionId}:${episode}:${seq}`,
      chat_id: alert.chatId,
      thread_id: alert.threadId,
      position_id: alert.positionId,
      kind,
      episode,
      seq,
      urgency: urgencyOf(transition),
      health_wad_sort: healthWad.toString().padStart(UINT256_DIGITS, '0'),
      payload: toJson({ ref, transition }),
      state: 'pending',
      confirm: 'none',
      not_before: alert.nowMs,
      created_at: alert.nowMs,
      attempts: 0,
      maybe_repeat: 0,
      plain: 0,
    })
    .execute()
}

/** What an alert is about, as it was committed. */
export function alertOf(row: { payload: string }): { ref: PositionRef; transition: Transition } {
  const { ref, transition } = fromJson(row.payload) as Stored
  // Alerts from before debts could move say nothing about it.
  return { ref, transition: { ...transition, movedTo: transition.movedTo ?? null } }
}

interface Stored {
  readonly ref: PositionRef
  readonly transition: Omit<Transition, 'movedTo'> & { readonly movedTo?: string | null }
}

/** How many alerts wait, and since when the oldest one does. */
export async function outboxDepth(
  db: Executor,
): Promise<{ waiting: number; oldestCreatedAtMs: number | null }> {
  const row = await db
    .selectFrom('outbox')
    .select((eb) => [eb.fn.countAll<number>().as('waiting'), eb.fn.min('created_at').as('oldest')])
    .where('state', 'in', ['pending', 'sending'])
    .executeTakeFirstOrThrow()
  return { waiting: row.waiting, oldestCreatedAtMs: row.oldest }
}

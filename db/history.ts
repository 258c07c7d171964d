import { MESSAGE_KINDS } from '../src/domain/alerting/urgency.ts'
import type { History, ToldAlert } from '../src/domain/history.ts'
import { alertOf } from './outbox.ts'
import type { Executor } from './schema.ts'

/** The alerts of a chat since then, newest first. */
export async function history(
  db: Executor,
  which: { chatId: number; sinceMs: number; limit: number; offset: number },
): Promise<History> {
  const alerts = db
    .selectFrom('outbox')
    .where('outbox.chat_id', '=', which.chatId)
    .where('outbox.created_at', '>=', which.sinceMs)
    .where('outbox.position_id', '>', 0)
    .where('outbox.kind', 'not in', [...MESSAGE_KINDS])
  const { count } = await alerts
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  const rows = await alerts
    .selectAll('outbox')
    .orderBy('outbox.created_at', 'desc')
    .orderBy('outbox.id', 'desc')
    .limit(which.limit)
    .offset(which.offset)
    .execute()
  const told: ToldAlert[] = []
  for (const row of rows) {
    const alert = alertOf(row)
    const watch = await db
      .selectFrom('watches')
      .select('label')
      .where('chat_id', '=', row.origin_chat_id ?? row.chat_id)
      .where('owner', '=', alert.ref.owner)
      .executeTakeFirst()
    told.push({
      ...alert,
      label: watch?.label ?? null,
      createdAtMs: row.created_at,
      state: row.state,
      settledAtMs: row.settled_at,
      maybeRepeat: row.maybe_repeat === 1,
      seenAtMs: row.seen_at,
    })
  }
  return { alerts: told, count }
}

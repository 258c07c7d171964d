import { sql } from 'kysely'
import type { LenderState } from '../src/domain/pools/lender-alerts.ts'
import { fromJson, toJson } from './json.ts'
import type { Executor } from './schema.ts'

const BULK = 500
/** A market in which nobody of the chat was seen for so long is forgotten. */
const KEPT_MS = 30 * 86_400_000

/** Whose state it is: one owner in one market, as one chat knows it. */
export interface LenderPlace {
  readonly chatId: number
  readonly owner: string
  /** Key of the opportunity. */
  readonly market: string
}

export function lenderKey({ chatId, owner, market }: LenderPlace): string {
  return `${chatId} ${owner} ${market}`
}

/** What these chats know of their markets, by `lenderKey`. */
export async function lenderStatesOf(
  db: Executor,
  chatIds: readonly number[],
): Promise<Map<string, LenderState>> {
  const states = new Map<string, LenderState>()
  for (let start = 0; start < chatIds.length; start += BULK) {
    const rows = await db
      .selectFrom('lender_states')
      .selectAll()
      .where('chat_id', 'in', chatIds.slice(start, start + BULK))
      .execute()
    for (const { chat_id, owner, market, state } of rows) {
      states.set(lenderKey({ chatId: chat_id, owner, market }), fromJson(state) as LenderState)
    }
  }
  return states
}

/** Keeps a state: in the transaction that accepts what is told of it. */
export async function saveLenderState(
  tx: Executor,
  saved: LenderPlace & { state: LenderState; nowMs: number },
): Promise<void> {
  const { chatId, owner, market, state, nowMs } = saved
  await tx
    .insertInto('lender_states')
    .values({ chat_id: chatId, owner, market, state: toJson(state), seen_at: nowMs })
    .onConflict((conflict) =>
      conflict
        .columns(['chat_id', 'owner', 'market'])
        .doUpdateSet({ state: sql.ref('excluded.state'), seen_at: sql.ref('excluded.seen_at') }),
    )
    .execute()
}

/** Answers with how many were forgotten. */
export async function forgetOldLenderStates(db: Executor, { nowMs }: { nowMs: number }): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('lender_states')
    .where('seen_at', '<', nowMs - KEPT_MS)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

import type { Address } from '../src/domain/address.ts'
import { DRILL_OWNERS } from '../src/domain/drill.ts'
import type { PoolRules } from '../src/domain/pools/rules.ts'
import { fromJson } from './json.ts'
import type { Executor } from './schema.ts'

/** A wallet of a chat that wants to hear of opportunities. */
export interface PoolWatcher {
  readonly chatId: number
  readonly threadId: number | null
  readonly owner: Address
  readonly label: string | null
  readonly rules: PoolRules
}

/** Wallets of all chats that may be written to and want to hear of opportunities, or of one of them whatever it wants. */
export async function poolWatchers(
  db: Executor,
  { limit, chatId }: { limit: number; chatId?: number },
): Promise<PoolWatcher[]> {
  let query = db
    .selectFrom('watches')
    .innerJoin('pool_rules', 'pool_rules.chat_id', 'watches.chat_id')
    .innerJoin('chats', 'chats.id', 'watches.chat_id')
    .select(['watches.chat_id', 'watches.owner', 'watches.label', 'pool_rules.thread_id', 'pool_rules.rules'])
    .where('pool_rules.enabled', '=', 1)
    .where('chats.state', '=', 'active')
    .where('watches.owner', 'not like', `${DRILL_OWNERS}%`)
    .orderBy('watches.id')
    .limit(limit)
  if (chatId !== undefined) query = query.where('watches.chat_id', '=', chatId)
  const rows = await query.execute()
  return rows.map((row) => ({
    chatId: row.chat_id,
    threadId: row.thread_id,
    owner: row.owner as Address,
    label: row.label,
    rules: fromJson(row.rules) as PoolRules,
  }))
}

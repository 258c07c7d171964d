import { LEAST_TVL_USD, type PoolRules, type Preset } from '../src/domain/pools/rules.ts'
import { fromJson, toJson } from './json.ts'
import type { Executor } from './schema.ts'

/** Most tokens on the list of one chat. */
export const MAX_TOKENS = 50
const BULK = 500

/** What one chat wants to hear of pools. */
export interface StoredPoolRules {
  readonly chatId: number
  readonly threadId: number | null
  readonly enabled: boolean
  readonly preset: Preset
  readonly rules: PoolRules
  /** `null` before the first message was accepted. */
  readonly firstToldAtMs: number | null
  readonly dueAtMs: number
}

export interface ListedToken {
  readonly address: string
  readonly symbol: string
}

/** Keeps the rules of a chat; the next look is at once. What was told stays told. The chat must be there. */
export async function savePoolRules(
  tx: Executor,
  change: Omit<StoredPoolRules, 'firstToldAtMs' | 'dueAtMs'> & { nowMs: number },
): Promise<void> {
  const row = {
    thread_id: change.threadId,
    enabled: change.enabled ? 1 : 0,
    preset: change.preset,
    rules: toJson(change.rules),
    min_tvl_usd: Math.max(LEAST_TVL_USD, change.rules.minTvlUsd),
    due_at: change.nowMs,
  }
  await tx
    .insertInto('pool_rules')
    .values({ chat_id: change.chatId, first_told_at: null, ...row })
    .onConflict((conflict) => conflict.column('chat_id').doUpdateSet(row))
    .execute()
}

export async function poolRulesOf(db: Executor, chatId: number): Promise<StoredPoolRules | null> {
  const row = await db.selectFrom('pool_rules').selectAll().where('chat_id', '=', chatId).executeTakeFirst()
  return row ? stored(row) : null
}

/** Chats whose turn it is, the longest waiting first. Only those that may be written to. */
export async function duePoolChats(
  db: Executor,
  at: { nowMs: number; limit: number },
): Promise<StoredPoolRules[]> {
  const rows = await db
    .selectFrom('pool_rules')
    .innerJoin('chats', 'chats.id', 'pool_rules.chat_id')
    .selectAll('pool_rules')
    .where('pool_rules.enabled', '=', 1)
    .where('pool_rules.due_at', '<=', at.nowMs)
    .where('chats.state', '=', 'active')
    .orderBy('pool_rules.due_at')
    .orderBy('pool_rules.chat_id')
    .limit(at.limit)
    .execute()
  return rows.map(stored)
}

/** These chats were looked at: each is due again when its interval is over. */
export async function postponePoolChats(
  tx: Executor,
  chats: readonly { readonly chatId: number; readonly dueAtMs: number }[],
): Promise<void> {
  for (const { chatId, dueAtMs } of chats.slice(0, BULK)) {
    await tx.updateTable('pool_rules').set({ due_at: dueAtMs }).where('chat_id', '=', chatId).execute()
  }
  if (chats.length > BULK) await postponePoolChats(tx, chats.slice(BULK))
}

/** The lowest TVL that any chat asks for; `null` when none wants to hear anything. */
export async function leastTvlUsd(db: Executor): Promise<number | null> {
  const row = await db
    .selectFrom('pool_rules')
    .select((eb) => eb.fn.min('min_tvl_usd').as('least'))
    .where('enabled', '=', 1)
    .executeTakeFirst()
  return row?.least ?? null
}

/** Puts a token on a chat's list; false when the list is full. A token that is there gets the new symbol. */
export async function addPoolToken(
  tx: Executor,
  token: ListedToken & { chatId: number; nowMs: number },
): Promise<boolean> {
  const { chatId, address, symbol, nowMs } = token
  const there = await tx.selectFrom('pool_tokens').select('address').where('chat_id', '=', chatId).execute()
  if (there.length >= MAX_TOKENS && !there.some((row) => row.address === address)) return false
  await tx
    .insertInto('pool_tokens')
    .values({ chat_id: chatId, address, symbol: symbol.slice(0, 100), created_at: nowMs })
    .onConflict((conflict) =>
      conflict.columns(['chat_id', 'address']).doUpdateSet({ symbol: symbol.slice(0, 100) }),
    )
    .execute()
  return true
}

/** Whether it was on the list. */
export async function removePoolToken(
  db: Executor,
  token: { chatId: number; address: string },
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('pool_tokens')
    .where('chat_id', '=', token.chatId)
    .where('address', '=', token.address)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** The lists of these chats, the oldest entry first. */
export async function poolTokensOf(
  db: Executor,
  chatIds: readonly number[],
): Promise<Map<number, ListedToken[]>> {
  const lists = new Map<number, ListedToken[]>()
  for (let start = 0; start < chatIds.length; start += BULK) {
    const rows = await db
      .selectFrom('pool_tokens')
      .selectAll()
      .where('chat_id', 'in', chatIds.slice(start, start + BULK))
      .orderBy('chat_id')
      .orderBy('created_at')
      .orderBy('address')
      .execute()
    for (const { chat_id, address, symbol } of rows) {
      const list = lists.get(chat_id) ?? []
      lists.set(chat_id, list)
      list.push({ address, symbol })
    }
  }
  return lists
}

function stored(row: {
  chat_id: number
  thread_id: number | null
  enabled: number
  preset: string
  rules: string
  due_at: number
  first_told_at: number | null
}): StoredPoolRules {
  return {
    chatId: row.chat_id,
    threadId: row.thread_id,
    enabled: row.enabled === 1,
    preset: row.preset as Preset,
    rules: fromJson(row.rules) as PoolRules,
    firstToldAtMs: row.first_told_at,
    dueAtMs: row.due_at,
  }
}

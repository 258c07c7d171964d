import { sql } from 'kysely'
import type { RangeState } from '../src/domain/pools/range.ts'
import type { Executor } from './schema.ts'

/** Solana wallets that one chat may watch. */
export const MAX_LP_WALLETS = 10
const BULK = 500
/** A position that was not seen for so long is closed. */
const RANGES_KEPT_MS = 7 * 86_400_000

export interface LpWallet {
  readonly chatId: number
  readonly wallet: string
  readonly label: string | null
  readonly threadId: number | null
  readonly dueAtMs: number
}

/** Watches a wallet from now on; `full` when the chat has enough of them. One that is watched gets the label and topic given. */
export async function addLpWallet(
  tx: Executor,
  added: Omit<LpWallet, 'dueAtMs'> & { nowMs: number },
): Promise<'added' | 'known' | 'full'> {
  const there = await tx
    .selectFrom('lp_wallets')
    .select('wallet')
    .where('chat_id', '=', added.chatId)
    .execute()
  const known = there.some(({ wallet }) => wallet === added.wallet)
  if (!known && there.length >= MAX_LP_WALLETS) return 'full'
  const change = { label: added.label, thread_id: added.threadId, due_at: added.nowMs }
  await tx
    .insertInto('lp_wallets')
    .values({ chat_id: added.chatId, wallet: added.wallet, created_at: added.nowMs, ...change })
    .onConflict((conflict) => conflict.columns(['chat_id', 'wallet']).doUpdateSet(change))
    .execute()
  return known ? 'known' : 'added'
}

/** Whether it was watched. Its ranges go with it. */
export async function removeLpWallet(
  db: Executor,
  removed: { chatId: number; wallet: string },
): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('lp_wallets')
    .where('chat_id', '=', removed.chatId)
    .where('wallet', '=', removed.wallet)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

export async function lpWalletsOf(db: Executor, chatId: number): Promise<LpWallet[]> {
  const rows = await db
    .selectFrom('lp_wallets')
    .selectAll()
    .where('chat_id', '=', chatId)
    .orderBy('created_at')
    .orderBy('wallet')
    .execute()
  return rows.map(stored)
}

/** Wallets whose turn it is, the longest waiting first. Only of chats that may be written to. */
export async function dueLpWallets(db: Executor, at: { nowMs: number; limit: number }): Promise<LpWallet[]> {
  const rows = await db
    .selectFrom('lp_wallets')
    .innerJoin('chats', 'chats.id', 'lp_wallets.chat_id')
    .selectAll('lp_wallets')
    .where('lp_wallets.due_at', '<=', at.nowMs)
    .where('chats.state', '=', 'active')
    .orderBy('lp_wallets.due_at')
    .orderBy('lp_wallets.chat_id')
    .limit(at.limit)
    .execute()
  return rows.map(stored)
}

/** What is remembered of the positions of a wallet. */
export async function lpRangesOf(
  db: Executor,
  of: { chatId: number; wallet: string },
): Promise<Map<string, RangeState>> {
  const rows = await db
    .selectFrom('lp_ranges')
    .selectAll()
    .where('chat_id', '=', of.chatId)
    .where('wallet', '=', of.wallet)
    .execute()
  return new Map(
    rows.map((row) => [
      row.position,
      { range: row.range, unknownSinceMs: row.unknown_since, unknownTold: row.unknown_told === 1 },
    ]),
  )
}

/**
 * Keeps where positions stand and when the wallet is looked at next: in the transaction that accepts the message about it. Writes
 * nothing, and says so with `false`, when the wallet is no longer watched. What was not seen for a week is forgotten.
 */
export async function saveLpRanges(
  tx: Executor,
  seen: {
    readonly chatId: number
    readonly wallet: string
    readonly ranges: ReadonlyMap<string, RangeState>
    readonly dueAtMs: number
    readonly nowMs: number
  },
): Promise<boolean> {
  const { chatId, wallet, nowMs } = seen
  const { numUpdatedRows } = await tx
    .updateTable('lp_wallets')
    .set({ due_at: seen.dueAtMs })
    .where('chat_id', '=', chatId)
    .where('wallet', '=', wallet)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  const rows = [...seen.ranges].slice(0, BULK).map(([position, state]) => ({
    chat_id: chatId,
    wallet,
    position,
    range: state.range,
    unknown_since: state.unknownSinceMs,
    unknown_told: state.unknownTold ? 1 : 0,
    seen_at: nowMs,
  }))
  if (rows.length > 0) {
    await tx
      .insertInto('lp_ranges')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['chat_id', 'wallet', 'position']).doUpdateSet({
          range: sql.ref('excluded.range'),
          unknown_since: sql.ref('excluded.unknown_since'),
          unknown_told: sql.ref('excluded.unknown_told'),
          seen_at: sql.ref('excluded.seen_at'),
        }),
      )
      .execute()
  }
  await tx
    .deleteFrom('lp_ranges')
    .where('seen_at', '<', nowMs - RANGES_KEPT_MS)
    .execute()
  return true
}

function stored(row: {
  chat_id: number
  wallet: string
  label: string | null
  thread_id: number | null
  due_at: number
}): LpWallet {
  return {
    chatId: row.chat_id,
    wallet: row.wallet,
    label: row.label,
    threadId: row.thread_id,
    dueAtMs: row.due_at,
  }
}

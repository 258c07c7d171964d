import type { RangeState } from '../src/domain/pools/range.ts'
import { type PoolRules, PRESET_RULES, type Preset } from '../src/domain/pools/rules.ts'
import {
  addLpWallet,
  type LpWallet,
  lpRangesOf,
  lpWalletsOf,
  MAX_LP_WALLETS,
  removeLpWallet,
} from './lp-wallets.ts'
import {
  addPoolToken,
  type ListedToken,
  MAX_TOKENS,
  poolRulesOf,
  poolTokensOf,
  removePoolToken,
  savePoolRules,
} from './pool-rules.ts'
import type { Database, Executor } from './schema.ts'
import { transact } from './transact.ts'

/** What a chat wants to hear of pools. */
export interface PoolWishes {
  readonly enabled: boolean
  readonly preset: Preset
  readonly rules: PoolRules
}

/** What the pool commands need of the database, each one a single transaction. */
export interface PoolChoices {
  /** The most that one chat may have. */
  readonly most: { readonly tokens: number; readonly wallets: number }
  /** Without any stored: off, with the balanced preset. */
  wishes(chatId: number): Promise<PoolWishes>
  /** Answers with what holds then. Messages go to the topic in which they were turned on last. */
  change(
    at: { chatId: number; threadId: number | null },
    change: (before: PoolWishes) => PoolWishes,
  ): Promise<PoolWishes>
  /** The oldest entry first. */
  tokens(chatId: number): Promise<readonly ListedToken[]>
  /** `full`: there is no room for all of them, and none was added. */
  addTokens(chatId: number, tokens: readonly ListedToken[]): Promise<{ readonly added: number } | 'full'>
  removeToken(chatId: number, address: string): Promise<boolean>
  /** How many there were. */
  clearTokens(chatId: number): Promise<number>
  /** Solana wallets, with where their positions were when last looked at. */
  wallets(chatId: number): Promise<readonly WatchedLp[]>
  /** One that is watched keeps its label unless another is given. */
  watch(wallet: Omit<LpWallet, 'dueAtMs'>): Promise<'added' | 'known' | 'full'>
  unwatch(chatId: number, wallet: string): Promise<boolean>
}

export interface WatchedLp {
  readonly wallet: string
  readonly label: string | null
  readonly ranges: readonly RangeState[]
}

export function createPoolChoices({ db, now }: { db: Database; now: () => number }): PoolChoices {
  return {
    most: { tokens: MAX_TOKENS, wallets: MAX_LP_WALLETS },
    wishes: async (chatId) => wishesOf(await poolRulesOf(db, chatId)),
    change: ({ chatId, threadId }, change) =>
      transact(db, async (tx) => {
        const stored = await poolRulesOf(tx, chatId)
        const before = wishesOf(stored)
        const after = change(before)
        const topic = stored && (before.enabled || !after.enabled) ? stored.threadId : threadId
        await savePoolRules(tx, { chatId, threadId: topic, ...after, nowMs: now() })
        return after
      }),
    tokens: (chatId) => tokensOf(db, chatId),
    addTokens: (chatId, tokens) =>
      transact(db, async (tx) => {
        const there = new Set((await tokensOf(tx, chatId)).map(({ address }) => address))
        const fresh = new Set(tokens.map(({ address }) => address).filter((address) => !there.has(address)))
        if (there.size + fresh.size > MAX_TOKENS) return 'full'
        for (const token of tokens) await addPoolToken(tx, { ...token, chatId, nowMs: now() })
        return { added: fresh.size }
      }),
    removeToken: (chatId, address) => transact(db, (tx) => removePoolToken(tx, { chatId, address })),
    clearTokens: (chatId) =>
      transact(db, async (tx) => {
        const { numDeletedRows } = await tx
          .deleteFrom('pool_tokens')
          .where('chat_id', '=', chatId)
          .executeTakeFirst()
        return Number(numDeletedRows)
      }),
    wallets: async (chatId) =>
      Promise.all(
        (await lpWalletsOf(db, chatId)).map(async ({ wallet, label }) => ({
          wallet,
          label,
          ranges: [...(await lpRangesOf(db, { chatId, wallet })).values()],
        })),
      ),
    watch: (wallet) =>
      transact(db, async (tx) => {
        const there = await lpWalletsOf(tx, wallet.chatId)
        const label = wallet.label ?? there.find((one) => one.wallet === wallet.wallet)?.label ?? null
        return addLpWallet(tx, { ...wallet, label, nowMs: now() })
      }),
    unwatch: (chatId, wallet) => transact(db, (tx) => removeLpWallet(tx, { chatId, wallet })),
  }
}

async function tokensOf(db: Executor, chatId: number): Promise<readonly ListedToken[]> {
  return (await poolTokensOf(db, [chatId])).get(chatId) ?? []
}

function wishesOf(stored: PoolWishes | null): PoolWishes {
  if (!stored) return { enabled: false, preset: 'balanced', rules: PRESET_RULES.balanced }
  const { enabled, preset, rules } = stored
  return { enabled, preset, rules }
}

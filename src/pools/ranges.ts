import pLimit from 'p-limit'
import type { LpWallet } from '../../db/lp-wallets.ts'
import type { RangeChange } from '../../db/pool-messages.ts'
import type { LpPositions } from '../domain/pools/position.ts'
import { decideRange, type RangeState } from '../domain/pools/range.ts'
import { createLoop, type Loop } from '../monitor/loop.ts'

const EVERY_MS = 60_000
const TIMEOUT_MS = 5 * 60_000
const WALLET_EVERY_MS = 5 * 60_000
/** Wallets of one round: the rest waits for the next one. */
const MOST_WALLETS = 200
const AT_ONCE = 4

export interface RangesDeps {
  readonly due: (limit: number) => Promise<readonly LpWallet[]>
  readonly rangesOf: (wallet: LpWallet) => Promise<ReadonlyMap<string, RangeState>>
  /** Throws when they cannot be had. */
  readonly positions: (wallet: string, signal: AbortSignal) => Promise<LpPositions>
  readonly paused: () => Promise<boolean>
  readonly commit: (change: RangeChange) => Promise<void>
  readonly now: () => number
  readonly onQueued: (count: number) => void
  readonly onTrouble: (error: unknown) => void
  readonly onError: (error: unknown) => void
  readonly pauseMs?: number
}

/** Watches where the positions of Solana wallets stand. */
export interface Ranges extends Loop {
  refresh(signal: AbortSignal): Promise<void>
  /** Pools in which the wallets of a chat were seen last. */
  poolsOf(chatId: number): ReadonlySet<string>
}

export function createRanges(deps: RangesDeps): Ranges {
  const seen = new Map<number, Map<string, ReadonlySet<string>>>()

  async function look(wallet: LpWallet, signal: AbortSignal): Promise<void> {
    const nowMs = deps.now()
    const dueAtMs = nowMs + WALLET_EVERY_MS
    const before = await deps.rangesOf(wallet)
    const { chatId, threadId, label } = wallet
    const change = { chatId, wallet: wallet.wallet, dueAtMs }
    let positions: LpPositions['positions']
    try {
      positions = (await deps.positions(wallet.wallet, signal)).positions
    } catch (error) {
      if (signal.aborted) throw error
      deps.onTrouble(error)
      // Its turn is over all the same, or it would hold up the others.
      await deps.commit({ ...change, ranges: new Map(), messages: [] })
      return
    }
    const ranges = new Map<string, RangeState>()
    const messages: RangeChange['messages'][number][] = []
    for (const position of positions) {
      const decided = decideRange(before.get(position.position) ?? null, { bins: position.bins, nowMs })
      if (decided.state) ranges.set(position.position, decided.state)
      if (decided.news === null) continue
      const facts = { about: 'range', wallet: wallet.wallet, label, position, news: decided.news } as const
      messages.push({ chatId, threadId, payload: { ...facts, told: [], seenAtMs: nowMs } })
    }
    await deps.commit({ ...change, ranges, messages })
    const pools = seen.get(chatId) ?? new Map<string, ReadonlySet<string>>()
    seen.set(chatId, pools.set(wallet.wallet, new Set(positions.map(({ pool }) => pool))))
    if (messages.length > 0) deps.onQueued(messages.length)
  }

  async function refresh(signal: AbortSignal): Promise<void> {
    if (await deps.paused()) return
    const limit = pLimit(AT_ONCE)
    const wallets = await deps.due(MOST_WALLETS)
    await Promise.all(
      wallets.map((wallet) =>
        limit(async () => {
          if (!signal.aborted) await look(wallet, signal)
        }),
      ),
    )
  }

  const loop = createLoop({
    round: refresh,
    pauseMs: deps.pauseMs ?? EVERY_MS,
    timeoutMs: TIMEOUT_MS,
    onError: deps.onError,
  })
  return {
    ...loop,
    refresh,
    poolsOf: (chatId) => new Set([...(seen.get(chatId)?.values() ?? [])].flatMap((pools) => [...pools])),
  }
}

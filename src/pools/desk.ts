import type { StoredPoolRules } from '../../db/pool-rules.ts'
import type { PoolWatcher } from '../../db/pool-watchers.ts'
import type { YieldPoint } from '../../db/pool-yields.ts'
import type { BestPools, FoundToken, PoolDesk } from '../domain/pools/desk.ts'
import { type Opportunity, opportunityKey } from '../domain/pools/opportunity.ts'
import type { LpPositions } from '../domain/pools/position.ts'
import { type PoolRules, PRESET_RULES } from '../domain/pools/rules.ts'
import { adviceFor } from './advice.ts'
import type { Deposit } from './holdings.ts'
import { matchChats } from './match.ts'
import type { SharedSnapshot } from './refresh.ts'
import { createSlices } from './slices.ts'

const CHART_MS = 30 * 86_400_000
const MOST_TOKENS = 10
/** Nobody types more of a token's name. */
const MAX_TEXT = 64

export interface PoolDeskDeps {
  readonly hasPools: boolean
  readonly latest: () => SharedSnapshot | null
  readonly rulesOf: (chatId: number) => Promise<StoredPoolRules | null>
  readonly tokensOf: (chatId: number) => Promise<readonly string[]>
  readonly watchersOf: (chatId: number) => Promise<readonly PoolWatcher[]>
  readonly depositsOf: (owner: PoolWatcher['owner']) => readonly Deposit[]
  readonly history: (asked: { key: string; sinceMs: number }) => Promise<readonly YieldPoint[]>
  /** A picture, or `null` when there is none to draw. */
  readonly draw: (chart: {
    title: string
    points: readonly YieldPoint[]
    isLending: boolean
  }) => Promise<Buffer | null>
  /** `null` without a source of pools. Throws when they cannot be had. */
  readonly positions: ((wallet: string) => Promise<LpPositions>) | null
  readonly paused: () => Promise<boolean>
  readonly pause: (paused: boolean) => Promise<void>
  readonly now: () => number
  readonly clock: () => number
  readonly onError: (error: unknown) => void
}

/** Answers what people ask, out of the shared snapshot: nothing is fetched for a list. */
export function createPoolDesk(deps: PoolDeskDeps): PoolDesk {
  const { latest, now } = deps

  function ageMs(): number | null {
    const times = (latest()?.sources ?? []).flatMap(({ atMs }) => (atMs === null ? [] : [atMs]))
    return times.length === 0 ? null : Math.max(0, now() - Math.min(...times))
  }

  function suspects() {
    return (latest()?.sources ?? []).flatMap(({ source, suspect }) =>
      suspect === null ? [] : [{ source, reason: suspect }],
    )
  }

  async function best(chatId: number, asked: { tokens?: readonly string[] } = {}): Promise<BestPools> {
    const snapshot = latest()
    const rules: PoolRules = (await deps.rulesOf(chatId))?.rules ?? PRESET_RULES.balanced
    const tokens = asked.tokens ?? (await deps.tokensOf(chatId))
    const rows: BestPools['rows'][number][] = []
    if (snapshot) {
      await matchChats(
        {
          index: snapshot.index,
          giveWay: createSlices(deps.clock),
          found: (_, ranked) => {
            rows.push(...ranked)
          },
        },
        [{ chatId, rules, tokens }],
      )
    }
    const reasons = suspects().map(({ source, reason }) => `${source}: ${reason}`)
    return {
      rows,
      count: snapshot?.opportunities.length ?? 0,
      ageMs: ageMs(),
      suspect: reasons.length === 0 ? null : reasons.join('; '),
    }
  }

  async function findTokens(text: string): Promise<readonly FoundToken[]> {
    const wanted = text.trim().slice(0, MAX_TEXT)
    const symbol = wanted.toLowerCase()
    if (symbol === '') return []
    const giveWay = createSlices(deps.clock)
    const found = new Map<string, FoundToken>()
    for (const { tokens } of latest()?.opportunities ?? []) {
      await giveWay()
      for (const token of tokens) {
        const isIt =
          token.address === wanted ||
          // An EVM address may be typed in any case, a Solana one may not.
          (symbol.startsWith('0x') && token.address === symbol) ||
          token.symbol.trim().toLowerCase() === symbol
        if (!isIt) continue
        const count = (found.get(token.address)?.count ?? 0) + 1
        found.set(token.address, { ...token, count })
      }
    }
    const rank = (token: FoundToken): number => (token.verified === true ? 1 : 0)
    return [...found.values()].sort((a, b) => rank(b) - rank(a) || b.count - a.count).slice(0, MOST_TOKENS)
  }

  async function chartOf(key: string): Promise<Buffer | null> {
    const points = await deps.history({ key, sinceMs: now() - CHART_MS })
    if (points.length < 2) return null
    const one = latest()?.opportunities.find((opportunity) => opportunityKey(opportunity) === key)
    return deps.draw({ title: one?.name ?? key, points, isLending: one ? one.kind === 'lend' : false })
  }

  async function positions(wallet: string): ReturnType<PoolDesk['positions']> {
    if (!deps.positions) return { failed: 'no source of pools is configured' }
    try {
      return await deps.positions(wallet)
    } catch (error) {
      deps.onError(error)
      return { failed: error instanceof Error ? error.message : 'it failed' }
    }
  }

  async function rotations(chatId: number): ReturnType<PoolDesk['rotations']> {
    const byKey = new Map<string, Opportunity>()
    for (const one of latest()?.opportunities ?? []) {
      if (one.kind === 'lend') byKey.set(opportunityKey(one), one)
    }
    return (await deps.watchersOf(chatId)).flatMap(({ owner, label, rules }) => {
      const advice = adviceFor(deps.depositsOf(owner), { byKey, multiplier: rules.multiplier })
      return advice.length === 0 ? [] : [{ owner, label, rotations: advice }]
    })
  }

  return {
    hasPools: deps.hasPools,
    best,
    findTokens,
    chartOf,
    positions,
    rotations,
    stats: async () => ({
      ageMs: ageMs(),
      opportunities: latest()?.opportunities.length ?? 0,
      suspect: suspects(),
      paused: await deps.paused(),
    }),
    pause: (paused) => deps.pause(paused),
  }
}

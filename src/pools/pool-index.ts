import type { Opportunity } from '../domain/pools/opportunity.ts'
import { scoreOf } from '../domain/pools/score.ts'
import type { Ranked } from '../domain/pools/tell.ts'
import type { GiveWay } from './slices.ts'

/** Opportunities by token, the best first. */
export interface PoolIndex {
  /** Only what has a score at all. */
  readonly all: readonly Ranked[]
  readonly byToken: ReadonlyMap<string, readonly Ranked[]>
  /** By their two tokens, or the only one twice; see `pairKey`. */
  readonly byPair: ReadonlyMap<string, readonly Ranked[]>
}

export function pairKey(a: string, b: string): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

const EVERY = 64
/** How much of a list is sorted in one go; the parts are merged. */
const SORT_PART = 4_000

/** One pass over the opportunities: what it costs grows with their number, not with that of the chats. */
export async function buildIndex(
  opportunities: readonly Opportunity[],
  giveWay: GiveWay,
): Promise<PoolIndex> {
  const ranked: Ranked[] = []
  for (const [number, opportunity] of opportunities.entries()) {
    if (number % EVERY === 0) await giveWay()
    const score = scoreOf(opportunity)
    if (score.score > 0) ranked.push({ opportunity, score })
  }
  const all = await sorted(ranked, giveWay)
  const byToken = new Map<string, Ranked[]>()
  const byPair = new Map<string, Ranked[]>()
  // Filled in order of the score, so that every list is sorted.
  for (const [number, one] of all.entries()) {
    if (number % EVERY === 0) await giveWay()
    const { tokens } = one.opportunity
    const [first, second] = tokens
    for (const { address } of tokens) add(byToken, { key: address, one })
    // More than two tokens fit no pair: those are found by each of their tokens alone.
    if (first && tokens.length <= 2)
      add(byPair, { key: pairKey(first.address, (second ?? first).address), one })
  }
  return { all, byToken, byPair }
}

function add(lists: Map<string, Ranked[]>, { key, one }: { key: string; one: Ranked }): void {
  const list = lists.get(key)
  if (!list) lists.set(key, [one])
  else if (list.at(-1) !== one) list.push(one)
}

export function byScore(a: Ranked, b: Ranked): number {
  return b.score.score - a.score.score
}

async function sorted(items: readonly Ranked[], giveWay: GiveWay): Promise<Ranked[]> {
  let runs: Ranked[][] = []
  for (let start = 0; start < items.length; start += SORT_PART) {
    await giveWay()
    runs.push(items.slice(start, start + SORT_PART).sort(byScore))
  }
  while (runs.length > 1) {
    const next: Ranked[][] = []
    for (let index = 0; index < runs.length; index += 2) {
      const [one = [], other = []] = [runs[index], runs[index + 1]]
      next.push(await merged([one, other], giveWay))
    }
    runs = next
  }
  return runs[0] ?? []
}

async function merged(lists: readonly [Ranked[], Ranked[]], giveWay: GiveWay): Promise<Ranked[]> {
  const [left, right] = lists
  const result: Ranked[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    if (result.length % 1_024 === 0) await giveWay()
    const [a, b] = [left[i], right[j]]
    if (a && (!b || byScore(a, b) <= 0)) {
      result.push(a)
      i += 1
    } else if (b) {
      result.push(b)
      j += 1
    }
  }
  return result
}

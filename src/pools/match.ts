import type { Opportunity } from '../domain/pools/opportunity.ts'
import { hasTokens, type PoolRules, passes } from '../domain/pools/rules.ts'
import type { Ranked } from '../domain/pools/tell.ts'
import { byScore, type PoolIndex, pairKey } from './pool-index.ts'
import type { GiveWay } from './slices.ts'

/** What a chat wants: its rules and the tokens it named, by address; none = any. */
export interface Wants {
  readonly chatId: number
  readonly rules: PoolRules
  readonly tokens: readonly string[]
}

/** The best that is found for one chat: nobody reads more. */
export const MOST_MATCHES = 100

/** Looks at chats in groups of equal rules, so that a list of a token is filtered once for a group, not once for a chat. */
interface Matcher {
  /** The best matches, best first, at most a hundred. */
  match(wants: Wants): readonly Ranked[]
}

/** For chats whose rules are the same but for their tokens. Lists are filtered when first asked for and then kept. */
function createMatcher(index: PoolIndex, rules: PoolRules): Matcher {
  const lists = new Map<string, readonly Ranked[]>()
  let any: readonly Ranked[] | undefined

  /** The best of a list that pass. */
  function filtered(all: readonly Ranked[] | undefined): readonly Ranked[] {
    const found: Ranked[] = []
    for (const one of all ?? NONE) {
      if (!passes(one.opportunity, rules)) continue
      found.push(one)
      if (found.length >= MOST_MATCHES) break
    }
    return found
  }

  function remembered(key: string, all: readonly Ranked[] | undefined): readonly Ranked[] {
    const known = lists.get(key)
    if (known) return known
    const found = all ? filtered(all) : NONE
    lists.set(key, found)
    return found
  }

  function pairsOf(tokens: readonly string[]): (readonly Ranked[])[] {
    const found: (readonly Ranked[])[] = []
    for (const [position, token] of tokens.entries()) {
      if (!index.byToken.has(token)) continue
      const others = [...tokens.slice(position), ...rules.quotes.filter((quote) => !tokens.includes(quote))]
      for (const other of others) {
        const key = pairKey(token, other)
        const all = index.byPair.get(key)
        if (all) found.push(remembered(key, all))
      }
    }
    return found
  }

  return {
    match({ tokens }) {
      if (tokens.length === 0) {
        any ??= filtered(index.all)
        return any
      }
      const found =
        rules.sides === 'both'
          ? pairsOf(tokens)
          : tokens.map((token) => remembered(token, index.byToken.get(token)))
      return best(found, rules.sides === 'both')
    },
  }
}

const NONE: readonly Ranked[] = []

/** The best of several sorted lists, each once. Lists of pairs have nothing in common. */
function best(lists: readonly (readonly Ranked[])[], areApart: boolean): readonly Ranked[] {
  const filled = lists.filter(({ length }) => length > 0)
  if (filled.length <= 1) return filled[0] ?? NONE
  const all = areApart ? filled.flat() : [...new Set(filled.flat())]
  return all.sort(byScore).slice(0, MOST_MATCHES)
}

/** Rules that filter alike share a matcher; how often a chat is looked at and what is better for it make no difference. */
function rulesKey(rules: PoolRules): string {
  return JSON.stringify({ ...rules, intervalMs: 0, multiplier: 0 })
}

/** The matches of each chat, in groups of equal rules. `found` is called once per chat. */
export async function matchChats(
  deps: { index: PoolIndex; giveWay: GiveWay; found: (wants: Wants, ranked: readonly Ranked[]) => void },
  chats: readonly Wants[],
): Promise<void> {
  const keys = new Map<PoolRules, string>()
  const groups = new Map<string, Wants[]>()
  for (const wants of chats) {
    await deps.giveWay()
    let key = keys.get(wants.rules)
    if (key === undefined) {
      key = rulesKey(wants.rules)
      keys.set(wants.rules, key)
    }
    const group = groups.get(key)
    if (group) group.push(wants)
    else groups.set(key, [wants])
  }
  for (const group of groups.values()) {
    const [first] = group
    if (!first) continue
    const matcher = createMatcher(deps.index, first.rules)
    for (const wants of group) {
      await deps.giveWay()
      deps.found(wants, matcher.match(wants))
    }
  }
}

/** Whether one opportunity is for a chat: what the index finds without looking at all of them. */
export function isFor(opportunity: Opportunity, { rules, tokens }: Omit<Wants, 'chatId'>): boolean {
  const list = tokens.length === 0 ? null : new Set(tokens)
  return hasTokens(opportunity.tokens, { list, ...rules }) && passes(opportunity, rules)
}

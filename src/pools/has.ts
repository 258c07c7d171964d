import { type Opportunity, opportunityKey } from '../domain/pools/opportunity.ts'
import type { Deposit } from './holdings.ts'
import type { ChatToTell } from './tell.ts'

/** Deposits worth less say nothing about what their owner is content with. */
const LEAST_USD = 10

/** What the people of a chat have: the best that a deposit of theirs earns, and where they are already. */
export function hasOf(
  deposits: readonly Deposit[],
  { byKey, pools }: { byKey: ReadonlyMap<string, Opportunity>; pools: ReadonlySet<string> },
): ChatToTell['has'] {
  const keys = new Set<string>()
  for (const id of pools) keys.add(opportunityKey({ source: 'meteora', id }))
  let yieldPerYear: number | null = null
  for (const { key, supply } of deposits) {
    keys.add(key)
    const total = byKey.get(key)?.yieldPerYear.total
    if (total === undefined || !Number.isFinite(total)) continue
    if (supply.valueUsd !== null && supply.valueUsd < LEAST_USD) continue
    yieldPerYear = Math.max(yieldPerYear ?? 0, total)
  }
  return { yieldPerYear, keys }
}

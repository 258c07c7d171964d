import type { DirtyMark } from '../../db/dirty-owners.ts'
import type { FollowerStore } from '../../db/follower-store.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { Address } from '../domain/address.ts'
import type { ProtocolId } from '../domain/position.ts'
import { discover, type OwnerDiscovery } from './discovery.ts'
import type { StrategyCall } from './strategy-call.ts'

export interface DirtyOwnersDeps {
  readonly strategyCall: StrategyCall
  readonly store: Pick<FollowerStore, 'dueMarks' | 'watchedAmong' | 'storeFound' | 'settleMarks'>
  /** Reads the stored positions of these owners on one protocol now, as the cycle would. */
  readonly readNow: (work: { protocol: ProtocolId; owners: readonly Address[] }) => Promise<unknown>
  readonly now: () => number
}

const OWNERS_PER_ROUND = 100
/** Of a few owners protocols look closely, without trusting an indexer that may not know of the event yet. */
const OWNERS_PER_LOOK = 3
const RETRY_MS = 60_000

/**
 * Looks again at the owners whom an event touched on one protocol: finds their positions, reads them, and clears the marks
 * of those that were seen completely. Whoever was not is looked at again in a minute. Answers with the number looked at.
 */
export function createLookAgain(
  deps: DirtyOwnersDeps,
): (strategy: LendingStrategy, signal: AbortSignal) => Promise<number> {
  async function look(
    strategy: LendingStrategy,
    owners: readonly Address[],
  ): Promise<Map<Address, OwnerDiscovery>> {
    const found: OwnerDiscovery[] = []
    for (let start = 0; start < owners.length; start += OWNERS_PER_LOOK) {
      const part = owners.slice(start, start + OWNERS_PER_LOOK)
      found.push(...(await discover(deps.strategyCall, { strategy, owners: part, priority: 'discovery' })))
    }
    await deps.store.storeFound(found.flatMap(({ discovery }) => discovery.refs))
    await deps.readNow({ protocol: strategy.id, owners })
    return new Map(found.map((answer) => [answer.owner, answer]))
  }

  return async (strategy, signal) => {
    const protocol = strategy.id
    const marks = await deps.store.dueMarks({ protocol, nowMs: deps.now(), limit: OWNERS_PER_ROUND })
    if (marks.length === 0) return 0
    const owners = await deps.store.watchedAmong(marks.map(({ owner }) => owner))
    const seen = owners.length > 0 ? await look(strategy, owners) : new Map<Address, OwnerDiscovery>()
    // What the stop cut short is not a failure to wait a minute for.
    if (signal.aborted) return 0
    const done: DirtyMark[] = []
    const again: DirtyMark[] = []
    for (const mark of marks) {
      const answer = seen.get(mark.owner)
      // Nobody watches this owner any more.
      if (!answer) done.push(mark)
      else if (answer.discovery.kind === 'partial' || !answer.seenAt) again.push(mark)
      // A block from before the event leaves the mark as it is: the next round may meet a newer one.
      else if (answer.seenAt.block.number >= mark.sinceBlock) done.push(mark)
    }
    await deps.store.settleMarks({ done, again, retryAtMs: deps.now() + RETRY_MS })
    return marks.length
  }
}

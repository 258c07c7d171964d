import pLimit from 'p-limit'
import type { LiquidationToTell } from '../../db/commit-liquidations.ts'
import type { LendingStrategy, LiquidatedEvent, LiquidationTold } from '../../protocols/strategy.ts'
import type { Address } from '../domain/address.ts'
import type { PositionRef } from '../domain/position.ts'
import type { StrategyCall } from './strategy-call.ts'

/** A liquidation as an event told it. */
export interface LiquidationSeen {
  readonly event: LiquidatedEvent
  readonly block: number
  readonly logIndex: number
}

export interface DescribeDeps {
  readonly strategyCall: Pick<StrategyCall, 'run'>
  /** At most 500 owners. */
  readonly watchedAmong: (owners: readonly Address[]) => Promise<Address[]>
}

const BUDGET_MS = 5_000
const MAX_DESCRIBED = 50
const SIDE_BY_SIDE = 5
const BULK = 500

const UNTOLD: LiquidationTold = { marketName: null, repaid: null, seized: null }

/**
 * Finds out, within five seconds, what changed hands in the liquidations of watched owners. What cannot be found out in that time
 * is left out: that somebody was liquidated is told all the same.
 */
export function createDescribeLiquidations({
  strategyCall,
  watchedAmong,
}: DescribeDeps): (
  strategy: LendingStrategy,
  seen: readonly LiquidationSeen[],
) => Promise<LiquidationToTell[]> {
  async function watchedOf(seen: readonly LiquidationSeen[]): Promise<LiquidationSeen[]> {
    const owners = [...new Set(seen.map(({ event }) => event.owner))]
    const watched = new Set<Address>()
    for (let start = 0; start < owners.length; start += BULK) {
      for (const owner of await watchedAmong(owners.slice(start, start + BULK))) watched.add(owner)
    }
    return seen.filter(({ event }) => watched.has(event.owner))
  }

  async function describe(strategy: LendingStrategy, event: LiquidatedEvent): Promise<LiquidationTold> {
    const call = { strategy, priority: 'cycle' } as const
    const told = await strategyCall.run(call, (at) => strategy.describeLiquidation(event, at))
    return told.ok ? told.value : UNTOLD
  }

  return async (strategy, seen) => {
    const watched = await watchedOf(seen)
    if (watched.length === 0) return []
    const limit = pLimit(SIDE_BY_SIDE)
    let timer: NodeJS.Timeout | undefined
    const timeIsUp = new Promise<LiquidationTold>((resolve) => {
      timer = setTimeout(() => {
        limit.clearQueue()
        resolve(UNTOLD)
      }, BUDGET_MS)
    })
    const described = watched.map(({ event }, index) =>
      index < MAX_DESCRIBED
        ? Promise.race([limit(() => describe(strategy, event)), timeIsUp])
        : Promise.resolve(UNTOLD),
    )
    const told = await Promise.all(described)
    clearTimeout(timer)
    return watched.map(({ event, block, logIndex }, index) => {
      const { marketName, repaid, seized } = told[index] ?? UNTOLD
      return {
        ref: refOf(strategy, { event, marketName }),
        liquidation: { block, logIndex, repaid, seized },
      }
    })
  }
}

/** The key names the market; what people call it may come later, with the next search. */
function refOf(
  strategy: LendingStrategy,
  { event, marketName }: { event: LiquidatedEvent; marketName: string | null },
): PositionRef {
  const { key, owner } = event
  const market = key.slice(`${strategy.id}:`.length, -`:${owner}`.length)
  return { protocol: strategy.id, key, owner, market, marketName: marketName ?? strategy.name }
}

import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { Address } from '../domain/address.ts'
import type { Supply } from '../domain/pools/lending.ts'
import { opportunityKey } from '../domain/pools/opportunity.ts'
import { createLoop, type Loop } from '../monitor/loop.ts'
import type { StrategyCall } from '../monitor/strategy-call.ts'

const EVERY_MS = 15 * 60_000
const TIMEOUT_MS = 5 * 60_000
/** Owners of one question to a protocol. */
const AT_ONCE = 25
/** Older than this it is not known any more what somebody has. */
const KEPT_MS = 60 * 60_000

/** A deposit, with the key of the opportunity that it is in. */
export interface Deposit {
  readonly key: string
  readonly supply: Supply
}

export interface HoldingsDeps {
  readonly strategies: readonly LendingStrategy[]
  readonly strategyCall: StrategyCall
  /** Whose deposits are asked for: a bounded list. */
  readonly owners: () => Promise<readonly Address[]>
  readonly now: () => number
  readonly onTrouble: (protocol: string, reason: string) => void
  readonly onError: (error: unknown) => void
  readonly pauseMs?: number
}

/** What owners have lent out now. Lives in memory: after a restart it is not known until the first round. */
export interface Holdings extends Loop {
  of(owner: Address): readonly Deposit[]
  refresh(signal: AbortSignal): Promise<void>
}

interface Kept {
  readonly deposits: readonly Deposit[]
  readonly atMs: number
}

export function createHoldings(deps: HoldingsDeps): Holdings {
  const kept = new Map<string, Map<Address, Kept>>()

  async function ask(strategy: LendingStrategy, owners: readonly Address[]): Promise<void> {
    const answer = await deps.strategyCall.run({ strategy, priority: 'discovery' }, (at) =>
      strategy.supplies(owners, at),
    )
    if (!answer.ok) {
      deps.onTrouble(strategy.id, answer.reason)
      return
    }
    const known = kept.get(strategy.id) ?? new Map<Address, Kept>()
    kept.set(strategy.id, known)
    for (const [index, owner] of owners.entries()) {
      const found = answer.value[index]
      if (!found) continue
      const deposits = found.supplies.map((supply) => ({
        key: opportunityKey({ source: strategy.id, id: supply.opportunityId }),
        supply,
      }))
      const seen = new Set(deposits.map(({ key }) => key))
      // Others may exist: those known before are not taken for gone.
      const before = found.kind === 'partial' ? (known.get(owner)?.deposits ?? []) : []
      const all = [...deposits, ...before.filter(({ key }) => !seen.has(key))]
      known.set(owner, { deposits: all, atMs: deps.now() })
    }
  }

  async function refresh(signal: AbortSignal): Promise<void> {
    const owners = [...new Set(await deps.owners())]
    const wanted = new Set(owners)
    for (const known of kept.values()) {
      for (const owner of known.keys()) if (!wanted.has(owner)) known.delete(owner)
    }
    for (let start = 0; start < owners.length; start += AT_ONCE) {
      signal.throwIfAborted()
      const some = owners.slice(start, start + AT_ONCE)
      await Promise.all(deps.strategies.map((strategy) => ask(strategy, some)))
    }
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
    of(owner) {
      const found: Deposit[] = []
      for (const known of kept.values()) {
        const one = known.get(owner)
        if (one && deps.now() - one.atMs <= KEPT_MS) found.push(...one.deposits)
      }
      return found
    },
  }
}

import pLimit from 'p-limit'
import type { Discovery, LendingStrategy } from '../../protocols/strategy.ts'
import type { Address } from '../domain/address.ts'
import type { BlockRef, PositionRef, ProtocolId } from '../domain/position.ts'
import { createLoop, type Loop } from './loop.ts'
import type { StrategyCall } from './strategy-call.ts'

const BATCH_OWNERS = 100
const CONCURRENT_BATCHES = 2
const ROUND_TIMEOUT_MS = 30 * 60_000

export interface SweepDeps {
  readonly strategies: readonly LendingStrategy[]
  readonly strategyCall: StrategyCall
  readonly watchedOwners: () => Promise<Address[]>
  readonly storeFound: (refs: readonly PositionRef[]) => Promise<void>
  readonly intervalMs: number
  readonly onSweep: (report: SweepReport) => void
  readonly onError: (error: unknown) => void
}

export interface SweepReport {
  readonly owners: number
  readonly positions: number
  /** Owner-and-protocol pairs that could not be seen completely. */
  readonly incomplete: number
}

/** Looks at every watched wallet for loans opened since, slowly and in the background. Finding nothing removes nothing. */
export function createSweep(deps: SweepDeps): Loop {
  const limit = pLimit(CONCURRENT_BATCHES)

  async function sweepBatch(owners: readonly Address[]): Promise<SweepReport> {
    const perProtocol = await Promise.all(
      deps.strategies.map((strategy) =>
        discover(deps.strategyCall, { strategy, owners, priority: 'discovery' }),
      ),
    )
    const found = perProtocol.flat()
    const refs = found.flatMap(({ discovery }) => discovery.refs)
    await deps.storeFound(refs)
    return {
      owners: owners.length,
      positions: refs.length,
      incomplete: found.filter(({ discovery }) => discovery.kind === 'partial').length,
    }
  }

  async function round(signal: AbortSignal): Promise<void> {
    const owners = await deps.watchedOwners()
    const batches: Address[][] = []
    for (let start = 0; start < owners.length; start += BATCH_OWNERS) {
      batches.push(owners.slice(start, start + BATCH_OWNERS))
    }
    const reports = await Promise.all(
      batches.map((batch) =>
        limit(async () => (signal.aborted ? { owners: 0, positions: 0, incomplete: 0 } : sweepBatch(batch))),
      ),
    )
    deps.onSweep(
      reports.reduce(
        (total, one) => ({
          owners: total.owners + one.owners,
          positions: total.positions + one.positions,
          incomplete: total.incomplete + one.incomplete,
        }),
        { owners: 0, positions: 0, incomplete: 0 },
      ),
    )
  }

  return createLoop({ round, pauseMs: deps.intervalMs, timeoutMs: ROUND_TIMEOUT_MS, onError: deps.onError })
}

export interface OwnerDiscovery {
  readonly owner: Address
  readonly protocol: ProtocolId
  readonly discovery: Discovery
  /** Block and endpoint of the answer; `null` when nobody answered. */
  readonly seenAt: { readonly block: BlockRef; readonly endpoint: string } | null
}

/** One answer per owner; `partial` with the reason when the protocol could not be asked. */
export async function discover(
  strategyCall: StrategyCall,
  call: { strategy: LendingStrategy; owners: readonly Address[]; priority: 'command' | 'discovery' },
): Promise<OwnerDiscovery[]> {
  const { strategy, owners } = call
  const result = await strategyCall.run(call, async (at) => ({
    discoveries: await strategy.discover(owners, at),
    seenAt: { block: at.block, endpoint: at.endpoint },
  }))
  return owners.map((owner, index) => ({
    owner,
    protocol: strategy.id,
    discovery: (result.ok ? result.value.discoveries[index] : undefined) ?? {
      kind: 'partial',
      refs: [],
      reason: result.ok ? 'the protocol reader gave no answer' : result.reason,
    },
    seenAt: result.ok ? result.value.seenAt : null,
  }))
}

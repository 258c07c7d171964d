import pLimit, { type LimitFunction } from 'p-limit'
import type { CommittedTransition, PositionReading } from '../../db/commit-transitions.ts'
import type { StoredPosition } from '../../db/positions.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import { decide } from '../domain/alerting/decide.ts'
import type { PositionRef, Reading } from '../domain/position.ts'
import type { PhaseRange } from '../domain/schedule.ts'
import type { StrategyCall } from './strategy-call.ts'

/** The owners of a protocol are read in batches of about this many positions. */
const BATCH_POSITIONS = 200

export interface CycleDeps {
  readonly strategies: readonly LendingStrategy[]
  readonly strategyCall: StrategyCall
  readonly duePositions: (range: PhaseRange) => Promise<StoredPosition[]>
  readonly commit: (work: {
    readings: readonly PositionReading[]
    nowMs: number
    decide: typeof decide
  }) => Promise<CommittedTransition[]>
  /** Batches of each protocol that are read at the same time. */
  readonly concurrency: number
  readonly now: () => number
  /** Fires when the process stops: reads cut short by that must not count as failed. */
  readonly stopping: AbortSignal
  readonly onCommitted: (committed: readonly CommittedTransition[]) => void
  /** Told the health of every position with debt that was read. */
  readonly observe?: (key: string, healthWad: bigint) => void
  /** A batch whose results could not be stored; the others go on. */
  readonly onBatchError: (error: unknown) => void
}

export interface CycleFigures {
  readonly positions: number
  readonly unknown: number
  readonly transitions: number
  readonly failedBatches: number
}

/** What falls due by the clock, or positions of which something is known to have changed. */
export type ToRead = readonly PhaseRange[] | { readonly positions: readonly StoredPosition[] }

/** Where the positions of one protocol are read; without a strategy for those of a protocol that is switched off. */
interface Lane {
  readonly strategy: LendingStrategy | null
  readonly limit: LimitFunction
}

/**
 * Reads what is due and stores what it means: due -> read -> decide -> commit. Each protocol has batches, places and commits of its
 * own, so that one that hangs holds up nobody else's alerts.
 */
export function createCycle(deps: CycleDeps): (toRead: ToRead) => Promise<CycleFigures> {
  const lanes: readonly Lane[] = [...deps.strategies, null].map((strategy) => ({
    strategy,
    limit: pLimit(deps.concurrency),
  }))

  async function readBatch(
    strategy: LendingStrategy | null,
    batch: readonly StoredPosition[],
  ): Promise<PositionReading[]> {
    if (!strategy) return batch.map((position) => ({ position, reading: switchedOff }))
    const refs = batch.map(({ ref }) => ref)
    const [settled] = await Promise.allSettled([
      deps.strategyCall.read({ strategy, priority: 'cycle', refs }),
    ])
    return batch.map((position, index) => ({
      position,
      reading: (settled.status === 'fulfilled' ? settled.value[index] : undefined) ?? notRead,
    }))
  }

  async function runBatch(
    strategy: LendingStrategy | null,
    batch: readonly StoredPosition[],
  ): Promise<CycleFigures> {
    const readings = await readBatch(strategy, batch)
    if (deps.stopping.aborted) return NOTHING
    for (const { position, reading } of readings) {
      if (reading.kind === 'ok' && !reading.health.noDebt) {
        deps.observe?.(position.ref.key, reading.health.healthWad)
      }
    }
    try {
      const committed = await deps.commit({ readings, nowMs: deps.now(), decide })
      deps.onCommitted(committed)
      return {
        positions: readings.length,
        unknown: readings.filter(({ reading }) => reading.kind === 'unknown').length,
        transitions: committed.length,
        failedBatches: 0,
      }
    } catch (error) {
      // Nothing of this batch was stored; the next cycle reads and decides anew.
      deps.onBatchError(error)
      return { positions: readings.length, unknown: 0, transitions: 0, failedBatches: 1 }
    }
  }

  return async (toRead) => {
    const due =
      'positions' in toRead
        ? toRead.positions
        : (await Promise.all(toRead.map((range) => deps.duePositions(range)))).flat()
    const figures = await Promise.all(
      lanes.flatMap(({ strategy, limit }) =>
        inBatches(due.filter(({ ref }) => laneOf(ref) === strategy)).map((batch) =>
          limit(() => runBatch(strategy, batch)),
        ),
      ),
    )
    return sum(figures)
  }

  function laneOf({ protocol }: PositionRef): LendingStrategy | null {
    return deps.strategies.find(({ id }) => id === protocol) ?? null
  }
}

const NOTHING: CycleFigures = { positions: 0, unknown: 0, transitions: 0, failedBatches: 0 }

const notRead: Reading = { kind: 'unknown', reason: 'rpc', detail: 'the protocol could not be read' }

/** Somebody still relies on these loans being watched: they must hear that they are not. */
const switchedOff: Reading = {
  kind: 'unknown',
  reason: 'rpc',
  detail: 'this protocol is switched off on this bot',
}

/** Batches of whole owners. */
export function inBatches(positions: readonly StoredPosition[]): StoredPosition[][] {
  const byOwner = new Map<string, StoredPosition[]>()
  for (const position of positions) {
    const { owner } = position.ref
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), position])
  }
  const batches: StoredPosition[][] = []
  let current: StoredPosition[] = []
  for (const ofOwner of byOwner.values()) {
    if (current.length > 0 && current.length + ofOwner.length > BATCH_POSITIONS) {
      batches.push(current)
      current = []
    }
    current.push(...ofOwner)
  }
  if (current.length > 0) batches.push(current)
  return batches
}

export function sum(figures: readonly CycleFigures[]): CycleFigures {
  return figures.reduce(
    (total, one) => ({
      positions: total.positions + one.positions,
      unknown: total.unknown + one.unknown,
      transitions: total.transitions + one.transitions,
      failedBatches: total.failedBatches + one.failedBatches,
    }),
    NOTHING,
  )
}

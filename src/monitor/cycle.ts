import pLimit from 'p-limit'
import type { CommittedTransition, PositionReading } from '../../db/commit-transitions.ts'
import type { PositionMove } from '../../db/move-position.ts'
import type { StoredPosition } from '../../db/positions.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import { decide } from '../domain/alerting/decide.ts'
import { isDrill } from '../domain/drill.ts'
import type { PositionRef, Reading, UnknownReading } from '../domain/position.ts'
import type { PhaseRange } from '../domain/schedule.ts'
import type { StrategyCall } from './strategy-call.ts'

/** Owners are read in batches of about this many positions. */
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
  /** Stores where a debt went, with all that is known about it. Done before its reading is; may be asked for twice. */
  readonly move: (move: PositionMove) => Promise<void>
  readonly concurrency: number
  readonly now: () => number
  /** Fires when the process stops: reads cut short by that must not count as failed. */
  readonly stopping: AbortSignal
  readonly onCommitted: (committed: readonly CommittedTransition[]) => void
  /** Told the health of every real position with debt that was read. */
  readonly observe?: (key: string, healthWad: bigint) => void
  /** A batch whose results could not be stored; the others go on. */
  readonly onBatchError: (error: unknown) => void
  /** A debt whose new place could not be stored; it counts as not seen until it can. */
  readonly onMoveError: (error: unknown, ref: PositionRef) => void
}

export interface CycleFigures {
  readonly positions: number
  readonly unknown: number
  readonly transitions: number
  readonly failedBatches: number
  /** Why positions are unknown, and how many of each; absent when none is. */
  readonly why?: Readonly<Record<string, number>>
}

/** What falls due by the clock, or positions of which something is known to have changed. */
export type ToRead = readonly PhaseRange[] | { readonly positions: readonly StoredPosition[] }

/** Positions of one protocol; `strategy` is `null` when it is switched off. */
interface Part {
  readonly strategy: LendingStrategy | null
  readonly positions: readonly StoredPosition[]
}

/**
 * Reads what is due and stores what it means: due -> read -> decide -> commit. The protocols go side by side, each with batches of
 * owners and a semaphore of its own, and each batch is stored as soon as it is read: a slow protocol holds up nobody else's alert.
 * What still waits when `signal` fires is left to the next turn.
 */
export function createCycle(
  deps: CycleDeps,
): (toRead: ToRead, signal?: AbortSignal) => Promise<CycleFigures> {
  const limits = new Map(deps.strategies.map(({ id }) => [id, pLimit(deps.concurrency)]))
  const rest = pLimit(deps.concurrency)

  function byProtocol(due: readonly StoredPosition[]): Part[] {
    const parts: Part[] = deps.strategies.map((strategy) => ({
      strategy,
      positions: due.filter(({ ref }) => ref.protocol === strategy.id),
    }))
    const on = new Set<string>(deps.strategies.map(({ id }) => id))
    return [...parts, { strategy: null, positions: due.filter(({ ref }) => !on.has(ref.protocol)) }]
  }

  async function readBatch({ strategy, positions }: Part): Promise<PositionReading[]> {
    if (!strategy) return positions.map((position) => ({ position, reading: switchedOff }))
    const refs = positions.map(({ ref }) => ref)
    const readings = await deps.strategyCall
      .read({ strategy, priority: 'cycle', refs })
      .catch((): readonly Reading[] => [])
    return positions.map((position, index) => ({ position, reading: readings[index] ?? notRead }))
  }

  /** The reading itself once its debt is watched where it went: before that nothing may say that it is gone from here. */
  async function moved({ position, reading }: PositionReading): Promise<PositionReading> {
    if (reading.kind !== 'none' || !reading.movedTo) return { position, reading }
    const { movedTo: to, block } = reading
    try {
      await deps.move({ from: position, to, block: block.number, nowMs: deps.now() })
      return { position, reading }
    } catch (error) {
      deps.onMoveError(error, position.ref)
      return { position, reading: notMoved }
    }
  }

  async function runBatch(batch: Part): Promise<CycleFigures> {
    const read = await readBatch(batch)
    if (deps.stopping.aborted) return NOTHING
    const readings: PositionReading[] = []
    for (const one of read) readings.push(await moved(one))
    for (const { position, reading } of readings) {
      if (reading.kind === 'ok' && !reading.health.noDebt && !isDrill(position.ref)) {
        deps.observe?.(position.ref.key, reading.health.healthWad)
      }
    }
    try {
      const committed = await deps.commit({ readings, nowMs: deps.now(), decide })
      deps.onCommitted(committed)
      const unknown = readings.flatMap(({ position, reading }) =>
        reading.kind === 'unknown'
          ? [{ ...NOTHING, unknown: 1, why: { [whyText(position.ref, reading)]: 1 } }]
          : [],
      )
      return sum([{ ...NOTHING, positions: readings.length, transitions: committed.length }, ...unknown])
    } catch (error) {
      // Nothing of this batch was stored; the next cycle reads and decides anew.
      deps.onBatchError(error)
      return { positions: readings.length, unknown: 0, transitions: 0, failedBatches: 1 }
    }
  }

  async function runProtocol({ strategy, positions }: Part, signal?: AbortSignal): Promise<CycleFigures> {
    const limit = (strategy && limits.get(strategy.id)) ?? rest
    const figures = await Promise.all(
      inBatches(positions).map((batch) =>
        limit(() => (signal?.aborted ? Promise.resolve(LEFT_OUT) : runBatch({ strategy, positions: batch }))),
      ),
    )
    return sum(figures)
  }

  return async (toRead, signal) => {
    const due =
      'positions' in toRead
        ? toRead.positions
        : (await Promise.all(toRead.map((range) => deps.duePositions(range)))).flat()
    const settled = await Promise.allSettled(byProtocol(due).map((part) => runProtocol(part, signal)))
    return sum(settled.map((result) => (result.status === 'fulfilled' ? result.value : LEFT_OUT)))
  }
}

/** So many different ones are kept: a detail may name something of each position. */
const MAX_REASONS = 5
const OTHERS = 'others'

const NOTHING = { positions: 0, unknown: 0, transitions: 0, failedBatches: 0 }

/** A batch that did not come to its turn in this round. */
const LEFT_OUT: CycleFigures = { ...NOTHING, failedBatches: 1 }

const notRead: Reading = { kind: 'unknown', reason: 'rpc', detail: 'the protocol could not be read' }

const notMoved: Reading = {
  kind: 'unknown',
  reason: 'rpc',
  detail: 'the debt moved, and where it went could not be stored',
}

/** Somebody still relies on these loans being watched: they must hear that they are not. */
const switchedOff: Reading = {
  kind: 'unknown',
  reason: 'rpc',
  detail: 'this protocol is switched off on this bot',
}

function whyText({ protocol }: PositionRef, { reason, detail }: UnknownReading): string {
  return `${protocol}, ${reason}: ${detail}`
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
  const total = { ...NOTHING }
  const why = new Map<string, number>()
  for (const one of figures) {
    total.positions += one.positions
    total.unknown += one.unknown
    total.transitions += one.transitions
    total.failedBatches += one.failedBatches
    for (const [reason, count] of Object.entries(one.why ?? {})) {
      const kept = why.has(reason) || why.size < MAX_REASONS ? reason : OTHERS
      why.set(kept, (why.get(kept) ?? 0) + count)
    }
  }
  return why.size === 0 ? total : { ...total, why: Object.fromEntries(why) }
}

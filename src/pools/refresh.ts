import type { PoolSource } from '../../protocols/strategy.ts'
import type { Opportunity, OpportunitySource } from '../domain/pools/opportunity.ts'
import { createLoop, type Loop } from '../monitor/loop.ts'
import { buildIndex, type PoolIndex } from './pool-index.ts'
import { createSlices } from './slices.ts'

const EVERY_MS = 5 * 60_000
const TIMEOUT_MS = 2 * 60_000

export interface PoolRefreshDeps {
  readonly sources: readonly PoolSource[]
  readonly now: () => number
  /** Monotonic milliseconds. */
  readonly clock: () => number
  /** A source whose answer is not believed; its last good one stays. */
  readonly onSuspect: (suspect: { source: OpportunitySource; reason: string }) => void
  readonly onError: (error: unknown) => void
  /** After a round in which at least one source was good. Only what is `fresh` may be told. */
  readonly onSnapshot: (snapshot: SharedSnapshot, signal: AbortSignal) => Promise<void>
  readonly pauseMs?: number
}

/** What all chats share. */
export interface SharedSnapshot {
  readonly index: PoolIndex
  /** Also those that earn nothing. */
  readonly opportunities: readonly Opportunity[]
  readonly sources: readonly SourceState[]
}

export interface SourceState {
  readonly source: OpportunitySource
  /** Of the last good answer; `null` before the first one. */
  readonly atMs: number | null
  readonly count: number
  readonly skipped: number
  readonly cut: number
  /** Why the latest answer is not believed; `null` when it is. */
  readonly suspect: string | null
}

export interface PoolRefresh {
  start(): void
  stop(): Promise<void>
  /** One round now: for tests and for a person who asks. */
  refresh(signal: AbortSignal): Promise<void>
  /** The last good one with its age; `null` before the first. */
  latest(): SharedSnapshot | null
}

interface Kept {
  readonly opportunities: readonly Opportunity[]
  readonly state: SourceState
}

/**
 * One snapshot of all sources for everybody, anew every five minutes. A source that fails keeps its last good answer, which can
 * be shown with its age, but nothing of it is told: only what was seen in this round is new or better.
 */
export function createPoolRefresh(deps: PoolRefreshDeps): PoolRefresh {
  const kept = new Map<OpportunitySource, Kept>()
  let latest: SharedSnapshot | null = null

  async function refresh(signal: AbortSignal): Promise<void> {
    const fresh: Opportunity[] = []
    await Promise.all(
      deps.sources.map(async (source) => {
        for (const one of await ask(source, signal)) fresh.push(one)
      }),
    )
    signal.throwIfAborted()
    const giveWay = createSlices(deps.clock)
    const states = deps.sources.map(({ id }) => kept.get(id)?.state ?? nothing(id))
    const all = [...kept.values()].flatMap(({ opportunities }) => opportunities)
    latest = { index: await buildIndex(all, giveWay), opportunities: all, sources: states }
    if (fresh.length === 0) return
    const told = fresh.length === all.length ? latest.index : await buildIndex(fresh, giveWay)
    await deps.onSnapshot({ index: told, opportunities: fresh, sources: states }, signal)
  }

  /** What a source has now, or nothing when that is not believed. */
  async function ask(source: PoolSource, signal: AbortSignal): Promise<readonly Opportunity[]> {
    try {
      const answer = await source.refresh(signal)
      if (answer.kind === 'suspect') return distrust(source.id, answer.reason)
      const { opportunities, atMs, skipped, cut } = answer
      const counts = { count: opportunities.length, skipped, cut }
      kept.set(source.id, { opportunities, state: { source: source.id, atMs, suspect: null, ...counts } })
      return opportunities
    } catch (error) {
      if (signal.aborted) throw error
      deps.onError(error)
      return distrust(source.id, 'it failed')
    }
  }

  function distrust(source: OpportunitySource, reason: string): readonly Opportunity[] {
    const before = kept.get(source)
    const state = { ...(before?.state ?? nothing(source)), suspect: reason }
    kept.set(source, { opportunities: before?.opportunities ?? [], state })
    deps.onSuspect({ source, reason })
    return []
  }

  const loop: Loop = createLoop({
    round: refresh,
    pauseMs: deps.pauseMs ?? EVERY_MS,
    timeoutMs: TIMEOUT_MS,
    onError: deps.onError,
  })
  return {
    start: () => {
      loop.start()
    },
    stop: () => loop.stop(),
    refresh,
    latest: () => latest,
  }
}

function nothing(source: OpportunitySource): SourceState {
  return { source, atMs: null, count: 0, skipped: 0, cut: 0, suspect: null }
}

import { dueSlice, PHASES, type PhaseRange } from '../domain/schedule.ts'
import { type CycleFigures, sum } from './cycle.ts'
import { createLoop, type Loop } from './loop.ts'

const SLICES = 15
const SHORTEST_PAUSE_MS = 100
const ROUND_TIMEOUT_MS = 120_000

export interface CycleReport extends CycleFigures {
  /** Once around all positions, in milliseconds. */
  readonly durationMs: number
  /** Time spent reading and storing within that. */
  readonly workMs: number
}

export interface SchedulerDeps {
  readonly cycle: (ranges: readonly PhaseRange[], signal: AbortSignal) => Promise<CycleFigures>
  readonly intervalMs: number
  /** Steady milliseconds. */
  readonly monotonicNow: () => number
  readonly onCycle: (report: CycleReport) => void
  readonly onError: (error: unknown) => void
}

/**
 * Goes around all positions once per interval, in slices by owner, so that the load is even. Everything is due at once
 * after the start. When reading takes longer than the interval, the next turn starts right after.
 */
export function createScheduler(deps: SchedulerDeps): Loop {
  let cursor = 0
  let sliceStartedAt: number | undefined
  let covered = 0
  let turn = newTurn(0)

  async function round(signal: AbortSignal): Promise<void> {
    const startedAt = deps.monotonicNow()
    const elapsedMs = sliceStartedAt === undefined ? deps.intervalMs : startedAt - sliceStartedAt
    const slice = dueSlice(cursor, { elapsedMs, intervalMs: deps.intervalMs })
    if (slice.ranges.every(({ from, to }) => from === to)) return
    if (covered === 0) turn = newTurn(startedAt)
    const mine = turn
    // A failed slice is not taken again at once: its positions come round in the next turn.
    sliceStartedAt = startedAt
    cursor = slice.cursor
    covered += slice.ranges.reduce((total, { from, to }) => total + to - from, 0)
    mine.slices += 1
    const figures = await deps.cycle(slice.ranges, signal)
    mine.figures.push(figures)
    mine.workMs += deps.monotonicNow() - startedAt
    if (covered < PHASES) return
    covered = 0
    const total = sum(mine.figures)
    deps.onCycle({
      ...total,
      // A slice that failed as a whole left all of its batches out.
      failedBatches: total.failedBatches + mine.slices - mine.figures.length,
      durationMs: deps.monotonicNow() - mine.startedAt,
      workMs: mine.workMs,
    })
  }

  return createLoop({
    round,
    pauseMs: Math.max(SHORTEST_PAUSE_MS, deps.intervalMs / SLICES),
    timeoutMs: ROUND_TIMEOUT_MS,
    onError: deps.onError,
  })
}

interface Turn {
  readonly startedAt: number
  workMs: number
  slices: number
  readonly figures: CycleFigures[]
}

function newTurn(startedAt: number): Turn {
  return { startedAt, workMs: 0, slices: 0, figures: [] }
}

/** Whether the turn shows that the bot sees: everything was tried and stored, and not all of it is unknown. */
export function isVerified({ positions, unknown, failedBatches }: CycleFigures): boolean {
  return failedBatches === 0 && (positions === 0 || unknown < positions)
}

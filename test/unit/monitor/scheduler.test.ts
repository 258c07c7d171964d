import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { PHASES, type PhaseRange } from '../../../src/domain/schedule.ts'
import type { CycleFigures } from '../../../src/monitor/cycle.ts'
import type { Loop } from '../../../src/monitor/loop.ts'
import { type CycleReport, createScheduler, isVerified } from '../../../src/monitor/scheduler.ts'

const INTERVAL_MS = 15_000
const FIGURES: CycleFigures = { positions: 10, unknown: 1, transitions: 2, failedBatches: 0 }

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Watched {
  readonly scheduler: Loop
  readonly slices: { atMs: number; phases: number }[]
  readonly reports: CycleReport[]
  readonly errors: unknown[]
  readonly counts: Uint16Array
}

/** A scheduler over a cycle that notes how often each phase was due. */
function watch(cycle: (round: number) => Promise<void> = () => Promise.resolve()): Watched {
  const startedAt = Date.now()
  const slices: Watched['slices'] = []
  const reports: CycleReport[] = []
  const errors: unknown[] = []
  const counts = new Uint16Array(PHASES)
  const scheduler = createScheduler({
    intervalMs: INTERVAL_MS,
    monotonicNow: () => Date.now(),
    async cycle(ranges: readonly PhaseRange[]) {
      let phases = 0
      for (const { from, to } of ranges) {
        for (let phase = from; phase < to; phase += 1) counts[phase] = (counts[phase] ?? 0) + 1
        phases += to - from
      }
      slices.push({ atMs: Date.now() - startedAt, phases })
      await cycle(slices.length)
      return FIGURES
    },
    onCycle: (report) => reports.push(report),
    onError: (error) => errors.push(error),
  })
  return { scheduler, slices, reports, errors, counts }
}

const takes = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('the scheduler', () => {
  it('reads everything at once after the start', async () => {
    const { scheduler, slices, reports } = watch()
    scheduler.start()
    await vi.advanceTimersByTimeAsync(0)
    expect(slices).toEqual([{ atMs: 0, phases: PHASES }])
    expect(reports).toEqual([{ ...FIGURES, durationMs: 0, workMs: 0 }])
  })

  it('then reads a fifteenth of the owners at a time', async () => {
    const { scheduler, slices } = watch()
    scheduler.start()
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(slices).toHaveLength(16)
    for (const { phases } of slices.slice(1)) {
      expect(phases).toBeGreaterThanOrEqual(Math.floor(PHASES / 15))
      expect(phases).toBeLessThanOrEqual(Math.ceil(PHASES / 15))
    }
  })

  it('comes to every owner once per interval, none left out and none twice as often', async () => {
    const { scheduler, counts } = watch()
    scheduler.start()
    await vi.advanceTimersByTimeAsync(INTERVAL_MS * 20 + 2_000)
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(20)
    expect(Math.max(...counts)).toBeLessThanOrEqual(22)
  })

  it('reports each turn with the sum of its slices and its time', async () => {
    const { scheduler, reports } = watch(() => takes(100))
    scheduler.start()
    await vi.advanceTimersByTimeAsync(INTERVAL_MS * 3)
    const [first, second] = reports
    expect(first).toEqual({ ...FIGURES, durationMs: 100, workMs: 100 })
    const slices = (second?.positions ?? 0) / FIGURES.positions
    expect(slices).toBeGreaterThanOrEqual(13)
    expect(slices).toBeLessThanOrEqual(15)
    expect(second).toEqual({
      positions: slices * 10,
      unknown: slices,
      transitions: slices * 2,
      failedBatches: 0,
      durationMs: (slices - 1) * 1_100 + 100,
      workMs: slices * 100,
    })
  })

  it('takes a larger slice after a slow one, so that the interval is kept', async () => {
    const { scheduler, slices } = watch((round) => (round === 3 ? takes(5_000) : Promise.resolve()))
    scheduler.start()
    await vi.advanceTimersByTimeAsync(10_000)
    const late = slices[3]
    expect(late?.atMs).toBe(8_000)
    expect(late?.phases).toBe(Math.floor((PHASES * 6_000) / INTERVAL_MS))
  })

  it('reads everything once, not once per interval missed, when a slice took very long', async () => {
    const { scheduler, slices } = watch((round) => (round === 2 ? takes(100_000) : Promise.resolve()))
    scheduler.start()
    await vi.advanceTimersByTimeAsync(103_000)
    expect(slices[2]).toEqual({ atMs: 102_000, phases: PHASES })
    expect(slices[3]?.phases).toBeLessThan(PHASES / 10)
  })

  it('starts the next turn right after one that takes longer than the interval', async () => {
    const { scheduler, slices } = watch(() => takes(INTERVAL_MS * 2))
    scheduler.start()
    await vi.advanceTimersByTimeAsync(INTERVAL_MS * 2 * 3 + 3_000)
    expect(slices.map(({ phases }) => phases)).toEqual([PHASES, PHASES, PHASES, PHASES])
    expect(slices.map(({ atMs }) => atMs)).toEqual([0, 31_000, 62_000, 93_000])
  })

  it('goes on after a slice that failed, and does not take it again at once', async () => {
    const { scheduler, slices, errors, counts } = watch((round) =>
      round === 2 ? Promise.reject(new Error('database locked')) : Promise.resolve(),
    )
    scheduler.start()
    await vi.advanceTimersByTimeAsync(INTERVAL_MS)
    expect(errors).toHaveLength(1)
    expect(slices).toHaveLength(16)
    expect(Math.max(...counts)).toBe(2)
  })

  it('reports a turn with a failed slice as one in which not everything was tried', async () => {
    const { scheduler, reports } = watch((round) =>
      round === 3 ? Promise.reject(new Error('database locked')) : Promise.resolve(),
    )
    scheduler.start()
    await vi.advanceTimersByTimeAsync(INTERVAL_MS * 4)
    expect(reports.slice(0, 3).map(({ failedBatches }) => failedBatches)).toEqual([0, 1, 0])
    expect(reports.slice(0, 3).map(isVerified)).toEqual([true, false, true])
  })

  it('counts a turn as verified when something was seen in it, or there was nothing to see', () => {
    const turn = { positions: 10, unknown: 9, transitions: 0, failedBatches: 0 }
    expect(isVerified(turn)).toBe(true)
    expect(isVerified({ ...turn, unknown: 10 })).toBe(false)
    expect(isVerified({ ...turn, failedBatches: 1 })).toBe(false)
    expect(isVerified({ ...turn, positions: 0, unknown: 0 })).toBe(true)
  })

  it('gives up a slice that hangs and goes on with all that has come due', async () => {
    const { scheduler, slices, errors } = watch((round) =>
      round === 2 ? new Promise(() => undefined) : Promise.resolve(),
    )
    scheduler.start()
    await vi.advanceTimersByTimeAsync(1_000 + 120_000 + 1_000)
    expect(String(errors[0])).toContain('given up')
    expect(slices.at(-1)).toEqual({ atMs: 122_000, phases: PHASES })
  })

  it('stops', async () => {
    const { scheduler, slices } = watch()
    scheduler.start()
    await vi.advanceTimersByTimeAsync(2_500)
    await scheduler.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(slices).toHaveLength(3)
    expect(vi.getTimerCount()).toBe(0)
  })
})

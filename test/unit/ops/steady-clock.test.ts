import { describe, expect, it } from 'vitest'
import { createSteadyClock } from '../../../src/ops/steady-clock.ts'

const START = 1_800_000_000_000
const DAY = 86_400_000

/** A machine whose clocks are moved by hand, on a chain whose blocks carry the true time. */
function machine({ wallMs = START }: { wallMs?: number } = {}) {
  let trueMs = START
  let uptimeMs = 5_000.25
  let wallOffsetMs = wallMs - START
  const clock = createSteadyClock({ wallNow: () => trueMs + wallOffsetMs, uptime: () => uptimeMs })
  return {
    clock,
    /** Runs for so long, with a newest block every second. */
    run: (seconds: number) => {
      for (let second = 0; second < seconds; second += 1) {
        trueMs += 1_000
        uptimeMs += 1_000
        clock.seen(trueMs)
      }
    },
    suspend: (ms: number) => {
      trueMs += ms
    },
    setWall: (offsetMs: number) => {
      wallOffsetMs = offsetMs
    },
    /** How far the clock is from the true time. */
    error: () => clock.now() - trueMs,
    trueMs: () => trueMs,
  }
}

describe('the steady clock', () => {
  it('starts at the wall clock, in whole milliseconds', () => {
    expect(machine().clock.now()).toBe(START)
  })

  it.each([DAY, -3_600_000])('is not moved by a wall clock that is set by %s ms', (offsetMs) => {
    const { setWall, run, error } = machine()
    setWall(offsetMs)
    for (let minute = 0; minute < 20; minute += 1) {
      run(60)
      expect(error()).toBe(0)
    }
  })

  it('follows a suspend after half a minute', () => {
    const { suspend, run, error } = machine()
    run(10)
    suspend(DAY)
    run(30)
    expect(error()).toBe(-DAY)
    run(1)
    expect(error()).toBe(0)
  })

  it('follows a wall clock that learned the time after the start', () => {
    const { setWall, run, error } = machine({ wallMs: START - 3_600_000 })
    run(60)
    expect(error()).toBe(-3_600_000)
    setWall(0)
    run(1)
    expect(error()).toBe(0)
  })

  it('follows a suspend only once the wall clock is right again', () => {
    const { suspend, setWall, run, error } = machine()
    suspend(3_600_000)
    setWall(DAY)
    run(120)
    expect(error()).toBe(-3_600_000)
    setWall(0)
    run(1)
    expect(error()).toBe(0)
  })

  it('never goes backwards, also when it started ahead of the time', () => {
    const { clock, setWall, run, error } = machine({ wallMs: START + 3_600_000 })
    setWall(0)
    let before = clock.now()
    for (let second = 0; second < 1_200; second += 1) {
      run(1)
      expect(clock.now() - before).toBe(1_000)
      before = clock.now()
    }
    expect(error()).toBe(3_600_000)
  })

  it('is not moved by one endpoint that lies as a wrong wall clock does', () => {
    const { clock, setWall, run, error, trueMs } = machine()
    setWall(DAY)
    for (let second = 0; second < 120; second += 1) {
      run(1)
      clock.seen(trueMs() + DAY)
    }
    expect(error()).toBe(0)
  })
})

/** How far a clock may be from the newest block and still agree with it. */
const NEAR_MS = 10_000
/** For so long every newest block must speak against the steady clock before it is moved. */
const DOUBT_MS = 30_000

export interface SteadyClockDeps {
  /** Milliseconds since 1970, as the machine is set. Default Date.now. */
  readonly wallNow?: () => number
  /** Milliseconds that run steadily, from any start. Default performance.now. */
  readonly uptime?: () => number
}

export interface SteadyClock {
  /** Whole milliseconds since 1970. Never goes backwards. */
  now(): number
  /** Told about the time of every newest block that was believed, in milliseconds; may move the clock forward. */
  seen(blockMs: number): void
}

/**
 * A clock that starts at the wall clock and then runs steadily, whatever happens to that. It stays behind for ever when the machine
 * was suspended, or had not learned the time yet when the process started. So the chain is the judge: when for 30 s of running no
 * newest block was within 10 s of this clock or before it, and the newest is within 10 s of the wall clock, it jumps to the wall
 * clock. A wall clock that is set to a wrong time agrees with no block and is not followed; nothing moves this clock backwards.
 */
export function createSteadyClock(deps: SteadyClockDeps = {}): SteadyClock {
  const { wallNow = Date.now, uptime = () => performance.now() } = deps
  let offsetMs = wallNow() - uptime()
  let lateSinceMs: number | undefined

  const now = (): number => Math.round(uptime() + offsetMs)

  return {
    now,
    seen(blockMs) {
      if (blockMs - now() <= NEAR_MS) {
        lateSinceMs = undefined
        return
      }
      lateSinceMs ??= uptime()
      if (uptime() - lateSinceMs < DOUBT_MS || Math.abs(wallNow() - blockMs) > NEAR_MS) return
      offsetMs = wallNow() - uptime()
      lateSinceMs = undefined
    },
  }
}

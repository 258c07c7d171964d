/** The fake's own time, in milliseconds since 1970. */
export interface Clock {
  now(): number
  seconds(): number
  advance(ms: number): void
}

/** A clock that can be pushed ahead; it follows real time unless it is frozen. */
export function createClock(options: { frozen: boolean }): Clock {
  const start = Date.now()
  let ahead = 0
  const now = () => (options.frozen ? start : Date.now()) + ahead
  return {
    now,
    seconds: () => Math.floor(now() / 1000),
    advance: (ms) => {
      ahead += ms
    },
  }
}

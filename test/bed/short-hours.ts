const HOUR_MS = 3_600_000

/**
 * From now on a pause of an hour lasts `hourMs`, a longer one in proportion, and shorter ones are what they are. For runs that move
 * the clock by days: what is done hourly and daily has its turn too.
 */
export function shortenHours(hourMs: number): void {
  const real = globalThis.setTimeout
  const shortened = (callback: (...args: unknown[]) => void, ...rest: unknown[]): NodeJS.Timeout => {
    const [ms = 0, ...args] = rest
    const pauseMs = Number(ms)
    return real(callback, pauseMs < HOUR_MS ? pauseMs : (pauseMs / HOUR_MS) * hourMs, ...args)
  }
  globalThis.setTimeout = Object.assign(shortened, real)
}

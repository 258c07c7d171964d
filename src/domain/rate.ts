export interface Rate {
  tick(): void
  /** Ticks within the last 60 seconds. */
  perMinute(): number
}

/** How often something happened lately, counted by the second; `now` in milliseconds. */
export function createRate(now: () => number): Rate {
  const seconds = new Map<number, number>()
  function fresh(): void {
    const oldest = Math.floor(now() / 1000) - 60
    for (const second of seconds.keys()) if (second <= oldest) seconds.delete(second)
  }
  return {
    tick() {
      const second = Math.floor(now() / 1000)
      seconds.set(second, (seconds.get(second) ?? 0) + 1)
      if (seconds.size > 120) fresh()
    },
    perMinute() {
      fresh()
      return [...seconds.values()].reduce((sum, ticks) => sum + ticks, 0)
    },
  }
}

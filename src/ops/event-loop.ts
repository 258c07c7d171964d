export interface EventLoopWatch {
  start(): void
  /** How long the loop was last held up, while that is no more than a minute ago; 0 when it was not. */
  blockedMs(): number
  stop(): Promise<void>
}

const TICK_MS = 1_000
/** A tick that is later than that means that nothing else ran in time either. */
const LATE_MS = 5_000
const RED_FOR_MS = 60_000

/** Notices when something holds up the whole process: a ticker whose ticks come late. `monotonicNow` in steady milliseconds. */
export function createEventLoopWatch(monotonicNow: () => number): EventLoopWatch {
  let lastTickAt = monotonicNow()
  let blocked = { ms: 0, untilMs: 0 }
  let timer: NodeJS.Timeout | undefined

  function look(): void {
    const nowMs = monotonicNow()
    const lateMs = nowMs - lastTickAt - TICK_MS
    if (lateMs > LATE_MS) blocked = { ms: lateMs, untilMs: nowMs + RED_FOR_MS }
  }

  return {
    start() {
      lastTickAt = monotonicNow()
      timer ??= setInterval(() => {
        look()
        lastTickAt = monotonicNow()
      }, TICK_MS)
    },
    blockedMs() {
      // A question may come before the late tick does.
      if (timer) look()
      return monotonicNow() < blocked.untilMs ? Math.round(blocked.ms) : 0
    },
    stop() {
      clearInterval(timer)
      timer = undefined
      return Promise.resolve()
    },
  }
}

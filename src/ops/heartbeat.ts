export interface HeartbeatDeps {
  /** Calls the one address that is configured; answers with the HTTP status. Throws when there is no answer. */
  readonly call: (signal: AbortSignal) => Promise<number>
  readonly isGreen: () => Promise<boolean>
  /** Steady milliseconds. */
  readonly monotonicNow: () => number
  /** Told once when calls begin to fail, not for each of them. */
  readonly onTrouble: (reason: string) => void
  readonly onRecovered: () => void
}

export interface Heartbeat {
  /** A full turn was verified. Calls if a minute has passed and all is well; never holds up whoever tells it, and never throws. */
  cycleVerified(): void
  stop(): Promise<void>
}

const EVERY_MS = 60_000

/** Tells a monitoring service that all is well, so that it can ring when this falls silent. */
export function createHeartbeat(deps: HeartbeatDeps): Heartbeat {
  const stopping = new AbortController()
  let calledAt = Number.NEGATIVE_INFINITY
  let running: Promise<void> | undefined
  let isFailing = false

  async function beat(): Promise<void> {
    if (!(await deps.isGreen())) return
    calledAt = deps.monotonicNow()
    const trouble = await attempt()
    if (stopping.signal.aborted) return
    if (trouble !== null && !isFailing) deps.onTrouble(trouble)
    if (trouble === null && isFailing) deps.onRecovered()
    isFailing = trouble !== null
  }

  async function attempt(): Promise<string | null> {
    try {
      const status = await deps.call(stopping.signal)
      return status >= 200 && status < 300 ? null : `it answered with HTTP ${status}`
    } catch (error) {
      return error instanceof Error ? error.message : 'no answer'
    }
  }

  return {
    cycleVerified() {
      if (running || stopping.signal.aborted || deps.monotonicNow() - calledAt < EVERY_MS) return
      running = beat().finally(() => {
        running = undefined
      })
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

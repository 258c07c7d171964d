/** One thing that must be in order, with the figure it is judged by. */
export interface HealthCheck {
  readonly ok: boolean
  readonly [figure: string]: boolean | number | string | null
}

/** What `/healthz` answers. Never an address, a chat or a key in it: whoever can reach the port may read it. */
export interface HealthReport {
  readonly status: 'ok' | 'red' | 'standby' | 'starting'
  /** Takes part in the work, and all is well. */
  readonly ready: boolean
  readonly checks: Readonly<Record<string, HealthCheck>>
}

export interface HealthDeps {
  readonly isHeld: () => boolean
  readonly cycleSeconds: number
  readonly blockedMs: () => number
  /** When the message that waits longest could have gone out, by `now`; `null` when none waits. Also proves that the database answers. */
  readonly oldestReadyMs: () => Promise<number | null>
  /** The database takes what is written to it, as far as was tried lately. */
  readonly stores: () => boolean
  /** Wall-clock milliseconds. */
  readonly now: () => number
  /** Steady milliseconds. */
  readonly monotonicNow: () => number
}

export interface Health {
  /** Waits for another process to end. */
  standsBy(): void
  /** The loops run: from here on a cycle is expected. */
  works(): void
  /** A full turn in which everything was tried and at least something was seen. */
  cycleVerified(): void
  report(): Promise<HealthReport>
}

const MIN_CYCLE_AGE_MS = 60_000
const CYCLES = 3
const OUTBOX_AGE_MS = 5 * 60_000
const DATABASE_MS = 5_000
/** However often somebody asks, the database is asked at most this often. */
const KEEP_MS = 500

/** Whether the bot can do what it is for: hold the lease, read, send, store, and move at all. */
export function createHealth(deps: HealthDeps): Health {
  const maxCycleAgeMs = Math.max(CYCLES * deps.cycleSeconds * 1000, MIN_CYCLE_AGE_MS)
  let phase: 'starting' | 'standby' | 'working' = 'starting'
  let verifiedAt: number | null = null
  let worksSince = 0
  let kept: { readonly atMs: number; readonly report: Promise<HealthReport> } | undefined

  async function database(): Promise<{ ok: boolean; oldestMs: number | null }> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error('no answer'))
      }, DATABASE_MS)
    })
    try {
      return { ok: true, oldestMs: await Promise.race([deps.oldestReadyMs(), late]) }
    } catch {
      return { ok: false, oldestMs: null }
    } finally {
      clearTimeout(timer)
    }
  }

  async function examine(): Promise<HealthReport> {
    const { ok, oldestMs } = await database()
    const blockedMs = deps.blockedMs()
    const sinceMs = Math.round(deps.monotonicNow() - (verifiedAt ?? worksSince))
    const waitingMs = oldestMs === null ? 0 : Math.max(0, deps.now() - oldestMs)
    const always = { eventLoop: { ok: blockedMs === 0, blockedMs }, database: { ok: ok && deps.stores() } }
    const checks =
      phase === 'working'
        ? {
            lease: { ok: deps.isHeld() },
            cycle: { ok: sinceMs <= maxCycleAgeMs, verified: verifiedAt !== null, ageMs: sinceMs },
            outbox: { ok: ok && waitingMs < OUTBOX_AGE_MS, oldestMs: ok ? waitingMs : null },
            ...always,
          }
        : always
    const isGreen = Object.values(checks).every((check) => check.ok)
    const quiet = phase === 'working' ? 'ok' : phase
    return {
      status: isGreen ? quiet : 'red',
      ready: isGreen && phase === 'working' && verifiedAt !== null,
      checks,
    }
  }

  return {
    standsBy() {
      phase = 'standby'
    },
    works() {
      phase = 'working'
      worksSince = deps.monotonicNow()
      kept = undefined
    },
    cycleVerified() {
      verifiedAt = deps.monotonicNow()
      kept = undefined
    },
    report() {
      const atMs = deps.monotonicNow()
      if (!kept || atMs - kept.atMs > KEEP_MS) kept = { atMs, report: examine() }
      return kept.report
    },
  }
}

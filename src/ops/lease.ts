import { StartError } from '../errors.ts'

/** As the database keeps it. */
interface StoredLease {
  readonly holder: string
  readonly token: number
  readonly renewedAtMs: number
  readonly expiresAtMs: number
}

type Acquired =
  | {
      readonly kind: 'taken'
      readonly token: number
      readonly lastAliveMs: number | null
      readonly nowMs: number
    }
  | { readonly kind: 'held'; readonly lease: StoredLease; readonly nowMs: number }

export interface LeaseDeps {
  readonly store: {
    acquire(over: StoredLease | null): Promise<Acquired>
    renew(token: number): Promise<boolean>
    release(token: number): Promise<void>
  }
  readonly ttlMs: number
  /** Whether the holder of a lease still runs. */
  readonly judge: (holder: string) => 'alive' | 'dead' | 'unknown'
  /** A holder for people. */
  readonly nameOf: (holder: string) => string
  /** Wait for a holder that lives, and take over, instead of refusing to start. */
  readonly standby: boolean
  /** Steady milliseconds. */
  readonly monotonicNow: () => number
  readonly pause: (ms: number) => Promise<void>
  readonly stopping: AbortSignal
  /** Told once, before the first wait. */
  readonly onWaiting: (wait: { standby: boolean; holder: string }) => Promise<void>
  readonly onTrouble: (error: unknown) => void
  /** Somebody else has it: the process must end at once. */
  readonly onLost: () => void
}

/** The lease as this process holds it. */
export interface Lease {
  /** Higher than that of everybody who held it before. */
  readonly token: number
  /** When its last holder was alive for the last time; `null` when there never was one. */
  readonly lastAliveMs: number | null
  /** When it was taken, by the same clock. */
  readonly takenAtMs: number
  /** Whether nobody else can hold it at this moment. Asked just before everything that cannot be taken back. */
  isHeld(): boolean
  renew(): Promise<void>
  release(): Promise<void>
}

const LOOK_EVERY_MS = 1_000

/**
 * Takes the lease, and waits for it where that makes sense: until a lease without a sign of life has run out, or, on standby, until
 * it is free. Throws StartError when another process holds it and lives. `null` when the process was stopped while waiting.
 *
 * How long a stranger's lease lasts is measured here, on the steady clock: its own times may come from a clock that is wrong.
 */
export async function takeLease(deps: LeaseDeps): Promise<Lease | null> {
  let over: StoredLease | null = null
  let seen: { lease: StoredLease; sinceMs: number } | null = null
  let told = false
  while (!deps.stopping.aborted) {
    const askedAtMs = deps.monotonicNow()
    const acquired = await acquire(over)
    if (acquired?.kind === 'taken') return hold(deps, { ...acquired, askedAtMs })
    over = null
    if (acquired) {
      const { lease } = acquired
      const life = deps.judge(lease.holder)
      const renewed = seen !== null && !isSame(seen.lease, lease)
      if (!deps.standby && (life === 'alive' || renewed)) throw new StartError(refusal(acquired))
      if (seen === null || renewed) seen = { lease, sinceMs: deps.monotonicNow() }
      if (life === 'dead' || deps.monotonicNow() - seen.sinceMs >= deps.ttlMs) over = lease
      if (!told && over === null) {
        told = true
        await deps.onWaiting({ standby: deps.standby, holder: deps.nameOf(lease.holder) })
      }
    }
    if (over === null) await deps.pause(LOOK_EVERY_MS)
  }
  return null

  /** A standby outlives a database that is away for a while. */
  async function acquire(of: StoredLease | null): Promise<Acquired | undefined> {
    try {
      return await deps.store.acquire(of)
    } catch (error) {
      if (!deps.standby || !told) throw error
      deps.onTrouble(error)
      return undefined
    }
  }

  function refusal({ lease, nowMs }: { lease: StoredLease; nowMs: number }): string {
    const until = new Date(lease.expiresAtMs).toISOString().slice(11, 19)
    const agoS = Math.max(0, Math.round((nowMs - lease.renewedAtMs) / 1000))
    return (
      `Another Buoy works on this database: ${deps.nameOf(lease.holder)}, until ${until} UTC (renewed ${agoS} s ago). ` +
      'Stop it first, or start this one with BUOY_STANDBY=1 to let it wait and take over.'
    )
  }
}

function isSame(a: StoredLease, b: StoredLease): boolean {
  return a.token === b.token && a.renewedAtMs === b.renewedAtMs
}

interface Taken {
  readonly token: number
  readonly lastAliveMs: number | null
  readonly nowMs: number
  readonly askedAtMs: number
}

function hold(deps: LeaseDeps, { token, lastAliveMs, nowMs, askedAtMs }: Taken): Lease {
  // From when it was asked for, not answered: for everybody else it runs out no sooner than that.
  let untilMs = askedAtMs + deps.ttlMs
  let isOver = false
  return {
    token,
    lastAliveMs,
    takenAtMs: nowMs,
    isHeld: () => !isOver && deps.monotonicNow() < untilMs,
    async renew() {
      const askedAt = deps.monotonicNow()
      if (await deps.store.renew(token)) {
        untilMs = Math.max(untilMs, askedAt + deps.ttlMs)
        return
      }
      isOver = true
      deps.onLost()
    },
    async release() {
      isOver = true
      await deps.store.release(token)
    },
  }
}

import { describe, expect, it, vi } from 'vitest'
import { StartError } from '../../../src/errors.ts'
import { type Lease, type LeaseDeps, takeLease } from '../../../src/ops/lease.ts'

const TTL_MS = 20_000
const AT = Date.UTC(2026, 0, 2, 14, 5, 0)

type Stored = NonNullable<Parameters<LeaseDeps['store']['acquire']>[0]>

/** A lease in memory that only runs out when somebody is sure that its holder is dead; time moves with every pause. */
function bench(over: Partial<LeaseDeps> = {}) {
  let steadyMs = 0
  let stored: Stored | null = null
  const told: unknown[] = []
  const trouble: unknown[] = []
  const onLost = vi.fn()
  let onPause = (): void => undefined
  const store: LeaseDeps['store'] = {
    acquire: (dead) => {
      const before = stored
      const isDead = dead?.token === before?.token && dead?.renewedAtMs === before?.renewedAtMs
      if (before && !isDead) return Promise.resolve({ kind: 'held', lease: before, nowMs: AT + 3_000 })
      const token = (before?.token ?? 0) + 1
      stored = { holder: 'me', token, renewedAtMs: AT, expiresAtMs: AT + TTL_MS }
      return Promise.resolve({ kind: 'taken', token, lastAliveMs: before?.renewedAtMs ?? null, nowMs: AT })
    },
    renew: (token) => Promise.resolve(stored?.token === token),
    release: () => Promise.resolve(),
  }
  const deps: LeaseDeps = {
    store,
    ttlMs: TTL_MS,
    judge: () => 'unknown',
    nameOf: (holder) => `host of ${holder}`,
    standby: false,
    monotonicNow: () => steadyMs,
    pause: (ms) => {
      steadyMs += ms
      onPause()
      return Promise.resolve()
    },
    stopping: new AbortController().signal,
    onWaiting: (wait) => {
      told.push(wait)
      return Promise.resolve()
    },
    onTrouble: (error) => trouble.push(error),
    onLost,
    ...over,
  }
  return {
    deps,
    told,
    trouble,
    onLost,
    held: (holder: string, renewedAtMs = AT): void => {
      stored = { holder, token: 7, renewedAtMs, expiresAtMs: renewedAtMs + TTL_MS }
    },
    onEachPause: (act: () => void): void => {
      onPause = act
    },
    pass: (ms: number): void => {
      steadyMs += ms
    },
    steadyMs: () => steadyMs,
  }
}

async function take(deps: LeaseDeps): Promise<Lease> {
  const lease = await takeLease(deps)
  if (!lease) throw new Error('stopped')
  return lease
}

describe('taking the lease', () => {
  it('takes a free one without waiting', async () => {
    const { deps, told, steadyMs } = bench()
    expect(await take(deps)).toMatchObject({ token: 1, lastAliveMs: null })
    expect(told).toEqual([])
    expect(steadyMs()).toBe(0)
  })

  it('refuses at once while its holder is seen to live, and says who and until when', async () => {
    const { deps, held, told, steadyMs } = bench({ judge: () => 'alive' })
    held('ada')
    const refused = takeLease(deps)
    await expect(refused).rejects.toThrow(StartError)
    await expect(refused).rejects.toThrow(
      'Another Buoy works on this database: host of ada, until 14:05:20 UTC (renewed 3 s ago).',
    )
    expect(told).toEqual([])
    expect(steadyMs()).toBe(0)
  })

  it('does not wait for a holder that is proved dead', async () => {
    const { deps, held, steadyMs } = bench({ judge: () => 'dead' })
    held('ada')
    expect(await take(deps)).toMatchObject({ token: 8, lastAliveMs: AT })
    expect(steadyMs()).toBe(0)
  })

  it('waits for as long as a lease lasts when the holder cannot be seen and gives no sign of life', async () => {
    const { deps, held, told, steadyMs } = bench()
    // Its own times are an hour ahead: a clock that was wrong must not keep anybody out.
    held('elsewhere', AT + 3_600_000)
    expect((await take(deps)).token).toBe(8)
    expect(steadyMs()).toBe(TTL_MS)
    expect(told).toEqual([{ standby: false, holder: 'host of elsewhere' }])
  })

  it('refuses as soon as an unseen holder renews its lease', async () => {
    const { deps, held, onEachPause, steadyMs } = bench()
    held('elsewhere')
    onEachPause(() => {
      if (steadyMs() === 5_000) held('elsewhere', AT + 5_000)
    })
    await expect(takeLease(deps)).rejects.toThrow(StartError)
    expect(steadyMs()).toBe(5_000)
  })

  describe('on standby', () => {
    it('waits behind a holder that lives, says so once, and takes over once it has been silent for a whole lease', async () => {
      const { deps, held, told, onEachPause, steadyMs } = bench({ standby: true, judge: () => 'alive' })
      held('ada')
      onEachPause(() => {
        if (steadyMs() <= 60_000 && steadyMs() % 5_000 === 0) held('ada', AT + steadyMs())
      })
      expect((await take(deps)).token).toBe(8)
      expect(steadyMs()).toBe(60_000 + TTL_MS)
      expect(told).toEqual([{ standby: true, holder: 'host of ada' }])
    })

    it('ends its wait when the process is stopped', async () => {
      const stopping = new AbortController()
      const { deps, held, onEachPause } = bench({
        standby: true,
        judge: () => 'alive',
        stopping: stopping.signal,
      })
      held('ada')
      onEachPause(() => {
        stopping.abort()
      })
      expect(await takeLease(deps)).toBeNull()
    })

    it('outlives a database that is away for a while', async () => {
      const { deps, held, trouble } = bench({ standby: true, judge: () => 'alive' })
      held('ada')
      let asked = 0
      const acquire: LeaseDeps['store']['acquire'] = (over) => {
        asked += 1
        if (asked > 1 && asked < 5) return Promise.reject(new Error('connection refused'))
        return deps.store.acquire(over)
      }
      expect((await take({ ...deps, store: { ...deps.store, acquire } })).token).toBe(8)
      expect(trouble).toHaveLength(3)
    })
  })
})

describe('holding the lease', () => {
  it('counts from when it was asked for, and ends by itself on the steady clock', async () => {
    const { deps, pass } = bench()
    const slow: LeaseDeps['store'] = {
      ...deps.store,
      acquire: (over) => {
        pass(3_000)
        return deps.store.acquire(over)
      },
    }
    const lease = await take({ ...deps, store: slow })
    pass(TTL_MS - 3_001)
    expect(lease.isHeld()).toBe(true)
    pass(1)
    expect(lease.isHeld()).toBe(false)
  })

  it('goes on with each renewal, also after it had run out and nobody took it', async () => {
    const { deps, pass, onLost } = bench()
    const lease = await take(deps)
    pass(TTL_MS * 2)
    expect(lease.isHeld()).toBe(false)
    await lease.renew()
    expect(lease.isHeld()).toBe(true)
    pass(TTL_MS - 1)
    expect(lease.isHeld()).toBe(true)
    expect(onLost).not.toHaveBeenCalled()
  })

  it('a renewal that fails changes nothing: it runs out when it would have', async () => {
    const { deps, pass } = bench()
    const renew = (): Promise<boolean> => Promise.reject(new Error('database is locked'))
    const lease = await take({ ...deps, store: { ...deps.store, renew } })
    pass(TTL_MS - 1)
    await expect(lease.renew()).rejects.toThrow('locked')
    expect(lease.isHeld()).toBe(true)
    pass(1)
    expect(lease.isHeld()).toBe(false)
  })

  it('says at once that it is lost when somebody else has it', async () => {
    const { deps, held, onLost } = bench()
    const lease = await take(deps)
    held('ada')
    await lease.renew()
    expect(onLost).toHaveBeenCalledTimes(1)
    expect(lease.isHeld()).toBe(false)
  })

  it('is not held any more once it is released', async () => {
    const { deps } = bench()
    const lease = await take(deps)
    await lease.release()
    expect(lease.isHeld()).toBe(false)
  })
})

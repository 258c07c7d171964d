import { setTimeout as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createLimiter, type Limiter, type Priority } from '../../src/chain/limiter.ts'

let limiter: Limiter | undefined

afterEach(async () => {
  await limiter?.stop()
})

describe('the limiter', () => {
  it('lets a second look go before a person, a person before the loop, the loop before the search', async () => {
    limiter = createLimiter({ requestsPerSecond: 1_000, maxConcurrent: 1 })
    const order: string[] = []
    let open: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const running = [limiter.run({ priority: 'discovery' }, () => gate)]
    const waiting: Priority[] = ['discovery', 'cycle', 'command', 'verify', 'discovery', 'cycle', 'verify']
    for (const priority of waiting) {
      running.push(
        limiter.run({ priority }, () => {
          order.push(priority)
          return Promise.resolve()
        }),
      )
    }
    const counting = limiter
    await expect.poll(() => counting.queued()).toBe(waiting.length)
    // Bottleneck takes jobs in one turn of the event loop after the other.
    for (let turn = 0; turn < 100; turn += 1) await nextTurn(0)
    open()
    await Promise.all(running)
    expect(order).toEqual(['verify', 'verify', 'command', 'cycle', 'cycle', 'discovery', 'discovery'])
    expect(limiter.queued()).toBe(0)
  })

  it('never runs more at once than it may', async () => {
    limiter = createLimiter({ requestsPerSecond: 1_000, maxConcurrent: 3 })
    const run = limiter
    let now = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 12 }, () =>
        run.run({ priority: 'cycle' }, async () => {
          now += 1
          most = Math.max(most, now)
          await new Promise((resolve) => setTimeout(resolve, 20))
          now -= 1
        }),
      ),
    )
    expect(most).toBe(3)
  })

  it('passes on the result or the error of each job, and one that fails holds up nobody', async () => {
    limiter = createLimiter({ requestsPerSecond: 1_000, maxConcurrent: 1 })
    const failing = limiter.run({ priority: 'cycle' }, () => Promise.reject(new Error('refused')))
    const working = limiter.run({ priority: 'cycle' }, () => Promise.resolve(17))
    await expect(failing).rejects.toThrow('refused')
    expect(await working).toBe(17)
  })

  it('drops what waits when it is stopped', async () => {
    limiter = createLimiter({ requestsPerSecond: 1_000, maxConcurrent: 1 })
    let open: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    let ran = false
    let started = false
    const first = limiter.run({ priority: 'cycle' }, () => {
      started = true
      return gate
    })
    await expect.poll(() => started).toBe(true)
    const second = limiter.run({ priority: 'cycle' }, () => {
      ran = true
      return Promise.resolve()
    })
    const dropped = expect(second).rejects.toThrow()
    const stopped = limiter.stop()
    limiter = undefined
    open()
    await Promise.all([first, dropped, stopped])
    expect(ran).toBe(false)
  })
})

describe('a full queue', () => {
  /** One job holds the only connection; the others wait. */
  async function filled(maxQueued: number) {
    limiter = createLimiter({ requestsPerSecond: 1_000, maxConcurrent: 1, maxQueued })
    const own = limiter
    let open: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const work: Promise<unknown>[] = [own.run({ priority: 'verify' }, () => gate)]
    await expect.poll(() => own.queued()).toBe(0)
    const fill = (priority: Priority, count: number): void => {
      for (let job = 0; job < count; job += 1) work.push(own.run({ priority }, () => Promise.resolve()))
    }
    const refused = (priority: Priority) =>
      own.run({ priority }, () => Promise.resolve()).catch((error: unknown) => error)
    const end = async () => {
      open()
      await Promise.all(work)
    }
    return { own, fill, refused, end }
  }

  const BUSY: unknown = expect.objectContaining({ kind: 'busy' })

  it('refuses the search at half, the loop at four fifths, a person at the end, a second look never', async () => {
    const { own, fill, refused, end } = await filled(10)
    fill('discovery', 5)
    expect(await refused('discovery')).toEqual(BUSY)
    fill('cycle', 3)
    expect(await refused('discovery')).toEqual(BUSY)
    expect(await refused('cycle')).toEqual(BUSY)
    fill('command', 2)
    expect(await refused('command')).toEqual(BUSY)
    fill('verify', 5)
    expect(own.queued()).toBe(15)
    await end()
    expect(own.queued()).toBe(0)
    expect(await own.run({ priority: 'discovery' }, () => Promise.resolve('again'))).toBe('again')
  })

  it('counts a batch as all its requests', async () => {
    const { own, fill, end } = await filled(10)
    fill('command', 6)
    const five = own.run({ priority: 'command', weight: 5 }, () => Promise.resolve())
    await expect(five).rejects.toMatchObject({ kind: 'busy' })
    await end()
  })

  it('is free again at once for the places of those who gave up', async () => {
    const { own, fill, refused, end } = await filled(10)
    const giveUp = new AbortController()
    let ran = 0
    const waiting = Array.from({ length: 5 }, () =>
      own
        .run({ priority: 'discovery', signal: giveUp.signal }, () => {
          ran += 1
          return Promise.resolve()
        })
        .catch((error: unknown) => error),
    )
    expect(await refused('discovery')).toEqual(BUSY)
    giveUp.abort()
    expect(await Promise.all(waiting)).toEqual(
      waiting.map((): unknown => expect.objectContaining({ kind: 'unreachable', message: 'given up' })),
    )
    expect(own.queued()).toBe(0)
    fill('discovery', 5)
    await end()
    expect(ran).toBe(0)
  })
})

describe('the slots of a limiter', () => {
  /** Milliseconds after the start at which each job began. */
  async function starts(jobs: readonly number[], requestsPerSecond: number): Promise<number[]> {
    limiter = createLimiter({ requestsPerSecond, maxConcurrent: 8 })
    const own = limiter
    const zero = performance.now()
    return await Promise.all(
      jobs.map((weight) =>
        own.run({ priority: 'cycle', weight }, () => Promise.resolve(performance.now() - zero)),
      ),
    )
  }

  it('come no faster than the rate, and a batch of n takes n of them', async () => {
    const [first = 0, second = 0, third = 0] = await starts([1, 5, 1], 50)
    // Lower bounds only: a busy machine may be late, never early.
    expect(second - first).toBeGreaterThan(90)
    expect(third - second).toBeGreaterThan(8)
  })

  it('are not spent by jobs that were given up before their turn', async () => {
    limiter = createLimiter({ requestsPerSecond: 1, maxConcurrent: 8 })
    const own = limiter
    await own.run({ priority: 'cycle' }, () => Promise.resolve())
    const giveUp = new AbortController()
    const abandoned = Array.from({ length: 30 }, () =>
      own
        .run({ priority: 'command', signal: giveUp.signal }, () => Promise.resolve())
        .catch(() => 'given up'),
    )
    const patient = own.run({ priority: 'cycle' }, () => Promise.resolve('done'))
    giveUp.abort()
    await Promise.all(abandoned)
    // Thirty slots of a second each would not fit into the time that a test may take.
    expect(await patient).toBe('done')
  })

  it('go on when the clock of the computer is set back by an hour', async () => {
    limiter = createLimiter({ requestsPerSecond: 1_000, maxConcurrent: 2 })
    await limiter.run({ priority: 'cycle' }, () => Promise.resolve())
    const real = Date.now.bind(Date)
    vi.spyOn(Date, 'now').mockImplementation(() => real() - 3_600_000)
    try {
      const own = limiter
      const after = await Promise.all(
        [1, 2, 3].map((value) => own.run({ priority: 'cycle' }, () => Promise.resolve(value))),
      )
      expect(after).toEqual([1, 2, 3])
    } finally {
      vi.restoreAllMocks()
    }
  })

  it('tell how long one more request would wait: longer with more waiting and with a lower rate', async () => {
    const waits: number[] = []
    for (const requestsPerSecond of [100, 10]) {
      const own = createLimiter({ requestsPerSecond, maxConcurrent: 8 })
      expect(own.waitMs()).toBe(0)
      const giveUp = new AbortController()
      const turn = { priority: 'cycle', signal: giveUp.signal } as const
      const work = Array.from({ length: 20 }, () =>
        own.run(turn, () => Promise.resolve()).catch(() => undefined),
      )
      waits.push(own.waitMs())
      giveUp.abort()
      await Promise.all(work)
      await own.stop()
    }
    expect(waits).toEqual([200, 2_000])
  })

  it('count an upstream that answers slowly as worse by that, while nothing waits, and swift ones as equal', async () => {
    const waits: number[] = []
    for (const tookMs of [200, 8_000]) {
      limiter = createLimiter({ requestsPerSecond: 1_000_000, maxConcurrent: 8 })
      const begun = performance.now()
      const uptime = vi.spyOn(performance, 'now').mockReturnValue(begun)
      try {
        await limiter.run({ priority: 'cycle' }, () => {
          uptime.mockReturnValue(begun + tookMs)
          return Promise.resolve()
        })
        waits.push(limiter.waitMs())
      } finally {
        uptime.mockRestore()
        await limiter.stop()
      }
    }
    expect(waits.map(Math.round)).toEqual([0, 8_000])
  })
})

import { afterEach, describe, expect, it } from 'vitest'
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

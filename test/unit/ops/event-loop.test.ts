import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createEventLoopWatch } from '../../../src/ops/event-loop.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('the watch over the event loop', () => {
  function watch() {
    let heldUpMs = 0
    const loop = createEventLoopWatch(() => Date.now() + heldUpMs)
    loop.start()
    return {
      loop,
      /** Time passes and no timer runs. */
      holdUp: (ms: number): void => {
        heldUpMs += ms
      },
    }
  }

  it('sees nothing while ticks come in time, or a little late', async () => {
    const { loop, holdUp } = watch()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(loop.blockedMs()).toBe(0)
    holdUp(4_500)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(loop.blockedMs()).toBe(0)
    await loop.stop()
  })

  it('says how long it was held up, for a minute', async () => {
    const { loop, holdUp } = watch()
    holdUp(20_000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(loop.blockedMs()).toBe(20_000)
    await vi.advanceTimersByTimeAsync(58_000)
    expect(loop.blockedMs()).toBe(20_000)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(loop.blockedMs()).toBe(0)
    await loop.stop()
  })

  it('knows it before the late tick comes, when somebody asks first', async () => {
    const { loop, holdUp } = watch()
    await vi.advanceTimersByTimeAsync(1_000)
    holdUp(21_000)
    expect(loop.blockedMs()).toBe(20_000)
    await loop.stop()
  })

  it('leaves no timer behind once it is stopped', async () => {
    const { loop, holdUp } = watch()
    await loop.stop()
    expect(vi.getTimerCount()).toBe(0)
    holdUp(60_000)
    expect(loop.blockedMs()).toBe(0)
  })
})

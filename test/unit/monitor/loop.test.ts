import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLoop, type Loop, type LoopDeps } from '../../../src/monitor/loop.ts'
import { hangs } from './kit.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function loopOf(over: Partial<LoopDeps> = {}): { loop: Loop; round: LoopDeps['round']; errors: unknown[] } {
  const errors: unknown[] = []
  const round = vi.fn(over.round ?? (() => Promise.resolve()))
  const onError = (error: unknown): void => {
    errors.push(error)
  }
  const loop = createLoop({ pauseMs: 1_000, timeoutMs: 60_000, onError, ...over, round })
  return { loop, round, errors }
}

const takes = (ms: number) => (): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('a loop', () => {
  it('does nothing before it is started', async () => {
    const { round } = loopOf()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(round).not.toHaveBeenCalled()
  })

  it('starts its first round at once and pauses between the end of one and the start of the next', async () => {
    const { loop, round } = loopOf({ round: takes(400) })
    loop.start()
    expect(round).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1_399)
    expect(round).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(round).toHaveBeenCalledTimes(2)
  })

  it('never runs two rounds at once, however long they take and however often it is started or poked', async () => {
    let running = 0
    let most = 0
    const { loop, round } = loopOf({
      async round() {
        running += 1
        most = Math.max(most, running)
        await takes(7_000)()
        running -= 1
      },
    })
    for (let at = 0; at < 60; at += 1) {
      loop.start()
      loop.poke()
      await vi.advanceTimersByTimeAsync(700)
    }
    expect(most).toBe(1)
    expect(round).toHaveBeenCalledTimes(7)
  })

  it('goes on after a round that failed, and reports the error', async () => {
    const broken = new Error('broken')
    const { loop, round, errors } = loopOf({ round: () => Promise.reject(broken) })
    loop.start()
    await vi.advanceTimersByTimeAsync(2_500)
    expect(round).toHaveBeenCalledTimes(3)
    expect(errors).toEqual([broken, broken, broken])
  })

  it('goes on after a round that throws before it returns a promise', async () => {
    const { loop, round, errors } = loopOf({
      round() {
        throw new Error('at once')
      },
    })
    loop.start()
    await vi.advanceTimersByTimeAsync(1_500)
    expect(round).toHaveBeenCalledTimes(2)
    expect(errors).toHaveLength(2)
  })
})

describe('a round that hangs', () => {
  it('is given up after the time-out: its signal fires, the error is told, the next round starts', async () => {
    const signals: AbortSignal[] = []
    const { loop, errors } = loopOf({
      round(signal) {
        signals.push(signal)
        return hangs()
      },
    })
    loop.start()
    await vi.advanceTimersByTimeAsync(59_999)
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    await vi.advanceTimersByTimeAsync(1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(String(errors[0])).toContain('given up after 60 s')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  it('does not cost a round that ends in time anything', async () => {
    const { loop, errors } = loopOf({ round: takes(59_999) })
    loop.start()
    await vi.advanceTimersByTimeAsync(300_000)
    expect(errors).toEqual([])
  })
})

describe('poking a loop', () => {
  it('ends the pause', async () => {
    const { loop, round } = loopOf({ pauseMs: 3_600_000 })
    loop.start()
    await vi.advanceTimersByTimeAsync(5_000)
    loop.poke()
    await vi.advanceTimersByTimeAsync(0)
    expect(round).toHaveBeenCalledTimes(2)
  })

  it('ends one pause only', async () => {
    const { loop, round } = loopOf({ pauseMs: 3_600_000 })
    loop.start()
    await vi.advanceTimersByTimeAsync(0)
    loop.poke()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(round).toHaveBeenCalledTimes(2)
  })

  it('during a round lets the next one follow without a pause: nothing that came meanwhile waits', async () => {
    const { loop, round } = loopOf({ round: takes(500), pauseMs: 3_600_000 })
    loop.start()
    await vi.advanceTimersByTimeAsync(100)
    loop.poke()
    loop.poke()
    await vi.advanceTimersByTimeAsync(400)
    expect(round).toHaveBeenCalledTimes(2)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(round).toHaveBeenCalledTimes(2)
  })
})

describe('stopping a loop', () => {
  it('tells the round under way, waits for its end, and starts no other', async () => {
    const events: string[] = []
    const { loop, round, errors } = loopOf({
      async round(signal) {
        signal.addEventListener('abort', () => events.push('told'))
        await takes(5_000)()
        events.push('ended')
      },
    })
    loop.start()
    await vi.advanceTimersByTimeAsync(100)
    const stopped = loop.stop().then(() => events.push('stopped'))
    await vi.advanceTimersByTimeAsync(4_000)
    expect(events).toEqual(['told'])
    await vi.advanceTimersByTimeAsync(900)
    await stopped
    expect(events).toEqual(['told', 'ended', 'stopped'])
    loop.poke()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(round).toHaveBeenCalledTimes(1)
    expect(errors).toEqual([])
  })

  it('does not wait for the pause', async () => {
    const { loop, round } = loopOf({ pauseMs: 3_600_000 })
    loop.start()
    await vi.advanceTimersByTimeAsync(10)
    await loop.stop()
    expect(round).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('works before the start, and twice', async () => {
    const { loop, round } = loopOf()
    await loop.stop()
    loop.start()
    await loop.stop()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(round).not.toHaveBeenCalled()
  })

  it('leaves no timer behind', async () => {
    const { loop } = loopOf({ round: takes(10) })
    loop.start()
    const stopped = loop.stop()
    await vi.advanceTimersByTimeAsync(10)
    await stopped
    expect(vi.getTimerCount()).toBe(0)
  })
})

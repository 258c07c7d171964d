import { describe, expect, it, vi } from 'vitest'
import { createHeartbeat, type HeartbeatDeps } from '../../../src/ops/heartbeat.ts'

function bench(over: Partial<HeartbeatDeps> = {}) {
  let steadyMs = 0
  const call = vi.fn(() => Promise.resolve(200))
  const onTrouble = vi.fn()
  const onRecovered = vi.fn()
  const heartbeat = createHeartbeat({
    call,
    isGreen: () => Promise.resolve(true),
    monotonicNow: () => steadyMs,
    onTrouble,
    onRecovered,
    ...over,
  })
  /** A turn is verified that much later. */
  async function turn(ms: number): Promise<void> {
    steadyMs += ms
    heartbeat.cycleVerified()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { heartbeat, turn, call, onTrouble, onRecovered }
}

describe('the heartbeat', () => {
  it('is called after a verified turn, and at most once a minute', async () => {
    const { turn, call } = bench()
    await turn(0)
    expect(call).toHaveBeenCalledTimes(1)
    for (let turns = 0; turns < 3; turns += 1) await turn(15_000)
    expect(call).toHaveBeenCalledTimes(1)
    await turn(15_000)
    expect(call).toHaveBeenCalledTimes(2)
  })

  it('is withheld while health is red, and comes with the first turn after that', async () => {
    let isGreen = false
    const { turn, call } = bench({ isGreen: () => Promise.resolve(isGreen) })
    await turn(60_000)
    await turn(60_000)
    expect(call).not.toHaveBeenCalled()
    isGreen = true
    await turn(1_000)
    expect(call).toHaveBeenCalledTimes(1)
  })

  it('is not called twice at once when an answer takes long, and holds up nobody', async () => {
    const call = vi.fn(() => new Promise<number>(() => undefined))
    const { turn } = bench({ call })
    await turn(0)
    await turn(120_000)
    expect(call).toHaveBeenCalledTimes(1)
  })

  it('that fails is said once, not each time, and so is that it works again', async () => {
    let answer: () => Promise<number> = () => Promise.reject(new Error('connection refused'))
    const { turn, onTrouble, onRecovered } = bench({ call: () => answer() })
    for (let turns = 0; turns < 3; turns += 1) await turn(60_000)
    answer = () => Promise.resolve(503)
    await turn(60_000)
    expect(onTrouble.mock.calls).toEqual([['connection refused']])
    answer = () => Promise.resolve(204)
    await turn(60_000)
    await turn(60_000)
    expect(onRecovered).toHaveBeenCalledTimes(1)
  })

  it('ends what is under way when it is stopped, and calls nobody after that', async () => {
    const call = vi.fn(
      (signal: AbortSignal) =>
        new Promise<number>((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('stopped'))
          })
        }),
    )
    const { heartbeat, turn, onTrouble } = bench({ call })
    await turn(0)
    await heartbeat.stop()
    await turn(120_000)
    expect(call).toHaveBeenCalledTimes(1)
    expect(onTrouble).not.toHaveBeenCalled()
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LendingStrategy } from '../../../protocols/strategy.ts'
import type { PositionRef, Reading } from '../../../src/domain/position.ts'
import { createStrategyCall, type PinnedCall, type StrategyCall } from '../../../src/monitor/strategy-call.ts'
import { reading } from '../views/kit.ts'
import { hangs, ownerAt, pinnedDouble, readsAll, refOf, strategyDouble } from './kit.ts'

const REFS = [0, 1, 2].map((index) => refOf('morpho', ownerAt(index)))

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Setup {
  readonly call: StrategyCall
  readonly bugs: unknown[]
  readonly stopping: AbortController
  readonly read: (strategy: LendingStrategy, refs?: readonly PositionRef[]) => Promise<Reading[]>
}

function setUp(pinned: PinnedCall = pinnedDouble): Setup {
  const bugs: unknown[] = []
  const stopping = new AbortController()
  const call = createStrategyCall({
    pinned,
    budgetMs: 20_000,
    stopping: stopping.signal,
    onBug: (error, protocol) => bugs.push([error, protocol]),
  })
  return {
    call,
    bugs,
    stopping,
    read: (strategy, refs = REFS) => call.read({ strategy, priority: 'cycle', refs }),
  }
}

const allUnknown = (detail: string): Reading[] => REFS.map(() => ({ kind: 'unknown', reason: 'rpc', detail }))

describe('reading through a strategy', () => {
  it('gives one reading per position, in the order asked', async () => {
    const healths = new Map(REFS.map(({ key }, index) => [key, reading(`1.${index + 1}`)]))
    const strategy = strategyDouble('morpho', (refs) =>
      Promise.resolve(refs.map(({ key }): Reading => healths.get(key) ?? reading('9'))),
    )
    const backwards = [...REFS].reverse()
    expect(await setUp().read(strategy, backwards)).toEqual(backwards.map(({ key }) => healths.get(key)))
  })

  it('does not ask for nothing', async () => {
    const pinned = vi.fn(pinnedDouble)
    expect(await setUp(pinned as PinnedCall).read(strategyDouble('morpho', readsAll), [])).toEqual([])
    expect(pinned).not.toHaveBeenCalled()
  })

  it('passes on for whom it asks, and a signal that ends with the budget', async () => {
    const options: Parameters<PinnedCall>[0][] = []
    const { call } = setUp((given) => {
      options.push(given)
      return hangs()
    })
    const strategy = strategyDouble('morpho', readsAll)
    const read = call.read({ strategy, priority: 'command', refs: REFS })
    expect(options.map(({ priority, signal }) => [priority, signal?.aborted])).toEqual([['command', false]])
    await vi.advanceTimersByTimeAsync(20_000)
    await read
    expect(options[0]?.signal?.aborted).toBe(true)
  })

  it('calls positions unknown that the reader left out', async () => {
    const short = strategyDouble('morpho', () => Promise.resolve([reading('1.6')]))
    const missing = { kind: 'unknown', reason: 'decode', detail: 'the protocol reader gave no answer' }
    expect(await setUp().read(short)).toEqual([reading('1.6'), missing, missing])
  })

  it('ignores readings that nobody asked for', async () => {
    const long = strategyDouble('morpho', () =>
      Promise.resolve(Array.from({ length: 9 }, () => reading('1.6'))),
    )
    expect(await setUp().read(long)).toHaveLength(3)
  })

  it('calls all of them unknown when no endpoint answers, with the reason', async () => {
    const { read, bugs } = setUp(() => Promise.resolve({ ok: false, reason: 'rpc.example: HTTP 502' }))
    expect(await read(strategyDouble('morpho', readsAll))).toEqual(allUnknown('rpc.example: HTTP 502'))
    expect(bugs).toEqual([])
  })

  it('reports a reader that throws as a bug, and tells people no more than that', async () => {
    const broken = new Error('cannot read properties of undefined (secret detail)')
    const { read, bugs } = setUp()
    const readings = await read(strategyDouble('morpho', () => Promise.reject(broken)))
    expect(readings).toEqual(allUnknown('internal error'))
    expect(bugs).toEqual([[broken, 'morpho']])
  })

  it('takes a reader that throws at once like one that throws later', async () => {
    const { read, bugs } = setUp()
    const strategy = strategyDouble('morpho', () => {
      throw new Error('at once')
    })
    expect(await read(strategy)).toEqual(allUnknown('internal error'))
    expect(bugs).toHaveLength(1)
  })
})

describe('the budget of a strategy', () => {
  it('ends one that hangs, and not a moment earlier', async () => {
    let readings: Reading[] | undefined
    const read = setUp()
      .read(strategyDouble('morpho', hangs))
      .then((all) => {
        readings = all
      })
    await vi.advanceTimersByTimeAsync(19_999)
    expect(readings).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    await read
    expect(readings).toEqual(allUnknown('no answer within 20 s'))
  })

  it('is not touched by an answer that comes in time', async () => {
    const slow = strategyDouble(
      'morpho',
      (refs) =>
        new Promise((resolve) =>
          setTimeout(() => {
            resolve(refs.map(() => reading('1.6')))
          }, 19_000),
        ),
    )
    const read = setUp().read(slow)
    await vi.advanceTimersByTimeAsync(19_000)
    expect((await read).map(({ kind }) => kind)).toEqual(['ok', 'ok', 'ok'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is its own for each strategy: one that hangs costs another nothing', async () => {
    const { read } = setUp()
    const hanging = read(strategyDouble('morpho', hangs))
    expect((await read(strategyDouble('euler', readsAll))).every(({ kind }) => kind === 'ok')).toBe(true)
    await vi.advanceTimersByTimeAsync(20_000)
    expect((await hanging).every(({ kind }) => kind === 'unknown')).toBe(true)
  })

  it('swallows an answer or an error that comes after its end', async () => {
    const { read, bugs } = setUp()
    const late = strategyDouble(
      'morpho',
      () =>
        new Promise((_, reject) =>
          setTimeout(() => {
            reject(new Error('late'))
          }, 30_000),
        ),
    )
    const readings = read(late)
    await vi.advanceTimersByTimeAsync(40_000)
    expect(await readings).toEqual(allUnknown('no answer within 20 s'))
    expect(bugs).toEqual([])
  })

  it('ends at once for everything under way when the process stops', async () => {
    const { read, stopping } = setUp()
    const both = Promise.all([read(strategyDouble('morpho', hangs)), read(strategyDouble('euler', hangs))])
    await vi.advanceTimersByTimeAsync(100)
    stopping.abort()
    expect((await both).flat().every(({ kind }) => kind === 'unknown')).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not begin anew for a call that comes after the stop began', async () => {
    const { read, stopping } = setUp()
    stopping.abort()
    const answered = vi.fn()
    void read(strategyDouble('morpho', hangs)).then(answered)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(answered).toHaveBeenCalledTimes(1)
  })
})

describe('running other work of a strategy', () => {
  it('gives its value, or why there is none', async () => {
    const { call } = setUp()
    const strategy = strategyDouble('morpho', readsAll)
    const run = { strategy, priority: 'discovery' as const }
    expect(await call.run(run, (at) => Promise.resolve(at.endpoint))).toEqual({
      ok: true,
      value: 'double.example',
    })
    expect(await call.run(run, () => Promise.reject(new Error('x')))).toEqual({
      ok: false,
      reason: 'internal error',
    })
  })
})

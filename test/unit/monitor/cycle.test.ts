import { describe, expect, it, vi } from 'vitest'
import type { LendingStrategy } from '../../../protocols/strategy.ts'
import { decide } from '../../../src/domain/alerting/decide.ts'
import type { ProtocolId, Reading } from '../../../src/domain/position.ts'
import { type CycleDeps, inBatches, sum } from '../../../src/monitor/cycle.ts'
import { createStrategyCall } from '../../../src/monitor/strategy-call.ts'
import { aTransition, NOW_MS, reading } from '../views/kit.ts'
import { positionsOf, setUp, WHOLE } from './cycle-kit.ts'
import { hangs, ownerAt, pinnedDouble, readsAll, refOf, storedAt, strategyDouble } from './kit.ts'

describe('batches', () => {
  const many = (owner: number, count: number) =>
    Array.from({ length: count }, (_, index) => storedAt(index, refOf(`morpho/m${index}`, ownerAt(owner))))

  it('hold about 200 positions and lose none', () => {
    const positions = positionsOf(500, ['neverland', 'euler'])
    const batches = inBatches(positions)
    expect(batches.map((batch) => batch.length)).toEqual([200, 200, 200, 200, 200])
    expect(batches.flat()).toHaveLength(1_000)
    expect(new Set(batches.flat().map(({ ref }) => ref.key)).size).toBe(1_000)
  })

  it('keep the positions of an owner together, also when they come scattered', () => {
    const scattered = [...many(1, 150), ...many(2, 150), ...many(1, 10), ...many(3, 40)]
    const batches = inBatches(scattered)
    const owners = batches.map((batch) => [...new Set(batch.map(({ ref }) => ref.owner))])
    expect(owners).toEqual([[ownerAt(1)], [ownerAt(2), ownerAt(3)]])
  })

  it('are larger only for an owner who has more than that alone', () => {
    expect(inBatches([...many(1, 10), ...many(2, 450), ...many(3, 10)]).map((batch) => batch.length)).toEqual(
      [10, 450, 10],
    )
  })

  it('are none for nothing', () => {
    expect(inBatches([])).toEqual([])
  })
})

describe('a cycle', () => {
  it('reads what is due in every range and commits each position with its own reading', async () => {
    const healths: Record<string, string> = { neverland: '1.2', euler: '1.9' }
    const strategies = (['neverland', 'euler'] as const).map((id) =>
      strategyDouble(id, (refs) => Promise.resolve(refs.map(() => reading(healths[id] ?? '9')))),
    )
    const ranges = [
      { from: 60_000, to: 65_536 },
      { from: 0, to: 100 },
    ]
    const duePositions = vi.fn<CycleDeps['duePositions']>((range) =>
      Promise.resolve(positionsOf(range.from === 0 ? 1 : 0, ['neverland', 'euler'])),
    )
    const { run, commits, committed } = setUp([], { strategies, duePositions })
    const figures = await run(ranges)
    expect(duePositions.mock.calls.map(([range]) => range)).toEqual(ranges)
    expect(committed()).toEqual(
      new Map([
        [`neverland:m:${ownerAt(0)}`, reading('1.2')],
        [`euler:m:${ownerAt(0)}`, reading('1.9')],
      ]),
    )
    expect(commits[0]).toMatchObject({ nowMs: NOW_MS, decide })
    expect(figures).toEqual({ positions: 2, unknown: 0, transitions: 0, failedBatches: 0 })
  })

  it('hands on what was committed and counts it', async () => {
    const [position] = positionsOf(1, ['neverland'])
    if (!position) throw new Error('one position is due')
    const told = { chatId: 7, ref: position.ref, transition: aTransition() }
    const onCommitted = vi.fn()
    const { run } = setUp([position], {
      strategies: [strategyDouble('neverland', readsAll)],
      commit: () => Promise.resolve([told]),
      onCommitted,
    })
    expect(await run(WHOLE)).toMatchObject({ positions: 1, transitions: 1 })
    expect(onCommitted.mock.calls).toEqual([[[told]]])
  })

  it('reads positions that are handed to it as it reads those that are due, and asks for no others', async () => {
    const [first, second] = positionsOf(2, ['neverland'])
    if (!first || !second) throw new Error('two positions were made')
    const { run, committed } = setUp([first], { strategies: [strategyDouble('neverland', readsAll)] })
    expect(await run({ positions: [second] })).toMatchObject({ positions: 1, unknown: 0 })
    expect([...committed().keys()]).toEqual([second.ref.key])
    expect(await run({ positions: [] })).toMatchObject({ positions: 0 })
  })

  it('tells the health of what it could read, where there is debt, and of nothing else', async () => {
    const answers: Record<string, Reading> = {
      [ownerAt(0)]: reading('1.2'),
      [ownerAt(1)]: reading('nodebt'),
      [ownerAt(2)]: { kind: 'unknown', reason: 'rpc', detail: 'x' },
    }
    const strategy = strategyDouble('neverland', (refs) =>
      Promise.resolve(refs.flatMap(({ owner }) => answers[owner] ?? [])),
    )
    const observe = vi.fn()
    const { run } = setUp(positionsOf(3, ['neverland']), { strategies: [strategy], observe })
    await run(WHOLE)
    expect(observe.mock.calls).toEqual([[`neverland:m:${ownerAt(0)}`, 12n * 10n ** 17n]])
  })

  it('does nothing when nothing is due', async () => {
    const { run, commits } = setUp([], { strategies: [strategyDouble('neverland', readsAll)] })
    expect(await run(WHOLE)).toEqual({ positions: 0, unknown: 0, transitions: 0, failedBatches: 0 })
    expect(commits).toEqual([])
  })

  it('reads no more batches at a time than it may', async () => {
    let running = 0
    let most = 0
    const strategy = strategyDouble('neverland', async (refs) => {
      running += 1
      most = Math.max(most, running)
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
      running -= 1
      return refs.map(() => reading('1.6'))
    })
    const { run, commits } = setUp(positionsOf(2_000, ['neverland']), {
      strategies: [strategy],
      concurrency: 3,
    })
    await run(WHOLE)
    expect(commits).toHaveLength(10)
    expect(most).toBe(3)
  })
})

describe('one bad strategy in a cycle', () => {
  const both: readonly ProtocolId[] = ['neverland', 'euler']
  const shortAnswer: LendingStrategy['read'] = (refs) =>
    Promise.resolve(refs.slice(1).map(() => reading('1.6')))

  it.each([
    { way: 'throws', read: () => Promise.reject(new Error('x')), why: 'rpc: internal error' },
    {
      way: 'throws at once',
      read: () => {
        throw new Error('x')
      },
      why: 'rpc: internal error',
    },
    {
      way: 'answers nothing',
      read: () => Promise.resolve([]),
      why: 'decode: the protocol reader gave no answer',
    },
  ])('that $way makes only its own positions unknown, and the figures say why', async ({ read, why }) => {
    const strategies = [strategyDouble('neverland', read), strategyDouble('euler', readsAll)]
    const { run, committed } = setUp(positionsOf(20, both), { strategies })
    expect(await run(WHOLE)).toEqual({
      positions: 40,
      unknown: 20,
      transitions: 0,
      failedBatches: 0,
      why: { [`neverland, ${why}`]: 20 },
    })
    for (const [key, { kind }] of committed()) expect(kind).toBe(key.startsWith('euler') ? 'ok' : 'unknown')
  })

  it('that answers short makes unknown only what it left out', async () => {
    const strategies = [strategyDouble('neverland', shortAnswer), strategyDouble('euler', readsAll)]
    const { run } = setUp(positionsOf(20, both), { strategies })
    expect(await run(WHOLE)).toMatchObject({ positions: 40, unknown: 1 })
  })

  it('that hangs makes only its own positions unknown, once its budget is spent', async () => {
    vi.useFakeTimers()
    try {
      const strategies = [strategyDouble('neverland', hangs), strategyDouble('euler', readsAll)]
      const { run, committed } = setUp(positionsOf(5, both), { strategies })
      const cycle = run(WHOLE)
      await vi.advanceTimersByTimeAsync(20_000)
      expect(await cycle).toMatchObject({ positions: 10, unknown: 5 })
      expect(committed().get(`neverland:m:${ownerAt(0)}`)).toMatchObject({ kind: 'unknown', reason: 'rpc' })
    } finally {
      vi.useRealTimers()
    }
  })

  it('that hangs takes no places of the others, whose readings are stored meanwhile', async () => {
    const strategies = [strategyDouble('neverland', hangs), strategyDouble('euler', readsAll)]
    const { run, committed } = setUp(positionsOf(2_000, both), { strategies, concurrency: 1 })
    void run(WHOLE)
    const stored = () => [...committed().keys()].filter((key) => key.startsWith('euler'))
    await expect.poll(stored).toHaveLength(2_000)
  })

  it('whose very call is refused makes only its own positions unknown', async () => {
    const strategyCall = createStrategyCall({
      pinned: pinnedDouble,
      budgetMs: 20_000,
      stopping: new AbortController().signal,
      onBug: () => undefined,
    })
    const strategies = both.map((id) => strategyDouble(id, readsAll))
    const { run } = setUp(positionsOf(5, both), {
      strategies,
      strategyCall: {
        ...strategyCall,
        read: (call) =>
          call.strategy.id === 'neverland' ? Promise.reject(new Error('x')) : strategyCall.read(call),
      },
    })
    expect(await run(WHOLE)).toMatchObject({ positions: 10, unknown: 5 })
  })
})

describe('a batch that cannot be stored', () => {
  it('is counted and reported, and the others go on', async () => {
    const locked = new Error('database is locked')
    const onCommitted = vi.fn()
    const { run, errors, commits } = setUp(positionsOf(600, ['neverland']), {
      strategies: [strategyDouble('neverland', readsAll)],
      commit: ({ readings }) =>
        readings.some(({ position }) => position.id === 250) ? Promise.reject(locked) : Promise.resolve([]),
      onCommitted,
    })
    expect(await run(WHOLE)).toEqual({ positions: 600, unknown: 0, transitions: 0, failedBatches: 1 })
    expect(errors).toEqual([locked])
    expect(commits).toHaveLength(3)
    expect(onCommitted).toHaveBeenCalledTimes(2)
  })

  it('is not hidden when even the due positions cannot be read', async () => {
    const { run } = setUp([], {
      strategies: [],
      duePositions: () => Promise.reject(new Error('database is gone')),
    })
    await expect(run(WHOLE)).rejects.toThrow('database is gone')
  })
})

describe('a cycle during the stop', () => {
  it('stores nothing that the stop cut short, so that it does not count as failed', async () => {
    const { run, commits, stopping } = setUp(positionsOf(5, ['neverland']), {
      strategies: [strategyDouble('neverland', hangs)],
    })
    const cycle = run(WHOLE)
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
    stopping.abort()
    expect(await cycle).toEqual({ positions: 0, unknown: 0, transitions: 0, failedBatches: 0 })
    expect(commits).toEqual([])
  })
})

describe('sum', () => {
  it('adds up every figure', () => {
    const one = { positions: 1, unknown: 2, transitions: 3, failedBatches: 4 }
    expect(sum([one, one])).toEqual({ positions: 2, unknown: 4, transitions: 6, failedBatches: 8 })
    expect(sum([])).toEqual({ positions: 0, unknown: 0, transitions: 0, failedBatches: 0 })
  })

  it('adds up why positions are unknown, the sixth reason and all after it together', () => {
    const because = (...reasons: string[]) => ({
      ...sum([]),
      unknown: reasons.length,
      why: Object.fromEntries(reasons.map((reason) => [reason, 1])),
    })
    const total = sum([sum([]), because('a', 'b', 'c'), because('c', 'd', 'e', 'f'), because('g', 'a')])
    expect(total.why).toEqual({ a: 2, b: 1, c: 2, d: 1, e: 1, others: 2 })
    expect(Object.values(total.why ?? {}).reduce((all, count) => all + count)).toBe(total.unknown)
  })
})

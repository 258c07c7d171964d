import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LendingStrategy } from '../../../protocols/strategy.ts'
import type { Inspect, Inspected } from '../../../src/domain/inspect.ts'
import { createInspect } from '../../../src/monitor/inspect.ts'
import { createStrategyCall, type PinnedCall } from '../../../src/monitor/strategy-call.ts'
import { wad } from '../domain/alerting/series.ts'
import { aDetail, aWay } from '../views/detail-kit.ts'
import { reading } from '../views/kit.ts'
import { hangs, ownerAt, pinnedDouble, readsAll, refOf, strategyDouble } from './kit.ts'

const REF = refOf('morpho', ownerAt(1))
const DETAIL = aDetail({ ref: REF })
const { block, endpoint } = reading('1')

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

interface Setup {
  readonly inspect: Inspect
  readonly bugs: unknown[]
  readonly asked: Parameters<PinnedCall>[0][]
}

function setUp(answers: Partial<LendingStrategy>, pinned: PinnedCall = pinnedDouble): Setup {
  const bugs: unknown[] = []
  const asked: Parameters<PinnedCall>[0][] = []
  const strategyCall = createStrategyCall({
    pinned: (options, work) => {
      asked.push(options)
      return pinned(options, work)
    },
    budgetMs: 20_000,
    stopping: new AbortController().signal,
    onBug: (error, protocol) => bugs.push([error, protocol]),
  })
  const strategies = [{ ...strategyDouble('morpho', readsAll), ...answers }]
  return { inspect: createInspect({ strategies, strategyCall }), bugs, asked }
}

const unknownFor = (detail: string): Inspected => ({ kind: 'unknown', reason: 'rpc', detail })

describe('looking into one position', () => {
  it('gives the detail alone when no target is asked for, as a person waits for it', async () => {
    const { inspect, asked } = setUp({ inspect: () => Promise.resolve({ kind: 'ok', detail: DETAIL }) })
    expect(await inspect({ ref: REF, targetWad: null })).toEqual({ kind: 'ok', detail: DETAIL, ways: [] })
    expect(asked.map(({ priority }) => priority)).toEqual(['command'])
  })

  it('gives the ways out to a target', async () => {
    const ways = [aWay()]
    const rescue = vi.fn<LendingStrategy['rescue']>(() =>
      Promise.resolve({ kind: 'ok', detail: DETAIL, ways }),
    )
    const { inspect } = setUp({ rescue })
    const request = { ref: REF, targetWad: wad('1.4') }
    expect(await inspect(request)).toEqual({ kind: 'ok', detail: DETAIL, ways })
    expect(rescue.mock.calls[0]?.[0]).toEqual(request)
  })

  it.each<Inspected>([
    { kind: 'none', block, endpoint },
    { kind: 'unknown', reason: 'oracle', detail: 'old' },
  ])('passes on what the protocol says: $kind', async (answer) => {
    if (answer.kind === 'ok') return
    const { inspect } = setUp({
      inspect: () => Promise.resolve(answer),
      rescue: () => Promise.resolve(answer),
    })
    expect(await inspect({ ref: REF, targetWad: null })).toEqual(answer)
    expect(await inspect({ ref: REF, targetWad: wad('1.4') })).toEqual(answer)
  })

  it('knows nothing of a protocol that is switched off, and asks nobody', async () => {
    const { inspect, asked } = setUp({})
    const answer = await inspect({ ref: refOf('euler', ownerAt(1)), targetWad: null })
    expect(answer).toEqual(unknownFor('this protocol is switched off on this bot'))
    expect(asked).toEqual([])
  })

  it('knows nothing when no endpoint answers, with the reason', async () => {
    const { inspect, bugs } = setUp({}, () => Promise.resolve({ ok: false, reason: 'rpc.example: HTTP 502' }))
    expect(await inspect({ ref: REF, targetWad: null })).toEqual(unknownFor('rpc.example: HTTP 502'))
    expect(bugs).toEqual([])
  })

  it('gives up a protocol that hangs, once its budget is over', async () => {
    const { inspect } = setUp({ rescue: hangs })
    let answer: Inspected | undefined
    const under = inspect({ ref: REF, targetWad: wad('1.4') }).then((given) => {
      answer = given
    })
    await vi.advanceTimersByTimeAsync(19_999)
    expect(answer).toBeUndefined()
    await vi.advanceTimersByTimeAsync(1)
    await under
    expect(answer).toEqual(unknownFor('no answer within 20 s'))
  })

  it('takes a protocol that throws, at once or later, as a bug and says no more than that', async () => {
    const broken = new Error('cannot read properties of undefined')
    const { inspect, bugs } = setUp({
      inspect: () => Promise.reject(broken),
      rescue: () => {
        throw broken
      },
    })
    expect(await inspect({ ref: REF, targetWad: null })).toEqual(unknownFor('internal error'))
    expect(await inspect({ ref: REF, targetWad: wad('1.4') })).toEqual(unknownFor('internal error'))
    expect(bugs).toEqual([
      [broken, 'morpho'],
      [broken, 'morpho'],
    ])
  })
})

import * as fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { entry, START, setUp } from './kit.ts'

/** A load that ends when the test says so. */
function pendingLoad<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  const load = vi.fn(() => promise)
  return {
    load,
    resolve: (value: T) => {
      resolve(value)
    },
    reject: (error: Error) => {
      reject(error)
    },
  }
}

describe('a remembered value', () => {
  it('is loaded once until its time is over', async () => {
    const { cache, clock } = setUp()
    const load = vi.fn(() => Promise.resolve(`loaded at ${clock.ms - START}`))
    expect(await cache.get(entry('a'), load)).toBe('loaded at 0')
    clock.ms += 999
    expect(await cache.get(entry('a'), load)).toBe('loaded at 0')
    clock.ms += 1
    expect(await cache.get(entry('a'), load)).toBe('loaded at 1000')
    expect(load).toHaveBeenCalledTimes(2)
  })

  it('is as old as the beginning of its load', async () => {
    const { cache, clock } = setUp()
    const slow = pendingLoad<string>()
    const first = cache.get(entry('a'), slow.load)
    clock.ms += 600
    slow.resolve('early')
    expect(await first).toBe('early')
    clock.ms += 400
    expect(await cache.get(entry('a'), () => Promise.resolve('late'))).toBe('late')
  })

  it('may be nothing at all', async () => {
    const { cache } = setUp()
    const load = vi.fn(() => Promise.resolve(null))
    for (let look = 0; look < 3; look += 1) {
      expect(await cache.get({ key: 'a', ttlMs: 1_000 }, load)).toBeNull()
    }
    expect(load).toHaveBeenCalledTimes(1)
  })

  it('does not last for ever when the clock is set back', async () => {
    const { cache, clock } = setUp()
    await cache.get(entry('a'), () => Promise.resolve('before'))
    clock.ms -= 3_600_000
    expect(await cache.get(entry('a'), () => Promise.resolve('after'))).toBe('after')
  })

  it('lasts longer while markets are calm, and no longer than usual once they are not', async () => {
    let calm = true
    const { cache, clock } = setUp({ calm: () => calm })
    const price = entry('price', { calmTtlMs: 5_000 })
    await cache.get(price, () => Promise.resolve('old'))
    clock.ms += 4_999
    expect(await cache.get(price, () => Promise.resolve('new'))).toBe('old')
    calm = false
    expect(await cache.get(price, () => Promise.resolve('new'))).toBe('new')
    calm = true
    clock.ms += 5_000
    expect(await cache.get(price, () => Promise.resolve('newest'))).toBe('newest')
  })

  it('is never older than its time to live, whatever was asked, forgotten or failed before', async () => {
    const step = fc.record({
      key: fc.constantFrom('a:1', 'a:2', 'b:1'),
      waitMs: fc.nat({ max: 700 }),
      what: fc.constantFrom('get', 'get', 'get', 'fail', 'forget'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { cache, clock } = setUp({ maxEntries: 2 })
        const forgottenAt = new Map<string, number>()
        for (const { key, waitMs, what } of steps) {
          clock.ms += waitMs
          if (what === 'forget') {
            cache.forget('a:')
            for (const one of ['a:1', 'a:2']) forgottenAt.set(one, clock.ms)
            continue
          }
          const load = () =>
            what === 'fail' ? Promise.reject(new Error('x')) : Promise.resolve({ key, atMs: clock.ms })
          const found = await cache.get({ key, ttlMs: 1_000 }, load).catch(() => undefined)
          if (!found) continue
          expect(found.key).toBe(key)
          expect(clock.ms - found.atMs).toBeLessThan(1_000)
          expect(found.atMs).toBeGreaterThanOrEqual(forgottenAt.get(key) ?? 0)
          expect(cache.counters().entries).toBeLessThanOrEqual(2)
        }
      }),
    )
  })
})

describe('many who ask at the same time', () => {
  it('cause one load and all get its value', async () => {
    const { cache } = setUp()
    const slow = pendingLoad<string>()
    const asked = Array.from({ length: 50 }, () => cache.get(entry('a', { saves: 3 }), slow.load))
    slow.resolve('once')
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['once']))
    expect(slow.load).toHaveBeenCalledTimes(1)
    expect(cache.counters()).toEqual({ entries: 1, hits: 49, misses: 1, savedCalls: 147 })
  })

  it('are not failed by a load that somebody else began: the next one of them loads for the rest', async () => {
    const { cache } = setUp()
    const failing = pendingLoad<string>()
    const own = vi.fn(() => Promise.resolve('fine'))
    const first = cache.get(entry('a'), failing.load)
    const others = Array.from({ length: 20 }, () => cache.get(entry('a'), own))
    failing.reject(new Error('the endpoint of the first one'))
    await expect(first).rejects.toThrow('the endpoint of the first one')
    expect(new Set(await Promise.all(others))).toEqual(new Set(['fine']))
    expect(own).toHaveBeenCalledTimes(1)
  })

  it('each hear only of their own failure when every load fails, and nothing is remembered', async () => {
    const { cache } = setUp()
    const asked = Array.from({ length: 5 }, (_, index) =>
      cache.get(entry('a'), () => Promise.reject(new Error(`endpoint ${index}`))),
    )
    const settled = await Promise.allSettled(asked)
    expect(settled.map((one) => (one.status === 'rejected' ? String(one.reason) : 'a value'))).toEqual(
      [0, 1, 2, 3, 4].map((index) => `Error: endpoint ${index}`),
    )
    expect(await cache.get(entry('a'), () => Promise.resolve('back'))).toBe('back')
  })
})

describe('a load that fails', () => {
  it('is thrown, not remembered, and tried again at the next look', async () => {
    const { cache } = setUp()
    await expect(cache.get(entry('a'), () => Promise.reject(new Error('down')))).rejects.toThrow('down')
    expect(cache.counters()).toEqual({ entries: 0, hits: 0, misses: 1, savedCalls: 0 })
    expect(await cache.get(entry('a'), () => Promise.resolve('up'))).toBe('up')
  })
})

describe('the bound', () => {
  it('drops what was not asked for the longest', async () => {
    const { cache } = setUp({ maxEntries: 2 })
    const load = vi.fn((key: string) => Promise.resolve(key))
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) await cache.get(entry(key), () => load(key))
    expect(load.mock.calls.flat()).toEqual(['a', 'b', 'c', 'b'])
    expect(cache.counters()).toMatchObject({ entries: 2, hits: 2, misses: 4 })
  })
})

describe('forgetting', () => {
  it('drops every entry with the prefix, and no other', async () => {
    const { cache } = setUp()
    for (const key of ['euler:a', 'euler:b', 'eulerian', 'morpho:a']) {
      await cache.get(entry(key), () => Promise.resolve('old'))
    }
    cache.forget('euler:')
    const now = ['euler:a', 'euler:b', 'eulerian', 'morpho:a'].map((key) =>
      cache.get(entry(key), () => Promise.resolve('new')),
    )
    expect(await Promise.all(now)).toEqual(['new', 'new', 'old', 'old'])
  })

  it('also holds for a load under way: who waits gets it, nobody later does', async () => {
    const { cache } = setUp()
    const before = pendingLoad<string>()
    const waiting = cache.get(entry('euler:a'), before.load)
    cache.forget('euler:')
    const after = cache.get(entry('euler:a'), () => Promise.resolve('after'))
    expect(await after).toBe('after')
    before.resolve('before')
    expect(await waiting).toBe('before')
    expect(await cache.get(entry('euler:a'), () => Promise.resolve('again'))).toBe('after')
  })
})

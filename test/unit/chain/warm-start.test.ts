import { describe, expect, it, vi } from 'vitest'
import type { SavedChange } from '../../../src/chain/memory-cache.ts'
import { entry, START, setUp } from './kit.ts'

const asText = (stored: unknown): string | undefined => (typeof stored === 'string' ? stored : undefined)

/** A store double that keeps rows as the database would, so that a second cache can start from them. */
function storeDouble() {
  const rows = new Map<string, SavedChange['rows'][number]>()
  const saves: SavedChange[] = []
  return {
    rows,
    saves,
    load: () => Promise.resolve([...rows.values()]),
    save: (change: SavedChange) => {
      saves.push(change)
      for (const prefix of change.forgotten) {
        for (const key of [...rows.keys()]) if (key.startsWith(prefix)) rows.delete(key)
      }
      for (const row of change.rows) rows.set(row.key, row)
      return Promise.resolve()
    },
  }
}

describe('a restart', () => {
  it('keeps what can be restored, at its age, and does not ask for it again', async () => {
    const saved = storeDouble()
    const first = setUp({ saved })
    await first.cache.get(entry('a', { restore: asText, calmTtlMs: 9_000 }), () => Promise.resolve('kept'))
    await first.cache.get(entry('b'), () => Promise.resolve('not kept'))
    await first.cache.flush()
    expect(saved.saves).toEqual([
      { rows: [{ key: 'a', value: 'kept', storedAtMs: START, expiresAtMs: START + 9_000 }], forgotten: [] },
    ])

    const second = setUp({ saved })
    second.clock.ms = START + 600
    await second.cache.start()
    const load = vi.fn(() => Promise.resolve('loaded'))
    expect(await second.cache.get(entry('a', { restore: asText }), load)).toBe('kept')
    expect(load).not.toHaveBeenCalled()
    second.clock.ms = START + 1_000
    expect(await second.cache.get(entry('a', { restore: asText }), load)).toBe('loaded')
  })

  it.each([
    ['does not fit', { restore: asText }],
    ['nobody can check', {}],
    [
      'makes the check throw',
      {
        restore: () => {
          throw new TypeError('a bug')
        },
      },
    ],
  ])('drops a value that %s', async (what, over) => {
    const saved = storeDouble()
    saved.rows.set('a', { key: 'a', value: { not: 'text' }, storedAtMs: START, expiresAtMs: START + 1_000 })
    const { cache, errors } = setUp({ saved })
    await cache.start()
    expect(await cache.get(entry('a', over), () => Promise.resolve('loaded'))).toBe('loaded')
    expect(errors).toHaveLength(what === 'makes the check throw' ? 1 : 0)
  })

  it('drops what has expired, and keeps what was loaded meanwhile', async () => {
    const saved = storeDouble()
    const row = { value: 'saved', storedAtMs: START - 500, expiresAtMs: START + 500 }
    saved.rows.set('old', { ...row, key: 'old', expiresAtMs: START })
    saved.rows.set('both', { ...row, key: 'both' })
    const { cache } = setUp({ saved })
    await cache.get(entry('both'), () => Promise.resolve('loaded'))
    await cache.start()
    expect(cache.counters().entries).toBe(1)
    expect(await cache.get(entry('both', { restore: asText }), () => Promise.resolve('x'))).toBe('loaded')
  })

  it('does not bring back what was forgotten, not even what was no longer in memory', async () => {
    const saved = storeDouble()
    const first = setUp({ saved, maxEntries: 1 })
    for (const key of ['euler:a', 'euler:b']) {
      await first.cache.get(entry(key, { restore: asText }), () => Promise.resolve('old'))
      await first.cache.flush()
    }
    first.cache.forget('euler:')
    await first.cache.flush()
    const second = setUp({ saved })
    await second.cache.start()
    expect(second.cache.counters().entries).toBe(0)
  })

  it('without the saved entries is a cold start, not a failed one', async () => {
    const broken = new Error('no such table')
    const { cache, errors } = setUp({ saved: { ...storeDouble(), load: () => Promise.reject(broken) } })
    await cache.start()
    expect(errors).toEqual([broken])
    expect(await cache.get(entry('a'), () => Promise.resolve('loaded'))).toBe('loaded')
  })
})

describe('saving', () => {
  it('writes only what changed since the last time', async () => {
    const saved = storeDouble()
    const { cache, clock } = setUp({ saved })
    const look = (key: string) =>
      cache.get(entry(key, { restore: asText }), () => Promise.resolve(`${key} ${clock.ms - START}`))
    await look('a')
    await look('b')
    await cache.flush()
    await cache.flush()
    clock.ms += 1_000
    await look('b')
    await cache.flush()
    expect(saved.saves.map(({ rows }) => rows.map(({ value }) => value))).toEqual([
      ['a 0', 'b 0'],
      ['b 1000'],
    ])
  })

  it('that fails says so, and everything is written the next time', async () => {
    const saved = storeDouble()
    let broken = true
    const { cache } = setUp({
      saved: {
        ...saved,
        save: (change) => (broken ? Promise.reject(new Error('disk full')) : saved.save(change)),
      },
    })
    await cache.get(entry('a', { restore: asText }), () => Promise.resolve('x'))
    cache.forget('euler:')
    await expect(cache.flush()).rejects.toThrow('disk full')
    broken = false
    await cache.flush()
    expect(saved.saves).toMatchObject([{ rows: [{ key: 'a' }], forgotten: ['euler:'] }])
  })
})

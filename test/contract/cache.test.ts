import { describe, expect, it } from 'vitest'
import { type CacheChange, type CachedValue, createCacheStore, loadCache, saveCache } from '../../db/cache.ts'
import { transact } from '../../db/transact.ts'
import { createCache } from '../../src/chain/memory-cache.ts'
import { databases, useDatabase } from './databases.ts'
import { MAX, NOW } from './store-kit.ts'

describe.each(databases)('the saved cache on $name', (kind) => {
  const store = useDatabase(kind)

  async function save(change: Partial<CacheChange>): Promise<void> {
    const whole = { rows: [], forgotten: [], nowMs: NOW, ...change }
    await transact(store.db, (tx) => saveCache(tx, whole))
  }

  function row(key: string, over: Partial<CachedValue> = {}): CachedValue {
    return { key, value: key, storedAtMs: NOW, expiresAtMs: NOW + 60_000, ...over }
  }

  async function keys(nowMs = NOW): Promise<string[]> {
    return (await loadCache(store.db, { nowMs })).map(({ key }) => key)
  }

  it('gives back what was saved, oldest first, with big numbers and strange text as they were', async () => {
    const rows = [
      row('b', { storedAtMs: NOW - 2, value: { supply: MAX, list: [1, null, 'x'] } }),
      row('a', { storedAtMs: NOW - 1, value: '<b>\u0000\u202e🌊\ud800' }),
      row('c', { value: false }),
    ]
    await save({ rows })
    expect(await loadCache(store.db, { nowMs: NOW })).toEqual(rows)
  })

  it('replaces a value under the same key, also twice in one go', async () => {
    await save({ rows: [row('a', { value: 1 })] })
    await save({ rows: [row('a', { value: 2 }), row('a', { value: 3, expiresAtMs: NOW + 5 })] })
    expect(await loadCache(store.db, { nowMs: NOW })).toEqual([row('a', { value: 3, expiresAtMs: NOW + 5 })])
  })

  it('gives back nothing that has expired, and deletes it at the next save', async () => {
    await save({ rows: [row('short', { expiresAtMs: NOW + 10 }), row('long')] })
    expect(await keys(NOW + 9)).toEqual(expect.arrayContaining(['short', 'long']))
    expect(await keys(NOW + 10)).toEqual(['long'])
    await save({ nowMs: NOW + 10 })
    expect(await store.db.selectFrom('cache').select('key').execute()).toEqual([{ key: 'long' }])
  })

  it('forgets by prefix, to the letter, before it writes', async () => {
    await save({ rows: ['euler:a', 'euler:b', 'EULER:c', 'eule', 'eu%er:d', 'euler'].map((key) => row(key)) })
    await save({ forgotten: ['euler:', 'eu%'], rows: [row('euler:b', { value: 'new' })] })
    expect((await keys()).sort()).toEqual(['EULER:c', 'eule', 'euler', 'euler:b'])
  })

  it('keeps the newest five thousand', async () => {
    const rows = Array.from({ length: 5_100 }, (_, index) => row(`k${index}`, { storedAtMs: NOW + index }))
    await save({ rows })
    const left = await keys()
    expect(left).toHaveLength(5_000)
    expect([left[0], left.at(-1)]).toEqual(['k100', 'k5099'])
  })

  it('leaves out what is too long, what is no value, and what is no longer JSON', async () => {
    await save({ rows: [row('long', { value: 'x'.repeat(100_001) }), row('nothing', { value: undefined })] })
    expect(await keys()).toEqual([])
    await save({ rows: [row('good'), row('bad')] })
    await store.db.updateTable('cache').set({ value: '{"cut' }).where('key', '=', 'bad').execute()
    expect(await keys()).toEqual(['good'])
  })

  it('lets a second process start warm, and not with what the first one forgot', async () => {
    const build = () =>
      createCache({
        now: () => NOW,
        maxEntries: 10,
        saved: createCacheStore({ db: store.db, now: () => NOW }),
        onError: (error) => {
          throw error
        },
      })
    const get = (cache: ReturnType<typeof build>, key: string) =>
      cache.get(
        {
          key,
          ttlMs: 1_000,
          restore: (stored) => (typeof stored === 'bigint' ? stored : undefined),
        },
        () => Promise.resolve(MAX),
      )
    const first = build()
    for (const key of ['euler:a', 'morpho:a']) await get(first, key)
    await first.flush()
    first.forget('euler:')
    await first.flush()
    const second = build()
    await second.start()
    for (const key of ['euler:a', 'morpho:a']) expect(await get(second, key)).toBe(MAX)
    expect(second.counters()).toMatchObject({ hits: 1, misses: 1 })
  })
})

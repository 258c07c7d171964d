import type { CacheEntry } from '../../../src/chain/cache.ts'
import { createCache, type MemoryCacheDeps } from '../../../src/chain/memory-cache.ts'

export const START = 1_800_000_000_000

export function setUp(over: Partial<MemoryCacheDeps> = {}) {
  const clock = { ms: START }
  const errors: unknown[] = []
  const cache = createCache({
    now: () => clock.ms,
    maxEntries: 100,
    onError: (error) => errors.push(error),
    ...over,
  })
  return { cache, clock, errors }
}

export function entry(key: string, over: Partial<CacheEntry<string>> = {}): CacheEntry<string> {
  return { key, ttlMs: 1_000, ...over }
}

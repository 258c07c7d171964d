import type { Cache, CacheEntry } from './cache.ts'

export interface CachedManyDeps<T> {
  readonly cache: Cache
  readonly entryOf: (key: string) => CacheEntry<T>
}

/**
 * Values of many keys out of the cache; those missing are loaded together. Keys that `load` has no value for are left out
 * and asked for again next time.
 */
export function createCachedMany<T>({ cache, entryOf }: CachedManyDeps<T>) {
  return async (
    keys: readonly string[],
    load: (missing: readonly string[]) => Promise<ReadonlyMap<string, T>>,
  ): Promise<Map<string, T>> => {
    let missing: string[] = []
    let loading: Promise<ReadonlyMap<string, T>> | undefined

    async function loadOne(key: string): Promise<T> {
      missing.push(key)
      // By the time the microtask runs, every missing key of this round has been noted. One that turns up later, because the load
      // of somebody else that it had joined failed, begins a load of its own.
      loading ??= Promise.resolve().then(() => {
        const keys = missing
        missing = []
        loading = undefined
        return load(keys)
      })
      const value = (await loading).get(key)
      if (value === undefined) throw new NotLoaded(key)
      return value
    }

    const found = new Map<string, T>()
    await Promise.all(
      [...new Set(keys)].map(async (key) => {
        try {
          found.set(key, await cache.get(entryOf(key), () => loadOne(key)))
        } catch (error) {
          if (!(error instanceof NotLoaded)) throw error
        }
      }),
    )
    return found
  }
}

class NotLoaded extends Error {}

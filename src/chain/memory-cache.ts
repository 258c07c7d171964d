import { LRUCache } from 'lru-cache'
import type { Cache, CacheEntry } from './cache.ts'

/** One value as it outlives a restart. Times in wall-clock milliseconds. */
export interface SavedEntry {
  readonly key: string
  readonly value: unknown
  readonly storedAtMs: number
  /** The latest moment at which it may still be of use. */
  readonly expiresAtMs: number
}

/** What changed since the last save: `forgotten` prefixes go first, then the rows are written. */
export interface SavedChange {
  readonly rows: readonly SavedEntry[]
  readonly forgotten: readonly string[]
}

export interface MemoryCacheDeps {
  /** Wall-clock milliseconds. */
  readonly now: () => number
  /** The least recently used entries go when there are more. */
  readonly maxEntries: number
  /** Asked at every look: while markets are calm, `calmTtlMs` applies. Never calm when left out. */
  readonly calm?: () => boolean
  /** Where entries with `restore` outlive a restart. */
  readonly saved?: {
    load(): Promise<readonly SavedEntry[]>
    save(change: SavedChange): Promise<void>
  }
  /** A start without the saved entries, or a `restore` that throws: both cost only a load. */
  readonly onError: (error: unknown) => void
}

export interface MemoryCache extends Cache {
  /** Takes over what was saved, at the age it has. Never throws: a cold cache is no reason not to start. */
  start(): Promise<void>
  /** Saves what changed since the last time. Throws when that fails; the changes then wait for the next time. */
  flush(): Promise<void>
}

interface Remembered {
  readonly value: unknown
  readonly storedAtMs: number
  readonly longestTtlMs: number
  /** As it came from the store: not to be handed out before `restore` has seen it. */
  readonly raw: boolean
}

/** How often somebody waits for a load that another one began, and that fails, before loading alone. */
const MOST_JOINED = 2

/** The cache of one process. Its own clock decides about age, because a time to live changes with how calm markets are. */
export function createCache(deps: MemoryCacheDeps): MemoryCache {
  const { now, saved } = deps
  const underWay = new Map<string, Promise<unknown>>()
  const changed = new Set<string>()
  const forgotten = new Set<string>()
  const memory = new LRUCache<string, Remembered>({ max: deps.maxEntries })
  let hits = 0
  let misses = 0
  let savedCalls = 0
  let writing: Promise<void> = Promise.resolve()

  function hit(entry: CacheEntry<unknown>): void {
    hits += 1
    savedCalls += entry.saves ?? 1
  }

  function recall<T>(entry: CacheEntry<T>): { readonly value: T } | undefined {
    const found = memory.get(entry.key)
    if (!found) return undefined
    const ttlMs = deps.calm?.() === true ? longestTtl(entry) : entry.ttlMs
    const ageMs = now() - found.storedAtMs
    // A clock that was set back must not make a value last for ever.
    if (ageMs >= 0 && ageMs < ttlMs) {
      if (!found.raw) return { value: found.value as T }
      const value = restored(entry, found.value)
      if (value !== undefined) {
        memory.set(entry.key, { ...found, value, raw: false })
        return { value }
      }
    }
    memory.delete(entry.key)
    return undefined
  }

  function restored<T>(entry: CacheEntry<T>, value: unknown): T | undefined {
    try {
      return entry.restore?.(value)
    } catch (error) {
      deps.onError(error)
      return undefined
    }
  }

  function dropEvicted(): void {
    for (const key of changed) if (!memory.has(key)) changed.delete(key)
  }

  async function loadAlone<T>(entry: CacheEntry<T>, load: () => Promise<T>): Promise<T> {
    const { key } = entry
    misses += 1
    const storedAtMs = now()
    const loading = load()
    underWay.set(key, loading)
    try {
      const value = await loading
      // Forgotten while it was loaded: it may tell of before.
      if (underWay.get(key) === loading) {
        memory.set(key, { value, storedAtMs, longestTtlMs: longestTtl(entry), raw: false })
        if (saved && entry.restore) changed.add(key)
        if (changed.size > deps.maxEntries) dropEvicted()
      }
      return value
    } finally {
      if (underWay.get(key) === loading) underWay.delete(key)
    }
  }

  async function write(): Promise<void> {
    if (!saved || (changed.size === 0 && forgotten.size === 0)) return
    const keys = [...changed]
    const prefixes = [...forgotten]
    changed.clear()
    forgotten.clear()
    const rows = keys.flatMap((key) => {
      const found = memory.peek(key)
      if (!found) return []
      const { value, storedAtMs, longestTtlMs } = found
      return [{ key, value, storedAtMs, expiresAtMs: storedAtMs + longestTtlMs }]
    })
    try {
      await saved.save({ rows, forgotten: prefixes })
    } catch (error) {
      for (const key of keys) if (memory.has(key)) changed.add(key)
      for (const prefix of prefixes) forgotten.add(prefix)
      throw error
    }
  }

  return {
    async get(entry, load) {
      const found = recall(entry)
      if (found) {
        hit(entry)
        return found.value
      }
      for (let joined = 0; joined < MOST_JOINED; joined += 1) {
        const loading = underWay.get(entry.key)
        if (!loading) break
        try {
          const value = await loading
          hit(entry)
          return value as Awaited<ReturnType<typeof load>>
        } catch {
          // Another caller's endpoint failed or it gave up: that says nothing about our own load.
        }
      }
      return await loadAlone(entry, load)
    },
    forget(prefix) {
      for (const key of [...memory.keys()]) if (key.startsWith(prefix)) memory.delete(key)
      for (const key of [...underWay.keys()]) if (key.startsWith(prefix)) underWay.delete(key)
      if (saved) forgotten.add(prefix)
    },
    counters: () => ({ entries: memory.size, hits, misses, savedCalls }),
    async start() {
      try {
        for (const { key, value, storedAtMs, expiresAtMs } of (await saved?.load()) ?? []) {
          const gone = expiresAtMs <= now() || [...forgotten].some((prefix) => key.startsWith(prefix))
          if (gone || memory.has(key)) continue
          memory.set(key, { value, storedAtMs, longestTtlMs: expiresAtMs - storedAtMs, raw: true })
        }
      } catch (error) {
        deps.onError(error)
      }
    },
    flush() {
      // One after the other: an older save that ends late would undo a newer one.
      writing = writing.then(write, write)
      return writing
    },
  }
}

function longestTtl({ ttlMs, calmTtlMs }: CacheEntry<unknown>): number {
  return Math.max(ttlMs, calmTtlMs ?? 0)
}

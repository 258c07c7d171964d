/** How one value may be remembered. Never for a person's health: only for facts that many positions share. */
export interface CacheEntry<T> {
  readonly key: string
  readonly ttlMs: number
  /** Applies instead of `ttlMs` while markets are calm. */
  readonly calmTtlMs?: number
  /** Upstream requests that one hit saves. Default 1. */
  readonly saves?: number
  /**
   * Given, the value survives a restart as JSON; this checks what comes back and answers `undefined` for what does not fit.
   */
  readonly restore?: (stored: unknown) => T | undefined
}

export interface CacheCounters {
  readonly entries: number
  readonly hits: number
  readonly misses: number
  readonly savedCalls: number
}

export interface Cache {
  /** The remembered value, or `load`ed once however many ask at the same time. A failed load is thrown and not remembered. */
  get<T>(entry: CacheEntry<T>, load: () => Promise<T>): Promise<T>
  /** Drops every entry whose key begins with this. */
  forget(prefix: string): void
  counters(): CacheCounters
}

import { createCache, type MemoryCache } from '../../src/chain/memory-cache.ts'
import { createTokens, type Tokens } from '../../src/chain/tokens.ts'

/** A cache of its own whose clock stands still. */
export function memoryCache(): MemoryCache {
  return createCache({
    now: () => 0,
    maxEntries: 10_000,
    onError: (error) => {
      throw error
    },
  })
}

/** Token facts that nobody else remembers. */
export function newTokens(): Tokens {
  return createTokens({ cache: memoryCache() })
}

import { z } from 'zod'
import type { Cache } from '../../src/chain/cache.ts'
import { ApiError } from '../../src/errors.ts'
import type { ApiRequest, MorphoApi } from './api.ts'

/** Markets that Morpho's app shows, each with the dollars per token lent where they are known. */
export type Shown = ReadonlyMap<string, number | null>

const TTL_MS = 5 * 60_000
const MAX_MARKETS = 5_000
const restored = z.array(z.tuple([z.string(), z.number().positive().nullable()])).max(MAX_MARKETS)

/** `null` when the API does not answer: then nobody knows which markets are shown. What is earned never depends on it. */
export function createShown({ api, cache }: { api: MorphoApi | null; cache: Cache }) {
  return async (request: ApiRequest): Promise<Shown | null> => {
    if (!api) return null
    try {
      const rows = await cache.get(
        { key: 'morpho:shown', ttlMs: TTL_MS, restore: (stored) => restored.safeParse(stored).data },
        async () => (await api.shown(request)).rows.map(({ id, loanUsd }) => [id, loanUsd] as const),
      )
      return new Map(rows)
    } catch (error) {
      if (error instanceof ApiError) return null
      throw error
    }
  }
}

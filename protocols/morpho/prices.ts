import { z } from 'zod'
import type { Cache } from '../../src/chain/cache.ts'
import { ApiError } from '../../src/errors.ts'
import type { ApiRequest, MorphoApi } from './api.ts'

/** Dollars per token of a market, for display; `null` when the API does not answer. Health never depends on them. */
export type Prices = (marketId: string, request: ApiRequest) => Promise<ReadonlyMap<string, number> | null>

const TTL_MS = 30_000
const CALM_TTL_MS = 2 * 60_000
const restored = z.array(z.tuple([z.string(), z.number().positive()])).max(100)

export function createPrices({ api, cache }: { api: MorphoApi | null; cache: Cache }): Prices {
  return async (marketId, request) => {
    if (!api) return null
    try {
      const rows = await cache.get(
        {
          key: `morpho:prices:${marketId}`,
          ttlMs: TTL_MS,
          calmTtlMs: CALM_TTL_MS,
          restore: (stored) => restored.safeParse(stored).data,
        },
        async () => [...(await api.prices(marketId, request))],
      )
      return new Map(rows)
    } catch (error) {
      if (error instanceof ApiError) return null
      throw error
    }
  }
}

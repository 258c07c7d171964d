import { z } from 'zod'
import type { Cache } from '../../src/chain/cache.ts'
import type { Address } from '../../src/domain/address.ts'
import { ApiError } from '../../src/errors.ts'
import type { ApiRequest, ListedMarket, MorphoApi } from './api.ts'

export interface MarketList {
  /** Every market id known. `gaps`: why there may be more; `null` when the list was complete a short while ago. */
  known(request: ApiRequest): Promise<{ readonly ids: readonly string[]; readonly gaps: string | null }>
  /** Remembers markets met elsewhere: in events, in positions. */
  learn(ids: readonly string[]): void
  /** Pre-liquidation contracts that were made for a market. */
  preLiquidations(marketId: string): readonly Address[]
  learnPreLiquidation(marketId: string, address: Address): void
  /** The next look asks the API again. */
  forget(): void
}

const MAX_MARKETS = 5_000
const TTL_MS = 10 * 60_000
const CALM_TTL_MS = 60 * 60_000
const KNOWN_TTL_MS = 90 * 24 * 3600 * 1000
/** The operator's choice, not a failure. */
export const SWITCHED_OFF = "Morpho's API is switched off"
const LIST = 'morpho:list'
/** Not among what a change of configuration makes one forget. */
const KNOWN = 'morpho-known'

const restored = z
  .array(
    z.object({
      id: z.string().regex(/^0x[0-9a-f]{64}$/),
      preLiquidations: z.array(
        z.custom<Address>((value) => typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value)),
      ),
    }),
  )
  .max(MAX_MARKETS)

/** The markets, from the API while it answers, and never forgotten because of what it says later. */
export function createMarketList(deps: { api: MorphoApi | null; cache: Cache }): MarketList {
  const { api, cache } = deps
  const known = new Map<string, Set<Address>>()
  let recalled: Promise<void> | undefined

  function add({ id, preLiquidations }: ListedMarket): boolean {
    const addresses = known.get(id)
    if (!addresses && known.size >= MAX_MARKETS) return false
    const before = addresses?.size ?? -1
    const after = new Set([...(addresses ?? []), ...preLiquidations])
    known.set(id, after)
    return after.size !== before
  }

  function rows(): ListedMarket[] {
    return [...known].map(([id, addresses]) => ({ id, preLiquidations: [...addresses] }))
  }

  /** What was known before the last restart. */
  async function recall(): Promise<void> {
    for (const market of await remember()) add(market)
  }

  function remember(): Promise<readonly ListedMarket[]> {
    return cache.get(
      { key: KNOWN, ttlMs: KNOWN_TTL_MS, saves: 0, restore: (stored) => restored.safeParse(stored).data },
      () => Promise.resolve(rows()),
    )
  }

  function learn(markets: readonly ListedMarket[]): void {
    if (markets.filter(add).length > 0) void save()
  }

  /** Only after what was kept is known here too: keeping less would forget it for good. */
  async function save(): Promise<void> {
    await (recalled ??= recall())
    cache.forget(KNOWN)
    await remember()
  }

  async function refresh(request: ApiRequest): Promise<string | null> {
    if (!api) return SWITCHED_OFF
    try {
      await cache.get({ key: LIST, ttlMs: TTL_MS, calmTtlMs: CALM_TTL_MS }, async () => {
        const before = known.size
        const { rows: listed, gaps } = await api.markets(request)
        learn(listed)
        if (gaps !== null) throw new ApiError('bad-answer', { message: gaps })
        if (listed.length * 2 < before) {
          throw new ApiError('bad-answer', {
            message: `Morpho's API lists ${listed.length} of ${before} known markets`,
          })
        }
        return listed.length
      })
      return null
    } catch (error) {
      if (error instanceof ApiError) return error.message
      throw error
    }
  }

  return {
    async known(request) {
      await (recalled ??= recall())
      const gaps = await refresh(request)
      return { ids: [...known.keys()], gaps }
    },
    learn(ids) {
      learn(ids.map((id) => ({ id, preLiquidations: [] })))
    },
    preLiquidations: (marketId) => [...(known.get(marketId) ?? [])],
    learnPreLiquidation(marketId, address) {
      learn([{ id: marketId, preLiquidations: [address] }])
    },
    forget() {
      cache.forget(LIST)
    },
  }
}

import type { Cache } from '../../src/chain/cache.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import { ApiError } from '../../src/errors.ts'
import { pythAbi } from './abi.ts'
import { decoded, decodeUint } from './decode.ts'
import { type Hermes, MAX_FEEDS } from './hermes.ts'
import type { PriceUpdate, PriceUpdates } from './price-updates.ts'
import { pythFeeds } from './pyth-feeds.ts'
import type { Vaults } from './vaults.ts'

export interface PythDeps {
  readonly hermes: Hermes
  readonly pyth: Address
  readonly evc: Address
  readonly vaults: Vaults
  readonly cache: Cache
}

/** Different sets of feeds in one read. */
const MAX_SETS = 20
/** Prices younger than this are asked for once. */
const TTL_MS = 5_000

/** Signed prices from Pyth's own service, for the feeds that the chain says count. */
export function createPythUpdates(deps: PythDeps): PriceUpdates {
  async function updateFor(feeds: readonly string[], at: ChainReader): Promise<PriceUpdate[] | null> {
    if (feeds.length === 0 || feeds.length > MAX_FEEDS) return null
    try {
      const { priority, signal } = at
      const signed = await deps.cache.get({ key: `euler:pyth:${feeds.join(',')}`, ttlMs: TTL_MS }, () =>
        deps.hermes.latest(feeds, { priority, signal }),
      )
      const [fee] = await at.call([
        { to: deps.pyth, data: pythAbi.encodeFunctionData('getUpdateFee', [signed]), gas: 200_000 },
      ])
      const value = decoded(fee, decodeUint)
      if (value === null) return null
      return [{ target: deps.pyth, data: pythAbi.encodeFunctionData('updatePriceFeeds', [signed]), value }]
    } catch (error) {
      if (error instanceof ApiError) return null
      throw error
    }
  }

  return async (loans, at) => {
    const feeds = await pythFeeds(loans, { ...deps, at })
    const sets = new Map<string, { list: readonly string[]; loans: number }>()
    for (const list of feeds) {
      const key = list.join(',')
      sets.set(key, { list, loans: (sets.get(key)?.loans ?? 0) + 1 })
    }
    // Those that help most come first, so that odd vaults do not crowd out the others.
    const wanted = [...sets].sort(([, a], [, b]) => b.loans - a.loans).slice(0, MAX_SETS)
    const updates = new Map(
      await Promise.all(wanted.map(async ([key, { list }]) => [key, await updateFor(list, at)] as const)),
    )
    return feeds.map((list) => updates.get(list.join(',')) ?? null)
  }
}

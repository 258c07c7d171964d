import { z } from 'zod'
import type { Api, ApiOptions } from '../../src/chain/api.ts'
import type { Cache } from '../../src/chain/cache.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import { ApiError } from '../../src/errors.ts'
import { pythAbi } from './abi.ts'
import { decoded, decodeUint } from './decode.ts'
import type { PriceUpdate, PriceUpdates } from './price-updates.ts'
import { pythFeeds } from './pyth-feeds.ts'
import type { Vaults } from './vaults.ts'

export interface PythDeps {
  /** Where Hermes, Pyth's price service, is. */
  readonly url: string
  readonly api: Pick<Api, 'fetch'>
  readonly pyth: Address
  readonly evc: Address
  readonly vaults: Vaults
  readonly cache: Cache
}

const MAX_FEEDS = 25
/** Different sets of feeds in one read. */
const MAX_SETS = 20
/** Prices younger than this are asked for once. */
const TTL_MS = 5_000
const MAX_DIGITS = 200_000

const answer = z.object({
  binary: z.object({
    encoding: z.literal('hex'),
    data: z
      .array(
        z
          .string()
          .max(MAX_DIGITS)
          .regex(/^(0x)?([0-9a-f]{2})+$/i)
          .transform((text) => (text.startsWith('0x') ? text : `0x${text}`)),
      )
      .min(1)
      .max(MAX_FEEDS),
  }),
})

/** Signed prices from Pyth's own service, for the feeds that the chain says count. */
export function createPythUpdates(deps: PythDeps): PriceUpdates {
  async function latest(feeds: readonly string[], request: ApiOptions): Promise<readonly string[]> {
    const url = new URL('v2/updates/price/latest', deps.url.endsWith('/') ? deps.url : `${deps.url}/`)
    for (const feed of feeds) url.searchParams.append('ids[]', feed)
    url.searchParams.append('encoding', 'hex')
    const response = await deps.api.fetch(request)(url)
    const text = await response.text()
    const parsed = response.ok ? answer.safeParse(jsonIn(text)).data : undefined
    if (!parsed) throw new ApiError('bad-answer', { message: 'an answer without price updates' })
    return parsed.binary.data
  }

  async function updateFor(feeds: readonly string[], at: ChainReader): Promise<PriceUpdate[] | null> {
    if (feeds.length === 0 || feeds.length > MAX_FEEDS) return null
    try {
      const { priority, signal } = at
      const signed = await deps.cache.get({ key: `euler:pyth:${feeds.join(',')}`, ttlMs: TTL_MS }, () =>
        latest(feeds, { priority, signal }),
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

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What is not JSON is not an answer; the schema says so.
    return undefined
  }
}

import type { Interface } from 'ethers'
import type { CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import { providerAbi, registryAbi } from './abi.ts'
import { MARKET_NAMES } from './addresses.ts'
import {
  BASE_CURRENCY_CALLS,
  type BaseCurrency,
  baseCurrencyCalls,
  decodeBaseCurrency,
} from './base-currency.ts'

/** One pool of Neverland. `id` is its PoolAddressesProvider, which outlives upgrades of the rest. */
export interface Market {
  readonly id: Address
  readonly name: string
  readonly pool: Address
  readonly oracle: Address
  readonly base: BaseCurrency
  /** Announces changes of thresholds; `null` when the provider does not tell it. */
  readonly configurator: Address | null
}

export interface Markets {
  readonly list: readonly Market[]
  /** Providers that did not answer, or whose oracle does not tell what it counts in: their positions are unknown, not absent. */
  readonly unresolved: readonly Address[]
  /** The registry answered, so that the list is complete. */
  readonly registryRead: boolean
}

export interface MarketList {
  at(at: ChainReader): Promise<Markets>
  /** The next question is asked of the chain again; what was known stays known when it does not answer. */
  expire(): void
}

export interface MarketsDeps {
  readonly providers: readonly Address[]
  readonly registry: Address
}

const MAX_MARKETS = 50
/** Also for whoever follows no events, which tell of a new market at once. */
const REUSE_SECONDS = 600
const RETRY_SECONDS = 60

/**
 * The markets: the configured providers and whatever else the registry lists. Remembered for ten minutes of block time, or
 * for one when something did not answer; a market once known is never forgotten because of a failed read.
 */
export function createMarkets({ providers, registry }: MarketsDeps): MarketList {
  const known = new Map<Address, Market>()
  let current: { markets: Markets; untilS: number } | undefined

  async function marketsAt(at: ChainReader): Promise<Markets> {
    if (current && at.block.timestamp < current.untilS) return current.markets
    const listed = await readRegistry(registry, at)
    const ids = [...new Set([...providers, ...(listed ?? []), ...known.keys()])].slice(0, MAX_MARKETS)
    for (const market of await resolve(ids, at)) known.set(market.id, market)
    const unresolved = ids.filter((id) => !known.has(id))
    const markets: Markets = { list: [...known.values()], unresolved, registryRead: listed !== undefined }
    const complete = unresolved.length === 0 && listed !== undefined
    current = { markets, untilS: at.block.timestamp + (complete ? REUSE_SECONDS : RETRY_SECONDS) }
    return markets
  }

  return {
    at: marketsAt,
    expire() {
      current = undefined
    },
  }
}

async function readRegistry(registry: Address, at: ChainReader): Promise<Address[] | undefined> {
  const [result] = await at.call([
    { to: registry, data: registryAbi.encodeFunctionData('getAddressesProvidersList') },
  ])
  const addresses = decodeFirst(registryAbi, { name: 'getAddressesProvidersList', result })
  if (!Array.isArray(addresses)) return undefined
  return addresses
    .filter((address): address is string => typeof address === 'string')
    .map((address) => address.toLowerCase() as Address)
    .filter((address) => BigInt(address) !== 0n)
}

async function resolve(ids: readonly Address[], at: ChainReader): Promise<Market[]> {
  const names = ['getPool', 'getPriceOracle', 'getMarketId', 'getPoolConfigurator'] as const
  const calls = ids.flatMap((to) => names.map((name) => ({ to, data: providerAbi.encodeFunctionData(name) })))
  const results = await at.call(calls)
  const answering = ids.flatMap((id, index) => {
    const [pool, oracle, marketId, configurator] = names.map((name, offset) =>
      decodeFirst(providerAbi, { name, result: results[index * names.length + offset] }),
    )
    if (typeof pool !== 'string' || typeof oracle !== 'string' || BigInt(pool) === 0n) return []
    const ownName = typeof marketId === 'string' && marketId.trim() !== '' ? marketId : id.slice(0, 10)
    return [
      {
        id,
        name: MARKET_NAMES.get(id) ?? ownName,
        pool: pool.toLowerCase() as Address,
        oracle: oracle.toLowerCase() as Address,
        configurator: typeof configurator === 'string' ? (configurator.toLowerCase() as Address) : null,
      },
    ]
  })
  const told = await at.call(answering.flatMap(({ oracle }) => baseCurrencyCalls(oracle)))
  return answering.flatMap((market, index) => {
    const start = index * BASE_CURRENCY_CALLS
    const base = decodeBaseCurrency(told.slice(start, start + BASE_CURRENCY_CALLS))
    return base ? [{ ...market, base }] : []
  })
}

/** The first return value, or `undefined` when the call failed or its answer does not decode. */
export function decodeFirst(abi: Interface, what: { name: string; result: CallResult | undefined }): unknown {
  if (!what.result?.ok) return undefined
  try {
    const [value] = abi.decodeFunctionResult(what.name, what.result.data).toArray(true) as unknown[]
    return value
  } catch {
    // ethers throws for whatever is not the promised shape; the caller treats that as "did not answer".
    return undefined
  }
}

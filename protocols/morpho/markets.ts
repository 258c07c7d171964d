import { AbiCoder, keccak256 } from 'ethers'
import { z } from 'zod'
import type { Cache } from '../../src/chain/cache.ts'
import { createCachedMany } from '../../src/chain/cached-many.ts'
import type { Call, ChainReader } from '../../src/chain/chain-reader.ts'
import type { Tokens } from '../../src/chain/tokens.ts'
import { decodeWords } from '../../src/chain/words.ts'
import { type Address, shortAddress } from '../../src/domain/address.ts'
import type { Token } from '../../src/domain/detail.ts'
import { DecodeError } from '../../src/errors.ts'
import { morphoAbi } from './abi.ts'

/** What a market is made of; its id is the hash of exactly these. */
export interface MarketParams {
  readonly loanToken: Address
  readonly collateralToken: Address
  readonly oracle: Address
  readonly irm: Address
  readonly lltvWad: bigint
}

export interface Market {
  readonly id: string
  readonly params: MarketParams
  /** `undefined` for a token that does not tell its decimals. */
  readonly loan: Token | undefined
  readonly collateral: Token | undefined
  readonly name: string
}

/** The markets among `ids` that exist, by id. */
export type Markets = (ids: readonly string[], at: ChainReader) => Promise<ReadonlyMap<string, Market>>

/** Parameters are part of the id, so they hold for ever. */
const TTL_MS = 90 * 24 * 3600 * 1000
const ADDRESS = /^0x[0-9a-f]{40}$/
const address = z.custom<Address>((value) => typeof value === 'string' && ADDRESS.test(value))
const restored = z.object({
  loanToken: address,
  collateralToken: address,
  oracle: address,
  irm: address,
  lltvWad: z.string().regex(/^\d{1,30}$/),
})
type StoredParams = z.infer<typeof restored>

export function createMarkets(deps: { morpho: Address; cache: Cache; tokens: Tokens }): Markets {
  const cached = createCachedMany<StoredParams>({
    cache: deps.cache,
    entryOf: (id) => ({
      // Not among what a change of configuration makes one forget: it cannot change.
      key: `morpho-params:${id}`,
      ttlMs: TTL_MS,
      restore: (stored) => {
        const params = restored.safeParse(stored).data
        return params && marketId(paramsOf(params)) === id ? params : undefined
      },
    }),
  })

  async function load(ids: readonly string[], at: ChainReader): Promise<Map<string, StoredParams>> {
    const calls: Call[] = ids.map((id) => ({
      to: deps.morpho,
      data: morphoAbi.encodeFunctionData('idToMarketParams', [id]),
    }))
    const results = await at.call(calls)
    const found = new Map<string, StoredParams>()
    ids.forEach((id, index) => {
      const result = results[index]
      const params = result?.ok ? decodeParams(result.data) : undefined
      // An answer that does not hash to the id is not this market, whoever sent it.
      if (params && marketId(paramsOf(params)) === id) found.set(id, params)
    })
    return found
  }

  return async (ids, at) => {
    const params = await cached(ids, (missing) => load(missing, at))
    const tokens = await deps.tokens(
      [...params.values()].flatMap(({ loanToken, collateralToken }) => [loanToken, collateralToken]),
      at,
    )
    const markets = new Map<string, Market>()
    for (const [id, stored] of params) {
      const loan = tokens.get(stored.loanToken)
      const collateral = tokens.get(stored.collateralToken)
      markets.set(id, {
        id,
        params: paramsOf(stored),
        loan,
        collateral,
        name: nameOf(stored, { loan, collateral }),
      })
    }
    return markets
  }
}

/** keccak256(abi.encode(params)), as in MarketParamsLib. */
function marketId(params: MarketParams): string {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(['address', 'address', 'address', 'address', 'uint256'], tuple(params)),
  )
}

/** In the order of the contract's struct. */
export function tuple({ loanToken, collateralToken, oracle, irm, lltvWad }: MarketParams): unknown[] {
  return [loanToken, collateralToken, oracle, irm, lltvWad]
}

function decodeParams(data: string): StoredParams | undefined {
  try {
    const [loanToken, collateralToken, oracle, irm, lltv = 0n] = decodeWords(data, 5)
    return {
      loanToken: toAddress(loanToken),
      collateralToken: toAddress(collateralToken),
      oracle: toAddress(oracle),
      irm: toAddress(irm),
      lltvWad: lltv.toString(),
    }
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

function toAddress(value = 0n): Address {
  if (value >= 2n ** 160n) throw new DecodeError('not an address')
  return `0x${value.toString(16).padStart(40, '0')}`
}

function paramsOf({ lltvWad, ...addresses }: StoredParams): MarketParams {
  return { ...addresses, lltvWad: BigInt(lltvWad) }
}

/** As Morpho's own app names it: the same pair exists with several LLTVs. */
function nameOf(
  { loanToken, collateralToken, lltvWad }: StoredParams,
  { loan, collateral }: Pick<Market, 'loan' | 'collateral'>,
): string {
  const pair = `${collateral?.symbol ?? shortAddress(collateralToken)}/${loan?.symbol ?? shortAddress(loanToken)}`
  return `Morpho ${pair} ${Number(BigInt(lltvWad) / 10n ** 15n) / 10}%`
}

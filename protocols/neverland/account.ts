import type { ChainReader } from '../../src/chain/chain-reader.ts'
import { encodeAddressCall } from '../../src/chain/words.ts'
import type { Address } from '../../src/domain/address.ts'
import { poolAbi } from './abi.ts'
import { type EMode, readEMode } from './e-mode.ts'
import type { Market } from './markets.ts'
import type { Part } from './model.ts'
import { balanceCall, type Prices, readPrices } from './prices.ts'
import { decodeAssets, type Reserve, readReserves } from './reserves.ts'
import { wordOf } from './words-of.ts'

/** One reserve that an account holds or owes. */
export interface Holding extends Part {
  readonly reserve: Reserve
  /** The share of `owedRaw` that was borrowed at a stable rate. */
  readonly owedStableRaw: bigint
  /** It is in the category that the owner has chosen. */
  readonly inEMode: boolean
}

/** What one account consists of in one market at one block. */
export interface Composition {
  readonly revision: bigint | undefined
  readonly holdings: readonly Holding[]
  readonly eMode: EMode | null
  /** Deposits left out, because they secure nothing and their price does not answer. */
  readonly unpriced: readonly Address[]
}

/** The composition, or what could not be read of it. */
export type CompositionRead =
  | { readonly ok: true; readonly value: Composition }
  | { readonly ok: false; readonly what: string }

interface Place {
  readonly market: Market
  readonly owner: Address
}

const ownerSelectors = ['getUserConfiguration', 'getUserEMode'].map(
  (name) => poolAbi.getFunction(name)?.selector as `0x${string}`,
)

/**
 * Reads an account reserve by reserve. Balances come from `balanceOf` of the token contracts, which round as the pool of
 * their generation does.
 */
export async function readComposition(place: Place, at: ChainReader): Promise<CompositionRead> {
  const { market, owner } = place
  const [list, bitmapResult, categoryResult, revisionResult] = await at.call([
    { to: market.pool, data: poolAbi.encodeFunctionData('getReservesList') },
    ...ownerSelectors.map((selector) => ({ to: market.pool, data: encodeAddressCall(selector, owner) })),
    { to: market.pool, data: poolAbi.encodeFunctionData('POOL_REVISION') },
  ])
  const assets = decodeAssets(list)
  const bitmap = wordOf(bitmapResult)
  const category = wordOf(categoryResult)
  if (!assets) return failed('the list of reserves')
  if (bitmap === undefined) return failed('the account’s settings')
  if (category === undefined || category > 255n) return failed('the account’s e-mode')
  const [reserves, eMode] = await Promise.all([
    readReserves({ market, assets }, at),
    category === 0n ? null : readEMode({ market, category }, at),
  ])
  if (eMode === undefined) return failed('the e-mode category')
  const known = reserves.filter((reserve) => reserve !== undefined)
  if (known.length < reserves.length || new Set(known.map(({ id }) => id)).size < known.length) {
    return failed('a reserve')
  }
  return await readHoldings({ place, bitmap, reserves: known, eMode, revision: wordOf(revisionResult) }, at)
}

interface Plan {
  readonly place: Place
  readonly bitmap: bigint
  readonly reserves: readonly Reserve[]
  readonly eMode: EMode | null
  readonly revision: bigint | undefined
}

async function readHoldings(plan: Plan, at: ChainReader): Promise<CompositionRead> {
  const { place, reserves, eMode, bitmap, revision } = plan
  const priced = [...reserves.map(({ asset }) => asset), ...(eMode?.priceSource ? [eMode.priceSource] : [])]
  const [balances, prices] = await Promise.all([
    at.call(reserves.flatMap((reserve) => balanceCalls(reserve, place.owner))),
    readPrices({ oracle: place.market.oracle, assets: priced }, at),
  ])
  const holdings: Holding[] = []
  const unpriced: Address[] = []
  for (const [index, reserve] of reserves.entries()) {
    const [supplied, variable, stable] = balances.slice(index * 3, index * 3 + 3).map(wordOf)
    const isBorrowed = bitAt(bitmap, reserve.id * 2n)
    const enabled = bitAt(bitmap, reserve.id * 2n + 1n)
    if (supplied === undefined) return failed('a balance')
    if (isBorrowed && (variable === undefined || (reserve.stableDebtToken && stable === undefined))) {
      return failed('a debt')
    }
    // The pool itself counts only what its bitmap names.
    const owedStableRaw = isBorrowed && reserve.stableDebtToken ? (stable ?? 0n) : 0n
    const owedRaw = isBorrowed ? (variable ?? 0n) + owedStableRaw : 0n
    if (supplied === 0n && owedRaw === 0n) continue
    const price = priceFor({ reserve, eMode, prices })
    if (price) {
      holdings.push({
        ...price,
        asset: reserve.asset,
        reserve,
        decimals: reserve.decimals,
        suppliedRaw: supplied,
        owedRaw,
        owedStableRaw,
        enabled,
        baseThresholdBps: reserve.thresholdBps,
        thresholdBps: price.inEMode && eMode ? eMode.thresholdBps : reserve.thresholdBps,
      })
    } else if (enabled || isBorrowed) return failed('a price')
    else unpriced.push(reserve.asset)
  }
  return { ok: true, value: { revision, holdings, eMode, unpriced } }
}

/** Three per reserve; the place of a stable debt token that is gone is taken by the variable one. */
function balanceCalls(reserve: Reserve, owner: Address) {
  const { aToken, variableDebtToken, stableDebtToken } = reserve
  return [aToken, variableDebtToken, stableDebtToken ?? variableDebtToken].map((token) =>
    balanceCall(token, owner),
  )
}

function priceFor(what: { reserve: Reserve; eMode: EMode | null; prices: Prices }) {
  const { reserve, eMode, prices } = what
  const inEMode = eMode?.covers(reserve) ?? false
  const source = inEMode ? eMode?.priceSource : null
  const sourcePrice = source ? prices.get(source) : undefined
  // A source without a price does not replace anything: Aave then asks for the asset's own.
  if (source && sourcePrice) return { pricedAs: source, price: sourcePrice, inEMode }
  if (source && sourcePrice === undefined) return undefined
  const price = prices.get(reserve.asset)
  return price === undefined ? undefined : { pricedAs: reserve.asset, price, inEMode }
}

function bitAt(bitmap: bigint, place: bigint): boolean {
  return ((bitmap >> place) & 1n) === 1n
}

function failed(what: string): CompositionRead {
  return { ok: false, what }
}

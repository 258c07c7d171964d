import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Tokens } from '../../src/chain/tokens.ts'
import type { Address } from '../../src/domain/address.ts'
import type { Token } from '../../src/domain/detail.ts'
import {
  type LendingOpportunity,
  type LendingYields,
  lendingRow,
  type Supplies,
  type Supply,
  usableRows,
  usdOf,
  utilisationWad,
} from '../../src/domain/pools/lending.ts'
import { tokenAbi } from './abi.ts'
import { urlOf } from './inspect.ts'
import type { Market, Markets } from './markets.ts'
import { balanceCall, readPrices } from './prices.ts'
import { listAssets, type Reserve, readReserves } from './reserves.ts'
import { readSupplyRoom } from './supply-room.ts'
import { wordOf } from './words-of.ts'

export interface YieldsContext {
  readonly markets: Markets
  readonly tokens: Tokens
  readonly at: ChainReader
}

const TOTAL_SUPPLY = tokenAbi.encodeFunctionData('totalSupply')
const RAY_PER_WAD = 10n ** 9n
/** Balances that one search may read. */
const MAX_BALANCES = 20_000
const MANY_BALANCES = 'that are too many wallets to look up at once'

/**
 * The pool's own `liquidityRate`: ray per year, simple until somebody touches the reserve. Incentives come on top and are
 * not told.
 */
export async function readYields({ markets, tokens, at }: YieldsContext): Promise<LendingYields> {
  const read = await Promise.all(markets.list.map((market) => readMarket(market, { tokens, at })))
  const silent = read.filter((market) => market === null).length + markets.unresolved.length
  const { rows, skipped } = usableRows(read.flatMap((market) => market ?? []))
  return { rows, skipped, gaps: gapsOf({ silent, registryRead: markets.registryRead }) }
}

/** Of every owner the balance of every market's receipt tokens, which grow with interest by themselves. */
export async function readSupplies(
  owners: readonly Address[],
  { markets, tokens, at }: YieldsContext,
): Promise<Supplies[]> {
  const places = await Promise.all(markets.list.map((market) => readPlaces(market, { tokens, at })))
  const known = places.flatMap((market) => market?.places ?? [])
  const bad = places.some((market) => market !== null && market.bad > 0)
  const silent = places.filter((market) => market === null).length + markets.unresolved.length
  const gaps = gapsOf({ silent, registryRead: markets.registryRead })
  const room = known.length === 0 ? owners.length : Math.floor(MAX_BALANCES / known.length)
  const asked = owners.slice(0, room)
  const balances = await at.call(
    asked.flatMap((owner) => known.map(({ reserve }) => balanceCall(reserve.aToken, owner))),
  )
  return owners.map((owner, index) => {
    if (index >= room) return { kind: 'partial', supplies: [], reason: MANY_BALANCES }
    const mine = balances.slice(index * known.length, (index + 1) * known.length).map(wordOf)
    const supplies = known.flatMap((place, offset) => supplyOf(owner, { place, amountRaw: mine[offset] }))
    const unread = bad || known.some(({ token }, offset) => mine[offset] === undefined || !token)
    const reason = unread ? 'some balances could not be read' : gaps
    return reason === null ? { kind: 'complete', supplies } : { kind: 'partial', supplies, reason }
  })
}

function gapsOf({ silent, registryRead }: { silent: number; registryRead: boolean }): string | null {
  if (silent > 0) return `${silent} market(s) of Neverland do not answer`
  return registryRead ? null : "Neverland's registry does not answer"
}

interface Place {
  readonly market: Market
  readonly reserve: Reserve
  readonly token: Token | undefined
  readonly priceUsd: number | null
}

/** `bad`: reserves of which the pool does not tell what it should. */
interface Places {
  readonly places: readonly Place[]
  readonly bad: number
}

/** The reserves of a market with their tokens and prices; `null` when the pool does not list them. */
async function readPlaces(
  market: Market,
  { tokens, at }: Omit<YieldsContext, 'markets'>,
): Promise<Places | null> {
  const assets = await listAssets(market, at)
  if (!assets) return null
  const reserves = (await readReserves({ market, assets }, at)).filter((reserve) => reserve !== undefined)
  const [known, prices] = await Promise.all([
    tokens(assets, at),
    readPrices({ oracle: market.oracle, assets }, at),
  ])
  const places = reserves.map((reserve) => {
    const price = prices.get(reserve.asset)
    const counts = market.base.unit === 'USD' && price !== undefined && price > 0n
    const token = known.get(reserve.asset)
    return {
      market,
      reserve,
      // The pool's own number of decimals is what it counts with.
      token: token && { ...token, decimals: reserve.decimals },
      priceUsd: counts ? Number(price) / 10 ** market.base.decimals : null,
    }
  })
  return { places, bad: assets.length - reserves.length }
}

async function readMarket(
  market: Market,
  { tokens, at }: Omit<YieldsContext, 'markets'>,
): Promise<(LendingOpportunity | null)[] | null> {
  const known = await readPlaces(market, { tokens, at })
  if (!known) return null
  const { places, bad } = known
  const [room, totals] = await Promise.all([
    readSupplyRoom(
      places.map(({ reserve }) => reserve),
      at,
    ),
    at.call(places.flatMap(({ reserve }) => totalCalls(reserve))),
  ])
  const rows = places.map((place, index) => {
    const { reserve, token, priceUsd } = place
    const [suppliedRaw, liquidityRaw, variable, stable] = totals.slice(index * 4, index * 4 + 4).map(wordOf)
    if (!token || suppliedRaw === undefined || liquidityRaw === undefined || variable === undefined)
      return null
    if (reserve.stableDebtToken && stable === undefined) return null
    const lentRaw = variable + (reserve.stableDebtToken ? (stable ?? 0n) : 0n)
    return lendingRow({
      source: 'neverland',
      market: market.id,
      id: idOf(place),
      name: `${token.symbol} · ${market.name}`,
      asset: token,
      rateWad: reserve.supplyRateRay / RAY_PER_WAD,
      utilisationWad: utilisationWad({ lentRaw, liquidityRaw }),
      suppliedRaw,
      liquidityRaw,
      open: room.get(reserve) !== 0n,
      priceUsd,
      verified: true,
      trust: 'high',
      link: urlOf(market),
      seenAtMs: at.block.timestamp * 1000,
    })
  })
  return [...rows, ...Array.from({ length: bad }, () => null)]
}

/** Supplied, still there, lent at variable rates, lent at stable rates; the place of a debt token that is gone is taken by the other. */
function totalCalls({ asset, aToken, variableDebtToken, stableDebtToken }: Reserve) {
  return [
    { to: aToken, data: TOTAL_SUPPLY },
    balanceCall(asset, aToken),
    { to: variableDebtToken, data: TOTAL_SUPPLY },
    { to: stableDebtToken ?? variableDebtToken, data: TOTAL_SUPPLY },
  ]
}

function supplyOf(
  owner: Address,
  { place, amountRaw }: { place: Place; amountRaw: bigint | undefined },
): Supply[] {
  const { market, token, priceUsd } = place
  if (!token || amountRaw === undefined || amountRaw === 0n) return []
  return [
    {
      owner,
      opportunityId: idOf(place),
      market: market.id,
      marketName: market.name,
      asset: token,
      amountRaw,
      valueUsd: usdOf({ amountRaw, asset: token, priceUsd }),
    },
  ]
}

function idOf({ market, reserve }: Pick<Place, 'market' | 'reserve'>): string {
  return `neverland:lend:${market.id}:${reserve.asset}`
}

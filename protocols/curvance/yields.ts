import { wordOf, wordsOf } from '../../src/chain/answers.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import {
  type LendingYields,
  lendingRow,
  type Supplies,
  type Supply,
  usableRows,
  usdOf,
  wadNumber,
} from '../../src/domain/pools/lending.ts'
import { WAD } from '../../src/domain/units.ts'
import { cTokenAbi, managerAbi } from './abi.ts'
import { boolOfWord } from './answers.ts'
import type { Market, MarketList, Markets, MarketToken } from './markets.ts'
import type { ProtocolReader, TokenState } from './reader.ts'

export interface YieldsContext {
  readonly markets: Markets
  readonly reader: ProtocolReader
  readonly appUrl: string
  readonly at: ChainReader
}

interface Place {
  readonly market: Market
  readonly token: MarketToken
}

/** Balances that one search may read. */
const MAX_BALANCES = 20_000
const STATE_GAS = 60_000

/**
 * The ProtocolReader's supply rate: per second with 18 decimals, times the seconds of 365 days, so a simple yearly one.
 * Incentives and the yield of the token itself come on top and are not told. Without the reader there are no rates.
 */
export async function readYields(context: YieldsContext): Promise<LendingYields> {
  const { markets, at } = context
  const list = await markets.at(at)
  const places = placesOf(list)
  const [states, paused] = await Promise.all([
    statesOf(context),
    at.call(
      places.map(({ market, token }) => ({
        to: market.id,
        data: managerAbi.encodeFunctionData('actionsPaused', [token.cToken]),
        gas: STATE_GAS,
      })),
    ),
  ])
  if (states === null) return { rows: [], skipped: 0, gaps: "Curvance's ProtocolReader cannot be used" }
  const { rows, skipped } = usableRows(
    places.map((place, index) => {
      const { market, token } = place
      const state = states.get(token.cToken)
      if (!state || !token.token) return null
      return lendingRow({
        source: 'curvance',
        market: market.id,
        id: idOf(token),
        name: `${token.token.symbol} · ${market.name}`,
        asset: token.token,
        rateWad: state.supplyWad,
        utilisationWad: state.utilisationWad,
        suppliedRaw: state.suppliedRaw,
        liquidityRaw: state.liquidityRaw,
        open: boolOfWord(wordsOf(paused[index], 3)?.[0]) === false,
        priceUsd: priceOf(state),
        verified: true,
        trust: 'high',
        link: context.appUrl,
        seenAtMs: at.block.timestamp * 1000,
      })
    }),
  )
  return { rows, skipped, gaps: gapsOf(list) }
}

/** Shares of tokens that can be borrowed, posted as collateral or not, at the exchange rate of the block. */
export async function readSupplies(owners: readonly Address[], context: YieldsContext): Promise<Supplies[]> {
  const { markets, at } = context
  const list = await markets.at(at)
  const places = placesOf(list)
  const room = places.length === 0 ? owners.length : Math.floor(MAX_BALANCES / places.length)
  const asked = owners.slice(0, room)
  const results = await at.call([
    ...places.map(({ token }) => ({
      to: token.cToken,
      data: cTokenAbi.encodeFunctionData('exchangeRate'),
      gas: STATE_GAS,
    })),
    ...asked.flatMap((owner) =>
      places.map(({ token }) => ({
        to: token.cToken,
        data: cTokenAbi.encodeFunctionData('balanceOf', [owner]),
        gas: STATE_GAS,
      })),
    ),
  ])
  const words = results.map(wordOf)
  const states = await statesOf(context)
  return owners.map((owner, index) => {
    if (index >= room) {
      return { kind: 'partial', supplies: [], reason: 'that are too many wallets to look up at once' }
    }
    const mine = words.slice((index + 1) * places.length, (index + 2) * places.length)
    const found = places.map((place, offset) =>
      supplyOf(owner, {
        place,
        shares: mine[offset] ?? null,
        exchangeRateWad: words[offset] ?? null,
        priceUsd: priceOf(states?.get(place.token.cToken)),
      }),
    )
    const supplies = found.flatMap((supply) => supply ?? [])
    const reason = found.includes('unread') ? 'some balances could not be read' : gapsOf(list)
    const read = supplies.filter((supply) => supply !== 'unread')
    return reason === null
      ? { kind: 'complete', supplies: read }
      : { kind: 'partial', supplies: read, reason }
  })
}

/** Every token that is lent out. */
function placesOf({ byId }: MarketList): Place[] {
  return [...byId.values()].flatMap((market) =>
    market.tokens.filter(({ borrowable }) => borrowable).map((token) => ({ market, token })),
  )
}

/** `null` when the reader is not the one that is known here, or does not answer. */
async function statesOf({ reader, at }: YieldsContext): Promise<ReadonlyMap<string, TokenState> | null> {
  if ((await reader.fault(at)) !== null) return null
  const states = await reader.tokens(at)
  return states.size === 0 ? null : states
}

function gapsOf({ unresolved, registryRead }: MarketList): string | null {
  if (unresolved.length > 0) return `${unresolved.length} market(s) of Curvance do not answer`
  return registryRead ? null : "Curvance's registry does not answer"
}

/** A price of zero is no price. */
function priceOf(state: TokenState | undefined): number | null {
  return state && state.priceWad > 0n ? wadNumber(state.priceWad) : null
}

/** `null`: nothing there. */
function supplyOf(
  owner: Address,
  found: {
    place: Place
    shares: bigint | null
    exchangeRateWad: bigint | null
    priceUsd: number | null
  },
): Supply | 'unread' | null {
  const { place, shares, exchangeRateWad, priceUsd } = found
  const asset = place.token.token
  if (shares === 0n) return null
  if (shares === null || exchangeRateWad === null || !asset) return 'unread'
  const amountRaw = (shares * exchangeRateWad) / WAD
  return {
    owner,
    opportunityId: idOf(place.token),
    market: place.market.id,
    marketName: place.market.name,
    asset,
    amountRaw,
    valueUsd: usdOf({ amountRaw, asset, priceUsd }),
  }
}

function idOf({ cToken }: MarketToken): string {
  return `curvance:lend:${cToken}`
}

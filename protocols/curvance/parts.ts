import { wordOf, wordsOf } from '../../src/chain/answers.ts'
import type { Call, CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { PositionRef, UnknownReading } from '../../src/domain/position.ts'
import { cTokenAbi, managerAbi, oracleAbi, registryAbi } from './abi.ts'
import { addressOf } from './answers.ts'
import type { Market, MarketToken } from './markets.ts'
import { type Collateral, type Debt, type Loan, type LoanHealth, loanHealth } from './math.ts'

/** One token of a position: what is in it and what Curvance counts it with. Prices are `null` where no feed gives one. */
export interface Part extends MarketToken {
  readonly collateral: Omit<Collateral, 'priceWad'> & { readonly priceWad: bigint | null }
  readonly debt: Omit<Debt, 'priceWad'> & { readonly priceWad: bigint | null }
}

/** A position put together from the market's own contracts, without the ProtocolReader. */
export interface Parts {
  readonly kind: 'ok'
  readonly market: Market
  readonly parts: readonly Part[]
  readonly bufferBps: bigint
}

/** No collateral and no debt. */
export interface Empty {
  readonly kind: 'empty'
}

export type PartsAnswer = Parts | Empty | UnknownReading

const BAD_SOURCE = 2n
const PRICE_GAS = 250_000
const STATE_GAS = 60_000

interface Prices {
  readonly lowerWad: bigint | null
  readonly upperWad: bigint | null
}

/** One answer per position, in the order asked: two rounds of calls for all of them together. */
export async function readParts(
  positions: readonly { ref: PositionRef; market: Market | undefined }[],
  { registry, at }: { registry: Address; at: ChainReader },
): Promise<PartsAnswer[]> {
  const markets = new Map(positions.flatMap(({ market }) => (market ? [[market.id, market] as const] : [])))
  const calls = createCallList()
  const oracleManager = calls.add({
    to: registry,
    data: registryAbi.encodeFunctionData('oracleManager'),
  })
  const states = new Map([...markets.values()].map((market) => [market.id, askMarket(market, calls)]))
  const amounts = positions.map(({ ref, market }) =>
    market?.tokens.map((token) => askToken(ref, { token, calls })),
  )
  const results = await at.call(calls.list)

  const oracle = addressOf(results[oracleManager])
  if (positions.length > 0 && oracle === null) {
    return positions.map(() => unknown('decode', 'the registry does not name its oracle'))
  }
  const prices = await readPrices([...markets.values()], { oracle, at })
  return positions.map(({ market }, index) => {
    const state = market && states.get(market.id)
    const places = amounts[index]
    if (!market || !state || !places) return unknown('decode', 'the market could not be read')
    return assemble({ market, state, places, results, prices })
  })
}

/** What Curvance itself would make of the parts; unknown where a price it needs is missing. */
export function loanOf({ parts, bufferBps }: Parts): { loan: Loan; health: LoanHealth } | UnknownReading {
  const collateral: Collateral[] = []
  const debt: Debt[] = []
  for (const part of parts) {
    const { collateral: held, debt: owed } = part
    if (held.shares > 0n) {
      if (held.priceWad === null) return noPrice(part)
      collateral.push({ ...held, priceWad: held.priceWad })
    }
    if (owed.balance > 0n) {
      if (owed.priceWad === null) return noPrice(part)
      debt.push({ ...owed, priceWad: owed.priceWad })
    }
  }
  const loan = { collateral, debt, bufferBps }
  const health = loanHealth(loan)
  return health ? { loan, health } : unknown('decode', 'the market answers with impossible numbers')
}

function noPrice({ asset, token }: Part): UnknownReading {
  return unknown('oracle', `there is no price for ${token?.symbol ?? asset.slice(0, 8)}`)
}

interface CallList {
  readonly list: readonly Call[]
  /** Where the result will stand. */
  add(call: Call): number
}

function createCallList(): CallList {
  const list: Call[] = []
  return { list, add: (call) => list.push({ gas: STATE_GAS, ...call }) - 1 }
}

interface MarketPlaces {
  readonly buffer: number
  readonly tokens: readonly { readonly rate: number; readonly config: number }[]
}

function askMarket({ id, tokens }: Market, calls: CallList): MarketPlaces {
  return {
    buffer: calls.add({ to: id, data: managerAbi.encodeFunctionData('AUCTION_BUFFER') }),
    tokens: tokens.map(({ cToken }) => ({
      rate: calls.add({ to: cToken, data: cTokenAbi.encodeFunctionData('exchangeRate') }),
      config: calls.add({ to: id, data: managerAbi.encodeFunctionData('collConfig', [cToken]) }),
    })),
  }
}

/** `debt` is `null` for a token that nobody can borrow. */
interface AmountPlaces {
  readonly posted: number
  readonly debt: number | null
}

function askToken(
  { owner }: PositionRef,
  { token, calls }: { token: MarketToken; calls: CallList },
): AmountPlaces {
  const to = token.cToken
  return {
    posted: calls.add({ to, data: cTokenAbi.encodeFunctionData('collateralPosted', [owner]) }),
    debt: token.borrowable
      ? calls.add({ to, data: cTokenAbi.encodeFunctionData('debtBalance', [owner]) })
      : null,
  }
}

async function readPrices(
  markets: readonly Market[],
  { oracle, at }: { oracle: Address | null; at: ChainReader },
): Promise<Map<string, Prices>> {
  if (oracle === null) return new Map()
  const assets = [...new Set(markets.flatMap(({ tokens }) => tokens.map(({ asset }) => asset)))]
  const results = await at.call(
    assets.flatMap((asset) =>
      [true, false].map((lower) => ({
        to: oracle,
        data: oracleAbi.encodeFunctionData('getPrice', [asset, true, lower]),
        gas: PRICE_GAS,
      })),
    ),
  )
  return new Map(
    assets.map((asset, index) => [
      asset,
      { lowerWad: priceOf(results[index * 2]), upperWad: priceOf(results[index * 2 + 1]) },
    ]),
  )
}

/** The error code before the number. A price of zero is no price: nothing listed is worth nothing. */
function priceOf(result: CallResult | undefined): bigint | null {
  const [priceWad, errorCode] = wordsOf(result, 2) ?? []
  if (priceWad === undefined || errorCode === undefined) return null
  return errorCode >= BAD_SOURCE || priceWad === 0n ? null : priceWad
}

function assemble(found: {
  market: Market
  state: MarketPlaces
  places: readonly AmountPlaces[]
  results: readonly CallResult[]
  prices: ReadonlyMap<string, Prices>
}): PartsAnswer {
  const { market, state, places, results, prices } = found
  const amounts = places.map(({ posted, debt }) => ({
    shares: wordOf(results[posted]),
    balance: debt === null ? 0n : wordOf(results[debt]),
  }))
  if (amounts.some(({ shares, balance }) => shares === null || balance === null)) {
    return unknown('decode', 'the position could not be read')
  }
  const bufferBps = wordOf(results[state.buffer])
  if (bufferBps === null) return unknown('decode', 'the market could not be read')
  const parts: Part[] = []
  for (const [index, token] of market.tokens.entries()) {
    const exchangeRateWad = wordOf(results[state.tokens[index]?.rate ?? -1])
    const [, reqSoftBps, reqHardBps] = wordsOf(results[state.tokens[index]?.config ?? -1], 3) ?? []
    if (exchangeRateWad === null || reqSoftBps === undefined || reqHardBps === undefined) {
      return unknown('decode', 'the market could not be read')
    }
    const scale = 10n ** BigInt(token.decimals)
    const { lowerWad = null, upperWad = null } = prices.get(token.asset) ?? {}
    parts.push({
      ...token,
      collateral: {
        shares: amounts[index]?.shares ?? 0n,
        exchangeRateWad,
        scale,
        priceWad: lowerWad,
        reqSoftBps,
        reqHardBps,
      },
      debt: { balance: amounts[index]?.balance ?? 0n, scale, priceWad: upperWad },
    })
  }
  const empty = amounts.every(({ shares, balance }) => shares === 0n && balance === 0n)
  return empty ? { kind: 'empty' } : { kind: 'ok', market, parts, bufferBps }
}

function unknown(reason: UnknownReading['reason'], detail: string): UnknownReading {
  return { kind: 'unknown', reason, detail }
}

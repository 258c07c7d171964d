import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import {
  type LendingOpportunity,
  type LendingYields,
  lendingRow,
  usableRows,
  utilisationWad,
} from '../../src/domain/pools/lending.ts'
import { WAD } from '../../src/domain/units.ts'
import type { ApiRequest } from './api.ts'
import type { MarketList } from './market-list.ts'
import type { Market, Markets } from './markets.ts'
import { supplyRateWad } from './math.ts'
import { type AccruedMarket, isFree, rateCall, yearlyOf } from './rates.ts'
import type { Shown } from './shown.ts'
import { accruedCalls, accruedWords } from './state.ts'

export interface YieldsContext {
  readonly morpho: Address
  readonly markets: Markets
  readonly list: MarketList
  readonly shown: (request: ApiRequest) => Promise<Shown | null>
  readonly appUrl: string
  readonly at: ChainReader
}

/** Anybody can make markets; those that Morpho's app shows come first. */
const MAX_ROWS = 500
const API_BUDGET_MS = 6_000

/**
 * The model's borrow rate times the part that is lent out, without the market's fee, all at the block: per second with 18
 * decimals, told as a simple yearly rate. Morpho itself compounds whenever somebody touches the market.
 */
export async function readYields(context: YieldsContext): Promise<LendingYields> {
  const { list, markets, at } = context
  const request = apiRequest(at)
  const [known, shown] = await Promise.all([list.known(request), context.shown(request)])
  const ids = [...new Set([...(shown?.keys() ?? []), ...known.ids])]
  const asked = ids.slice(0, MAX_ROWS)
  const found = await markets(asked, at)
  const accrued = await readAccrued([...found.values()], context)
  const rates = await readRates([...accrued.values()], context)
  const { rows, skipped } = usableRows(
    [...found.values()].map((market) => {
      const there = accrued.get(market.id)
      const borrowRateWad = rates.get(market.id)
      return there && borrowRateWad !== undefined
        ? rowOf({ ...there, borrowRateWad }, { ...context, shown })
        : null
    }),
  )
  const more = ids.length - asked.length
  return {
    rows,
    skipped: skipped + asked.length - found.size,
    gaps: more > 0 ? `${more} further market(s) of Morpho are not looked at` : known.gaps,
  }
}

/** The API must leave time for the chain. */
export function apiRequest(at: ChainReader): ApiRequest {
  const limit = AbortSignal.timeout(API_BUDGET_MS)
  return { priority: at.priority, signal: at.signal ? AbortSignal.any([at.signal, limit]) : limit }
}

/** The markets with their interest accrued to the block; those that do not answer are left out. */
export async function readAccrued(
  markets: readonly Market[],
  { morpho, at }: Pick<YieldsContext, 'morpho' | 'at'>,
): Promise<ReadonlyMap<string, AccruedMarket>> {
  const results = await at.sequences(markets.map((market) => accruedCalls(market, morpho)))
  return new Map(
    markets.flatMap((market, index) => {
      const words = accruedWords(results[index] ?? [], at)
      return words ? [[market.id, { market, words }] as const] : []
    }),
  )
}

/** Asked after an accrual in the same simulation, since a model may adapt its rate when the market accrues. */
async function readRates(
  accrued: readonly AccruedMarket[],
  { morpho, at }: Pick<YieldsContext, 'morpho' | 'at'>,
): Promise<ReadonlyMap<string, bigint>> {
  const costing = accrued.filter(({ market }) => !isFree(market))
  const results = await at.sequences(
    costing.map((one) => [...accruedCalls(one.market, morpho), rateCall(one)]),
  )
  const rates = new Map<string, bigint>(accrued.map(({ market }) => [market.id, 0n]))
  costing.forEach(({ market }, index) => {
    const rate = yearlyOf(results[index]?.[2])
    if (rate === null) rates.delete(market.id)
    else rates.set(market.id, rate)
  })
  return rates
}

function rowOf(
  { market, words, borrowRateWad }: AccruedMarket & { borrowRateWad: bigint },
  { shown, appUrl, at }: Pick<YieldsContext, 'appUrl' | 'at'> & { shown: Shown | null },
): LendingOpportunity | null {
  const [suppliedRaw = 0n, , lentRaw = 0n, , , feeWad = 0n] = words
  if (!market.loan || lentRaw > suppliedRaw || feeWad > WAD) return null
  const liquidityRaw = suppliedRaw - lentRaw
  const used = utilisationWad({ lentRaw, liquidityRaw })
  const isShown = shown?.has(market.id) ?? false
  return lendingRow({
    source: 'morpho',
    market: market.id,
    id: idOf(market),
    name: `${market.loan.symbol} · ${market.name}`,
    asset: market.loan,
    rateWad: supplyRateWad({ borrowRateWad, utilisationWad: used, feeWad }),
    utilisationWad: used,
    suppliedRaw,
    liquidityRaw,
    open: true,
    priceUsd: shown?.get(market.id) ?? null,
    verified: isShown ? true : null,
    trust: isShown ? 'high' : 'low',
    link: `${appUrl}/monad/market/${market.id}`,
    seenAtMs: at.block.timestamp * 1000,
  })
}

export function idOf({ id }: Pick<Market, 'id'>): string {
  return `morpho:lend:${id}`
}

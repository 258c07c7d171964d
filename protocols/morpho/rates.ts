import { wordOf } from '../../src/chain/answers.ts'
import type { Call, CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import { irmAbi } from './abi.ts'
import { type Market, tuple } from './markets.ts'

/** A market and what `market(id)` answers for it after its interest was accrued. */
export interface AccruedMarket {
  readonly market: Market
  readonly words: readonly bigint[]
}

const SECONDS_PER_YEAR = 31_536_000n

/** What borrowers pay: the interest rate model's own rate per second, told as a simple yearly one. 1e18 = 100 %. */
export async function yearlyBorrowRate(accrued: AccruedMarket, at: ChainReader): Promise<bigint | null> {
  if (isFree(accrued.market)) return 0n
  const [rate] = await at.call([rateCall(accrued)])
  return yearlyOf(rate)
}

/** A market without an interest rate model bears none. */
export function isFree({ params }: Market): boolean {
  return BigInt(params.irm) === 0n
}

export function rateCall({ market, words }: AccruedMarket): Call {
  const data = irmAbi.encodeFunctionData('borrowRateView', [tuple(market.params), words])
  return { to: market.params.irm, data }
}

export function yearlyOf(result: CallResult | undefined): bigint | null {
  const perSecondWad = wordOf(result)
  return perSecondWad === null ? null : perSecondWad * SECONDS_PER_YEAR
}

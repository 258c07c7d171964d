import { wordsOf } from '../../src/chain/answers.ts'
import type { Call, CallResult, ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { UnknownReading } from '../../src/domain/position.ts'
import { morphoAbi, oracleAbi } from './abi.ts'
import { type Market, tuple } from './markets.ts'
import type { BorrowSide } from './math.ts'

/** A market at the pinned block, interest accrued to its timestamp by the contract itself. */
export interface MarketState extends BorrowSide {
  readonly kind: 'ok'
  readonly priceE36: bigint
  /** `market(id)` word by word, for the interest rate model. */
  readonly words: readonly bigint[]
}

const ACCRUE_GAS = 300_000
/** Where `lastUpdate` stands in the answer of `market(id)`. */
const LAST_UPDATE = 4

/**
 * Accrues each market inside the simulated call and reads it right after, so that interest is the contract's own: no copy
 * of the interest rate model, no clock. The accrual writes nothing: an eth_call is never mined.
 */
export async function readStates(
  markets: readonly Market[],
  { morpho, at }: { morpho: Address; at: ChainReader },
): Promise<Map<string, MarketState | UnknownReading>> {
  const results = await at.sequences(
    markets.map((market) => [
      ...accruedCalls(market, morpho),
      { to: market.params.oracle, data: oracleAbi.encodeFunctionData('price'), gas: ACCRUE_GAS },
    ]),
  )
  return new Map(markets.map(({ id }, index) => [id, decodeState(results[index] ?? [], at)]))
}

/** The first calls of a sequence: accrues, then answers with the market as it is after that. */
export function accruedCalls({ id, params }: Market, morpho: Address): readonly [Call, Call] {
  return [
    { to: morpho, data: morphoAbi.encodeFunctionData('accrueInterest', [tuple(params)]), gas: ACCRUE_GAS },
    { to: morpho, data: morphoAbi.encodeFunctionData('market', [id]) },
  ]
}

/** `market(id)` word by word after the accrual; `null` where these are not the numbers of the block. */
export function accruedWords(
  [accrued, market]: readonly CallResult[],
  at: Pick<ChainReader, 'block'>,
): readonly bigint[] | null {
  const words = accrued?.ok ? wordsOf(market, 6) : null
  // Without the accrual just before, these would be numbers of an earlier time.
  if (words?.[LAST_UPDATE] !== BigInt(at.block.timestamp)) return null
  return words.every((word) => word < 2n ** 128n) ? words : null
}

function decodeState(
  results: readonly CallResult[],
  at: Pick<ChainReader, 'block'>,
): MarketState | UnknownReading {
  const [accrued, , price] = results
  if (!accrued?.ok) return unknown('decode', 'the market cannot accrue its interest')
  const words = accruedWords(results, at)
  if (words === null) return unknown('decode', 'the market could not be read')
  const [, , totalBorrowAssets, totalBorrowShares] = words
  const [priceE36] = wordsOf(price, 1) ?? []
  if (priceE36 === undefined) return unknown('oracle', 'the price oracle does not answer')
  return {
    kind: 'ok',
    totalBorrowAssets: totalBorrowAssets ?? 0n,
    totalBorrowShares: totalBorrowShares ?? 0n,
    priceE36,
    words,
  }
}

function unknown(reason: UnknownReading['reason'], detail: string): UnknownReading {
  return { kind: 'unknown', reason, detail }
}

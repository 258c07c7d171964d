import type { Call, CallResult } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { Unit } from '../../src/domain/position.ts'
import { oracleAbi } from './abi.ts'
import { addressOf, wordOf } from './words-of.ts'

/** What a market counts in: every price, worth and debt of it is `amount / 10^decimals` of `unit`. */
export interface BaseCurrency {
  readonly unit: Unit
  readonly decimals: number
}

const CALLS = (['BASE_CURRENCY_UNIT', 'BASE_CURRENCY'] as const).map((name) =>
  oracleAbi.encodeFunctionData(name),
)
/** Aave's dollar. */
const USD_DECIMALS = 8
const MOST_DECIMALS = 36

export const BASE_CURRENCY_CALLS = CALLS.length

export function baseCurrencyCalls(oracle: Address): Call[] {
  return CALLS.map((data) => ({ to: oracle, data }))
}

/**
 * Dollars only for the unit of eight decimals that Aave uses for them, and only where the oracle does not name a token as its
 * base instead: the zero address means USD, and an oracle without that question has no token. `undefined` when the oracle
 * does not tell; it is never taken for dollars then.
 */
export function decodeBaseCurrency([unitResult, baseResult]: readonly CallResult[]):
  | BaseCurrency
  | undefined {
  const decimals = decimalsOf(wordOf(unitResult))
  if (decimals === undefined || baseResult === undefined) return undefined
  const base = baseResult.ok ? wordOf(baseResult) : 0n
  const token = addressOf(base)
  if (token === undefined) return undefined
  const isUsd = base === 0n && decimals === USD_DECIMALS
  return { unit: isUsd ? 'USD' : 'other:base', decimals }
}

/** Of a power of ten; `undefined` for every other number. */
function decimalsOf(unit: bigint | undefined): number | undefined {
  if (unit === undefined) return undefined
  const decimals = unit.toString().length - 1
  return decimals <= MOST_DECIMALS && unit === 10n ** BigInt(decimals) ? decimals : undefined
}

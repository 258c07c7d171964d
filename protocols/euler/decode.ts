import type { CallResult } from '../../src/chain/chain-reader.ts'
import { decodeWords } from '../../src/chain/words.ts'
import type { Address } from '../../src/domain/address.ts'
import { DecodeError } from '../../src/errors.ts'

/** An account can have no more, and the vault connector refuses an eleventh. */
export const MOST_COLLATERALS = 10

/** What a vault says about an account, in its unit of account. Collateral already weighed with its liquidation LTV. */
export interface Liquidity {
  readonly collateralValue: bigint
  readonly liabilityValue: bigint
}

export interface FullLiquidity extends Liquidity {
  readonly collaterals: readonly { readonly vault: Address; readonly value: bigint }[]
}

export function decodeLiquidity(data: string): Liquidity {
  const [collateralValue = 0n, liabilityValue = 0n] = decodeWords(data, 2)
  return { collateralValue, liabilityValue }
}

/** `accountLiquidityFull` in the one layout that the ABI gives it. Throws DecodeError for any other. */
export function decodeFullLiquidity(data: string): FullLiquidity {
  const words = allWords(data, 5 + 2 * MOST_COLLATERALS)
  const [vaultsAt, valuesAt, liabilityValue = 0n, count = 0n] = words
  const length = Number(count)
  const fits =
    vaultsAt === 96n &&
    words.length === 5 + 2 * length &&
    valuesAt === BigInt(32 * (4 + length)) &&
    words[4 + length] === count
  if (!fits) throw new DecodeError('two lists of the same length were expected')
  const collaterals = words.slice(4, 4 + length).map((word, index) => ({
    vault: toAddress(word),
    value: words[5 + length + index] ?? 0n,
  }))
  const collateralValue = collaterals.reduce((sum, { value }) => sum + value, 0n)
  return { collateralValue, liabilityValue, collaterals }
}

/** One list of at most `most` addresses. Throws DecodeError for anything else. */
export function decodeAddresses(data: string, most: number): Address[] {
  const words = allWords(data, 2 + most)
  const [offset, count] = words
  if (offset !== 32n || count !== BigInt(words.length - 2))
    throw new DecodeError('a list of addresses was expected')
  return words.slice(2).map(toAddress)
}

export function decodeAddress(data: string): Address {
  return toAddress(decodeWords(data, 1)[0])
}

/** What `decode` makes of a successful answer; `null` for a failed or unreadable one. */
export function decoded<T>(result: CallResult | undefined, decode: (data: string) => T): T | null {
  if (!result?.ok) return null
  try {
    return decode(result.data)
  } catch (error) {
    if (error instanceof DecodeError) return null
    throw error
  }
}

export function decodeUint(data: string): bigint {
  return decodeWords(data, 1)[0] ?? 0n
}

function allWords(data: string, most: number): bigint[] {
  const count = Math.floor((data.length - 2) / 64)
  if (count > most) throw new DecodeError('more than there can be')
  return decodeWords(data, count)
}

function toAddress(word = 0n): Address {
  if (word >= 2n ** 160n) throw new DecodeError('not an address')
  return `0x${word.toString(16).padStart(40, '0')}`
}

import type { Interface } from 'ethers'
import { wordOf, wordsOf } from '../../src/chain/answers.ts'
import type { CallResult } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'

const HEAD_WORDS = 2

/** `null` for what is not exactly one address, the zero address included. */
export function addressOf(result: CallResult | undefined): Address | null {
  return addressOfWord(wordOf(result))
}

export function addressOfWord(word: bigint | null | undefined): Address | null {
  if (word == null || word === 0n || word >= 2n ** 160n) return null
  return `0x${word.toString(16).padStart(40, '0')}`
}

/** `null` for what is neither true nor false. */
export function boolOfWord(word: bigint | null | undefined): boolean | null {
  if (word === 0n) return false
  return word === 1n ? true : null
}

/** A list of at most `most` addresses and nothing else; `null` for every other answer. */
export function addressListOf(result: CallResult | undefined, most: number): Address[] | null {
  if (!result?.ok) return null
  const count = (result.data.length - 2) / 64 - HEAD_WORDS
  if (!Number.isInteger(count) || count < 0 || count > most) return null
  const [offset, length, ...words] = wordsOf(result, count + HEAD_WORDS) ?? []
  if (offset !== 32n || length !== BigInt(count)) return null
  const addresses = words.map(addressOfWord).filter((address) => address !== null)
  return addresses.length === count ? addresses : null
}

/**
 * Decodes, and encodes again what was decoded: only the very same bytes count. A struct that grew by a field still decodes
 * under its old shape, and every number after the new field would then be another one. `null` when it does not fit.
 */
export function decodeExactly(
  abi: Interface,
  { name, result }: { name: string; result: CallResult | undefined },
): unknown[] | null {
  if (!result?.ok) return null
  try {
    const values = abi.decodeFunctionResult(name, result.data).toArray(true) as unknown[]
    return abi.encodeFunctionResult(name, values) === result.data.toLowerCase() ? values : null
  } catch {
    // ethers throws for whatever is not the promised shape.
    return null
  }
}

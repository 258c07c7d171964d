import { DecodeError } from '../errors.ts'

/** A value that fills exactly one word: a number, a flag, an address (20 bytes) or a bytes32. */
export type Word = bigint | boolean | `0x${string}`

/** Hex digits of one 32-byte word. */
export const WORD_DIGITS = 64

const TOP = 2n ** 256n
const LOWEST = -(2n ** 255n)
const ADDRESS_OR_WORD = /^0x(?:[0-9a-f]{40}|[0-9a-f]{64})$/i

/** Exactly `count` 32-byte words as unsigned integers. Throws DecodeError for any other length or content. */
export function decodeWords(data: string, count: number): bigint[] {
  if (data.length !== 2 + count * WORD_DIGITS || !/^0x[0-9a-f]*$/i.test(data)) {
    throw new DecodeError(`expected ${count * 32} bytes, got ${Math.max(0, data.length - 2) / 2}`)
  }
  return Array.from({ length: count }, (_, index) => {
    const start = 2 + index * WORD_DIGITS
    return BigInt(`0x${data.slice(start, start + WORD_DIGITS)}`)
  })
}

/** The 64 digits of one value, without prefix; negative numbers as two's complement. Throws RangeError for what does not fit. */
export function encodeWord(value: Word): string {
  if (typeof value === 'boolean') return (value ? '1' : '0').padStart(WORD_DIGITS, '0')
  if (typeof value === 'bigint') {
    if (value >= TOP || value < LOWEST) throw new RangeError('the number does not fit into a word')
    return (value < 0n ? value + TOP : value).toString(16).padStart(WORD_DIGITS, '0')
  }
  if (!ADDRESS_OR_WORD.test(value)) throw new RangeError('neither an address nor 32 bytes')
  return value.slice(2).toLowerCase().padStart(WORD_DIGITS, '0')
}

/** Calldata of a function all of whose arguments are single words. */
export function encodeCall(selector: `0x${string}`, values: readonly Word[]): string {
  return selector + values.map(encodeWord).join('')
}

/** Calldata of a function that takes one address. */
export function encodeAddressCall(selector: `0x${string}`, address: `0x${string}`): string {
  return encodeCall(selector, [address])
}

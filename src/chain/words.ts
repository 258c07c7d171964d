import { DecodeError } from '../errors.ts'

const WORD_DIGITS = 64

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

/** Calldata of a function that takes one address. */
export function encodeAddressCall(selector: `0x${string}`, address: `0x${string}`): string {
  return `${selector}${address.slice(2).toLowerCase().padStart(WORD_DIGITS, '0')}`
}

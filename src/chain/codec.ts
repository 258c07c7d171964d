import { DecodeError } from '../errors.ts'
import type { CallResult } from './chain-reader.ts'
import { encodeWord, WORD_DIGITS } from './words.ts'

/** One call of an `aggregate3`. */
export interface AggregateCall {
  readonly to: string
  readonly data: string
  readonly allowFailure: boolean
}

/** `aggregate3((address,bool,bytes)[])` of Multicall3. */
const AGGREGATE3 = '0x82ad56cb'
const ADDRESS_PADDING = '0'.repeat(WORD_DIGITS - 40)
const TRUE = encodeWord(true)
const FALSE = encodeWord(false)
const DATA_OFFSET = encodeWord(0x60n)
const MAX_ROWS = 10_000
const MAX_DIGITS = 32 * 1024 * 1024
/** A length or offset has at most the last eight digits of its word. */
const HIGH_ZEROS = '0'.repeat(WORD_DIGITS - 8)

/** Calldata of `aggregate3`, the same bytes that ethers writes. Throws RangeError for what is no address or no bytes. */
export function encodeAggregate3(calls: readonly AggregateCall[]): string {
  const offsets: string[] = []
  const tuples: string[] = []
  let offset = calls.length * 32
  for (const { to, data, allowFailure } of calls) {
    if (to.length !== 42 || !to.startsWith('0x')) throw new RangeError('not an address')
    if (data.length % 2 !== 0 || !data.startsWith('0x')) throw new RangeError('calldata is not bytes')
    const bytes = (data.length - 2) / 2
    const words = Math.ceil(bytes / 32)
    offsets.push(sizeWord(offset))
    tuples.push(ADDRESS_PADDING, to.slice(2), allowFailure ? TRUE : FALSE, DATA_OFFSET, sizeWord(bytes))
    tuples.push(data.slice(2).padEnd(words * WORD_DIGITS, '0'))
    offset += (4 + words) * 32
  }
  const digits = sizeWord(0x20) + sizeWord(calls.length) + offsets.join('') + tuples.join('').toLowerCase()
  // All at once: a check of each part would cost more than the rest.
  if (!/^[0-9a-f]*$/.test(digits)) throw new RangeError('an address or calldata that is not hex')
  return AGGREGATE3 + digits
}

/**
 * The results of an `aggregate3` of `count` calls. Only the one layout that the contract writes is taken: rows in order, no gaps,
 * nothing shared, nothing after the end. Throws DecodeError for everything else.
 */
export function decodeAggregate3(data: string, count: number): CallResult[] {
  const digits = digitsOf(data)
  expectNumber(numberAt(digits, 0), 0x20)
  const rows = numberAt(digits, 1)
  if (rows !== count) throw new DecodeError(`${rows} results for ${count} calls`)
  if (rows > MAX_ROWS) throw new DecodeError('too many results')
  const results: CallResult[] = []
  let next = 2 + rows
  for (let row = 0; row < rows; row += 1) {
    expectNumber(numberAt(digits, 2 + row), (next - 2) * 32)
    const success = numberAt(digits, next)
    if (success > 1) throw new DecodeError('a flag that is neither 0 nor 1')
    expectNumber(numberAt(digits, next + 1), 0x40)
    const bytes = bytesAt(digits, next + 2)
    results.push({ ok: success === 1, data: bytes.data })
    next = bytes.next
  }
  expectEnd(digits, next)
  return results
}

/** The answer of a function that returns one `bytes`. Throws DecodeError for any other shape. */
export function decodeBytes(data: string): string {
  const digits = digitsOf(data)
  expectNumber(numberAt(digits, 0), 0x20)
  const bytes = bytesAt(digits, 1)
  expectEnd(digits, bytes.next)
  return bytes.data
}

/** The answer of a function that returns one list of single words, such as `bytes32[]`; at most `most` of them. */
export function decodeWordList(data: string, most: number): `0x${string}`[] {
  const digits = digitsOf(data)
  expectNumber(numberAt(digits, 0), 0x20)
  const count = numberAt(digits, 1)
  if (count > most) throw new DecodeError(`a list of ${count}, more than ${most}`)
  expectEnd(digits, 2 + count)
  return Array.from({ length: count }, (_, index): `0x${string}` => {
    const start = (2 + index) * WORD_DIGITS
    return `0x${digits.slice(start, start + WORD_DIGITS)}`
  })
}

function sizeWord(size: number): string {
  return size.toString(16).padStart(WORD_DIGITS, '0')
}

/** Lower-case digits of whole words, without prefix. */
function digitsOf(data: string): string {
  if (data.length > MAX_DIGITS) throw new DecodeError('too long')
  if ((data.length - 2) % WORD_DIGITS !== 0) throw new DecodeError('not a whole number of words')
  if (/^0x[0-9a-f]*$/.test(data)) return data.slice(2)
  if (/^0x[0-9a-f]*$/i.test(data)) return data.slice(2).toLowerCase()
  throw new DecodeError('not bytes')
}

/** A length, an offset or a flag. */
function numberAt(digits: string, word: number): number {
  const start = word * WORD_DIGITS
  if (start + WORD_DIGITS > digits.length) throw new DecodeError('it ends too early')
  if (!digits.startsWith(HIGH_ZEROS, start)) throw new DecodeError('a length or offset out of bounds')
  return Number.parseInt(digits.slice(start + HIGH_ZEROS.length, start + WORD_DIGITS), 16)
}

/** A length and the bytes behind it. */
function bytesAt(digits: string, word: number): { data: string; next: number } {
  const length = numberAt(digits, word)
  const next = word + 1 + Math.ceil(length / 32)
  if (next * WORD_DIGITS > digits.length) throw new DecodeError('it ends too early')
  const start = (word + 1) * WORD_DIGITS
  return { data: `0x${digits.slice(start, start + length * 2)}`, next }
}

function expectNumber(found: number, expected: number): void {
  if (found !== expected) throw new DecodeError('an offset that points elsewhere')
}

function expectEnd(digits: string, word: number): void {
  if (digits.length !== word * WORD_DIGITS) throw new DecodeError('it does not end where it should')
}

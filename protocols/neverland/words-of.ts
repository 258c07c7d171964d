import { wordsOf as wordsOrNull } from '../../src/chain/answers.ts'
import type { CallResult } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'

/** Exactly `count` words, or `undefined` when the call failed or answered with anything else. */
export function wordsOf(result: CallResult | undefined, count: number): bigint[] | undefined {
  return wordsOrNull(result, count) ?? undefined
}

/** The only word of an answer, or `undefined`. */
export function wordOf(result: CallResult | undefined): bigint | undefined {
  return wordsOf(result, 1)?.[0]
}

/** A word that holds an address; `undefined` when something is in front of it. */
export function addressOf(word: bigint | undefined): Address | undefined {
  if (word === undefined || word >> 160n !== 0n) return undefined
  return `0x${word.toString(16).padStart(40, '0')}`
}

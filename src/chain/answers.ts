import type { Address } from '../domain/address.ts'
import { DecodeError } from '../errors.ts'
import type { CallResult } from './chain-reader.ts'
import { decodeWords } from './words.ts'

/** Exactly so many words of data, or `null` for every other shape. */
export function wordsIn(data: string, count: number): bigint[] | null {
  try {
    return decodeWords(data, count)
  } catch (error) {
    if (error instanceof DecodeError) return null
    throw error
  }
}

/** Exactly so many words that a call answered with; `null` for every other answer and for a call that failed. */
export function wordsOf(result: CallResult | undefined, count: number): bigint[] | null {
  return result?.ok ? wordsIn(result.data, count) : null
}

/** The only word of an answer, or `null`. */
export function wordOf(result: CallResult | undefined): bigint | null {
  return wordsOf(result, 1)?.[0] ?? null
}

/** The address in an event's topic, or `null` for what is none. */
export function addressInTopic(topic: string | undefined): Address | null {
  return topic !== undefined && /^0x0{24}[0-9a-f]{40}$/.test(topic) ? `0x${topic.slice(26)}` : null
}

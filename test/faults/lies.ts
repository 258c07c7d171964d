import type { RpcAnswer } from '../chain/rpc-faults.ts'

const WORD = 64
const MAX_WORD = 'f'.repeat(WORD)
/** The result of `aggregate3` has the success of a call eight words before the last of the six numbers of an account. */
const SUCCESS_BEFORE_HEALTH = 8

/** Health factors between these two, in whole percent. */
export interface Range {
  readonly fromPercent: bigint
  readonly toPercent: bigint
}

/** Rewrites every health factor in the range; `max` is what Aave tells where there is no debt. */
export function lieAboutHealth(range: Range, lie: bigint | 'max'): (answer: RpcAnswer) => string {
  return rewriteWords((words, index) => {
    if (isWithin(range, words[index] ?? '')) words[index] = lie === 'max' ? MAX_WORD : wordOf(lie)
  })
}

/** As if the call about these accounts alone had reverted. */
export function revertAccounts(range: Range): (answer: RpcAnswer) => string {
  return rewriteWords((words, index) => {
    if (isWithin(range, words[index] ?? '')) words[index - SUCCESS_BEFORE_HEALTH] = wordOf(0n)
  })
}

function rewriteWords(change: (words: string[], index: number) => void): (answer: RpcAnswer) => string {
  return ({ result }) => {
    const words = result.slice(2).match(new RegExp(`.{${WORD}}`, 'g')) ?? []
    if (words.length * WORD !== result.length - 2) return result
    for (const index of words.keys()) change(words, index)
    return `0x${words.join('')}`
  }
}

function isWithin({ fromPercent, toPercent }: Range, word: string): boolean {
  const value = BigInt(`0x${word}`)
  const percent = 10n ** 16n
  return value > fromPercent * percent && value < toPercent * percent
}

function wordOf(value: bigint): string {
  return value.toString(16).padStart(WORD, '0')
}

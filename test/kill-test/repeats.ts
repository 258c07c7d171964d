import type { Arrived } from './post.ts'

/** What came twice, by the messages alone: the database is not asked. */
export interface Repeats {
  readonly repeats: number
  /** One line for each that did not say so. */
  readonly unlabelled: readonly string[]
}

/**
 * The same reference, or the same first line about the same block, twice in one chat. A later one must say that it may be a
 * repeat, whatever its own reference is.
 */
export function findRepeats(post: readonly Arrived[]): Repeats {
  const references = new Set<string>()
  const words = new Set<string>()
  const unlabelled: string[] = []
  let repeats = 0
  for (const { chat, text, reference, labelled } of post) {
    const [first = ''] = text.split('\n')
    const block = /Block ([\d,]+)/.exec(text)?.[1] ?? reference
    const byReference = `${chat} ${reference}`
    const byWords = `${chat} ${first} ${block}`
    if (references.has(byReference) || words.has(byWords)) {
      repeats += 1
      if (!labelled) unlabelled.push(`chat ${chat}, ref ${reference}: ${first}`)
    }
    references.add(byReference)
    words.add(byWords)
  }
  return { repeats, unlabelled }
}

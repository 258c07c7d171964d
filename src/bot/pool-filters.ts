import { markOf } from './place.ts'

/** Which tokens a page of `/pools` is about: more than a button has room for. */
export interface PoolFilters {
  /** A short mark for these addresses. */
  keep(tokens: readonly string[]): string
  /** `undefined` when that was too long ago. */
  find(mark: string): readonly string[] | undefined
}

const MOST = 1_000

/** Remembers the latest ones. What is forgotten, or lost with a restart, is asked for again. */
export function createPoolFilters(): PoolFilters {
  const kept = new Map<string, readonly string[]>()
  return {
    keep(tokens) {
      const mark = markOf(tokens.join(' '))
      kept.delete(mark)
      kept.set(mark, tokens)
      const [oldest] = kept.keys()
      if (kept.size > MOST && oldest !== undefined) kept.delete(oldest)
      return mark
    },
    find: (mark) => kept.get(mark),
  }
}

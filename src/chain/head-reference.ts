import type { BlockRef } from '../domain/position.ts'
import { EndpointError } from '../errors.ts'

/** A head further behind the reference than this is stale; one further ahead of all others is not believed. */
const MAX_BLOCKS_APART = 20
/** A chain that was reset behind us would be refused for ever; what was seen fades after a minute. */
const REMEMBERED_MS = 60_000
/** Heads older than this may honestly lie far behind a new one. */
const FRESH_MS = 3_000

export interface HeadReference {
  /** Remembers the head of an endpoint, named by any key. */
  seen(key: object, block: BlockRef): void
  /** Throws EndpointError `stale` for a head that does not fit those of the others. */
  check(key: object, block: BlockRef): void
}

/**
 * What the endpoints together say the newest block is. With three or more of them no single one is believed: the reference is the
 * second highest, and one that runs far ahead of all others is left out itself.
 */
export function createHeadReference(now: () => number): HeadReference {
  const heads = new Map<object, { number: number; atMs: number }>()

  function within(ms: number): { key: object; number: number }[] {
    return [...heads].flatMap(([key, { number, atMs }]) => (now() - atMs < ms ? [{ key, number }] : []))
  }

  return {
    seen(key, { number }) {
      heads.set(key, { number, atMs: now() })
    },
    check(key, { number }) {
      const numbers = within(REMEMBERED_MS)
        .map((head) => head.number)
        .sort((a, b) => b - a)
      const reference = (numbers.length >= 3 ? numbers[1] : numbers[0]) ?? number
      if (number < reference - MAX_BLOCKS_APART) {
        throw new EndpointError('stale', { message: `${reference - number} blocks behind` })
      }
      const others = within(FRESH_MS).filter((head) => head.key !== key)
      const best = Math.max(...others.map((head) => head.number))
      if (others.length >= 2 && number > best + MAX_BLOCKS_APART) {
        throw new EndpointError('stale', { message: `${number - best} blocks ahead of all others` })
      }
    },
  }
}

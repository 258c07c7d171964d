export interface Capacity {
  /** The largest size worth trying now. */
  limit(): number
  /** A request of this size was refused, cut off or too slow. */
  refused(size: number): void
  /** A request of this size went well. */
  passed(size: number): void
}

export interface CapacityLimits {
  readonly least: number
  readonly most: number
}

/** How much more is tried after each request that filled what is allowed now: a few refusals among many that go well. */
const GROWTH = 0.05

/**
 * How big requests to one upstream may be, learned from what became of them: halved when one fails, grown slowly while those that
 * fill it go well. Begins with the most.
 */
export function createCapacity({ least, most }: CapacityLimits): Capacity {
  let limit = most
  return {
    limit: () => Math.floor(limit),
    refused(size) {
      limit = Math.max(least, Math.min(limit, Math.floor(size / 2)))
    },
    passed(size) {
      // A small one says nothing about a big one.
      if (size >= Math.floor(limit / 2)) limit = Math.min(most, limit * (1 + GROWTH))
    },
  }
}

/** Owners are spread over this many phases of the check interval. */
export const PHASES = 65_536

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/**
 * Where in the check interval an owner is read, 0 to PHASES - 1: the same after every restart, and even over owners, so
 * that reads never come in one burst. FNV-1a with a final mix, because plain FNV is uneven in its high bits.
 */
export function phaseOf(owner: string): number {
  let hash = FNV_OFFSET
  for (let index = 0; index < owner.length; index += 1) {
    hash = Math.imul(hash ^ owner.charCodeAt(index), FNV_PRIME)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) % PHASES
}

/** Phases `from` (included) to `to` (excluded); two of them where the interval wraps around. */
export interface PhaseRange {
  readonly from: number
  readonly to: number
}

export interface Slice {
  readonly ranges: readonly PhaseRange[]
  readonly cursor: number
}

/**
 * The phases that fall due in `elapsedMs` after `cursor`. After a pause longer than the interval everything is due once,
 * not once per interval missed.
 */
export function dueSlice(cursor: number, clock: { elapsedMs: number; intervalMs: number }): Slice {
  const width = Math.floor((clock.elapsedMs / clock.intervalMs) * PHASES)
  if (width >= PHASES) return { ranges: [{ from: 0, to: PHASES }], cursor }
  const end = cursor + width
  if (end <= PHASES) return { ranges: [{ from: cursor, to: end }], cursor: end % PHASES }
  return {
    ranges: [
      { from: cursor, to: PHASES },
      { from: 0, to: end - PHASES },
    ],
    cursor: end - PHASES,
  }
}

/** Where a position of a price-bin pool stands. Bins count from the lower to the upper one, both inside. */
export interface Bins {
  readonly lower: number
  readonly upper: number
  /** Where the price is; `null` when not known. */
  readonly active: number | null
  /** The source's own word; `null` when it could not tell. */
  readonly outOfRange: boolean | null
}

export type Range =
  | { readonly kind: 'in'; readonly binsLeft: number; readonly side: 'low' | 'high' }
  | { readonly kind: 'near'; readonly binsLeft: number; readonly side: 'low' | 'high' }
  | { readonly kind: 'out'; readonly binsAway: number; readonly side: 'low' | 'high' }
  /** The source says so and does not say by how much. */
  | { readonly kind: 'out'; readonly binsAway: null; readonly side: null }
  | { readonly kind: 'unknown' }

const MOST_NEAR_BINS = 5
/** Near the edge is a tenth of the width, five bins at most, one at least. */
const NEAR_PART = 0.1
/** A price that swings over the line of "near" must leave it by this many bins first. */
const LEAVE_NEAR_BINS = 2

export function rangeOf({ lower, upper, active, outOfRange }: Bins): Range {
  if (active === null || upper < lower) {
    return outOfRange === true ? { kind: 'out', binsAway: null, side: null } : { kind: 'unknown' }
  }
  if (active < lower) return { kind: 'out', binsAway: lower - active, side: 'low' }
  if (active > upper) return { kind: 'out', binsAway: active - upper, side: 'high' }
  // The bins say inside and the source says outside: one of the two is old.
  if (outOfRange === true) return { kind: 'unknown' }
  const toLow = active - lower
  const toHigh = upper - active
  const binsLeft = Math.min(toLow, toHigh)
  const side = toLow <= toHigh ? 'low' : 'high'
  return { kind: binsLeft <= nearBins({ lower, upper }) ? 'near' : 'in', binsLeft, side }
}

export function nearBins({ lower, upper }: Pick<Bins, 'lower' | 'upper'>): number {
  return Math.min(MOST_NEAR_BINS, Math.max(1, Math.floor((upper - lower + 1) * NEAR_PART)))
}

/** What is remembered of a watched position. */
export interface RangeState {
  /** What was last known and, but for the first look, told. */
  readonly range: 'in' | 'near' | 'out'
  /** Since when it cannot be told where it stands; `null` while it can. */
  readonly unknownSinceMs: number | null
  readonly unknownTold: boolean
}

export type RangeNews = 'near' | 'out' | 'back' | 'unknown'

/** As long as nobody can say where the price is, that is worth a message. */
const UNKNOWN_TOLD_MS = 30 * 60_000

/**
 * The state after a look, and what is news in it. A first look tells only what is out or near: that all is well is no news.
 * What cannot be told changes nothing about what was known.
 */
export function decideRange(
  before: RangeState | null,
  now: { bins: Bins; nowMs: number },
): { state: RangeState | null; news: RangeNews | null } {
  const range = rangeOf(now.bins)
  if (range.kind === 'unknown') return unknown(before, now.nowMs)
  const known = { range: held(before, { range, bins: now.bins }), unknownSinceMs: null, unknownTold: false }
  return { state: known, news: newsOf(before, known.range) }
}

function unknown(
  before: RangeState | null,
  nowMs: number,
): { state: RangeState | null; news: RangeNews | null } {
  if (before === null) return { state: null, news: null }
  const sinceMs = before.unknownSinceMs ?? nowMs
  const tell = !before.unknownTold && nowMs - sinceMs >= UNKNOWN_TOLD_MS
  return {
    state: { ...before, unknownSinceMs: sinceMs, unknownTold: before.unknownTold || tell },
    news: tell ? 'unknown' : null,
  }
}

function newsOf(before: RangeState | null, range: RangeState['range']): RangeNews | null {
  if (before?.range === range) return before.unknownTold ? (range === 'in' ? 'back' : range) : null
  if (range !== 'in') return before?.range === 'out' && range === 'near' ? 'back' : range
  // Away from the edge again without having left: nothing to do, nothing to say.
  return before?.range === 'out' || before?.unknownTold === true ? 'back' : null
}

/** So many bins inside a position is back; one that is too narrow for that is back at once. */
function backBins({ lower, upper }: Bins): number {
  return upper - lower >= 4 ? 1 : 0
}

function held(
  before: RangeState | null,
  { range, bins }: { range: Exclude<Range, { kind: 'unknown' }>; bins: Bins },
): RangeState['range'] {
  // Back on the very edge: a price that swings over it is told of once.
  if (before?.range === 'out' && range.kind === 'near' && range.binsLeft < backBins(bins)) return 'out'
  const swings = before?.range === 'near' && range.kind === 'in'
  return swings && range.binsLeft <= nearBins(bins) + LEAVE_NEAR_BINS ? 'near' : range.kind
}

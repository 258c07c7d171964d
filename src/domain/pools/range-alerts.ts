/** Where the price is relative to a position's bins, at one time. */
export interface RangeReading {
  readonly atMs: number
  readonly lowerBin: number
  readonly upperBin: number
  /** The bin that trades now; `null` when it is not known, which is never told as out of range. */
  readonly activeBin: number | null
}

export type RangePlace = 'in' | 'near' | 'out'
export type RangeSide = 'below' | 'above'

/** What is remembered of one position. Plain data: it is stored as it is. */
export interface RangeState {
  /** What the user knows; `null` before the first reading. */
  readonly place: RangePlace | null
  /** What the newest reading said, when that is not what the user knows, and how often in a row. */
  readonly candidate: { readonly place: RangePlace; readonly readings: number } | null
  readonly lastMs: number
}

export type RangeEvent =
  /** `binsLeft`: bins between the active one and the edge; 0 on the last one. */
  | { readonly kind: 'near'; readonly side: RangeSide; readonly binsLeft: number }
  | { readonly kind: 'out'; readonly side: RangeSide }
  | { readonly kind: 'back' }

export interface RangeStep {
  readonly state: RangeState
  readonly event: RangeEvent | null
}

export const NEW_RANGE: RangeState = { place: null, candidate: null, lastMs: 0 }

/** Near the edge from so many bins left on. */
export const DEFAULT_EDGE_BINS = 3
/** A price that jumps over the edge and back is no news: so many readings in a row have to agree. */
const AGREEING_READINGS = 2

/**
 * One reading after the other. Leaving and coming back take two readings that agree. A position near its edge stays so until it is
 * twice as far away, and is told of once per visit. What is in range at the first look is not told.
 */
export function rangeStep(
  state: RangeState,
  { reading, edgeBins = DEFAULT_EDGE_BINS }: { reading: RangeReading; edgeBins?: number },
): RangeStep {
  const seen = placeOf(reading, { before: state.place, edgeBins })
  if (seen === null || !(reading.atMs > state.lastMs)) return { state, event: null }
  const { place, side, binsLeft } = seen
  const lastMs = reading.atMs
  if (place === state.place) return { state: { place, candidate: null, lastMs }, event: null }
  const candidate = state.candidate
  const agrees =
    candidate !== null &&
    // Seen from outside, near the edge and well inside are the same: back.
    (candidate.place === place || (state.place === 'out' && candidate.place !== 'out'))
  const readings = agrees ? candidate.readings + 1 : 1
  // Getting near is a warning of something that may be over before a second look.
  const needed = place === 'near' && state.place !== 'out' ? 1 : AGREEING_READINGS
  if (readings < needed && !(state.place === null && place === 'in')) {
    return { state: { place: state.place, candidate: { place, readings }, lastMs }, event: null }
  }
  return {
    state: { place, candidate: null, lastMs },
    event: eventOf({ place, before: state.place, side, binsLeft }),
  }
}

interface Seen {
  readonly place: RangePlace
  readonly side: RangeSide
  readonly binsLeft: number
}

/** `null` for what is not known or cannot be. */
function placeOf(
  { lowerBin, upperBin, activeBin }: RangeReading,
  { before, edgeBins }: { before: RangePlace | null; edgeBins: number },
): Seen | null {
  if (activeBin === null || ![lowerBin, upperBin, activeBin].every(Number.isSafeInteger)) return null
  if (lowerBin > upperBin) return null
  const [toLower, toUpper] = [activeBin - lowerBin, upperBin - activeBin]
  const side = toLower < toUpper ? 'below' : 'above'
  const binsLeft = Math.min(toLower, toUpper)
  if (binsLeft < 0) return { place: 'out', side, binsLeft: 0 }
  // A position too narrow to be anywhere but near its edges is simply in range.
  const most = Math.floor((upperBin - lowerBin) / 2)
  const edge = edgeBins < most ? edgeBins : -1
  const line = before === 'near' ? Math.min(edge * 2, most - 1) : edge
  return { place: edge >= 0 && binsLeft <= line ? 'near' : 'in', side, binsLeft }
}

function eventOf(change: {
  place: RangePlace
  before: RangePlace | null
  side: RangeSide
  binsLeft: number
}): RangeEvent | null {
  const { place, before, side, binsLeft } = change
  if (place === 'out') return { kind: 'out', side }
  if (before === 'out') return { kind: 'back' }
  return place === 'near' ? { kind: 'near', side, binsLeft } : null
}

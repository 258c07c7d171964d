import type { Bins } from './range.ts'

/** One position in a price-bin pool. */
export interface LpPosition {
  readonly position: string
  readonly pool: string
  /** Symbols chosen by strangers. */
  readonly name: string
  readonly bins: Bins
  /** Of all positions of the wallet in this pool; `null` when not known. */
  readonly poolValueUsd: number | null
  readonly poolUnclaimedUsd: number | null
  readonly link: string
}

/** `gaps`: why there may be more; `null` when these are all. */
export interface LpPositions {
  readonly positions: readonly LpPosition[]
  readonly gaps: string | null
}

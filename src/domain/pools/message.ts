import type { LenderEvent, LenderLines } from './lender-alerts.ts'
import type { LendingOpportunity } from './lending.ts'
import type { LpPosition } from './position.ts'
import type { RangeNews } from './range.ts'
import type { Rotation } from './rotation.ts'
import type { Telling, Told } from './tell.ts'

interface Marks {
  /** Marked as told once the message has been sent, never before. */
  readonly told: readonly Told[]
  /** Of what the message shows. */
  readonly seenAtMs: number
}

/** One message about opportunities, as it was committed. Plain data: it is stored as it is. */
export type PoolsPayload =
  /** `telling.tips` is what is shown; `more` is only a number. */
  | (Marks & { readonly about: 'opportunities'; readonly telling: Omit<Telling, 'told' | 'settled'> })
  | (Marks & {
      readonly about: 'rotation'
      readonly owner: string
      readonly label: string | null
      readonly rotations: readonly Rotation[]
    })
  | (Marks & {
      readonly about: 'lender'
      readonly owner: string
      readonly label: string | null
      readonly event: LenderEvent
      readonly opportunity: LendingOpportunity
      readonly suppliedRaw: bigint | null
      readonly lines: LenderLines
    })
  | (Marks & {
      readonly about: 'range'
      readonly wallet: string
      readonly label: string | null
      readonly position: LpPosition
      readonly news: RangeNews
    })

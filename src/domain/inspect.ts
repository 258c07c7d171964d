import type { PositionDetail, WayOut } from './detail.ts'
import type { NoneReading, PositionRef, UnknownReading } from './position.ts'

export interface InspectRequest {
  readonly ref: PositionRef
  /** The health that the ways out are to reach, 1e18 = 1.0; `null` when only the detail is wanted. */
  readonly targetWad: bigint | null
}

export interface InspectedOk {
  readonly kind: 'ok'
  readonly detail: PositionDetail
  /** Empty when none were asked for, or there is no debt. */
  readonly ways: readonly WayOut[]
}

export type Inspected = InspectedOk | NoneReading | UnknownReading

/** A live look into one position. Never throws; what fails is said. */
export type Inspect = (request: InspectRequest) => Promise<Inspected>

/** What is known of a position whose protocol this bot does not read: nothing. */
export const SWITCHED_OFF = {
  kind: 'unknown',
  reason: 'rpc',
  detail: 'this protocol is switched off on this bot',
} as const satisfies UnknownReading

import type { Address } from './address.ts'

export const PROTOCOL_IDS = ['neverland', 'morpho', 'curvance', 'euler'] as const
export type ProtocolId = (typeof PROTOCOL_IDS)[number]

/** Which loan is meant. `key` identifies it for ever: `<protocol>:<market>:<owner>`. */
export interface PositionRef {
  readonly protocol: ProtocolId
  readonly key: string
  readonly owner: Address
  /** The protocol's own id of the market (Neverland: its PoolAddressesProvider). */
  readonly market: string
  /** What a person calls the market. Chosen by strangers: never trusted as text. */
  readonly marketName: string
}

/** A block as an endpoint reported it. `timestamp` in seconds. */
export interface BlockRef {
  readonly number: number
  readonly timestamp: number
  readonly hash: string
  readonly parentHash: string
}

/** What amounts are counted in. Only `USD` may be shown with a dollar sign. */
export type Unit = 'USD' | `other:${string}`

/** `amount / 10^decimals` of a unit. */
export interface Value {
  readonly amount: bigint
  readonly decimals: number
}

export type Health =
  | { readonly noDebt: true }
  | {
      readonly noDebt: false
      /** The protocol's health factor, 1e18 = 1.0. */
      readonly healthWad: bigint
      /** The protocol's own predicate on its own integers, never a rounded ratio. */
      readonly liquidatable: boolean
    }

export type UnknownReason = 'rpc' | 'decode' | 'oracle' | 'reorg'

/** The position was read at `block`, by `endpoint`. */
export interface OkReading {
  readonly kind: 'ok'
  readonly health: Health
  readonly collateral: Value
  /** Given when `collateral` is only what counts against the debt, after the liquidation thresholds, not its full worth. */
  readonly collateralNote?: 'weighed'
  readonly debt: Value
  readonly unit: Unit
  readonly block: BlockRef
  readonly endpoint: string
}

/** The chain says that there is no such position at `block`. */
export interface NoneReading {
  readonly kind: 'none'
  /** The debt was not closed but continues as this position (Euler: the same account now borrows from another vault). */
  readonly movedTo?: PositionRef
  readonly block: BlockRef
  readonly endpoint: string
}

/** The position could not be read. Says nothing about the position itself. */
export interface UnknownReading {
  readonly kind: 'unknown'
  readonly reason: UnknownReason
  readonly detail: string
}

export type Reading = OkReading | NoneReading | UnknownReading

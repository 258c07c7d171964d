import type { Address } from '../domain/address.ts'
import type { BlockRef } from '../domain/position.ts'

/** One contract call: `data` is the 0x-prefixed calldata. */
export interface Call {
  readonly to: Address
  readonly data: string
}

/** What a call returned, or the revert data (possibly `0x`) when it failed. */
export interface CallResult {
  readonly ok: boolean
  readonly data: string
}

/**
 * The chain as one endpoint shows it at one block. Every method throws EndpointError when the endpoint fails to answer
 * for exactly that block; a reverting call is a value, not an error.
 */
export interface ChainReader {
  /** Display name of the endpoint (host without path, so without any key). */
  readonly endpoint: string
  readonly block: BlockRef
  /** Results in the order of `calls`, one for each, never fewer. */
  call(calls: readonly Call[]): Promise<CallResult[]>
  hasCode(address: Address): Promise<boolean>
}

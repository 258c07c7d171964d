import type { Address } from '../domain/address.ts'
import type { BlockRef } from '../domain/position.ts'
import type { Priority } from './limiter.ts'

/** One contract call: `data` is the 0x-prefixed calldata. */
export interface Call {
  readonly to: Address
  readonly data: string
  /** About how much gas it takes, so that big and small calls share a request sensibly. Default 100,000. */
  readonly gas?: number
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
  /** How urgent the work is; for what a strategy asks elsewhere than on the chain. */
  readonly priority: Priority
  /** Fires when nobody waits for the work any more. */
  readonly signal: AbortSignal | undefined
  /** Results in the order of `calls`, one for each, never fewer. */
  call(calls: readonly Call[]): Promise<CallResult[]>
  /**
   * Like `call`, but the calls of one sequence run one after the other in the same simulation, each seeing what the ones
   * before it changed, and are never split. A sequence whose request fails as a whole answers with failed results.
   */
  sequences(sequences: readonly (readonly Call[])[]): Promise<CallResult[][]>
  hasCode(address: Address): Promise<boolean>
}

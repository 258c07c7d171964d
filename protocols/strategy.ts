import type { ChainReader } from '../src/chain/chain-reader.ts'
import type { Address } from '../src/domain/address.ts'
import type { PositionRef, ProtocolId, Reading } from '../src/domain/position.ts'

/** A contract the strategy depends on, and the setting that says where it is. */
export interface ContractRef {
  readonly address: Address
  readonly what: string
  readonly configuredBy: string
}

/** One line of a start-up self-check. `detail` says what was found, and on failure what to change. */
export interface CheckLine {
  readonly ok: boolean
  readonly what: string
  readonly detail: string
}

/**
 * What was found for one owner. `complete`: these are all positions. `partial`: these exist, others may; `reason` is fit
 * for a person to read. An empty `partial` never means "no position".
 */
export type Discovery =
  | { readonly kind: 'complete'; readonly refs: readonly PositionRef[] }
  | { readonly kind: 'partial'; readonly refs: readonly PositionRef[]; readonly reason: string }

/**
 * One lending protocol. Every method works at the one block of `at`. A transport failure is thrown as EndpointError, so
 * that the caller can start anew on another endpoint; everything that concerns a single position is a value.
 */
export interface LendingStrategy {
  readonly id: ProtocolId
  /** The protocol's name as people write it. */
  readonly name: string
  /** Where a person manages a position. */
  readonly appUrl: string
  readonly contracts: readonly ContractRef[]
  /** Code at every address, one decode of each kind of answer. Never throws for what a contract answers. */
  selfCheck(at: ChainReader): Promise<CheckLine[]>
  /** Which positions the owners have: one answer per owner, same order. Slow and rare. */
  discover(owners: readonly Address[], at: ChainReader): Promise<Discovery[]>
  /** How healthy the positions are: one reading per ref, same order, never fewer. Fast, from the chain alone. */
  read(refs: readonly PositionRef[], at: ChainReader): Promise<Reading[]>
}

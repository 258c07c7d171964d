import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'

/** A call that brings a price oracle up to date. `value` in wei. */
export interface PriceUpdate {
  readonly target: Address
  readonly data: string
  readonly value: bigint
}

/** An account whose loan cannot be counted because a price that counts is old. */
export interface StaleLoan {
  readonly controller: Address
  readonly account: Address
}

/**
 * Newer prices for loans, one answer for each in the same order; `null` where none can be had. Never throws for what an outside
 * service answers.
 */
export type PriceUpdates = (
  loans: readonly StaleLoan[],
  at: ChainReader,
) => Promise<(readonly PriceUpdate[] | null)[]>

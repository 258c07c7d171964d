import type { Address } from '../domain/address.ts'

/** One event log as an endpoint reported it; lower-case hex throughout. */
export interface ChainLog {
  readonly address: Address
  readonly topics: readonly string[]
  readonly data: string
  readonly blockNumber: number
  readonly blockHash: string
  readonly transactionHash: string
  readonly logIndex: number
}

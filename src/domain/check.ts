import type { Address } from './address.ts'
import type { BlockRef, PositionRef, ProtocolId, Reading } from './position.ts'

/** What one protocol says about one wallet right now. */
export interface ProtocolCheck {
  readonly protocol: ProtocolId
  readonly positions: readonly { readonly ref: PositionRef; readonly reading: Reading }[]
  /** Why there may be more than is listed; `null` when the list is complete. */
  readonly incomplete: string | null
  /** Where the list comes from; `null` when nobody answered. */
  readonly seenAt: { readonly block: BlockRef; readonly endpoint: string } | null
}

export interface WalletToCheck {
  readonly owner: Address
  /** Positions known from before: read even when discovery cannot find them now. */
  readonly known: readonly PositionRef[]
}

export interface CheckRequest {
  readonly wallets: readonly WalletToCheck[]
  /** Only these protocols; all when left out. */
  readonly protocols?: readonly ProtocolId[] | undefined
}

/** A live look: per wallet, in the order asked, one entry per protocol. Never throws; what fails is said. */
export type Check = (request: CheckRequest) => Promise<ProtocolCheck[][]>

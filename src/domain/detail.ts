import type { Address } from './address.ts'
import type { BlockRef, Health, PositionRef, Unit, Value } from './position.ts'

/** A token as its contract describes itself. `symbol` is chosen by strangers: never trusted as text. */
export interface Token {
  readonly address: Address
  readonly symbol: string
  readonly decimals: number
}

/** What one whole token costs: `amount / 10^decimals` of `unit`. */
export interface Price extends Value {
  readonly unit: Unit
}

/** One token of a position. `amountRaw / 10^token.decimals` tokens, worth `value` in the unit of the position. */
export interface TokenLine {
  readonly token: Token
  /** Where in the position it is, when the token alone does not tell. Chosen by strangers: never trusted as text. */
  readonly place?: string
  readonly amountRaw: bigint
  readonly value: Value
  /** The price the protocol itself counts with. */
  readonly price: Price
  /** Simple yearly interest, 1e18 = 100 %: earned on collateral, owed on debt. `null` when not known. */
  readonly yearlyRateWad: bigint | null
}

export interface CollateralLine extends TokenLine {
  /** `false`: deposited, but it does not secure the debt. */
  readonly secures: boolean
  /** Share of its value that counts against the debt, 1e18 = 100 %: liquidation threshold, LLTV. */
  readonly thresholdWad: bigint
  /**
   * The highest price at which the position can be liquidated while all other prices stay as they are. `null` when no price of
   * this token alone leads there, or there is no debt.
   */
  readonly liquidationPrice: Price | null
}

/** Everything worth knowing about one position at one block. */
export interface PositionDetail {
  readonly ref: PositionRef
  readonly health: Health
  readonly collateral: readonly CollateralLine[]
  readonly debt: readonly TokenLine[]
  readonly unit: Unit
  /** The parts below add up to the protocol's own health to the last digit; `false`: liquidation prices are close, not exact. */
  readonly exact: boolean
  /** Name of a special mode that changes the thresholds (Aave: e-mode). */
  readonly mode: string | null
  /** Further facts for a person, one sentence each. */
  readonly notes: readonly string[]
  /** Where a person manages it. */
  readonly url: string
  readonly block: BlockRef
  readonly endpoint: string
}

/** One way to bring a position to a target health. */
export interface WayOut {
  readonly kind: 'repay' | 'add-collateral'
  readonly token: Token
  /** Where to put it, when the token alone does not tell. Chosen by strangers: never trusted as text. */
  readonly place?: string
  /** Exactly this much, in the token's smallest unit, at the block it was computed for. */
  readonly amountRaw: bigint
  /** Health afterwards; `null` when no debt is left. */
  readonly healthAfterWad: bigint | null
  /** `false`: even this, the most that is possible with this token, does not get there. */
  readonly reachesTarget: boolean
  /** What the owner's wallet holds of the token; `null` when that could not be read. */
  readonly walletRaw: bigint | null
}

import type { ChainLog } from '../src/chain/chain-log.ts'
import type { ChainReader } from '../src/chain/chain-reader.ts'
import type { Address } from '../src/domain/address.ts'
import type { TokenAmount } from '../src/domain/alerting/transition.ts'
import type { PositionDetail, WayOut } from '../src/domain/detail.ts'
import type { LendingYields, Supplies } from '../src/domain/pools/lending.ts'
import type { Opportunity, OpportunitySource } from '../src/domain/pools/opportunity.ts'
import type { NoneReading, PositionRef, ProtocolId, Reading, UnknownReading } from '../src/domain/position.ts'

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

/** The detail of a position, or why there is none to show. */
export type Inspection =
  | { readonly kind: 'ok'; readonly detail: PositionDetail }
  | NoneReading
  | UnknownReading

/** The ways out of a position, cheapest to understand first; empty when there is no debt. */
export type Rescue =
  | { readonly kind: 'ok'; readonly detail: PositionDetail; readonly ways: readonly WayOut[] }
  | NoneReading
  | UnknownReading

/** `token`: `null` when the event leaves that to the market. */
export interface EventAmount {
  readonly token: Address | null
  readonly amountRaw: bigint
}

/** What a protocol's events say. Events only say where to look again: amounts always come from a read. */
export type LogEvent =
  /** Something of this owner's changed. */
  | { readonly kind: 'touched'; readonly owner: Address }
  /**
   * Something changed for an owner whose address begins with this: `0x` and 38 lower-case hex digits. All that an event of a
   * sub-account tells; at most one of the watched owners is meant, and whoever follows knows which.
   */
  | { readonly kind: 'touchedPrefix'; readonly prefix: string }
  /** Somebody liquidated this owner. Amounts in the tokens' smallest units; `null` where the event does not carry them. */
  | {
      readonly kind: 'liquidated'
      readonly owner: Address
      /** Key of the position. */
      readonly key: string
      readonly repaid: EventAmount | null
      readonly seized: EventAmount | null
    }
  /** Thresholds, oracles or the list of markets changed: what was remembered about them no longer holds. */
  | { readonly kind: 'configChanged' }

export type LiquidatedEvent = Extract<LogEvent, { kind: 'liquidated' }>

/** A liquidation in words that a person knows; `null` for what could not be found out. Names are chosen by strangers. */
export interface LiquidationTold {
  readonly marketName: string | null
  readonly repaid: TokenAmount | null
  readonly seized: TokenAmount | null
}

/** Which logs a protocol wants to see: any of the addresses with any of the first topics. */
export interface LogFilter {
  readonly addresses: readonly Address[]
  readonly topics: readonly string[]
}

export interface StrategyLogs {
  /** The filter as of now: it follows the markets that are known. */
  filter(at: ChainReader): Promise<LogFilter>
  /** Nothing for a log that is not understood: the slow sweep finds what an event did not tell. Never throws. */
  decode(log: ChainLog): readonly LogEvent[]
}

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
  /** Tokens, amounts, rates and liquidation prices of one position. */
  inspect(ref: PositionRef, at: ChainReader): Promise<Inspection>
  /** Exact token amounts that bring the position to `targetWad` (1e18 = 1.0), one way per token. */
  rescue(request: { ref: PositionRef; targetWad: bigint }, at: ChainReader): Promise<Rescue>
  /** What lending earns in each market, from the chain: simple yearly rates of lenders, without rewards. */
  yields(at: ChainReader): Promise<LendingYields>
  /** What the owners have lent out, be it collateral or not: one answer per owner, same order. Slow and rare. */
  supplies(owners: readonly Address[], at: ChainReader): Promise<Supplies[]>
  readonly logs: StrategyLogs
  /** What changed hands, out of the event and the market: the position itself may be gone. */
  describeLiquidation(event: LiquidatedEvent, at: ChainReader): Promise<LiquidationTold>
}

/** Everything a source has to offer at one moment. */
export interface PoolSnapshot {
  readonly kind: 'snapshot'
  readonly opportunities: readonly Opportunity[]
  readonly atMs: number
  /** Rows that could not be used. */
  readonly skipped: number
  /** Rows that were left out because there are more than are asked for. */
  readonly cut: number
}

/** An answer that is better not believed: nothing may be concluded from it. `reason` is fit for the operator to read. */
export interface Suspect {
  readonly kind: 'suspect'
  readonly reason: string
}

/** Where opportunities come from. */
export interface PoolSource {
  readonly id: OpportunitySource
  /** All of them anew. What a source answers wrongly, or not at all, is a value; throws only when the signal fires. */
  refresh(signal: AbortSignal): Promise<PoolSnapshot | Suspect>
}

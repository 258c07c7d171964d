import type { BotStore } from '../../db/bot-store.ts'
import type { PoolChoices } from '../../db/pool-choices.ts'
import type { Check } from '../domain/check.ts'
import type { DrillReport } from '../domain/drill.ts'
import type { Inspect } from '../domain/inspect.ts'
import type { PoolDesk } from '../domain/pools/desk.ts'
import type { ProtocolId } from '../domain/position.ts'
import type { View } from '../views/view.ts'
import type { ParseAddress } from './arguments.ts'
import type { PairTries } from './pairing-code.ts'
import type { PoolFilters } from './pool-filters.ts'

/** What somebody asked, whether typed or by a button. */
export interface CommandRequest {
  readonly chatId: number
  readonly threadId: number | null
  readonly userId: number | null
  /** Alerts are switched off in this chat. */
  readonly stopped: boolean
  /** The chat's own default threshold. */
  readonly chatWarningWad: bigint
  /** The words after the command, or what a button carries. */
  readonly text: string
}

/**
 * A command first does what must not be lost (it is awaited before the update counts as handled), then answers: at once, or
 * by a function that may take its time while other chats go on.
 */
export type Answer = Reply | (() => Promise<Reply>)
export type Command = (request: CommandRequest) => Promise<Answer>

/** A message, and what happens once it was sent. */
export interface Reply extends View {
  readonly after?: () => Promise<void>
  /** A PNG: it is sent with the text under it, which may then have 1,024 UTF-16 units. */
  readonly photo?: Uint8Array
}

/** What using a command takes. */
export interface CommandEntry {
  readonly command: Command
  /** Changes settings: in groups for admins only. A function where that depends on the words. */
  readonly changes?: boolean | ((text: string) => boolean)
  /** Reads the chain for somebody: counts towards their quota. */
  readonly looks?: boolean
  /** Shows its answer in the message whose button was pressed. */
  readonly edits?: boolean
}

export interface CommandDeps {
  readonly store: BotStore
  readonly check: Check
  readonly inspect: Inspect
  readonly parseAddress: ParseAddress
  /** Protocols that are watched, with the page where people manage a loan. */
  readonly apps: Readonly<Partial<Record<ProtocolId, string>>>
  readonly protocols: readonly ProtocolId[]
  readonly now: () => number
  readonly sweepMinutes: number
  readonly cycleSeconds: number
  readonly lastCycleMs: () => number | null
  readonly maxWallets: number
  readonly drills: Drills
  /** A one-time code that pairs a second chat. */
  readonly newCode: () => string
  readonly pairTries: PairTries
  /** What opportunities there are; `null`: none are looked for. */
  readonly pools: PoolDesk | null
  readonly poolChoices: PoolChoices
  readonly poolFilters: PoolFilters
  /** Tells another chat something it should know; what cannot be said now is not said later. */
  readonly say: (chatId: number, view: View) => Promise<void>
}

/** Exercises: a loan that does not exist falls, and everything tells of it as of a real one. */
export interface Drills {
  start(
    chatId: number,
    threadId: number | null,
  ): Promise<'started' | 'running' | { readonly againAtMs: number }>
  /** How the last one went; `null` when there was none. */
  report(chatId: number): Promise<DrillReport | null>
  end(chatId: number): Promise<void>
}

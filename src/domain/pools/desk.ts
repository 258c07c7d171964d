import type { LpPositions } from './position.ts'
import type { Rotation } from './rotation.ts'
import type { Ranked } from './tell.ts'

/** What matches for one chat now. */
export interface BestPools {
  /** The best first, at most a hundred; whoever shows them makes the pages. */
  readonly rows: readonly Ranked[]
  /** How many there are in all sources, whether they match or not. */
  readonly count: number
  /** Of the oldest source that has answered; `null` before the first answer. */
  readonly ageMs: number | null
  /** Why a source is not believed now; `null` when all are. Fit for the operator to read. */
  readonly suspect: string | null
}

/** One deposit's better place, with whose it is. */
export interface OwnedRotation {
  readonly owner: string
  readonly label: string | null
  readonly rotations: readonly Rotation[]
}

export interface DeskStats {
  /** Of the oldest source that has answered; `null` before the first answer. */
  readonly ageMs: number | null
  readonly opportunities: number
  /** Sources that are not believed now, each with its reason. */
  readonly suspect: readonly { readonly source: string; readonly reason: string }[]
  /** No pool alerts are queued for anybody. */
  readonly paused: boolean
}

/** What a token search answers: addresses identify, symbols are chosen by strangers. */
export interface FoundToken {
  readonly address: string
  readonly symbol: string
  readonly verified: boolean | null
  /** In how many opportunities it is. */
  readonly count: number
}

/** Everything that commands and buttons may ask about opportunities. Nothing of it throws for what a source answers. */
export interface PoolDesk {
  /** `false` where no pools are read, only lending. */
  readonly hasPools: boolean
  /** What matches the chat's stored rules, or the balanced preset without any. `tokens` (addresses) instead of its own list. */
  best(chatId: number, asked?: { readonly tokens?: readonly string[] }): Promise<BestPools>
  /** Tokens of the snapshot by address or symbol, the most trusted and most common first, at most ten. */
  findTokens(text: string): Promise<readonly FoundToken[]>
  /** The kept yields of one opportunity (`opportunityKey`) as a PNG; `null` when there are too few, or it cannot be drawn. */
  chartOf(key: string): Promise<Buffer | null>
  /** Where the positions of a Solana wallet stand right now, or why that cannot be said. */
  positions(wallet: string): Promise<LpPositions | { readonly failed: string }>
  /** Better places for what the wallets of this chat lend out now, as far as the last look knows. */
  rotations(chatId: number): Promise<readonly OwnedRotation[]>
  stats(): Promise<DeskStats>
  /** Stops or resumes all pool alerts, across restarts. What is queued already still goes out. */
  pause(paused: boolean): Promise<void>
}

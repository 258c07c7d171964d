import type { Health, Unit, UnknownReason, Value } from '../position.ts'

/** How close to liquidation, in rising order of danger. */
export const LEVELS = ['safe', 'warning', 'critical', 'liquidatable'] as const
export type Level = (typeof LEVELS)[number]
export type DangerLevel = Exclude<Level, 'safe'>

/** How deep a level is: 0 for safe, 3 for liquidatable. */
export function depthOf(level: Level): number {
  return LEVELS.indexOf(level)
}

/** The last reading that the chain answered, as far as a message needs it later. `atMs` is when it was read. */
export interface Verified {
  readonly health: Health
  readonly collateral: Value
  /** As in a reading; not in what was stored before there was such a note. */
  readonly collateralNote?: 'weighed'
  readonly debt: Value
  readonly unit: Unit
  readonly block: number
  readonly blockTimestamp: number
  readonly endpoint: string
  readonly atMs: number
}

/** Readings in a row that were clear of a line, and the block time (seconds) of the first of them. */
export interface Clearance {
  readonly readings: number
  readonly sinceS: number
}

/** The alarm that rings in this episode, and who has answered it. */
export interface Ring {
  /** When it last rang, or when somebody changed how often it does. */
  readonly atMs: number
  /** How often it rings until somebody answers; not in what was stored before this was kept. */
  readonly everyMinutes?: number | null
  /** Since when the loan is critical or worse and nobody answered; `null` when it is not. */
  readonly deepSinceMs: number | null
  /** The deepest level that the second chat was told in this stay. */
  readonly escalated: DangerLevel | null
  /** The collateral no longer covers the debt, and that was told in this episode. */
  readonly badDebt: boolean
}

/** Everything Buoy remembers about one position for one chat. Plain data: it is stored as it is. */
export interface AlertState {
  readonly level: Level
  /** No verified reading for so long that the person was told. */
  readonly blind: boolean
  /** Raised each time the position leaves `safe`. */
  readonly episode: number
  /** Raised with every alert; part of the alert's unique key. */
  readonly seq: number
  /** Block of the newest reading applied; an older one changes nothing. */
  readonly lastBlock: number
  readonly last: Verified | null
  /** Health at the last alert with sound of this episode; measures the next new low. */
  readonly ringHealthWad: bigint | null
  readonly clear: Readonly<Record<DangerLevel, Clearance | null>>
  /** First failed read since the last verified one. */
  readonly unseen: {
    readonly sinceMs: number
    readonly reason: UnknownReason
    readonly detail: string
    /** Since when block numbers contradict the last one; not given as long as none did. */
    readonly backSinceMs?: number
  } | null
  /** First of the two reads that must agree before a position counts as closed or moved. */
  readonly absent: { readonly block: number; readonly endpoint: string } | null
  readonly closed: boolean
  readonly firstSeenMs: number
  /** Somebody said that they know about this level. Gone with the level. */
  readonly seen: { readonly level: Level; readonly atMs: number } | null
  /** No further new lows of this level, or a shallower one, until then. Gone with the level. */
  readonly snooze: { readonly level: Level; readonly untilMs: number } | null
  /** `null` while the level is safe. */
  readonly ring: Ring | null
  /** The newest liquidation that was told; one at or before it is not told again. */
  readonly liquidation: { readonly block: number; readonly logIndex: number } | null
}

/** The state of a position that was never read for this chat. `episode` and `seq` go on from earlier alerts, if any. */
export function initialState(start: { nowMs: number; episode?: number; seq?: number }): AlertState {
  return {
    level: 'safe',
    blind: false,
    episode: start.episode ?? 0,
    seq: start.seq ?? 0,
    lastBlock: 0,
    last: null,
    ringHealthWad: null,
    clear: { liquidatable: null, critical: null, warning: null },
    unseen: null,
    absent: null,
    closed: false,
    firstSeenMs: start.nowMs,
    seen: null,
    snooze: null,
    ring: null,
    liquidation: null,
  }
}

/** Whether somebody knows about this level: pressed "Seen" at it or at a deeper one, or put it to sleep until later. */
export function isAnswered(state: AlertState, at: { level: Level; nowMs: number }): boolean {
  const seen = state.seen !== null && depthOf(state.seen.level) >= depthOf(at.level)
  return seen || isSnoozed(state, at)
}

export function isSnoozed({ snooze }: AlertState, at: { level: Level; nowMs: number }): boolean {
  return snooze !== null && at.nowMs < snooze.untilMs && depthOf(at.level) <= depthOf(snooze.level)
}

/** A verified reading that changed nothing else is stored at most this often. */
export const CHECKPOINT_MS = 60_000

/** Whether `after` says something that must survive a restart, or the last checkpoint is old enough for the next. */
export function worthStoring(before: AlertState | null, after: AlertState): boolean {
  if (!before) return true
  const changed =
    before.level !== after.level ||
    before.blind !== after.blind ||
    before.seq !== after.seq ||
    before.closed !== after.closed ||
    before.unseen?.reason !== after.unseen?.reason ||
    before.unseen?.sinceMs !== after.unseen?.sinceMs ||
    before.unseen?.backSinceMs !== after.unseen?.backSinceMs ||
    (before.absent === null) !== (after.absent === null) ||
    // Readings towards leaving a level are counted off the safe level, and by the one that leads back to it, so this is rare.
    (['liquidatable', 'critical', 'warning'] as const).some(
      (level) => before.clear[level]?.readings !== after.clear[level]?.readings,
    ) ||
    before.ring?.badDebt !== after.ring?.badDebt ||
    before.ring?.atMs !== after.ring?.atMs ||
    before.ring?.deepSinceMs !== after.ring?.deepSinceMs ||
    before.ring?.everyMinutes !== after.ring?.everyMinutes ||
    // "No debt" and "debt" look alike to the levels and differ to a person.
    before.last?.health.noDebt !== after.last?.health.noDebt
  // A clock that was set back makes a difference too.
  return changed || Math.abs((after.last?.atMs ?? 0) - (before.last?.atMs ?? 0)) >= CHECKPOINT_MS
}

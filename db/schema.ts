import type { Generated, Kysely, Selectable, Transaction } from 'kysely'

// Conventions: WAD and base amounts as decimal text, times as integer milliseconds, booleans as 0 or 1, JSON as text.

export interface ChatsTable {
  /** Telegram's chat id. */
  id: number
  kind: string
  /** `active`, `stopped` by its people, `unreachable` (blocked, deleted), or `barred` by the operator's list. */
  state: 'active' | 'stopped' | 'unreachable' | 'barred'
  warning_wad: string
  /** Telegram asked for silence in this chat until then. */
  quiet_until: number
  created_at: number
  /** What was set, as JSON; the rest has its default. */
  settings: string | null
  /** The critical line that goes with `warning_wad`; `null` for the usual one. */
  critical_wad: string | null
  /** The second chat, for what nobody answers here. */
  escalate_to: number | null
}

export interface WatchesTable {
  id: Generated<number>
  chat_id: number
  owner: string
  label: string | null
  /** Topic that alerts go to. */
  thread_id: number | null
  created_at: number
}

export interface ThresholdsTable {
  watch_id: number
  /** `proposed` is a position's threshold that nobody typed: it gives way to every other scope. */
  scope: 'wallet' | 'protocol' | 'position' | 'proposed'
  /** Protocol id or position key; empty for the wallet. */
  target: string
  warning_wad: string
  /** The critical line that goes with it; `null` for the usual one. */
  critical_wad: string | null
}

export interface PositionsTable {
  id: Generated<number>
  key: string
  protocol: string
  market: string
  market_name: string
  owner: string
  /** Where in the check interval its owner is read. */
  phase: number
  /** Read every cycle; 0 once it has neither debt nor anything left to tell. */
  active: number
  found_at: number
}

export interface AlertStatesTable {
  chat_id: number
  position_id: number
  level: string
  blind: number
  episode: number
  seq: number
  last_block: number
  last_reading: string | null
  ring_health_wad: string | null
  clear: string
  unseen: string | null
  absent: string | null
  closed: number
  first_seen_at: number
  seen: string | null
  snooze: string | null
  ring: string | null
  liquidation: string | null
}

export interface OutboxTable {
  id: Generated<number>
  /** `kind:chat:position:episode:seq`: one transition, one row. */
  key: string
  chat_id: number
  thread_id: number | null
  /** Kept when the wallet is removed, so that what was promised is still sent. 0 for a message about no position. */
  position_id: number
  kind: string
  episode: number
  seq: number
  /** Lower goes first; see src/domain/alerting/urgency.ts. */
  urgency: number
  /** Health padded to equal length, so that text order is number order: the lowest first. */
  health_wad_sort: string
  payload: string
  state: 'pending' | 'sending' | 'sent' | 'unreachable' | 'superseded'
  confirm: 'none' | 'pending' | 'confirmed' | 'unconfirmed' | 'disputed'
  not_before: number
  created_at: number
  delivery_id: string | null
  lease_token: number | null
  sending_at: number | null
  attempts: number
  /** An earlier attempt may have arrived. */
  maybe_repeat: number
  /** The short form goes out because Telegram refused the full text. */
  plain: number
  message_id: number | null
  settled_at: number | null
  superseded_by: number | null
  last_error: string | null
  /** When somebody pressed "Seen". */
  seen_at: number | null
  /** An escalation's first chat: its people are the ones who did not answer. */
  origin_chat_id: number | null
  /** What the second look saw, as JSON. */
  second: string | null
  /** The end of the quiet hours that hold it; never sent before. */
  hold_until: Generated<number>
}

/** Who of several processes on one database works. */
export interface LeaseTable {
  name: string
  holder: string
  /** Raised each time the lease changes hands; every write compares it. */
  token: number
  renewed_at: number
  expires_at: number
}

/** A code that pairs the chat in which it is typed as the second chat of this one. */
export interface PairingsTable {
  code: string
  chat_id: number
  expires_at: number
}

/** The last exercise of each chat. */
export interface DrillsTable {
  chat_id: number
  /** Address of the shadow. */
  owner: string
  position_id: number
  started_at: number
  /** `null` while it runs. */
  ended_at: number | null
}

export interface UndoTable {
  id: Generated<number>
  chat_id: number
  /** What a removal took away. */
  payload: string
  created_at: number
}

export interface CacheTable {
  key: string
  value: string
  stored_at: number
  expires_at: number
}

export interface CursorsTable {
  name: string
  /** Everything up to this block has been taken in. */
  block: number
  updated_at: number
}

export interface DirtyOwnersTable {
  owner: string
  protocol: string
  /** The newest block at which something of theirs changed. */
  since_block: number
  marked_at: number
  /** Not looked at again before that. */
  not_before: number
}

export interface PoolRulesTable {
  chat_id: number
  /** Topic that messages go to. */
  thread_id: number | null
  enabled: number
  /** Where the rules started from. */
  preset: string
  /** JSON of the rules. */
  rules: string
  /** Of the rules, by itself: the lowest of all chats decides what is asked for. */
  min_tvl_usd: number
  /** Not looked at for this chat before that. */
  due_at: number
  /** When the first message was accepted; `null` before it. */
  first_told_at: number | null
}

export interface PoolTokensTable {
  chat_id: number
  /** EVM address or Solana mint. */
  address: string
  /** For people only. */
  symbol: string
  created_at: number
}

export interface PoolsToldTable {
  chat_id: number
  /** Key of the opportunity. */
  pool: string
  /** Fraction. */
  yield_per_year: number
  score: number
  told_at: number
  risen: number
}

export interface PoolYieldsTable {
  pool: string
  grain: 'raw' | 'hour'
  /** Start of the five minutes, or of the hour. */
  at: number
  yield_per_year: number
  tvl_usd: number | null
}

export interface LpWalletsTable {
  chat_id: number
  /** Solana address. */
  wallet: string
  label: string | null
  thread_id: number | null
  due_at: number
  created_at: number
}

export interface LpRangesTable {
  chat_id: number
  wallet: string
  position: string
  range: 'in' | 'near' | 'out'
  unknown_since: number | null
  unknown_told: number
  seen_at: number
}

export interface LenderStatesTable {
  chat_id: number
  owner: string
  /** Key of the opportunity. */
  market: string
  /** JSON of the state. */
  state: string
  seen_at: number
}

/** There is a row while the switch is on. */
export interface FlagsTable {
  name: string
  set_at: number
}

export interface Schema {
  lender_states: LenderStatesTable
  flags: FlagsTable
  pool_rules: PoolRulesTable
  pool_tokens: PoolTokensTable
  pools_told: PoolsToldTable
  pool_yields: PoolYieldsTable
  lp_wallets: LpWalletsTable
  lp_ranges: LpRangesTable
  chats: ChatsTable
  watches: WatchesTable
  thresholds: ThresholdsTable
  positions: PositionsTable
  alert_states: AlertStatesTable
  outbox: OutboxTable
  undo: UndoTable
  cache: CacheTable
  cursors: CursorsTable
  dirty_owners: DirtyOwnersTable
  lease: LeaseTable
  pairings: PairingsTable
  drills: DrillsTable
}

/** A database or a transaction on it. Stores take it first; inside a transaction only the transaction may be used. */
export type Executor = Kysely<Schema> | Transaction<Schema>
export type Database = Kysely<Schema>

export type ChatRow = Selectable<ChatsTable>
export type WatchRow = Selectable<WatchesTable>
export type PositionRow = Selectable<PositionsTable>
export type AlertStateRow = Selectable<AlertStatesTable>
export type OutboxRow = Selectable<OutboxTable>

import { ensureChat } from '../../db/chats.ts'
import { addToOutbox } from '../../db/outbox.ts'
import { type ClaimOptions, claim } from '../../db/outbox-claim.ts'
import { positionsOf, type StoredPosition, storeFound } from '../../db/positions.ts'
import type { Database, OutboxRow, WatchRow } from '../../db/schema.ts'
import { transact } from '../../db/transact.ts'
import { addWatch } from '../../db/watches.ts'
import type { Address } from '../../src/domain/address.ts'
import { type AlertState, initialState, type Verified } from '../../src/domain/alerting/state.ts'
import type { Transition } from '../../src/domain/alerting/transition.ts'
import type { Delivery, DeliveryItem } from '../../src/domain/delivery.ts'
import type { BlockRef, NoneReading, OkReading, PositionRef } from '../../src/domain/position.ts'
import { linesFor } from '../../src/domain/thresholds.ts'
import { parseWad, WAD } from '../../src/domain/units.ts'

export const NOW = 1_800_000_000_000
export const MAX = 2n ** 256n - 1n

/** `1.35` as 18-decimal fixed point. */
export function wad(text: string): bigint {
  const value = parseWad(text)
  if (value === undefined) throw new Error(`${text} is not a number`)
  return value
}

export function ownerOf(number: number): Address {
  return `0x${number.toString(16).padStart(40, '0')}`
}

export function refOf(owner: Address, market = '0xmarket'): PositionRef {
  return {
    protocol: 'neverland',
    key: `neverland:${market}:${owner}`,
    owner,
    market,
    marketName: `Market ${market}`,
  }
}

export async function addChat(db: Database, id: number): Promise<void> {
  await ensureChat(db, { id, kind: 'private', nowMs: NOW })
}

/** A chat that watches an owner; the chat is created when it is new. */
export async function addWatcher(
  db: Database,
  { chatId, owner, ...rest }: { chatId: number; owner: Address; label?: string; threadId?: number },
): Promise<WatchRow> {
  await addChat(db, chatId)
  const { watch } = await transact(db, (tx) =>
    addWatch(tx, {
      chatId,
      owner,
      label: rest.label ?? null,
      threadId: rest.threadId ?? null,
      nowMs: NOW,
    }),
  )
  return watch
}

export async function addPosition(db: Database, ref: PositionRef): Promise<StoredPosition> {
  await transact(db, (tx) => storeFound(tx, { refs: [ref], nowMs: NOW }))
  const position = (await positionsOf(db, ref.owner)).find((stored) => stored.ref.key === ref.key)
  if (!position) throw new Error(`${ref.key} was not stored`)
  return position
}

function blockAt(number: number): BlockRef {
  return {
    number,
    timestamp: 1_800_000_000 + number,
    hash: `0x${'a'.repeat(64)}`,
    parentHash: `0x${'b'.repeat(64)}`,
  }
}

/** A reading with this health, or without debt when it is `null`. */
export function reading(block: number, healthWad: bigint | null): OkReading {
  return {
    kind: 'ok',
    health:
      healthWad === null ? { noDebt: true } : { noDebt: false, healthWad, liquidatable: healthWad < WAD },
    collateral: { amount: 400_000_000_000n, decimals: 8 },
    debt: { amount: healthWad === null ? 0n : 200_000_000_000n, decimals: 8 },
    unit: 'USD',
    block: blockAt(block),
    endpoint: 'rpc.example',
  }
}

export function noPosition(block: number): NoneReading {
  return { kind: 'none', block: blockAt(block), endpoint: 'rpc.example' }
}

export function verified(healthWad: bigint | null): Verified {
  const { health, collateral, debt, unit, block, endpoint } = reading(100, healthWad)
  return {
    health,
    collateral,
    debt,
    unit,
    block: block.number,
    blockTimestamp: block.timestamp,
    endpoint,
    atMs: NOW,
  }
}

export function stateWith(change: Partial<AlertState>): AlertState {
  return { ...initialState({ nowMs: NOW }), ...change }
}

export function transition(change: Partial<Transition> = {}): Transition {
  return {
    kind: 'warning',
    episode: 1,
    seq: 1,
    from: 'safe',
    to: 'warning',
    newLow: false,
    repeat: false,
    badDebt: false,
    dust: false,
    lines: linesFor(wad('1.5')),
    before: null,
    rangAtWad: null,
    reading: verified(wad('1.3')),
    unseen: null,
    movedTo: null,
    liquidation: null,
    holdUntilMs: null,
    ...change,
  }
}

export interface QueuedAlert {
  readonly chatId: number
  readonly positionId?: number
  readonly threadId?: number
  readonly ref?: PositionRef
  readonly nowMs?: number
  readonly transition?: Partial<Transition>
}

let lastSeq = 0

/** A committed alert that waits; its chat is created when it is new. Answers with its row id. */
export async function queueAlert(db: Database, alert: QueuedAlert): Promise<number> {
  await addChat(db, alert.chatId)
  lastSeq += 1
  const seq = alert.transition?.seq ?? lastSeq
  await transact(db, (tx) =>
    addToOutbox(tx, {
      chatId: alert.chatId,
      threadId: alert.threadId ?? null,
      // Of a position of its own: nothing is told by another row unless a test wants that.
      positionId: alert.positionId ?? 1_000 + lastSeq,
      ref: alert.ref ?? refOf(ownerOf(1)),
      transition: transition({ ...alert.transition, seq }),
      nowMs: alert.nowMs ?? NOW,
    }),
  )
  const rows = await outboxRows(db)
  return Math.max(...rows.map(({ id }) => id))
}

/** What the dispatcher would take now. */
export async function takeNext(
  db: Database,
  change: Partial<ClaimOptions> = {},
): Promise<Delivery | undefined> {
  return await claim(db, { nowMs: NOW, newDeliveryId: 'REF', exceptChats: [], leaseToken: 1, ...change })
}

/** The same where there must be something. */
export async function takeOne(db: Database, change: Partial<ClaimOptions> = {}): Promise<Delivery> {
  const delivery = await takeNext(db, change)
  if (!delivery) throw new Error('nothing was claimed')
  return delivery
}

/** The alerts of a message, most urgent first. */
export function itemsIn({ content }: Delivery): readonly DeliveryItem[] {
  return content.kind === 'alerts' || content.kind === 'edit' ? content.items : []
}

export async function outboxRows(db: Database): Promise<OutboxRow[]> {
  return await db.selectFrom('outbox').selectAll().orderBy('id').execute()
}

export async function outboxKeys(db: Database): Promise<string[]> {
  return (await outboxRows(db)).map(({ key }) => key)
}

export async function isActive(db: Database, position: StoredPosition): Promise<boolean> {
  const row = await db
    .selectFrom('positions')
    .select('active')
    .where('id', '=', position.id)
    .executeTakeFirstOrThrow()
  return row.active === 1
}

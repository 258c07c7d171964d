import { sql } from 'kysely'
import type { Address } from '../src/domain/address.ts'
import { isDrillOwner } from '../src/domain/drill.ts'
import type { PositionRef, ProtocolId } from '../src/domain/position.ts'
import { type PhaseRange, phaseOf } from '../src/domain/schedule.ts'
import type { Executor, PositionRow } from './schema.ts'

const BULK = 500

/** A stored position: its row id and what a strategy needs to read it. */
export interface StoredPosition {
  readonly id: number
  readonly ref: PositionRef
}

export function stored(row: PositionRow): StoredPosition {
  return {
    id: row.id,
    ref: {
      protocol: row.protocol as ProtocolId,
      key: row.key,
      owner: row.owner as Address,
      market: row.market,
      marketName: row.market_name,
    },
  }
}

/** Remembers positions that discovery found and has them read from the next cycle on. */
export async function storeFound(
  tx: Executor,
  found: { refs: readonly PositionRef[]; nowMs: number },
): Promise<void> {
  const refs = [...new Map(found.refs.map((ref) => [ref.key, ref])).values()]
  for (let start = 0; start < refs.length; start += BULK) {
    const rows = refs.slice(start, start + BULK).map((ref) => ({
      key: ref.key,
      protocol: ref.protocol,
      market: ref.market,
      // PostgreSQL cannot store a zero byte, and anybody may name a market.
      market_name: ref.marketName.replaceAll('\0', ''),
      owner: ref.owner,
      phase: phaseOf(ref.owner),
      active: 1,
      found_at: found.nowMs,
    }))
    await tx
      .insertInto('positions')
      .values(rows)
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet({ active: 1, market_name: sql.ref('excluded.market_name') }),
      )
      .execute()
  }
}

/** Positions to read now: active, in the phase range, watched by at least one chat that wants alerts. */
export async function duePositions(db: Executor, range: PhaseRange): Promise<StoredPosition[]> {
  const rows = await positionsToRead(db)
    .where('phase', '>=', range.from)
    .where('phase', '<', range.to)
    .execute()
  return rows.map(stored)
}

/** The positions of these owners on one protocol that would also fall due by themselves. At most 500 owners. */
export async function duePositionsOf(
  db: Executor,
  { protocol, owners }: { protocol: ProtocolId; owners: readonly Address[] },
): Promise<StoredPosition[]> {
  if (owners.length === 0) return []
  const rows = await positionsToRead(db)
    .where('owner', 'in', [...owners])
    .where('protocol', '=', protocol)
    .orderBy('id')
    .execute()
  return rows.map(stored)
}

function positionsToRead(db: Executor) {
  return db
    .selectFrom('positions')
    .selectAll('positions')
    .where('active', '=', sql.lit(1))
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('watches')
          .innerJoin('chats', 'chats.id', 'watches.chat_id')
          .select('watches.id')
          .whereRef('watches.owner', '=', 'positions.owner')
          .where('chats.state', '=', 'active'),
      ),
    )
}

/** The stored positions of an owner, active or not. */
export async function positionsOf(db: Executor, owner: Address): Promise<StoredPosition[]> {
  const rows = await db.selectFrom('positions').selectAll().where('owner', '=', owner).orderBy('id').execute()
  return rows.map(stored)
}

/** Every owner that some chat watches and wants alerts for. The shadows of exercises are nobody's wallets. */
export async function watchedOwners(db: Executor): Promise<Address[]> {
  const rows = await db
    .selectFrom('watches')
    .innerJoin('chats', 'chats.id', 'watches.chat_id')
    .select('watches.owner')
    .distinct()
    .where('chats.state', '=', 'active')
    .execute()
  return rows.map((row) => row.owner as Address).filter((owner) => !isDrillOwner(owner))
}

/** Those of the given owners that some chat watches and wants alerts for. At most 500 owners. */
export async function watchedAmong(db: Executor, owners: readonly Address[]): Promise<Address[]> {
  if (owners.length === 0) return []
  const rows = await db
    .selectFrom('watches')
    .innerJoin('chats', 'chats.id', 'watches.chat_id')
    .select('watches.owner')
    .distinct()
    .where('watches.owner', 'in', [...owners])
    .where('chats.state', '=', 'active')
    .execute()
  return rows.map((row) => row.owner as Address)
}

const PREFIXES = 100

/** The watched owners whose address begins with one of the prefixes (`0x` and 38 digits): the last byte is open. */
export async function watchedLike(db: Executor, prefixes: readonly string[]): Promise<Address[]> {
  const found: Address[] = []
  for (let start = 0; start < prefixes.length; start += PREFIXES) {
    const part = prefixes.slice(start, start + PREFIXES)
    const rows = await db
      .selectFrom('watches')
      .innerJoin('chats', 'chats.id', 'watches.chat_id')
      .select('watches.owner')
      .distinct()
      // Ranges, so that the index serves.
      .where((eb) => eb.or(part.map((prefix) => eb.between('watches.owner', `${prefix}00`, `${prefix}ff`))))
      .where('chats.state', '=', 'active')
      .execute()
    found.push(...rows.map((row) => row.owner as Address))
  }
  return found
}

/** Has every position of a chat read again: one may have closed while the chat was not listening. */
export async function wakePositions(tx: Executor, chatId: number): Promise<void> {
  const owners = tx.selectFrom('watches').select('owner').where('chat_id', '=', chatId)
  await tx.updateTable('positions').set({ active: 1 }).where('owner', 'in', owners).execute()
}

/** A position that was read at this block. */
export interface ReadAt {
  readonly id: number
  readonly block: number
}

/**
 * Stops reading positions that have nothing left to tell: without debt and safe in every chat, or closed in every chat. One
 * that somebody has seen at a later block keeps being read: the older look does not count. Discovery wakes them again.
 */
export async function restSettled(
  tx: Executor,
  settled: { withoutDebt: readonly ReadAt[]; gone: readonly ReadAt[] },
): Promise<void> {
  const groups = [
    ...byBlock(settled.withoutDebt).map((group) => ({
      ...group,
      open: sql<boolean>`alert_states.level <> 'safe'`,
    })),
    ...byBlock(settled.gone).map((group) => ({ ...group, open: sql<boolean>`alert_states.closed = 0` })),
  ]
  for (const { ids, block, open } of groups) {
    await tx
      .updateTable('positions')
      .set({ active: 0 })
      .where('id', 'in', ids)
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('alert_states')
              .innerJoin('chats', 'chats.id', 'alert_states.chat_id')
              .select('alert_states.position_id')
              .whereRef('alert_states.position_id', '=', 'positions.id')
              .where('chats.state', '=', 'active')
              .where((state) => state.or([open, state('alert_states.last_block', '>', block)])),
          ),
        ),
      )
      .execute()
  }
}

/** Few blocks: one for each protocol that was read. */
function byBlock(read: readonly ReadAt[]): { block: number; ids: number[] }[] {
  const groups = new Map<number, number[]>()
  for (const { id, block } of read) groups.set(block, [...(groups.get(block) ?? []), id])
  return [...groups].map(([block, ids]) => ({ block, ids }))
}

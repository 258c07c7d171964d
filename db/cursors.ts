import type { Address } from '../src/domain/address.ts'
import type { ProtocolId } from '../src/domain/position.ts'
import { commitLiquidations, type LiquidationToTell } from './commit-liquidations.ts'
import type { CommittedTransition } from './commit-transitions.ts'
import { markDirty } from './dirty-owners.ts'
import { watchedAmong } from './positions.ts'
import type { Database, Executor } from './schema.ts'
import { transact } from './transact.ts'

const MAX_PER_TRANSACTION = 500

/** Up to which block the events of a protocol have been taken in; `null` before the first time. */
export async function readCursor(db: Executor, protocol: ProtocolId): Promise<number | null> {
  const row = await db
    .selectFrom('cursors')
    .select('block')
    .where('name', '=', nameOf(protocol))
    .executeTakeFirst()
  return row?.block ?? null
}

/** The events of the blocks after `from` up to `to`. */
export interface EventsTaken {
  readonly protocol: ProtocolId
  /** Where the cursor stood when they were read. */
  readonly from: number | null
  readonly to: number
  /** Whom the events touched, each owner once, and at which block last. */
  readonly touched: ReadonlyMap<Address, number>
  /** Whose loans were liquidated; their owners are among the touched. */
  readonly liquidations: readonly LiquidationToTell[]
  readonly nowMs: number
}

export interface EventsKept {
  /** Owners who are looked at again. */
  readonly marked: readonly Address[]
  /** Liquidations that are told. */
  readonly committed: readonly CommittedTransition[]
}

/**
 * Marks the watched ones among the touched owners, commits to telling liquidations, and moves the cursor in one transaction, so
 * that no event is passed over by a crash and none told twice. With more than 500 touched owners the first ones are marked in transactions of their own: a crash in between
 * marks them once more. `null` when the cursor was no longer at `from`, and then it stays.
 */
export async function takeEvents(db: Database, taken: EventsTaken): Promise<EventsKept | null> {
  const { protocol, nowMs } = taken
  const touched = [...taken.touched].map(([owner, block]) => ({ owner, block }))
  const marked: Address[] = []
  let committed: CommittedTransition[] = []
  let start = 0
  do {
    const part = touched.slice(start, start + MAX_PER_TRANSACTION)
    start += MAX_PER_TRANSACTION
    const isLast = start >= touched.length
    const kept = await transact(db, async (tx) => {
      if ((await readCursor(tx, protocol)) !== taken.from) return null
      const watched = new Set(
        await watchedAmong(
          tx,
          part.map(({ owner }) => owner),
        ),
      )
      const dirty = part.filter(({ owner }) => watched.has(owner))
      await markDirty(tx, { protocol, touched: dirty, nowMs })
      const { liquidations } = taken
      const told = isLast ? await commitLiquidations(tx, { liquidations, nowMs }) : []
      if (isLast) await moveCursor(tx, { protocol, block: taken.to, nowMs })
      return { owners: dirty.map(({ owner }) => owner), told }
    })
    if (!kept) return null
    marked.push(...kept.owners)
    committed = kept.told
  } while (start < touched.length)
  return { marked, committed }
}

async function moveCursor(
  tx: Executor,
  { protocol, block, nowMs }: { protocol: ProtocolId; block: number; nowMs: number },
): Promise<void> {
  await tx
    .insertInto('cursors')
    .values({ name: nameOf(protocol), block, updated_at: nowMs })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({
        block: eb.ref('excluded.block'),
        updated_at: eb.ref('excluded.updated_at'),
      })),
    )
    .execute()
}

function nameOf(protocol: ProtocolId): string {
  return `logs:${protocol}`
}

import type { Address } from '../src/domain/address.ts'
import type { ProtocolId } from '../src/domain/position.ts'
import type { Executor } from './schema.ts'

const BULK = 500

/** An owner of whom an event said that something changed on a protocol, at `sinceBlock` at the latest. */
export interface DirtyMark {
  readonly owner: Address
  readonly protocol: ProtocolId
  readonly sinceBlock: number
  readonly markedAtMs: number
}

/** Marks owners, at most 500 at a time; a mark that is there already is renewed, and due again at once. */
export async function markDirty(
  tx: Executor,
  marks: {
    protocol: ProtocolId
    touched: readonly { owner: Address; block: number }[]
    nowMs: number
  },
): Promise<void> {
  if (marks.touched.length === 0) return
  if (marks.touched.length > BULK) throw new RangeError(`more than ${BULK} owners at a time`)
  await tx
    .insertInto('dirty_owners')
    .values(
      marks.touched.map(({ owner, block }) => ({
        owner,
        protocol: marks.protocol,
        since_block: block,
        marked_at: marks.nowMs,
        not_before: 0,
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['owner', 'protocol']).doUpdateSet((eb) => ({
        since_block: eb.ref('excluded.since_block'),
        marked_at: eb.ref('excluded.marked_at'),
        not_before: eb.ref('excluded.not_before'),
      })),
    )
    .execute()
}

/** Marks of one protocol that are due, the longest waiting first. */
export async function dueMarks(
  db: Executor,
  due: { protocol: ProtocolId; nowMs: number; limit: number },
): Promise<DirtyMark[]> {
  const rows = await db
    .selectFrom('dirty_owners')
    .selectAll()
    .where('protocol', '=', due.protocol)
    .where('not_before', '<=', due.nowMs)
    .orderBy('not_before')
    .orderBy('marked_at')
    .limit(due.limit)
    .execute()
  return rows.map((row) => ({
    owner: row.owner as Address,
    protocol: row.protocol as ProtocolId,
    sinceBlock: row.since_block,
    markedAtMs: row.marked_at,
  }))
}

export interface SettledMarks {
  /** Looked at completely. */
  readonly done: readonly DirtyMark[]
  /** To be looked at again, at `retryAtMs`. */
  readonly again: readonly DirtyMark[]
  readonly retryAtMs: number
}

/** Clears or puts off marks; one that was renewed since it was taken stays as it is. */
export async function settleMarks(tx: Executor, { done, again, retryAtMs }: SettledMarks): Promise<void> {
  for (const mark of done) {
    await tx
      .deleteFrom('dirty_owners')
      .where('owner', '=', mark.owner)
      .where('protocol', '=', mark.protocol)
      .where('since_block', '=', mark.sinceBlock)
      .where('marked_at', '=', mark.markedAtMs)
      .execute()
  }
  for (const mark of again) {
    await tx
      .updateTable('dirty_owners')
      .set({ not_before: retryAtMs })
      .where('owner', '=', mark.owner)
      .where('protocol', '=', mark.protocol)
      .where('since_block', '=', mark.sinceBlock)
      .where('marked_at', '=', mark.markedAtMs)
      .execute()
  }
}

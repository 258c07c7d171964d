import type { Address } from '../src/domain/address.ts'
import { isDrillOwner } from '../src/domain/drill.ts'
import type { Executor, ThresholdsTable, WatchRow } from './schema.ts'

export interface NewWatch {
  readonly chatId: number
  readonly owner: Address
  readonly label: string | null
  readonly threadId: number | null
  readonly nowMs: number
}

/** Adds a wallet to a chat. A known one keeps everything but the topic, and the label where a new one is given. */
export async function addWatch(tx: Executor, watch: NewWatch): Promise<{ watch: WatchRow; isNew: boolean }> {
  const known = await findWatch(tx, { chatId: watch.chatId, owner: watch.owner })
  if (known) {
    const changed = { label: watch.label ?? known.label, thread_id: watch.threadId }
    await tx.updateTable('watches').set(changed).where('id', '=', known.id).execute()
    return { watch: { ...known, ...changed }, isNew: false }
  }
  const added = await tx
    .insertInto('watches')
    .values({
      chat_id: watch.chatId,
      owner: watch.owner,
      label: watch.label,
      thread_id: watch.threadId,
      created_at: watch.nowMs,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return { watch: added, isNew: true }
}

export async function findWatch(
  db: Executor,
  which: { chatId: number; owner: Address },
): Promise<WatchRow | undefined> {
  return db
    .selectFrom('watches')
    .selectAll()
    .where('chat_id', '=', which.chatId)
    .where('owner', '=', which.owner)
    .executeTakeFirst()
}

/** The wallets of a chat, oldest first. The shadow of an exercise is none. */
export async function listWatches(db: Executor, chatId: number): Promise<WatchRow[]> {
  const rows = await db
    .selectFrom('watches')
    .selectAll()
    .where('chat_id', '=', chatId)
    .orderBy('id')
    .execute()
  return rows.filter(({ owner }) => !isDrillOwner(owner))
}

/**
 * Forgets a wallet of a chat with its thresholds and alert states, and its positions where nobody else watches them.
 * Alerts already committed are still sent. `undefined` when the chat has no such wallet.
 */
export async function removeWatch(
  tx: Executor,
  which: { chatId: number; watchId: number },
): Promise<WatchRow | undefined> {
  const removed = await tx
    .deleteFrom('watches')
    .where('chat_id', '=', which.chatId)
    .where('id', '=', which.watchId)
    .returningAll()
    .executeTakeFirst()
  if (!removed) return undefined
  const positions = tx.selectFrom('positions').select('id').where('owner', '=', removed.owner)
  await tx
    .deleteFrom('alert_states')
    .where('chat_id', '=', which.chatId)
    .where('position_id', 'in', positions)
    .execute()
  const watched = await tx
    .selectFrom('watches')
    .select('id')
    .where('owner', '=', removed.owner)
    .executeTakeFirst()
  if (!watched) await tx.deleteFrom('positions').where('owner', '=', removed.owner).execute()
  return removed
}

export interface ThresholdKey {
  readonly watchId: number
  readonly scope: ThresholdsTable['scope']
  readonly target: string
}

/** Sets a threshold; answers with the one it replaced, if any. */
export async function setThreshold(
  tx: Executor,
  threshold: ThresholdKey & {
    warningWad: bigint
    /** Left as it is when it is not given. */
    criticalWad?: bigint | null
  },
): Promise<bigint | undefined> {
  const { watchId, scope, target } = threshold
  const before = await tx
    .selectFrom('thresholds')
    .select('warning_wad')
    .where('watch_id', '=', watchId)
    .where('scope', '=', scope)
    .where('target', '=', target)
    .executeTakeFirst()
  const warning_wad = threshold.warningWad.toString()
  const critical_wad = threshold.criticalWad?.toString() ?? null
  const changed = { warning_wad, ...(threshold.criticalWad !== undefined && { critical_wad }) }
  await tx
    .insertInto('thresholds')
    .values({ watch_id: watchId, scope, target, warning_wad, critical_wad })
    .onConflict((conflict) => conflict.columns(['watch_id', 'scope', 'target']).doUpdateSet(changed))
    .execute()
  return before ? BigInt(before.warning_wad) : undefined
}

/** All thresholds of these watches. */
export async function thresholdsOf(db: Executor, watchIds: readonly number[]): Promise<ThresholdsTable[]> {
  if (watchIds.length === 0) return []
  return db
    .selectFrom('thresholds')
    .selectAll()
    .where('watch_id', 'in', [...watchIds])
    .execute()
}

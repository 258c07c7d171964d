import type { PositionRef } from '../src/domain/position.ts'
import { type Lines, linesFor, resolveThreshold, type ThresholdSource } from '../src/domain/thresholds.ts'
import type { Executor, ThresholdsTable } from './schema.ts'

/** A chat that watches an owner and wants alerts. */
export interface Watcher {
  readonly watchId: number
  readonly chatId: number
  readonly threadId: number | null
  readonly owner: string
  readonly chatWarningWad: bigint
}

/** Who wants alerts about these owners. */
export async function watchersOf(db: Executor, owners: readonly string[]): Promise<Watcher[]> {
  if (owners.length === 0) return []
  return toWatchers(
    await watcherQuery(db)
      .where('watches.owner', 'in', [...owners])
      .execute(),
  )
}

/** The same by watch id; a watch that was removed or paused meanwhile is not among them. */
export async function watchersById(db: Executor, watchIds: readonly number[]): Promise<Watcher[]> {
  if (watchIds.length === 0) return []
  return toWatchers(
    await watcherQuery(db)
      .where('watches.id', 'in', [...watchIds])
      .execute(),
  )
}

function watcherQuery(db: Executor) {
  return db
    .selectFrom('watches')
    .innerJoin('chats', 'chats.id', 'watches.chat_id')
    .select(['watches.id', 'watches.chat_id', 'watches.thread_id', 'watches.owner', 'chats.warning_wad'])
    .where('chats.state', '=', 'active')
}

function toWatchers(
  rows: { id: number; chat_id: number; thread_id: number | null; owner: string; warning_wad: string }[],
): Watcher[] {
  return rows.map((row) => ({
    watchId: row.id,
    chatId: row.chat_id,
    threadId: row.thread_id,
    owner: row.owner,
    chatWarningWad: BigInt(row.warning_wad),
  }))
}

export interface AppliedLines extends Lines {
  readonly source: ThresholdSource
}

/** The lines that apply to a position for one watch, and which setting they come from. */
export function linesOf(
  ref: PositionRef,
  context: { watch: { watchId: number; chatWarningWad: bigint }; thresholds: readonly ThresholdsTable[] },
): AppliedLines {
  const { watch, thresholds } = context
  const find = (scope: ThresholdsTable['scope'], target: string): bigint | undefined => {
    const row = thresholds.find(
      (threshold) =>
        threshold.watch_id === watch.watchId && threshold.scope === scope && threshold.target === target,
    )
    return row && BigInt(row.warning_wad)
  }
  const { warningWad, source } = resolveThreshold({
    position: find('position', ref.key),
    protocol: find('protocol', ref.protocol),
    wallet: find('wallet', ''),
    proposed: find('proposed', ref.key),
    chat: watch.chatWarningWad,
  })
  return { ...linesFor(warningWad), source }
}

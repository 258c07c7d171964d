import type { AlertRules } from '../src/domain/chat-settings.ts'
import type { PositionRef } from '../src/domain/position.ts'
import {
  type Lines,
  resolveThreshold,
  type SetLines,
  type ThresholdSource,
} from '../src/domain/thresholds.ts'
import { readSettings } from './chat-settings.ts'
import type { Executor, ThresholdsTable } from './schema.ts'

/** A chat that watches an owner and wants alerts. */
export interface Watcher {
  readonly watchId: number
  readonly chatId: number
  readonly threadId: number | null
  readonly owner: string
  readonly chatLines: SetLines
  readonly rules: AlertRules
  /** The second chat; `null` when none is paired. */
  readonly escalateTo: number | null
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
    .select(['watches.id', 'watches.chat_id', 'watches.thread_id', 'watches.owner'])
    .select(['chats.warning_wad', 'chats.critical_wad', 'chats.settings', 'chats.escalate_to'])
    .where('chats.state', '=', 'active')
}

type WatcherRow = Awaited<ReturnType<ReturnType<typeof watcherQuery>['execute']>>[number]

function toWatchers(rows: readonly WatcherRow[]): Watcher[] {
  return rows.map((row) => ({
    watchId: row.id,
    chatId: row.chat_id,
    threadId: row.thread_id,
    owner: row.owner,
    chatLines: setLines(row),
    rules: { ...readSettings(row.settings), escalates: row.escalate_to !== null },
    escalateTo: row.escalate_to,
  }))
}

/** A threshold as it is stored. */
export function setLines(row: { warning_wad: string; critical_wad: string | null }): SetLines {
  return {
    warningWad: BigInt(row.warning_wad),
    criticalWad: row.critical_wad === null ? null : BigInt(row.critical_wad),
  }
}

export interface AppliedLines extends Lines {
  readonly source: ThresholdSource
}

/** The lines that apply to a position for one watch, and which setting they come from. */
export function linesOf(
  ref: PositionRef,
  context: { watch: { watchId: number; chatLines: SetLines }; thresholds: readonly ThresholdsTable[] },
): AppliedLines {
  const { watch, thresholds } = context
  const find = (scope: ThresholdsTable['scope'], target: string): SetLines | undefined => {
    const row = thresholds.find(
      (threshold) =>
        threshold.watch_id === watch.watchId && threshold.scope === scope && threshold.target === target,
    )
    return row && setLines(row)
  }
  return resolveThreshold({
    position: find('position', ref.key),
    protocol: find('protocol', ref.protocol),
    wallet: find('wallet', ''),
    proposed: find('proposed', ref.key),
    chat: watch.chatLines,
  })
}

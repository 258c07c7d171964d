import type { AlertState, Level, Verified } from '../src/domain/alerting/state.ts'
import { fromJson, toJson } from './json.ts'
import type { AlertStateRow, Executor } from './schema.ts'

const BULK = 500

/** One chat's memory of one position. */
export interface StateKey {
  readonly chatId: number
  readonly positionId: number
}

export function stateKey(key: StateKey): string {
  return `${key.chatId}:${key.positionId}`
}

/** The states of these positions in every chat, by `stateKey`. */
export async function loadStates(
  db: Executor,
  positionIds: readonly number[],
): Promise<Map<string, AlertState>> {
  if (positionIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('alert_states')
    .selectAll()
    .where('position_id', 'in', [...positionIds])
    .execute()
  return new Map(
    rows.map((row) => [stateKey({ chatId: row.chat_id, positionId: row.position_id }), fromRow(row)]),
  )
}

/** Writes states, replacing what was there. */
export async function saveStates(
  tx: Executor,
  states: readonly (StateKey & { state: AlertState })[],
): Promise<void> {
  for (let start = 0; start < states.length; start += BULK) {
    const rows = states.slice(start, start + BULK).map(toRow)
    await tx
      .insertInto('alert_states')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['chat_id', 'position_id']).doUpdateSet((eb) => ({
          level: eb.ref('excluded.level'),
          blind: eb.ref('excluded.blind'),
          episode: eb.ref('excluded.episode'),
          seq: eb.ref('excluded.seq'),
          last_block: eb.ref('excluded.last_block'),
          last_reading: eb.ref('excluded.last_reading'),
          ring_health_wad: eb.ref('excluded.ring_health_wad'),
          clear: eb.ref('excluded.clear'),
          unseen: eb.ref('excluded.unseen'),
          absent: eb.ref('excluded.absent'),
          closed: eb.ref('excluded.closed'),
          first_seen_at: eb.ref('excluded.first_seen_at'),
          seen: eb.ref('excluded.seen'),
          snooze: eb.ref('excluded.snooze'),
          ring: eb.ref('excluded.ring'),
          liquidation: eb.ref('excluded.liquidation'),
        })),
      )
      .execute()
  }
}

/** Forgets what a chat was told, so that its positions are judged anew. Keys of alerts are not used again. */
export async function forgetStates(tx: Executor, chatId: number): Promise<void> {
  await tx.deleteFrom('alert_states').where('chat_id', '=', chatId).execute()
}

function toRow({ chatId, positionId, state }: StateKey & { state: AlertState }): AlertStateRow {
  return {
    chat_id: chatId,
    position_id: positionId,
    level: state.level,
    blind: state.blind ? 1 : 0,
    episode: state.episode,
    seq: state.seq,
    last_block: state.lastBlock,
    last_reading: state.last && toJson(state.last),
    ring_health_wad: state.ringHealthWad?.toString() ?? null,
    clear: toJson(state.clear),
    unseen: state.unseen && toJson(state.unseen),
    absent: state.absent && toJson(state.absent),
    closed: state.closed ? 1 : 0,
    first_seen_at: state.firstSeenMs,
    seen: state.seen && toJson(state.seen),
    snooze: state.snooze && toJson(state.snooze),
    // A removal that was undone may come from before there were these two.
    ring: state.ring ? toJson(state.ring) : null,
    liquidation: state.liquidation ? toJson(state.liquidation) : null,
  }
}

function fromRow(row: AlertStateRow): AlertState {
  return {
    level: row.level as Level,
    blind: row.blind === 1,
    episode: row.episode,
    seq: row.seq,
    lastBlock: row.last_block,
    last: parse(row.last_reading) as Verified | null,
    ringHealthWad: row.ring_health_wad === null ? null : BigInt(row.ring_health_wad),
    clear: fromJson(row.clear) as AlertState['clear'],
    unseen: parse(row.unseen) as AlertState['unseen'],
    absent: parse(row.absent) as AlertState['absent'],
    closed: row.closed === 1,
    firstSeenMs: row.first_seen_at,
    seen: parse(row.seen) as AlertState['seen'],
    snooze: parse(row.snooze) as AlertState['snooze'],
    ring: parse(row.ring) as AlertState['ring'],
    liquidation: parse(row.liquidation) as AlertState['liquidation'],
  }
}

function parse(text: string | null): unknown {
  return text === null ? null : fromJson(text)
}

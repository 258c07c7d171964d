import { type AlertState, depthOf, type Level } from '../src/domain/alerting/state.ts'
import type { Alert } from '../src/domain/alerting/transition.ts'
import { MESSAGE_KINDS } from '../src/domain/alerting/urgency.ts'
import type { PositionRef } from '../src/domain/position.ts'
import { loadStates, type StateKey, saveStates, stateKey } from './alert-states.ts'
import { changeSettings } from './chat-settings.ts'
import { alertOf } from './outbox.ts'
import type { Executor, OutboxRow } from './schema.ts'

/** An alert as a button under it names it. */
export interface PressedAlert extends Alert {
  readonly positionId: number
}

/** The alert behind a button; `undefined` when it is not one of this chat's. */
export async function pressedAlert(
  db: Executor,
  which: { chatId: number; rowId: number },
): Promise<PressedAlert | undefined> {
  const row = await pressedRow(db, which)
  return row && { positionId: row.position_id, ...alertOf(row) }
}

/**
 * Somebody has seen an alert, and with it everything that came in the same message: their levels count as acknowledged, those of an
 * escalation in the chat it came from. A deeper level rings again.
 */
export async function markSeen(
  tx: Executor,
  which: { chatId: number; rowId: number; nowMs: number },
): Promise<PressedAlert | undefined> {
  return answer(tx, {
    which,
    rows: { seen_at: which.nowMs },
    state: (state, level) => {
      // Whoever saw a deeper level before knows more than this alert tells.
      if (state.seen && depthOf(state.seen.level) > depthOf(level)) return state
      return { ...state, seen: { level, atMs: which.nowMs } }
    },
  })
}

/** No further alerts of these levels until then. A deeper level rings at once. */
export async function snoozeAlert(
  tx: Executor,
  which: { chatId: number; rowId: number; untilMs: number },
): Promise<PressedAlert | undefined> {
  return answer(tx, {
    which,
    rows: {},
    state: (state, level) => ({ ...state, snooze: { level, untilMs: which.untilMs } }),
  })
}

/** One loan that is in danger, for an answer in words. */
export interface DangerousLoan {
  readonly ref: PositionRef
  readonly label: string | null
  readonly level: Level
}

/** Puts all loans of a chat that are in danger to sleep at their present level; `null` wakes them again. */
export async function snoozeAll(
  tx: Executor,
  which: { chatId: number; untilMs: number | null },
): Promise<DangerousLoan[]> {
  const { chatId, untilMs } = which
  const rows = await tx
    .selectFrom('alert_states')
    .innerJoin('positions', 'positions.id', 'alert_states.position_id')
    .innerJoin('watches', (join) =>
      join.onRef('watches.owner', '=', 'positions.owner').on('watches.chat_id', '=', chatId),
    )
    .select(['positions.id', 'positions.key', 'positions.protocol', 'positions.market'])
    .select(['positions.market_name', 'positions.owner', 'watches.label'])
    .where('alert_states.chat_id', '=', chatId)
    .where('alert_states.closed', '=', 0)
    .where('alert_states.level', '!=', 'safe')
    .orderBy('positions.id')
    .execute()
  const states = await loadStates(
    tx,
    rows.map(({ id }) => id),
  )
  const changed: (StateKey & { state: AlertState })[] = []
  const loans: DangerousLoan[] = []
  for (const row of rows) {
    const key = { chatId, positionId: row.id }
    const state = states.get(stateKey(key))
    if (!state) continue
    const { level } = state
    changed.push({ ...key, state: { ...state, snooze: untilMs === null ? null : { level, untilMs } } })
    const ref = {
      protocol: row.protocol as PositionRef['protocol'],
      key: row.key,
      owner: row.owner as PositionRef['owner'],
      market: row.market,
      marketName: row.market_name,
    }
    loans.push({ ref, label: row.label, level })
  }
  await saveStates(tx, changed)
  return loans
}

/** The level of an alert does not repeat in its chat any more. */
export async function stopRepeats(
  tx: Executor,
  which: { chatId: number; rowId: number },
): Promise<PressedAlert | undefined> {
  const pressed = await pressedAlert(tx, which)
  if (!pressed) return undefined
  const { to } = pressed.transition
  if (to === 'safe') return pressed
  await changeSettings(tx, {
    chatId: which.chatId,
    change: (before) => ({ ...before, repeatMinutes: { ...before.repeatMinutes, [to]: null } }),
  })
  return pressed
}

async function answer(
  tx: Executor,
  {
    which,
    ...change
  }: {
    which: { chatId: number; rowId: number }
    rows: Partial<OutboxRow>
    state: (state: AlertState, level: Level) => AlertState
  },
): Promise<PressedAlert | undefined> {
  const pressed = await pressedRow(tx, which)
  if (!pressed) return undefined
  const rows = await sameMessage(tx, pressed)
  if (Object.keys(change.rows).length > 0) {
    const ids = rows.map(({ id }) => id)
    await tx.updateTable('outbox').set(change.rows).where('id', 'in', ids).execute()
  }
  const states = await loadStates(tx, [...new Set(rows.map((row) => row.position_id))])
  const changed = new Map<string, StateKey & { state: AlertState }>()
  for (const row of rows) {
    const key = { chatId: row.origin_chat_id ?? row.chat_id, positionId: row.position_id }
    const state = changed.get(stateKey(key))?.state ?? states.get(stateKey(key))
    const { transition } = alertOf(row)
    // A button under what is over says nothing about the next time.
    if (!state || state.level === 'safe' || state.episode !== transition.episode) continue
    const level = depthOf(transition.to) < depthOf(state.level) ? transition.to : state.level
    changed.set(stateKey(key), { ...key, state: change.state(state, level) })
  }
  await saveStates(tx, [...changed.values()])
  return { positionId: pressed.position_id, ...alertOf(pressed) }
}

async function pressedRow(
  db: Executor,
  which: { chatId: number; rowId: number },
): Promise<OutboxRow | undefined> {
  return db
    .selectFrom('outbox')
    .selectAll()
    .where('id', '=', which.rowId)
    .where('chat_id', '=', which.chatId)
    .where('position_id', '>', 0)
    .where('kind', 'not in', [...MESSAGE_KINDS])
    .executeTakeFirst()
}

/** Everything that stood in the message under which somebody pressed. */
async function sameMessage(tx: Executor, pressed: OutboxRow): Promise<OutboxRow[]> {
  if (pressed.delivery_id === null) return [pressed]
  return tx
    .selectFrom('outbox')
    .selectAll()
    .where('delivery_id', '=', pressed.delivery_id)
    .where('chat_id', '=', pressed.chat_id)
    .where('position_id', '>', 0)
    .where('kind', 'not in', [...MESSAGE_KINDS])
    .orderBy('id')
    .execute()
}

import { type AlertState, initialState } from '../src/domain/alerting/state.ts'
import type { PositionRef } from '../src/domain/position.ts'
import { loadStates, type StateKey, saveStates, stateKey } from './alert-states.ts'
import { toldSoFar } from './commit-transitions.ts'
import { positionsOf, type StoredPosition, storeFound } from './positions.ts'
import type { Executor } from './schema.ts'

export interface PositionMove {
  readonly from: StoredPosition
  readonly to: PositionRef
  /** Where the chain said so: what was read before says nothing about the new place. */
  readonly block: number
  readonly nowMs: number
}

/**
 * A debt went on under another position: that one is stored, and takes over from the old one, in every chat, the thresholds
 * and what was told where it has none of its own. Nothing is taken from the old one, and a second time changes nothing.
 * Inside a transaction.
 */
export async function movePosition(tx: Executor, move: PositionMove): Promise<void> {
  const { from, to, nowMs } = move
  const watches = await tx.selectFrom('watches').select('id').where('owner', '=', from.ref.owner).execute()
  // Removed a moment ago, with all that could be taken over.
  if (watches.length === 0) return
  await storeFound(tx, { refs: [to], nowMs })
  const target = (await positionsOf(tx, to.owner)).find(({ ref }) => ref.key === to.key)
  if (!target) throw new Error(`${to.key} was not stored`)
  await copyThresholds(tx, { from: from.ref.key, to: to.key, watchIds: watches.map(({ id }) => id) })
  await copyStates(tx, { ...move, target })
}

async function copyThresholds(
  tx: Executor,
  { from, to, watchIds }: { from: string; to: string; watchIds: readonly number[] },
): Promise<void> {
  const thresholds = await tx
    .selectFrom('thresholds')
    .selectAll()
    .where('watch_id', 'in', [...watchIds])
    .where('scope', 'in', ['position', 'proposed'])
    .where('target', '=', from)
    .execute()
  if (thresholds.length === 0) return
  await tx
    .insertInto('thresholds')
    .values(thresholds.map((threshold) => ({ ...threshold, target: to })))
    .onConflict((conflict) => conflict.columns(['watch_id', 'scope', 'target']).doNothing())
    .execute()
}

async function copyStates(tx: Executor, move: PositionMove & { target: StoredPosition }): Promise<void> {
  const { from, target, block } = move
  const states = await loadStates(tx, [from.id, target.id])
  const chats = await tx
    .selectFrom('alert_states')
    .select('chat_id')
    .where('position_id', '=', from.id)
    .execute()
  const taken: (StateKey & { state: AlertState })[] = []
  for (const { chat_id: chatId } of chats) {
    const key = { chatId, positionId: target.id }
    const old = states.get(stateKey({ chatId, positionId: from.id }))
    const own = states.get(stateKey(key))
    // As with any other reading, one from a block that was already passed says nothing.
    if (!old || isIdle(old) || block <= old.lastBlock || (own && !isIdle(own))) continue
    const told = await toldSoFar(tx, key)
    taken.push({ ...key, state: takenOver(old, { own, told, block }) })
  }
  await saveStates(tx, taken)
}

/** Without a debt that was seen, and with nothing told that still holds. */
function isIdle({ closed, level, blind, last }: AlertState): boolean {
  return closed || (level === 'safe' && !blind && last?.health.noDebt !== false)
}

function takenOver(
  old: AlertState,
  at: { own: AlertState | undefined; told: { episode: number; seq: number }; block: number },
): AlertState {
  const { own, told } = at
  const episode = Math.max(old.episode, own?.episode ?? 0, told.episode)
  const seq = Math.max(old.seq, own?.seq ?? 0, told.seq)
  return {
    ...old,
    episode,
    seq,
    lastBlock: Math.max(at.block - 1, own?.lastBlock ?? 0),
    // Readings counted at the old place say nothing about the new one.
    clear: initialState({ nowMs: old.firstSeenMs }).clear,
    absent: null,
  }
}

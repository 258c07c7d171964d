import type { Address } from '../src/domain/address.ts'
import type { AlertState } from '../src/domain/alerting/state.ts'
import type { PositionRef } from '../src/domain/position.ts'
import { loadStates, saveStates, stateKey } from './alert-states.ts'
import { toldSoFar } from './commit-transitions.ts'
import { fromJson, toJson } from './json.ts'
import { positionsOf, storeFound } from './positions.ts'
import type { Executor, ThresholdsTable, WatchRow } from './schema.ts'
import { findWatch, removeWatch, thresholdsOf } from './watches.ts'

/** For so long a removal can be taken back. */
const KEPT_MS = 24 * 3600_000

interface Removal {
  readonly watch: WatchRow
  readonly thresholds: readonly ThresholdsTable[]
  readonly positions: readonly { readonly ref: PositionRef; readonly state: AlertState | null }[]
}

/** Removes a wallet so that it can be put back as it was. `undefined` when the chat has no such wallet. */
export async function removeWithUndo(
  tx: Executor,
  which: { chatId: number; watchId: number; nowMs: number },
): Promise<{ watch: WatchRow; undoId: number } | undefined> {
  const { chatId, nowMs } = which
  const watch = await tx
    .selectFrom('watches')
    .selectAll()
    .where('chat_id', '=', chatId)
    .where('id', '=', which.watchId)
    .executeTakeFirst()
  if (!watch) return undefined
  const positions = await positionsOf(tx, watch.owner as Address)
  const states = await loadStates(
    tx,
    positions.map(({ id }) => id),
  )
  const removal: Removal = {
    watch,
    thresholds: await thresholdsOf(tx, [watch.id]),
    positions: positions.map(({ id, ref }) => ({
      ref,
      state: states.get(stateKey({ chatId, positionId: id })) ?? null,
    })),
  }
  await removeWatch(tx, { chatId, watchId: watch.id })
  await tx
    .deleteFrom('undo')
    .where('created_at', '<', nowMs - KEPT_MS)
    .execute()
  const { id } = await tx
    .insertInto('undo')
    .values({ chat_id: chatId, payload: toJson(removal), created_at: nowMs })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { watch, undoId: id }
}

/** Puts a removed wallet back, once: label, topic, thresholds, and what was told, so that nothing rings twice for it. */
export async function undoRemoval(
  tx: Executor,
  which: { chatId: number; undoId: number; nowMs: number },
): Promise<WatchRow | 'expired' | 'watched again'> {
  const { chatId, nowMs } = which
  const taken = await tx
    .deleteFrom('undo')
    .where('id', '=', which.undoId)
    .where('chat_id', '=', chatId)
    .where('created_at', '>=', nowMs - KEPT_MS)
    .returning('payload')
    .executeTakeFirst()
  if (!taken) return 'expired'
  const { watch, thresholds, positions } = fromJson(taken.payload) as Removal
  const owner = watch.owner as Address
  if (await findWatch(tx, { chatId, owner })) return 'watched again'
  const restored = await tx
    .insertInto('watches')
    .values({
      chat_id: chatId,
      owner: watch.owner,
      label: watch.label,
      thread_id: watch.thread_id,
      created_at: watch.created_at,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  if (thresholds.length > 0) {
    await tx
      .insertInto('thresholds')
      .values(thresholds.map((threshold) => ({ ...threshold, watch_id: restored.id })))
      .execute()
  }
  await storeFound(tx, { refs: positions.map(({ ref }) => ref), nowMs })
  const byKey = new Map((await positionsOf(tx, owner)).map((position) => [position.ref.key, position.id]))
  for (const { ref, state } of positions) {
    const positionId = byKey.get(ref.key)
    if (!state || positionId === undefined) continue
    // The wallet may have been added and removed again since: what was told then keeps its numbers.
    const told = await toldSoFar(tx, { chatId, positionId })
    const episode = Math.max(state.episode, told.episode)
    const seq = Math.max(state.seq, told.seq)
    await saveStates(tx, [{ chatId, positionId, state: { ...state, episode, seq } }])
  }
  return restored
}

import { decideLiquidation } from '../src/domain/alerting/decide.ts'
import type { AlertState } from '../src/domain/alerting/state.ts'
import type { Liquidation } from '../src/domain/alerting/transition.ts'
import type { PositionRef } from '../src/domain/position.ts'
import { loadStates, type StateKey, saveStates, stateKey } from './alert-states.ts'
import { addTransitions, type CommittedTransition, firstState } from './commit-transitions.ts'
import { positionsOf, type StoredPosition, storeFound } from './positions.ts'
import type { Executor } from './schema.ts'
import { linesOf, watchersOf } from './watchers.ts'
import { thresholdsOf } from './watches.ts'

/** A liquidation that an event told, as far as it could be described. */
export interface LiquidationToTell {
  readonly ref: PositionRef
  readonly liquidation: Liquidation
}

/**
 * Tells every chat that watches of these liquidations, each once. A loan that was not known before is stored, so that what is left
 * of it is read. Only inside the transaction that passes the events.
 */
export async function commitLiquidations(
  tx: Executor,
  { liquidations, nowMs }: { liquidations: readonly LiquidationToTell[]; nowMs: number },
): Promise<CommittedTransition[]> {
  const watchers = await watchersOf(tx, [...new Set(liquidations.map(({ ref }) => ref.owner))])
  if (watchers.length === 0) return []
  const thresholds = await thresholdsOf(
    tx,
    watchers.map(({ watchId }) => watchId),
  )
  const committed: CommittedTransition[] = []
  const states = new Map<string, AlertState>()
  const changed = new Map<string, StateKey & { state: AlertState }>()
  for (const { ref, liquidation } of [...liquidations].sort(oldestFirst)) {
    const watching = watchers.filter(({ owner }) => owner === ref.owner)
    if (watching.length === 0) continue
    const position = await stored(tx, { ref, nowMs })
    for (const [key, state] of await loadStates(tx, [position.id])) {
      if (!states.has(key)) states.set(key, state)
    }
    for (const watch of watching) {
      const key = { chatId: watch.chatId, positionId: position.id }
      const decision = decideLiquidation({
        state: states.get(stateKey(key)) ?? (await firstState(tx, { ...key, nowMs })),
        liquidation,
        lines: linesOf(position.ref, { watch, thresholds }),
        rules: watch.rules,
        nowMs,
      })
      if (decision.transitions.length === 0) continue
      states.set(stateKey(key), decision.state)
      changed.set(stateKey(key), { ...key, state: decision.state })
      const { transitions } = decision
      committed.push(...(await addTransitions(tx, { watch, position, transitions, nowMs })))
    }
  }
  await saveStates(tx, [...changed.values()])
  return committed
}

function oldestFirst({ liquidation: a }: LiquidationToTell, { liquidation: b }: LiquidationToTell): number {
  return a.block - b.block || a.logIndex - b.logIndex
}

/** The position as it is stored; read again from now on, because something happened to it. */
async function stored(
  tx: Executor,
  { ref, nowMs }: { ref: PositionRef; nowMs: number },
): Promise<StoredPosition> {
  const find = async () => (await positionsOf(tx, ref.owner)).find((known) => known.ref.key === ref.key)
  const known = await find()
  await storeFound(tx, { refs: [known?.ref ?? ref], nowMs })
  const position = known ?? (await find())
  if (!position) throw new Error(`${ref.key} was not stored`)
  return position
}

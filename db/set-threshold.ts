import type { Address } from '../src/domain/address.ts'
import { withNewLines } from '../src/domain/alerting/settings.ts'
import type { AlertState, Level } from '../src/domain/alerting/state.ts'
import type { PositionRef, ProtocolId } from '../src/domain/position.ts'
import { DEFAULT_WARNING_WAD, type Lines, linesFor, type SetLines } from '../src/domain/thresholds.ts'
import { loadStates, type StateKey, saveStates, stateKey } from './alert-states.ts'
import { positionsOf } from './positions.ts'
import type { Executor, WatchRow } from './schema.ts'
import { type AppliedLines, linesOf, setLines } from './watchers.ts'
import { listWatches, setThreshold, type ThresholdKey, thresholdsOf } from './watches.ts'

/** What a threshold is set for. */
export type ThresholdTarget =
  | { readonly kind: 'chat' }
  | { readonly kind: 'wallet'; readonly watchId: number }
  | { readonly kind: 'protocol'; readonly watchId: number; readonly protocol: ProtocolId }
  | { readonly kind: 'position'; readonly watchId: number; readonly key: string }

export interface ThresholdChange {
  readonly target: ThresholdTarget
  readonly warningWad: bigint | null
  /** Left as it is when it is not given; `null` for the usual one. */
  readonly criticalWad?: bigint | null
}

export interface ThresholdEffect {
  /** The threshold this one replaced at the same place. */
  readonly before: bigint | null
  /** What holds at that place now; `null` when nothing is set there. */
  readonly after: Lines | null
  /** Every open loan that the place covers. */
  readonly loans: readonly {
    readonly watch: WatchRow
    readonly ref: PositionRef
    readonly lines: AppliedLines
    readonly moved: boolean
    readonly level: Level
  }[]
}

interface Loan {
  readonly watch: WatchRow
  readonly positionId: number
  readonly ref: PositionRef
  readonly lines: AppliedLines
}

/**
 * Sets (or with `null` takes away) a threshold, and moves the states of the loans whose line changed: the answer to the
 * command tells their level, so nothing rings for it. Inside a transaction.
 */
export async function changeThreshold(
  tx: Executor,
  change: ThresholdChange & { chatId: number },
): Promise<ThresholdEffect> {
  const { chatId, target } = change
  const before = await loansOf(tx, { chatId, target })
  const { before: replaced, after: set } = await write(tx, change)
  const after = await loansOf(tx, { chatId, target })
  const states = await loadStates(
    tx,
    after.map(({ positionId }) => positionId),
  )
  const changed: (StateKey & { state: AlertState })[] = []
  const loans = after.flatMap((loan, index) => {
    const key = { chatId, positionId: loan.positionId }
    const state = states.get(stateKey(key))
    if (state?.closed) return []
    const was = before[index]?.lines
    const moved = was?.warningWad !== loan.lines.warningWad || was.criticalWad !== loan.lines.criticalWad
    const next = state && moved ? withNewLines(state, loan.lines) : state
    if (next && next !== state) changed.push({ ...key, state: next })
    return [
      { watch: loan.watch, ref: loan.ref, lines: loan.lines, moved, level: next?.level ?? ('safe' as const) },
    ]
  })
  await saveStates(tx, changed)
  return { before: replaced, after: set && linesFor(set.warningWad, set.criticalWad), loans }
}

/** The loans that a place covers, in a stable order. */
async function loansOf(tx: Executor, place: { chatId: number; target: ThresholdTarget }): Promise<Loan[]> {
  const { target } = place
  const chat = await tx
    .selectFrom('chats')
    .select(['warning_wad', 'critical_wad'])
    .where('id', '=', place.chatId)
    .executeTakeFirstOrThrow()
  const all = await listWatches(tx, place.chatId)
  const watches = target.kind === 'chat' ? all : all.filter(({ id }) => id === target.watchId)
  const thresholds = await thresholdsOf(
    tx,
    watches.map(({ id }) => id),
  )
  const loans: Loan[] = []
  for (const watch of watches) {
    const applies = { watchId: watch.id, chatLines: setLines(chat) }
    for (const { id, ref } of await positionsOf(tx, watch.owner as Address)) {
      if (target.kind === 'protocol' && ref.protocol !== target.protocol) continue
      if (target.kind === 'position' && ref.key !== target.key) continue
      loans.push({ watch, positionId: id, ref, lines: linesOf(ref, { watch: applies, thresholds }) })
    }
  }
  return loans
}

async function write(
  tx: Executor,
  { chatId, target, warningWad, criticalWad }: ThresholdChange & { chatId: number },
): Promise<{ before: bigint | null; after: SetLines | null }> {
  if (target.kind === 'chat') {
    const chat = await tx
      .selectFrom('chats')
      .select(['warning_wad', 'critical_wad'])
      .where('id', '=', chatId)
      .executeTakeFirstOrThrow()
    const warning_wad = (warningWad ?? DEFAULT_WARNING_WAD).toString()
    const changed = {
      warning_wad,
      ...(criticalWad !== undefined && { critical_wad: criticalWad?.toString() ?? null }),
    }
    await tx.updateTable('chats').set(changed).where('id', '=', chatId).execute()
    return { before: BigInt(chat.warning_wad), after: setLines({ ...chat, ...changed }) }
  }
  const own = await listWatches(tx, chatId)
  if (!own.some(({ id }) => id === target.watchId)) return { before: null, after: null }
  const key: ThresholdKey = {
    watchId: target.watchId,
    scope: target.kind,
    target: target.kind === 'wallet' ? '' : target.kind === 'protocol' ? target.protocol : target.key,
  }
  if (warningWad !== null) {
    const set = { ...key, warningWad, ...(criticalWad !== undefined && { criticalWad }) }
    const before = (await setThreshold(tx, set)) ?? null
    const rows = await thresholdsOf(tx, [key.watchId])
    const row = rows.find(({ scope, target: at }) => scope === key.scope && at === key.target)
    return { before, after: row ? setLines(row) : null }
  }
  const removed = await tx
    .deleteFrom('thresholds')
    .where('watch_id', '=', key.watchId)
    .where('scope', '=', key.scope)
    .where('target', '=', key.target)
    .returning('warning_wad')
    .executeTakeFirst()
  return { before: removed ? BigInt(removed.warning_wad) : null, after: null }
}

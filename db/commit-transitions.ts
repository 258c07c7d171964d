import type { Decision, DecisionInput } from '../src/domain/alerting/decide.ts'
import { type AlertState, initialState, worthStoring } from '../src/domain/alerting/state.ts'
import type { Transition } from '../src/domain/alerting/transition.ts'
import type { PositionRef, Reading } from '../src/domain/position.ts'
import { LeaseLostError } from '../src/errors.ts'
import { loadStates, type StateKey, saveStates, stateKey } from './alert-states.ts'
import { addToOutbox } from './outbox.ts'
import { type ReadAt, restSettled, type StoredPosition } from './positions.ts'
import { isRefused } from './refused.ts'
import type { Database, Executor } from './schema.ts'
import { transact } from './transact.ts'
import { type Unstored, unstoredOf, withLast } from './unstored.ts'
import { linesOf, type Watcher, watchersById, watchersOf } from './watchers.ts'
import { thresholdsOf } from './watches.ts'

const MAX_PER_TRANSACTION = 500

export interface PositionReading {
  readonly position: StoredPosition
  readonly reading: Reading
}

export interface CommittedTransition {
  readonly chatId: number
  readonly ref: PositionRef
  readonly transition: Transition
}

export interface CommitWork {
  readonly readings: readonly PositionReading[]
  readonly nowMs: number
  readonly decide: (input: DecisionInput) => Decision
  /** Told about each chat-and-position pair that could not be stored. Without it, the first failure is thrown. */
  readonly onPairFailed?: (error: unknown, ref: PositionRef) => void
}

type Pair = PositionReading & { readonly watchId: number }

type PartWork = CommitWork & { readonly pairs: readonly Pair[]; readonly unstored: Unstored }

/**
 * Applies readings to every chat that watches: loads the states, decides, and writes states and outbox rows in one
 * transaction (at most 500 chat-and-position pairs each), so that a transition and its alert exist together or not at all.
 */
export async function commitTransitions(db: Database, work: CommitWork): Promise<CommittedTransition[]> {
  const owners = [...new Set(work.readings.map(({ position }) => position.ref.owner))]
  const watchers = await watchersOf(db, owners)
  const pairs: Pair[] = work.readings.flatMap((item) =>
    watchers
      .filter((watcher) => watcher.owner === item.position.ref.owner)
      .map((watcher) => ({ ...item, watchId: watcher.watchId })),
  )
  const committed: CommittedTransition[] = []
  for (let start = 0; start < pairs.length; start += MAX_PER_TRANSACTION) {
    const part = pairs.slice(start, start + MAX_PER_TRANSACTION)
    committed.push(...(await commitIsolated(db, { ...work, pairs: part, unstored: unstoredOf(db) })))
  }
  await transact(db, (tx) => restSettled(tx, settledIn(work.readings)))
  return committed
}

/**
 * One pair that cannot be stored must not cost its neighbours: a part that fails is halved until the culprit is alone. Where the
 * database takes nothing more there is no culprit.
 */
async function commitIsolated(db: Database, work: PartWork): Promise<CommittedTransition[]> {
  try {
    return await transact(db, (tx) => commitPart(tx, work))
  } catch (error) {
    const { pairs, onPairFailed } = work
    const [pair] = pairs
    if (!onPairFailed || !pair || error instanceof LeaseLostError || isRefused(error)) throw error
    if (pairs.length === 1) {
      // Removed since it was read, and perhaps added again: then it has another row and is read anew.
      if (!(await isStored(db, pair.position.id))) return []
      onPairFailed(error, pair.position.ref)
      return []
    }
    const middle = Math.ceil(pairs.length / 2)
    const first = await commitIsolated(db, { ...work, pairs: pairs.slice(0, middle) })
    return [...first, ...(await commitIsolated(db, { ...work, pairs: pairs.slice(middle) }))]
  }
}

async function isStored(db: Database, id: number): Promise<boolean> {
  return (await db.selectFrom('positions').select('id').where('id', '=', id).executeTakeFirst()) !== undefined
}

async function commitPart(tx: Executor, work: PartWork): Promise<CommittedTransition[]> {
  // Read again inside the transaction: a wallet removed a moment ago must not ring.
  const watchers = await watchersById(tx, [...new Set(work.pairs.map((pair) => pair.watchId))])
  const byId = new Map(watchers.map((watcher) => [watcher.watchId, watcher]))
  const thresholds = await thresholdsOf(tx, [...byId.keys()])
  const states = await loadStates(tx, [...new Set(work.pairs.map((pair) => pair.position.id))])
  const changed: (StateKey & { state: AlertState })[] = []
  const committed: CommittedTransition[] = []
  for (const { position, reading, watchId } of work.pairs) {
    const watch = byId.get(watchId)
    if (!watch) continue
    const key = { chatId: watch.chatId, positionId: position.id }
    const stored = states.get(stateKey(key)) ?? null
    const before = reading.kind === 'unknown' ? withLast(stored, work.unstored.get(stateKey(key))) : stored
    const decision = work.decide({
      state: before ?? (await firstState(tx, { ...key, nowMs: work.nowMs })),
      reading,
      lines: linesOf(position.ref, { watch, thresholds }),
      rules: watch.rules,
      nowMs: work.nowMs,
    })
    const { state } = decision
    if (worthStoring(before, state)) {
      changed.push({ ...key, state })
      work.unstored.delete(stateKey(key))
    } else if (reading.kind === 'ok' && state.last) work.unstored.set(stateKey(key), state.last)
    const { transitions } = decision
    committed.push(...(await addTransitions(tx, { watch, position, transitions, nowMs: work.nowMs })))
  }
  await saveStates(tx, changed)
  return committed
}

/** Commits to telling what was decided for one chat and position. */
export async function addTransitions(
  tx: Executor,
  told: {
    watch: Watcher
    position: StoredPosition
    transitions: readonly Transition[]
    nowMs: number
  },
): Promise<CommittedTransition[]> {
  const { id: positionId, ref } = told.position
  const committed: CommittedTransition[] = []
  for (const transition of told.transitions) {
    const place = placeOf(transition, told.watch)
    await addToOutbox(tx, { ...place, positionId, ref, transition, nowMs: told.nowMs })
    committed.push({ chatId: place.chatId, ref, transition })
  }
  return committed
}

/** Where a transition is told: in the chat that watches, or in its second one. */
function placeOf(
  { kind }: Transition,
  { chatId, threadId, escalateTo }: Watcher,
): { chatId: number; threadId: number | null; originChatId?: number } {
  if (kind !== 'escalation' || escalateTo === null) return { chatId, threadId }
  return { chatId: escalateTo, threadId: null, originChatId: chatId }
}

/** A wallet that was removed and added again goes on counting, so that no alert's key is ever used twice. */
export async function firstState(tx: Executor, key: StateKey & { nowMs: number }): Promise<AlertState> {
  return initialState({ nowMs: key.nowMs, ...(await toldSoFar(tx, key)) })
}

/** The highest numbers that alerts of this chat and position have used. */
export async function toldSoFar(tx: Executor, key: StateKey): Promise<{ episode: number; seq: number }> {
  const told = await tx
    .selectFrom('outbox')
    .select((eb) => [eb.fn.max('seq').as('seq'), eb.fn.max('episode').as('episode')])
    .where('chat_id', '=', key.chatId)
    .where('position_id', '=', key.positionId)
    .executeTakeFirst()
  return { episode: told?.episode ?? 0, seq: told?.seq ?? 0 }
}

function settledIn(readings: readonly PositionReading[]): { withoutDebt: ReadAt[]; gone: ReadAt[] } {
  const withoutDebt: ReadAt[] = []
  const gone: ReadAt[] = []
  for (const { position, reading } of readings) {
    if (reading.kind === 'unknown') continue
    const readAt = { id: position.id, block: reading.block.number }
    if (reading.kind === 'none') gone.push(readAt)
    else if (reading.health.noDebt) withoutDebt.push(readAt)
  }
  return { withoutDebt, gone }
}

import type { Address } from '../src/domain/address.ts'
import type { Verified } from '../src/domain/alerting/state.ts'
import type { ChatSettings } from '../src/domain/chat-settings.ts'
import type { History } from '../src/domain/history.ts'
import type { SecondChat } from '../src/domain/pairing.ts'
import type { PositionRef, ProtocolId, Reading } from '../src/domain/position.ts'
import type { SetLines } from '../src/domain/thresholds.ts'
import {
  type DangerousLoan,
  markSeen,
  type PressedAlert,
  pressedAlert,
  snoozeAlert,
  snoozeAll,
  stopRepeats,
} from './acknowledge.ts'
import { forgetStates, loadStates, stateKey } from './alert-states.ts'
import { changeSettings, readSettings } from './chat-settings.ts'
import { type ChatSummary, chatSummary } from './chat-summary.ts'
import { ensureChat, moveChat, setChatState } from './chats.ts'
import type { PositionReading } from './commit-transitions.ts'
import { history } from './history.ts'
import { giveUpChat } from './outbox-settle.ts'
import { openPairing, type Paired, pair, secondChatOf, unpair, unpairFirsts } from './pairings.ts'
import { positionsOf, type StoredPosition, storeFound, wakePositions } from './positions.ts'
import type { ChatRow, Database, Executor, WatchRow } from './schema.ts'
import {
  changeThreshold,
  type ThresholdChange,
  type ThresholdEffect,
  type ThresholdTarget,
} from './set-threshold.ts'
import { transact } from './transact.ts'
import { removeWithUndo, undoRemoval } from './undo.ts'
import { type AppliedLines, linesOf, setLines } from './watchers.ts'
import { addWatch, findWatch, listWatches, setThreshold, thresholdsOf } from './watches.ts'

/** A watched wallet with what is stored about its positions. */
export interface StoredWallet {
  readonly watch: WatchRow
  readonly positions: readonly {
    readonly position: StoredPosition
    readonly lines: AppliedLines
    readonly last: Verified | null
    readonly closed: boolean
  }[]
}

export interface WatchRequest {
  readonly chatId: number
  readonly owner: Address
  readonly label: string | null
  readonly threadId: number | null
  readonly maxWallets: number
  /** For the whole wallet, or for one protocol of it. */
  readonly threshold: {
    readonly protocol: ProtocolId | null
    readonly warningWad: bigint
    /** Left as it is when it is not given; `null` for the usual one. */
    readonly criticalWad?: bigint | null
  } | null
}

export interface Proposal {
  readonly ref: PositionRef
  readonly warningWad: bigint
}

/** What the chat commands need of the database, each one a single transaction. */
export interface BotStore {
  /** The chat of an update. One that had become unreachable is active again: somebody speaks there. */
  meet(chat: { id: number; kind: string }): Promise<ChatRow>
  setState(chatId: number, state: 'active' | 'stopped'): Promise<void>
  /** `full`: the chat has as many wallets as it may have; nothing was changed. */
  watch(request: WatchRequest): Promise<Watched | 'full'>
  /** Stores what `/add` found, and those proposals that no other threshold makes pointless. Answers with the latter. */
  found(result: {
    watchId: number
    refs: readonly PositionRef[]
    proposals: readonly Proposal[]
  }): Promise<Proposal[]>
  /** Lets readings of an owner's stored positions count for every chat that watches it, as the cycle's do. */
  apply(owner: Address, readings: readonly { ref: PositionRef; reading: Reading }[]): Promise<void>
  wallets(chatId: number): Promise<StoredWallet[]>
  wallet(chatId: number, owner: Address): Promise<StoredWallet | undefined>
  setLabel(chatId: number, change: { watchId: number; label: string }): Promise<void>
  /** See db/set-threshold.ts. */
  setThreshold(chatId: number, change: ThresholdChange): Promise<ThresholdEffect>
  remove(chatId: number, watchId: number): Promise<{ watch: WatchRow; undoId: number } | undefined>
  undo(chatId: number, undoId: number): Promise<WatchRow | 'expired' | 'watched again'>
  /** The alert behind a button, if it is one of this chat's. */
  alert(chatId: number, rowId: number): Promise<PressedAlert | undefined>
  seen(chatId: number, rowId: number): Promise<PressedAlert | undefined>
  snooze(chatId: number, snooze: { rowId: number; untilMs: number }): Promise<PressedAlert | undefined>
  /** Every loan in danger, quiet at its present level until then; `null` wakes them. */
  snoozeAll(chatId: number, untilMs: number | null): Promise<DangerousLoan[]>
  /** The level of the alert does not repeat in this chat any more. */
  stopRepeats(chatId: number, rowId: number): Promise<PressedAlert | undefined>
  history(page: { chatId: number; sinceMs: number; limit: number; offset: number }): Promise<History>
  summary(chatId: number): Promise<ChatSummary>
  settings(chatId: number): Promise<StoredSettings>
  /** Answers with the settings as they are then. */
  changeSettings(chatId: number, change: (before: ChatSettings) => ChatSettings): Promise<StoredSettings>
  /** See db/pairings.ts. */
  openPairing(chatId: number, code: string): Promise<void>
  pair(chatId: number, code: string): Promise<Paired>
  unpair(chatId: number): Promise<number | null>
  unpairFirsts(chatId: number): Promise<number[]>
  /** A group became a supergroup. */
  move(from: number, to: number): Promise<void>
  /** The bot was blocked or thrown out: what waits for this chat cannot be told. */
  unreachable(chatId: number): Promise<void>
}

/** What holds in a chat. */
export interface StoredSettings {
  readonly settings: ChatSettings
  readonly lines: SetLines
  readonly second: SecondChat
}

export interface Watched {
  readonly watch: WatchRow
  readonly isNew: boolean
  /** Alerts went to another topic so far. */
  readonly topicChanged: boolean
  readonly effect: ThresholdEffect | null
}

export interface BotStoreDeps {
  readonly db: Database
  readonly now: () => number
  /** Decides and stores what readings mean; see db/commit-transitions.ts. */
  readonly commit: (readings: readonly PositionReading[]) => Promise<void>
}

export function createBotStore({ db, now, commit }: BotStoreDeps): BotStore {
  async function load(chatId: number, watches: readonly WatchRow[]): Promise<StoredWallet[]> {
    const chat = await db.selectFrom('chats').selectAll().where('id', '=', chatId).executeTakeFirst()
    if (!chat) return []
    const thresholds = await thresholdsOf(
      db,
      watches.map((watch) => watch.id),
    )
    return Promise.all(
      watches.map(async (watch) => {
        const positions = await positionsOf(db, watch.owner as Address)
        const states = await loadStates(
          db,
          positions.map(({ id }) => id),
        )
        return {
          watch,
          positions: positions.map((position) => {
            const state = states.get(stateKey({ chatId, positionId: position.id }))
            return {
              position,
              lines: linesOf(position.ref, {
                watch: { watchId: watch.id, chatLines: setLines(chat) },
                thresholds,
              }),
              last: state?.last ?? null,
              closed: state?.closed ?? false,
            }
          }),
        }
      }),
    )
  }

  return {
    meet: (chat) =>
      transact(db, async (tx) => {
        const row = await ensureChat(tx, { ...chat, nowMs: now() })
        if (row.state !== 'unreachable') return row
        await setChatState(tx, { chatId: chat.id, state: 'active' })
        // What was never told is not told now; what holds now is judged from the start and rings if it must.
        await forgetStates(tx, chat.id)
        await wakePositions(tx, chat.id)
        return { ...row, state: 'active' }
      }),
    setState: (chatId, state) =>
      transact(db, async (tx) => {
        await setChatState(tx, { chatId, state })
        if (state === 'active') await wakePositions(tx, chatId)
      }),
    watch: (request) =>
      transact(db, async (tx) => {
        const { chatId, threshold } = request
        const known = await listWatches(tx, chatId)
        const before = known.find(({ owner }) => owner === request.owner)
        if (!before && known.length >= request.maxWallets) return 'full'
        const { watch, isNew } = await addWatch(tx, { ...request, nowMs: now() })
        const target: ThresholdTarget =
          threshold?.protocol == null
            ? { kind: 'wallet', watchId: watch.id }
            : { kind: 'protocol', watchId: watch.id, protocol: threshold.protocol }
        const effect = threshold && (await changeThreshold(tx, { ...threshold, chatId, target }))
        return {
          watch,
          isNew,
          topicChanged: before !== undefined && before.thread_id !== watch.thread_id,
          effect,
        }
      }),
    found: (result) =>
      transact(db, async (tx) => {
        await storeFound(tx, { refs: result.refs, nowMs: now() })
        const thresholds = await thresholdsOf(tx, [result.watchId])
        const fresh = result.proposals.filter(
          ({ ref }) =>
            !thresholds.some(
              ({ scope, target }) =>
                scope === 'wallet' ||
                (scope === 'protocol' && target === ref.protocol) ||
                ((scope === 'position' || scope === 'proposed') && target === ref.key),
            ),
        )
        for (const { ref, warningWad } of fresh) {
          await setThreshold(tx, { watchId: result.watchId, scope: 'proposed', target: ref.key, warningWad })
        }
        return fresh
      }),
    async apply(owner, readings) {
      const byKey = new Map((await positionsOf(db, owner)).map((position) => [position.ref.key, position]))
      await commit(
        readings.flatMap(({ ref, reading }) => {
          const position = byKey.get(ref.key)
          return position ? [{ position, reading }] : []
        }),
      )
    },
    wallets: async (chatId) => load(chatId, await listWatches(db, chatId)),
    async wallet(chatId, owner) {
      const watch = await findWatch(db, { chatId, owner })
      return watch && (await load(chatId, [watch]))[0]
    },
    setLabel: (chatId, { watchId, label }) =>
      transact(db, async (tx) => {
        await tx
          .updateTable('watches')
          .set({ label })
          .where('chat_id', '=', chatId)
          .where('id', '=', watchId)
          .execute()
      }),
    setThreshold: (chatId, change) => transact(db, (tx) => changeThreshold(tx, { chatId, ...change })),
    remove: (chatId, watchId) => transact(db, (tx) => removeWithUndo(tx, { chatId, watchId, nowMs: now() })),
    undo: (chatId, undoId) => transact(db, (tx) => undoRemoval(tx, { chatId, undoId, nowMs: now() })),
    alert: (chatId, rowId) => pressedAlert(db, { chatId, rowId }),
    seen: (chatId, rowId) => transact(db, (tx) => markSeen(tx, { chatId, rowId, nowMs: now() })),
    snooze: (chatId, snooze) => transact(db, (tx) => snoozeAlert(tx, { chatId, ...snooze })),
    snoozeAll: (chatId, untilMs) => transact(db, (tx) => snoozeAll(tx, { chatId, untilMs })),
    stopRepeats: (chatId, rowId) => transact(db, (tx) => stopRepeats(tx, { chatId, rowId })),
    history: (page) => history(db, page),
    summary: (chatId) => chatSummary(db, chatId),
    settings: (chatId) => settingsOf(db, chatId),
    changeSettings: (chatId, change) =>
      transact(db, async (tx) => {
        await changeSettings(tx, { chatId, change })
        return settingsOf(tx, chatId)
      }),
    openPairing: (chatId, code) => transact(db, (tx) => openPairing(tx, { chatId, code, nowMs: now() })),
    pair: (chatId, code) => transact(db, (tx) => pair(tx, { chatId, code, nowMs: now() })),
    unpair: (chatId) => transact(db, (tx) => unpair(tx, chatId)),
    unpairFirsts: (chatId) => transact(db, (tx) => unpairFirsts(tx, chatId)),
    move: (from, to) => transact(db, (tx) => moveChat(tx, { from, to })),
    unreachable: (chatId) =>
      transact(db, (tx) => giveUpChat(tx, { chatId, nowMs: now(), why: 'left or blocked' })),
  }
}

async function settingsOf(db: Executor, chatId: number): Promise<StoredSettings> {
  const chat = await db.selectFrom('chats').selectAll().where('id', '=', chatId).executeTakeFirstOrThrow()
  return {
    settings: readSettings(chat.settings),
    lines: setLines(chat),
    second: await secondChatOf(db, chatId),
  }
}

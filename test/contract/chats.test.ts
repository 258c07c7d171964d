import { describe, expect, it } from 'vitest'
import { loadStates, saveStates } from '../../db/alert-states.ts'
import { ensureChat, moveChat, setChatState, setQuietUntil } from '../../db/chats.ts'
import { transact } from '../../db/transact.ts'
import { listWatches, setThreshold, thresholdsOf } from '../../db/watches.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addChat,
  addPosition,
  addWatcher,
  NOW,
  outboxRows,
  ownerOf,
  queueAlert,
  refOf,
  stateWith,
  wad,
} from './store-kit.ts'

const GROUP = -100
const SUPERGROUP = -1_001_234_567_890_123

describe.each(databases)('chats on $name', (kind) => {
  const store = useDatabase(kind)

  async function chats() {
    return await store.db.selectFrom('chats').selectAll().orderBy('id').execute()
  }

  describe('ensureChat', () => {
    it('creates a chat with defaults', async () => {
      const row = await ensureChat(store.db, { id: SUPERGROUP, kind: 'supergroup', nowMs: NOW })
      expect(row).toEqual({
        id: SUPERGROUP,
        kind: 'supergroup',
        state: 'active',
        warning_wad: '1500000000000000000',
        quiet_until: 0,
        created_at: NOW,
        settings: null,
        critical_wad: null,
        escalate_to: null,
      })
    })

    it('changes nothing about a known chat, however often it is called', async () => {
      await addChat(store.db, 7)
      await setChatState(store.db, { chatId: 7, state: 'stopped' })
      await setQuietUntil(store.db, { chatId: 7, untilMs: NOW + 5 })
      const before = await chats()
      for (const later of [1, 2]) {
        const row = await ensureChat(store.db, { id: 7, kind: 'group', nowMs: NOW + later })
        expect(row).toEqual(before[0])
      }
      expect(await chats()).toEqual(before)
    })

    it('creates one chat when two updates of a new chat arrive at once', async () => {
      await Promise.all(
        Array.from({ length: 8 }, () =>
          transact(store.db, (tx) => ensureChat(tx, { id: 9, kind: 'private', nowMs: NOW })),
        ),
      )
      expect(await chats()).toHaveLength(1)
    })
  })

  it('setChatState and setQuietUntil concern one chat alone', async () => {
    await addChat(store.db, 1)
    await addChat(store.db, 2)
    for (const state of ['stopped', 'unreachable', 'active', 'unreachable'] as const) {
      await setChatState(store.db, { chatId: 1, state })
      expect((await chats()).map((chat) => chat.state)).toEqual([state, 'active'])
    }
    await setQuietUntil(store.db, { chatId: 2, untilMs: NOW + 9_000 })
    expect((await chats()).map((chat) => chat.quiet_until)).toEqual([0, NOW + 9_000])
  })

  describe('moveChat', () => {
    async function move() {
      await transact(store.db, (tx) => moveChat(tx, { from: GROUP, to: SUPERGROUP }))
    }

    it('takes settings, watches with thresholds, states and alerts to the new id', async () => {
      const owner = ownerOf(1)
      const watch = await addWatcher(store.db, { chatId: GROUP, owner, label: 'Main', threadId: 5 })
      await setThreshold(store.db, { watchId: watch.id, scope: 'wallet', target: '', warningWad: wad('1.2') })
      await store.db.updateTable('chats').set({ warning_wad: '1300000000000000000' }).execute()
      const position = await addPosition(store.db, refOf(owner))
      const state = stateWith({ level: 'critical', episode: 3, seq: 8 })
      await saveStates(store.db, [{ chatId: GROUP, positionId: position.id, state }])
      const alert = await queueAlert(store.db, { chatId: GROUP, positionId: position.id })

      await move()

      expect(await chats()).toEqual([
        expect.objectContaining({
          id: SUPERGROUP,
          kind: 'supergroup',
          state: 'active',
          warning_wad: '1300000000000000000',
        }),
      ])
      expect(await listWatches(store.db, SUPERGROUP)).toEqual([{ ...watch, chat_id: SUPERGROUP }])
      expect(await thresholdsOf(store.db, [watch.id])).toHaveLength(1)
      const states = await loadStates(store.db, [position.id])
      expect([...states]).toEqual([[`${SUPERGROUP}:${position.id}`, state]])
      const rows = await outboxRows(store.db)
      expect(rows.map(({ id, chat_id, state: rowState }) => [id, chat_id, rowState])).toEqual([
        [alert, SUPERGROUP, 'pending'],
      ])
    })

    it('keeps what the new chat already has and adds the rest', async () => {
      const both = ownerOf(1)
      const onlyOld = ownerOf(2)
      const oldBoth = await addWatcher(store.db, { chatId: GROUP, owner: both, label: 'old' })
      const old = await addWatcher(store.db, { chatId: GROUP, owner: onlyOld })
      const newBoth = await addWatcher(store.db, { chatId: SUPERGROUP, owner: both, label: 'new' })
      for (const watchId of [oldBoth.id, newBoth.id]) {
        await setThreshold(store.db, { watchId, scope: 'wallet', target: '', warningWad: wad('1.2') })
      }
      const shared = await addPosition(store.db, refOf(both))
      const other = await addPosition(store.db, refOf(onlyOld))
      await saveStates(store.db, [
        { chatId: GROUP, positionId: shared.id, state: stateWith({ level: 'critical' }) },
        { chatId: SUPERGROUP, positionId: shared.id, state: stateWith({ level: 'warning' }) },
        { chatId: GROUP, positionId: other.id, state: stateWith({ level: 'liquidatable' }) },
      ])
      await queueAlert(store.db, { chatId: GROUP, positionId: shared.id })
      await queueAlert(store.db, { chatId: SUPERGROUP, positionId: shared.id })

      await move()

      const watches = await listWatches(store.db, SUPERGROUP)
      expect(watches.map(({ id, label }) => [id, label])).toEqual([
        [old.id, null],
        [newBoth.id, 'new'],
      ])
      expect(await thresholdsOf(store.db, [oldBoth.id, newBoth.id])).toEqual([
        expect.objectContaining({ watch_id: newBoth.id }),
      ])
      const states = await loadStates(store.db, [shared.id, other.id])
      expect(new Map([...states].map(([key, state]) => [key, state.level]))).toEqual(
        new Map([
          [`${SUPERGROUP}:${shared.id}`, 'warning'],
          [`${SUPERGROUP}:${other.id}`, 'liquidatable'],
        ]),
      )
      expect((await outboxRows(store.db)).map((row) => row.chat_id)).toEqual([SUPERGROUP, SUPERGROUP])
      expect((await chats()).map(({ id }) => id)).toEqual([SUPERGROUP])
    })

    it('forgets a silence that Telegram asked for under the old id', async () => {
      await addChat(store.db, GROUP)
      await setQuietUntil(store.db, { chatId: GROUP, untilMs: NOW + 60_000 })
      await move()
      expect((await chats()).map((chat) => chat.quiet_until)).toEqual([0])
    })

    it('leaves other chats alone, and does nothing for an unknown one or a second time', async () => {
      await addWatcher(store.db, { chatId: 5, owner: ownerOf(1) })
      await addWatcher(store.db, { chatId: GROUP, owner: ownerOf(1) })
      await queueAlert(store.db, { chatId: 5 })
      await move()
      await move()
      expect((await chats()).map(({ id }) => id)).toEqual([SUPERGROUP, 5])
      expect(await listWatches(store.db, 5)).toHaveLength(1)
      expect((await outboxRows(store.db)).map((row) => row.chat_id)).toEqual([5])
    })
  })
})

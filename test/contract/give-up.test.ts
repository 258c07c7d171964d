import { beforeEach, describe, expect, it } from 'vitest'
import { barOtherChats, moveChat } from '../../db/chats.ts'
import { giveUpChat, type Settlement, settle } from '../../db/outbox-settle.ts'
import { transact } from '../../db/transact.ts'
import { removeWithUndo, undoRemoval } from '../../db/undo.ts'
import { listWatches } from '../../db/watches.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import { databases, useDatabase } from './databases.ts'
import { addChat, addWatcher, NOW, outboxRows, ownerOf, queueAlert, takeOne } from './store-kit.ts'

const CHAT = -42
const SUPERGROUP = -1_000_000_000_042

describe.each(databases)('chats that end, move or are left out on $name', (kind) => {
  const store = useDatabase(kind)

  async function take(nowMs = NOW): Promise<Delivery> {
    return await takeOne(store.db, { nowMs })
  }

  async function chatStates(): Promise<[number, string][]> {
    const rows = await store.db.selectFrom('chats').selectAll().orderBy('id').execute()
    return rows.map(({ id, state }) => [id, state])
  }

  const settleAs = (delivery: Delivery, settlement: Settlement) =>
    settle(store.db, { delivery, settlement, nowMs: NOW + 50 })
  const giveUp = () =>
    transact(store.db, (tx) => giveUpChat(tx, { chatId: CHAT, nowMs: NOW + 9, why: 'left or blocked' }))
  const move = (to = SUPERGROUP) => transact(store.db, (tx) => moveChat(tx, { from: CHAT, to }))

  describe('giving a chat up', () => {
    it('ends what waits and what is under way, and keeps settings and what is done', async () => {
      const done = await queueAlert(store.db, { chatId: CHAT })
      await settleAs(await take(), { kind: 'sent', messageId: 1 })
      const ids = [await queueAlert(store.db, { chatId: CHAT }), await queueAlert(store.db, { chatId: CHAT })]
      const other = await queueAlert(store.db, { chatId: 8 })
      await addWatcher(store.db, { chatId: CHAT, owner: ownerOf(1), label: 'kept' })
      await take()
      await giveUp()
      expect(await chatStates()).toEqual([
        [CHAT, 'unreachable'],
        [8, 'active'],
      ])
      const states = new Map((await outboxRows(store.db)).map((row) => [row.id, row]))
      expect(states.get(done)).toMatchObject({ state: 'sent', last_error: null })
      expect(states.get(other)).toMatchObject({ state: 'pending' })
      for (const id of ids) {
        const ended = { state: 'unreachable', settled_at: NOW + 9, last_error: 'left or blocked' }
        expect(states.get(id)).toMatchObject(ended)
      }
      expect((await listWatches(store.db, CHAT)).map(({ label }) => label)).toEqual(['kept'])
      expect((await take()).rowIds).toEqual([other])
    })

    it('an attempt that arrived after all still counts as sent', async () => {
      await queueAlert(store.db, { chatId: CHAT })
      const delivery = await take()
      await giveUp()
      await settleAs(delivery, { kind: 'sent', messageId: 3 })
      expect(await outboxRows(store.db)).toMatchObject([{ state: 'sent', message_id: 3 }])
    })

    it.each<Settlement>([
      { kind: 'not-sent', againAtMs: NOW, error: 'refused' },
      { kind: 'unknown', againAtMs: NOW, error: 'HTTP 502' },
      { kind: 'rate-limited', againAtMs: NOW },
      { kind: 'refused-text', error: 'entities' },
      { kind: 'topic-gone', error: 'thread' },
    ])('an attempt that ends as $kind does not bring an alert back that was given up', async (settlement) => {
      await queueAlert(store.db, { chatId: CHAT })
      const delivery = await take()
      await giveUp()
      await settleAs(delivery, settlement)
      expect((await outboxRows(store.db)).map(({ state }) => state)).toEqual(['unreachable'])
    })
  })

  describe('a topic that is gone', () => {
    it('lets the alert go to the chat itself at once, and future ones of that topic with it', async () => {
      await addWatcher(store.db, { chatId: CHAT, owner: ownerOf(1), threadId: 5 })
      await addWatcher(store.db, { chatId: CHAT, owner: ownerOf(2), threadId: 6 })
      await addWatcher(store.db, { chatId: CHAT, owner: ownerOf(3), threadId: 5 })
      await addWatcher(store.db, { chatId: 8, owner: ownerOf(1), threadId: 5 })
      const rowId = await queueAlert(store.db, { chatId: CHAT, threadId: 5 })
      await settleAs(await take(), { kind: 'topic-gone', error: 'message thread not found' })
      const threads = async (chatId: number) =>
        (await listWatches(store.db, chatId)).map(({ thread_id }) => thread_id)
      expect(await threads(CHAT)).toEqual([null, 6, null])
      expect(await threads(8)).toEqual([5])
      expect(await outboxRows(store.db)).toMatchObject([{ last_error: 'message thread not found', plain: 0 }])
      expect(await take()).toMatchObject({ rowIds: [rowId], threadId: null, attempt: 2, maybeRepeat: false })
    })

    it('changes no wallet when the alert had no topic', async () => {
      await addWatcher(store.db, { chatId: CHAT, owner: ownerOf(1), threadId: 5 })
      await queueAlert(store.db, { chatId: CHAT })
      await settleAs(await take(), { kind: 'topic-gone', error: 'message thread not found' })
      expect((await listWatches(store.db, CHAT)).map(({ thread_id }) => thread_id)).toEqual([5])
    })
  })

  describe('moving a chat', () => {
    it('keeps everything when the move was known already as the sender learns of it', async () => {
      await addWatcher(store.db, { chatId: CHAT, owner: ownerOf(1), label: 'kept' })
      const rowId = await queueAlert(store.db, { chatId: CHAT })
      const delivery = await take()
      await move()
      await settleAs(delivery, { kind: 'moved', toChatId: SUPERGROUP })
      expect(await chatStates()).toEqual([[SUPERGROUP, 'active']])
      expect((await listWatches(store.db, SUPERGROUP)).map(({ label }) => label)).toEqual(['kept'])
      expect(await take()).toMatchObject({ rowIds: [rowId], chatId: SUPERGROUP })
    })

    it('to the id that it has keeps everything', async () => {
      await addWatcher(store.db, { chatId: CHAT, owner: ownerOf(1) })
      await move(CHAT)
      expect(await listWatches(store.db, CHAT)).toHaveLength(1)
    })

    it('takes along what can be undone', async () => {
      const watch = await addWatcher(store.db, { chatId: CHAT, owner: ownerOf(1), label: 'Main' })
      const which = { chatId: CHAT, watchId: watch.id, nowMs: NOW }
      const removed = await transact(store.db, (tx) => removeWithUndo(tx, which))
      await move()
      const undo = { chatId: SUPERGROUP, undoId: removed?.undoId ?? 0, nowMs: NOW }
      expect(await transact(store.db, (tx) => undoRemoval(tx, undo))).toMatchObject({
        chat_id: SUPERGROUP,
        label: 'Main',
      })
    })
  })

  describe('stopping the chats that are not on the list', () => {
    beforeEach(async () => {
      for (const id of [1, 2, 3, 4]) await addChat(store.db, id)
      await store.db.updateTable('chats').set({ state: 'unreachable' }).where('id', '=', 3).execute()
      await store.db.updateTable('chats').set({ state: 'stopped' }).where('id', '=', 4).execute()
    })

    it('stops them, with their wallets kept, and wakes nobody', async () => {
      await addWatcher(store.db, { chatId: 2, owner: ownerOf(1) })
      await barOtherChats(store.db, [1, 4])
      expect(await chatStates()).toEqual([
        [1, 'active'],
        [2, 'barred'],
        [3, 'unreachable'],
        [4, 'stopped'],
      ])
      // Back on the list, or without one, it is as before; somebody's own /stop stays.
      await barOtherChats(store.db, [])
      expect((await chatStates()).slice(1)).toEqual([
        [2, 'active'],
        [3, 'unreachable'],
        [4, 'stopped'],
      ])
      await barOtherChats(store.db, [1, 4])
      expect(await listWatches(store.db, 2)).toHaveLength(1)
    })

    it('stops nobody without a list', async () => {
      const before = await chatStates()
      await barOtherChats(store.db, [])
      expect(await chatStates()).toEqual(before)
    })
  })
})

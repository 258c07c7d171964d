import { beforeEach, describe, expect, it } from 'vitest'
import { moveChat } from '../../db/chats.ts'
import { type Settlement, settle } from '../../db/outbox-settle.ts'
import type { OutboxRow } from '../../db/schema.ts'
import { transact } from '../../db/transact.ts'
import { listWatches } from '../../db/watches.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import { databases, useDatabase } from './databases.ts'
import { addChat, addWatcher, NOW, outboxRows, ownerOf, queueAlert, takeOne } from './store-kit.ts'

const CHAT = -42
const NEW_CHAT = -1_000_000_000_042

describe.each(databases)('the outbox on $name: settling', (kind) => {
  const store = useDatabase(kind)
  let delivery: Delivery
  let claimed: OutboxRow | undefined

  beforeEach(async () => {
    const rowId = await queueAlert(store.db, { chatId: CHAT })
    delivery = await take(NOW)
    expect(delivery.rowIds).toEqual([rowId])
    claimed = await row()
  })

  async function take(nowMs: number): Promise<Delivery> {
    return await takeOne(store.db, { nowMs })
  }

  async function settleAs(settlement: Settlement): Promise<void> {
    await settle(store.db, { delivery, settlement, nowMs: NOW + 50 })
  }

  async function row(id = delivery.rowIds[0]): Promise<OutboxRow | undefined> {
    return (await outboxRows(store.db)).find((candidate) => candidate.id === id)
  }

  async function chat(id = CHAT) {
    return await store.db.selectFrom('chats').selectAll().where('id', '=', id).executeTakeFirst()
  }

  it('sent: keeps the id of the message and the time, and clears the last error', async () => {
    await settleAs({ kind: 'sent', messageId: 123_456_789_012 })
    expect(await row()).toEqual({
      ...claimed,
      state: 'sent',
      message_id: 123_456_789_012,
      settled_at: NOW + 50,
      last_error: null,
    })
  })

  it('not sent: waits for its time, and is no possible repeat', async () => {
    await settleAs({ kind: 'not-sent', againAtMs: NOW + 4_000, error: 'ECONNREFUSED' })
    expect(await row()).toEqual({
      ...claimed,
      state: 'pending',
      // The next message of this chat may be put together anew.
      delivery_id: null,
      not_before: NOW + 4_000,
      last_error: 'ECONNREFUSED',
    })
    await expect(take(NOW + 3_999)).rejects.toThrow('nothing was claimed')
    expect(await take(NOW + 4_000)).toMatchObject({ attempt: 2, maybeRepeat: false, deliveryId: 'REF' })
  })

  it('unknown: waits for its time, and is a possible repeat from then on', async () => {
    await settleAs({ kind: 'unknown', againAtMs: NOW + 2_000, error: 'HTTP 502' })
    expect(await row()).toMatchObject({ state: 'pending', maybe_repeat: 1, last_error: 'HTTP 502' })
    delivery = await take(NOW + 2_000)
    expect(delivery.maybeRepeat).toBe(true)
    await settleAs({ kind: 'not-sent', againAtMs: NOW + 2_000, error: 'refused' })
    expect(await take(NOW + 2_000)).toMatchObject({ maybeRepeat: true })
  })

  it('rate limited: the whole chat is quiet until then, and only that chat', async () => {
    const more = await queueAlert(store.db, { chatId: CHAT, transition: { kind: 'liquidatable' } })
    await addChat(store.db, 8)
    await settleAs({ kind: 'rate-limited', againAtMs: NOW + 7_000 })
    expect(await chat()).toMatchObject({ quiet_until: NOW + 7_000, state: 'active' })
    expect(await chat(8)).toMatchObject({ quiet_until: 0 })
    expect(await row()).toMatchObject({ state: 'pending', maybe_repeat: 0, not_before: NOW })
    await expect(take(NOW + 6_999)).rejects.toThrow('nothing was claimed')
    expect((await take(NOW + 7_000)).rowIds).toEqual([more, ...delivery.rowIds])
  })

  it('refused text: goes out in the short form, at once', async () => {
    await settleAs({ kind: 'refused-text', error: "can't parse entities" })
    expect(await row()).toMatchObject({ state: 'pending', plain: 1, last_error: "can't parse entities" })
    expect(await take(NOW)).toMatchObject({ plain: true, attempt: 2, maybeRepeat: false })
  })

  it('unreachable: settles everything of the chat, and nothing of another one', async () => {
    const waiting = await queueAlert(store.db, { chatId: CHAT })
    const sent = await queueAlert(store.db, { chatId: CHAT })
    await store.db.updateTable('outbox').set({ state: 'sent' }).where('id', '=', sent).execute()
    const other = await queueAlert(store.db, { chatId: 8 })
    await addWatcher(store.db, { chatId: CHAT, owner: ownerOf(1), label: 'kept' })

    await settleAs({ kind: 'unreachable', error: 'bot was blocked by the user' })

    expect(await chat()).toMatchObject({ state: 'unreachable' })
    expect(await chat(8)).toMatchObject({ state: 'active' })
    for (const id of [...delivery.rowIds, waiting]) {
      expect(await row(id)).toMatchObject({
        state: 'unreachable',
        settled_at: NOW + 50,
        last_error: 'bot was blocked by the user',
      })
    }
    expect(await row(sent)).toMatchObject({ state: 'sent', last_error: null })
    expect(await row(other)).toMatchObject({ state: 'pending' })
    expect((await listWatches(store.db, CHAT)).map(({ label }) => label)).toEqual(['kept'])
  })

  it('moved: the chat gets its new id, and the same alert goes there at once', async () => {
    const waiting = await queueAlert(store.db, { chatId: CHAT })
    await addWatcher(store.db, { chatId: CHAT, owner: ownerOf(1) })
    await settleAs({ kind: 'moved', toChatId: NEW_CHAT })
    expect(await chat()).toBeUndefined()
    expect(await chat(NEW_CHAT)).toMatchObject({ kind: 'supergroup', state: 'active' })
    expect(await listWatches(store.db, NEW_CHAT)).toHaveLength(1)
    expect(await take(NOW)).toMatchObject({
      rowIds: delivery.rowIds,
      deliveryId: 'REF',
      chatId: NEW_CHAT,
      attempt: 2,
      maybeRepeat: false,
    })
    expect(await row(waiting)).toMatchObject({ chat_id: NEW_CHAT, state: 'pending' })
  })

  it('moved: told twice, the alert is still sent once to the new id', async () => {
    await transact(store.db, (tx) => moveChat(tx, { from: CHAT, to: NEW_CHAT }))
    await settleAs({ kind: 'moved', toChatId: NEW_CHAT })
    expect(await take(NOW)).toMatchObject({ rowIds: delivery.rowIds, chatId: NEW_CHAT })
    expect(await outboxRows(store.db)).toHaveLength(1)
  })

  it.each([
    { kind: 'unreachable', error: 'chat not found' },
    { kind: 'rate-limited', againAtMs: NOW },
    { kind: 'sent', messageId: 1 },
  ] as const)(
    '$kind: an alert whose chat was moved meanwhile does not stay under way',
    async (settlement) => {
      await transact(store.db, (tx) => moveChat(tx, { from: CHAT, to: NEW_CHAT }))
      await settleAs(settlement)
      expect((await row())?.state).not.toBe('sending')
    },
  )
})

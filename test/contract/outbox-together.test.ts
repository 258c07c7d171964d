import { describe, expect, it } from 'vitest'
import { saveStates } from '../../db/alert-states.ts'
import { addMessage } from '../../db/outbox.ts'
import { recoverSending, type Settlement, settle } from '../../db/outbox-settle.ts'
import { transact } from '../../db/transact.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import { DRILL_MARKET } from '../../src/domain/drill.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addPosition,
  addWatcher,
  itemsIn,
  NOW,
  outboxRows,
  ownerOf,
  queueAlert,
  refOf,
  stateWith,
  takeNext,
  takeOne,
  verified,
  wad,
} from './store-kit.ts'

describe.each(databases)('one message for all that is ready on $name', (kind) => {
  const store = useDatabase(kind)

  const settleAs = (delivery: Delivery, settlement: Settlement) =>
    settle(store.db, { delivery, settlement, nowMs: NOW })
  const warning = (chatId = 1) => queueAlert(store.db, { chatId })

  async function message(chatId: number, notBeforeMs = NOW): Promise<number> {
    const about = { kind: 'digest', chatId, payload: { text: 'a digest' }, notBeforeMs, nowMs: NOW } as const
    await transact(store.db, (tx) => addMessage(tx, { key: `digest:${chatId}:${notBeforeMs}`, ...about }))
    return (await outboxRows(store.db)).at(-1)?.id ?? 0
  }

  it('holds every alert of the chat and topic, most urgent first, under one reference', async () => {
    const closed = await queueAlert(store.db, {
      chatId: 1,
      transition: { kind: 'closed', reading: null, to: 'safe' },
    })
    const safer = await queueAlert(store.db, {
      chatId: 1,
      transition: { reading: verified(wad('1.45')) },
    })
    const lower = await queueAlert(store.db, { chatId: 1, transition: { reading: verified(wad('1.2')) } })
    const liquidated = await queueAlert(store.db, {
      chatId: 1,
      transition: { kind: 'liquidated', reading: null },
    })
    const otherTopic = await queueAlert(store.db, { chatId: 1, threadId: 9 })
    const delivery = await takeOne(store.db)
    expect(delivery.rowIds).toEqual([liquidated, lower, safer, closed])
    expect(itemsIn(delivery).map(({ rowId }) => rowId)).toEqual(delivery.rowIds)
    expect(delivery).toMatchObject({ deliveryId: 'REF', urgency: 5, threadId: null })
    const rows = await outboxRows(store.db)
    expect(rows.filter(({ delivery_id }) => delivery_id === 'REF')).toHaveLength(4)
    expect(rows.filter(({ state }) => state === 'sending').map(({ lease_token }) => lease_token)).toEqual([
      1, 1, 1, 1,
    ])
    await settleAs(delivery, { kind: 'sent', messageId: 5 })
    expect(
      (await outboxRows(store.db)).filter(({ state, message_id }) => state === 'sent' && message_id === 5),
    ).toHaveLength(4)
    expect(await takeOne(store.db)).toMatchObject({ rowIds: [otherTopic], threadId: 9 })
  })

  it('leaves what is about no loan to itself, and that to its topic', async () => {
    const about = { kind: 'digest', chatId: 1, payload: {}, notBeforeMs: NOW, nowMs: NOW } as const
    await transact(store.db, (tx) => addMessage(tx, { key: 'topic', threadId: 9, ...about }))
    expect(await takeOne(store.db)).toMatchObject({ threadId: 9, content: { kind: 'message' } })
  })

  it('waits since the oldest of its alerts', async () => {
    await queueAlert(store.db, { chatId: 1, nowMs: NOW - 3_000, transition: { kind: 'closed' } })
    await queueAlert(store.db, { chatId: 1, nowMs: NOW - 7_000, transition: { kind: 'closed' } })
    await queueAlert(store.db, { chatId: 1, nowMs: NOW - 5_000 })
    expect(await takeOne(store.db)).toMatchObject({ createdAtMs: NOW - 7_000, readyAtMs: NOW - 7_000 })
  })

  it('leaves out what is not ready yet', async () => {
    const ready = await warning()
    await queueAlert(store.db, { chatId: 1, nowMs: NOW + 5_000 })
    await queueAlert(store.db, { chatId: 1, transition: { holdUntilMs: NOW + 60_000 } })
    expect((await takeOne(store.db)).rowIds).toEqual([ready])
  })

  it('never mixes an exercise with what is real, whichever comes first', async () => {
    const ref = refOf(ownerOf(1), DRILL_MARKET)
    const drill = await queueAlert(store.db, {
      chatId: 1,
      ref,
      transition: { kind: 'critical', to: 'critical' },
    })
    const real = await queueAlert(store.db, { chatId: 1, transition: { kind: 'closed', to: 'safe' } })
    const later = { nowMs: NOW + 20_000 }
    const first = await takeOne(store.db, later)
    expect(first.rowIds).toEqual([real])
    await settleAs(first, { kind: 'sent', messageId: 1 })
    expect((await takeOne(store.db, later)).rowIds).toEqual([drill])
  })

  it('tells an exercise whose loan has no row of its own', async () => {
    const ref = refOf(ownerOf(1), DRILL_MARKET)
    const drill = await queueAlert(store.db, { chatId: 1, positionId: 0, ref })
    expect((await takeOne(store.db)).rowIds).toEqual([drill])
  })

  it('sends what is about no loan by itself', async () => {
    const ids = [await message(1), await message(1, NOW - 1)]
    const alert = await warning()
    for (const id of [alert, ...ids]) {
      const delivery = await takeOne(store.db)
      expect(delivery.rowIds).toEqual([id])
      await settleAs(delivery, { kind: 'sent', messageId: id })
    }
    expect(await takeNext(store.db)).toBeUndefined()
  })

  it('hands a message over with its words, and tells one of the same key once', async () => {
    const id = await message(1)
    expect(await message(1)).toBe(id)
    expect(await takeOne(store.db)).toMatchObject({
      rowIds: [id],
      content: { kind: 'message', message: 'digest', payload: { text: 'a digest' } },
    })
  })

  it('has twenty alerts at most, and the rest in the next message', async () => {
    for (let count = 0; count < 23; count += 1) await warning()
    const first = await takeOne(store.db)
    expect(first.rowIds).toHaveLength(20)
    expect(await takeNext(store.db)).toBeUndefined()
    await settleAs(first, { kind: 'sent', messageId: 1 })
    expect((await takeOne(store.db)).rowIds).toHaveLength(3)
  })

  describe('after an outcome that is not known', () => {
    it('holds exactly what it held before, labelled, under the same reference, whatever came meanwhile', async () => {
      const ids = [await warning(), await warning()]
      await settleAs(await takeOne(store.db), { kind: 'unknown', againAtMs: NOW + 1_000, error: 'HTTP 502' })
      const newer = await queueAlert(store.db, {
        chatId: 1,
        transition: { kind: 'liquidated', reading: null },
      })
      const later = { nowMs: NOW + 1_000, newDeliveryId: 'OTHER' }
      const fresh = await takeOne(store.db, later)
      expect(fresh).toMatchObject({ rowIds: [newer], deliveryId: 'OTHER', maybeRepeat: false })
      await settleAs(fresh, { kind: 'sent', messageId: 1 })
      await warning()
      const again = await takeOne(store.db, later)
      expect(again).toMatchObject({ rowIds: ids, deliveryId: 'REF', maybeRepeat: true, attempt: 2 })
      // Sure of the second attempt, unsure of the first: still the same set.
      await settleAs(again, { kind: 'not-sent', againAtMs: NOW + 2_000, error: 'ECONNREFUSED' })
      expect(await takeOne(store.db, { nowMs: NOW + 2_000, newDeliveryId: 'THIRD' })).toMatchObject({
        rowIds: ids,
        deliveryId: 'REF',
        maybeRepeat: true,
      })
    })

    it('is the same after a crash in the middle of it', async () => {
      const ids = [await warning(), await warning()]
      await takeOne(store.db)
      expect(await recoverSending(store.db)).toBe(2)
      expect(await takeOne(store.db, { newDeliveryId: 'OTHER' })).toMatchObject({
        rowIds: ids,
        deliveryId: 'REF',
        maybeRepeat: true,
      })
    })
  })

  it('is put together anew, under a new reference, when the last one surely did not arrive', async () => {
    const old = [await warning(), await warning()]
    const endings: Settlement[] = [
      { kind: 'not-sent', againAtMs: NOW, error: 'ECONNREFUSED' },
      { kind: 'rate-limited', againAtMs: NOW },
    ]
    for (const [index, ending] of endings.entries()) {
      await settleAs(await takeOne(store.db, { newDeliveryId: `D${index}` }), ending)
      old.push(await warning())
    }
    expect(await takeOne(store.db, { newDeliveryId: 'NEW' })).toMatchObject({
      rowIds: old,
      deliveryId: 'NEW',
      maybeRepeat: false,
    })
  })

  it('keeps its set and reference in the short form', async () => {
    const ids = [await warning(), await warning()]
    await settleAs(await takeOne(store.db), { kind: 'refused-text', error: 'entities' })
    await warning()
    expect(await takeOne(store.db, { newDeliveryId: 'NEW' })).toMatchObject({
      rowIds: ids,
      deliveryId: 'REF',
      plain: true,
    })
  })

  it('tells the newest reading beside the one that rang, as of the claim', async () => {
    const owner = ownerOf(1)
    await addWatcher(store.db, { chatId: 1, owner })
    const position = await addPosition(store.db, refOf(owner))
    await queueAlert(store.db, { chatId: 1, positionId: position.id, ref: position.ref })
    const last = { ...verified(wad('1.72')), block: 500 }
    await saveStates(store.db, [{ chatId: 1, positionId: position.id, state: stateWith({ last }) }])
    const [item] = itemsIn(await takeOne(store.db))
    expect(item?.present).toEqual(last)
    expect(item?.transition.reading?.block).toBe(100)
  })

  it('leaves out the chats whose pace does not allow it, and waits for nobody else', async () => {
    const urgent = await queueAlert(store.db, { chatId: 1, transition: { kind: 'liquidated' } })
    const other = await warning(2)
    expect((await takeOne(store.db, { exceptChats: [1, 77] })).rowIds).toEqual([other])
    expect(await takeNext(store.db, { exceptChats: [1] })).toBeUndefined()
    expect((await takeOne(store.db, { exceptChats: [77] })).rowIds).toEqual([urgent])
  })

  it('counts as ready from the end of the quiet hours on, not from when it was committed', async () => {
    await queueAlert(store.db, { chatId: 1, transition: { holdUntilMs: NOW + 3_600_000 } })
    expect(await takeNext(store.db, { nowMs: NOW + 3_599_999 })).toBeUndefined()
    expect(await takeOne(store.db, { nowMs: NOW + 3_600_000 })).toMatchObject({
      createdAtMs: NOW,
      readyAtMs: NOW + 3_600_000,
    })
  })
})

import { describe, expect, it } from 'vitest'
import { pressedAlert } from '../../db/acknowledge.ts'
import { setChatState, setQuietUntil } from '../../db/chats.ts'
import { outboxDepth } from '../../db/outbox.ts'
import type { ClaimOptions } from '../../db/outbox-claim.ts'
import { recoverSending, settle } from '../../db/outbox-settle.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addWatcher,
  MAX,
  NOW,
  outboxRows,
  ownerOf,
  queueAlert,
  refOf,
  takeNext,
  transition,
  verified,
  wad,
} from './store-kit.ts'

describe.each(databases)('the outbox on $name: claiming', (kind) => {
  const store = useDatabase(kind)

  const take = (change: Partial<ClaimOptions> = {}): Promise<Delivery | undefined> =>
    takeNext(store.db, change)

  async function takeAll(): Promise<number[]> {
    const ids: number[] = []
    for (let next = await take(); next; next = await take()) ids.push(...next.rowIds)
    return ids
  }

  it('finds nothing in an empty outbox', async () => {
    expect(await take()).toBeUndefined()
  })

  it('hands over everything that the message needs, and marks the row as under way', async () => {
    const owner = ownerOf(1)
    await addWatcher(store.db, { chatId: 5, owner, label: 'Ledger' })
    const ref = { ...refOf(owner), marketName: '<b>🌊' }
    const change = transition({ lines: { warningWad: MAX, criticalWad: 1n }, before: verified(null), seq: 7 })
    const id = await queueAlert(store.db, { chatId: 5, threadId: 3, ref, transition: change })
    expect(await take({ nowMs: NOW + 10, newDeliveryId: 'ABC123', leaseToken: 77 })).toEqual({
      rowIds: [id],
      deliveryId: 'ABC123',
      chatId: 5,
      threadId: 3,
      content: {
        kind: 'alerts',
        items: [
          {
            rowId: id,
            ref,
            label: 'Ledger',
            transition: change,
            createdAtMs: NOW,
            confirm: 'none',
            second: null,
            told: [],
            overtaken: false,
            present: null,
          },
        ],
      },
      urgency: 50,
      createdAtMs: NOW,
      readyAtMs: NOW,
      attempt: 1,
      maybeRepeat: false,
      plain: false,
    })
    expect(await outboxRows(store.db)).toEqual([
      expect.objectContaining({
        state: 'sending',
        delivery_id: 'ABC123',
        sending_at: NOW + 10,
        attempts: 1,
        lease_token: 77,
      }),
    ])
  })

  it('has no label for a wallet that was removed or is watched by another chat only', async () => {
    await addWatcher(store.db, { chatId: 6, owner: ownerOf(1), label: 'theirs' })
    await queueAlert(store.db, { chatId: 5 })
    expect(await take()).toMatchObject({ chatId: 5, content: { items: [{ label: null }] } })
  })

  it('takes the most urgent first, among those the lowest health, among those the oldest', async () => {
    let chatId = 0
    const add = async (change: Parameters<typeof transition>[0]): Promise<number> => {
      chatId += 1
      return await queueAlert(store.db, { chatId, transition: change ?? {} })
    }
    const closed = await add({ kind: 'closed', reading: null })
    const warning = await add({ kind: 'warning', reading: verified(wad('1.3')) })
    const warningHuge = await add({ kind: 'warning', reading: verified(MAX) })
    const warningSame = await add({ kind: 'warning', reading: verified(wad('1.3')) })
    const warningTen = await add({ kind: 'warning', reading: verified(wad('10')) })
    const blind = await add({ kind: 'blind', from: 'warning', reading: null })
    const blindDeep = await add({ kind: 'blind', from: 'critical', reading: null })
    const critical = await add({ kind: 'critical', reading: verified(wad('1.09')) })
    const criticalLow = await add({ kind: 'critical', reading: verified(wad('1.01')) })
    const liquidatable = await add({ kind: 'liquidatable', reading: verified(wad('0.999')) })
    const liquidatableLow = await add({ kind: 'liquidatable', reading: verified(wad('0.1')) })
    expect(await takeAll()).toEqual([
      liquidatableLow,
      liquidatable,
      criticalLow,
      critical,
      blindDeep,
      warning,
      warningSame,
      warningTen,
      warningHuge,
      blind,
      closed,
    ])
  })

  it('has at most one alert under way per chat', async () => {
    const first = await queueAlert(store.db, { chatId: 1, transition: { kind: 'critical' } })
    const other = await queueAlert(store.db, { chatId: 2, transition: { kind: 'warning' } })
    const delivery = await take()
    expect(delivery?.rowIds).toEqual([first])
    const second = await queueAlert(store.db, { chatId: 1, transition: { kind: 'warning' } })
    expect((await take())?.rowIds[0]).toBe(other)
    expect(await take()).toBeUndefined()
    if (!delivery) throw new Error('nothing was claimed')
    await settle(store.db, { delivery, settlement: { kind: 'sent', messageId: 1 }, nowMs: NOW })
    expect((await take())?.rowIds[0]).toBe(second)
  })

  it('leaves a chat alone until the end of the silence that Telegram asked for', async () => {
    await queueAlert(store.db, { chatId: 1, transition: { kind: 'liquidatable' } })
    const other = await queueAlert(store.db, { chatId: 2 })
    await setQuietUntil(store.db, { chatId: 1, untilMs: NOW + 7_000 })
    expect((await take())?.rowIds[0]).toBe(other)
    expect(await take({ nowMs: NOW + 6_999 })).toBeUndefined()
    expect(await take({ nowMs: NOW + 7_000 })).toMatchObject({ chatId: 1 })
  })

  it('takes no alert before its time', async () => {
    const later = await queueAlert(store.db, { chatId: 1, nowMs: NOW + 500 })
    expect(await take()).toBeUndefined()
    expect(await take({ nowMs: NOW + 499 })).toBeUndefined()
    expect((await take({ nowMs: NOW + 500 }))?.rowIds[0]).toBe(later)
  })

  it('still sends what was committed before a chat was stopped', async () => {
    const id = await queueAlert(store.db, { chatId: 1 })
    await setChatState(store.db, { chatId: 1, state: 'stopped' })
    expect((await take())?.rowIds[0]).toBe(id)
  })

  it('never hands the same alert to two that ask at once', async () => {
    for (let chatId = 1; chatId <= 12; chatId += 1) await queueAlert(store.db, { chatId })
    const claims = Array.from({ length: 16 }, (_, index) => take({ newDeliveryId: `D${index}` }))
    const taken = (await Promise.all(claims)).flatMap((delivery) => delivery?.rowIds ?? [])
    expect(new Set(taken).size).toBe(taken.length)
    const rest = await takeAll()
    expect(new Set([...taken, ...rest]).size).toBe(12)
    expect((await outboxRows(store.db)).map(({ state, attempts }) => [state, attempts])).toEqual(
      Array.from({ length: 12 }, () => ['sending', 1]),
    )
  })

  it('never has two alerts of one chat under way, even when two ask at once', async () => {
    for (let chatId = 1; chatId <= 10; chatId += 1) {
      for (let index = 0; index < 4; index += 1) await queueAlert(store.db, { chatId })
      const claims = await Promise.all([1, 2, 3, 4].map((index) => take({ newDeliveryId: `D${index}` })))
      expect(claims.filter((delivery) => delivery !== undefined)).toHaveLength(1)
    }
  })

  it('keeps the reference of a message whose outcome is unknown over all attempts, and counts them', async () => {
    await queueAlert(store.db, { chatId: 1 })
    for (const attempt of [1, 2, 3]) {
      const delivery = await take({ newDeliveryId: `REF${attempt}` })
      expect(delivery).toMatchObject({ deliveryId: 'REF1', attempt })
      if (!delivery) throw new Error('nothing was claimed')
      const settlement = { kind: 'unknown', againAtMs: NOW, error: 'HTTP 502' } as const
      await settle(store.db, { delivery, settlement, nowMs: NOW })
    }
  })

  describe('after a crash', () => {
    it('what was under way waits again, marked as a possible repeat, with its reference', async () => {
      await queueAlert(store.db, { chatId: 1 })
      await queueAlert(store.db, { chatId: 2 })
      await take({ newDeliveryId: 'ONE' })
      await take({ newDeliveryId: 'TWO' })
      const waiting = await queueAlert(store.db, { chatId: 2 })
      expect(await recoverSending(store.db)).toBe(2)
      expect(await recoverSending(store.db)).toBe(0)
      const rows = await outboxRows(store.db)
      expect(rows.map(({ state, maybe_repeat }) => [state, maybe_repeat])).toEqual([
        ['pending', 1],
        ['pending', 1],
        ['pending', 0],
      ])
      expect(await take({ newDeliveryId: 'X' })).toMatchObject({
        deliveryId: 'ONE',
        attempt: 2,
        maybeRepeat: true,
      })
      expect(rows[2]?.id).toBe(waiting)
    })

    it('what goes out again after a newer alert of the same loan is marked as overtaken', async () => {
      const old = await queueAlert(store.db, { chatId: 1, positionId: 7, transition: { kind: 'warning' } })
      const unrelated = await queueAlert(store.db, {
        chatId: 1,
        positionId: 8,
        transition: { kind: 'warning' },
      })
      await take({ newDeliveryId: 'OLD' })
      await recoverSending(store.db)
      const newer = await queueAlert(store.db, { chatId: 1, positionId: 7, transition: { kind: 'critical' } })
      const urgent = await take({ newDeliveryId: 'NEW' })
      expect(urgent).toMatchObject({ rowIds: [newer], content: { items: [{ overtaken: false }] } })
      if (!urgent) throw new Error('nothing was claimed')
      await settle(store.db, { delivery: urgent, settlement: { kind: 'sent', messageId: 9 }, nowMs: NOW })
      const again = await take()
      expect(again).toMatchObject({
        deliveryId: 'OLD',
        maybeRepeat: true,
        content: {
          items: [
            { rowId: old, overtaken: true },
            { rowId: unrelated, overtaken: false },
          ],
        },
      })
    })

    it('is not overtaken by what was only written into an older message, nor when it goes out for the first time', async () => {
      const uncertain = await queueAlert(store.db, { chatId: 1, positionId: 7 })
      await take({ newDeliveryId: 'OLD' })
      await recoverSending(store.db)
      const edit = await queueAlert(store.db, { chatId: 1, positionId: 7 })
      await store.db
        .updateTable('outbox')
        .set({ kind: 'edit', state: 'sent' })
        .where('id', '=', edit)
        .execute()
      const first = await queueAlert(store.db, { chatId: 2, positionId: 7 })
      const newer = await queueAlert(store.db, { chatId: 2, positionId: 7 })
      await store.db
        .updateTable('outbox')
        .set({ state: 'sent', superseded_by: null })
        .where('id', '=', newer)
        .execute()
      await store.db
        .updateTable('outbox')
        .set({ state: 'pending', superseded_by: null })
        .where('id', '=', first)
        .execute()
      for (const rowId of [uncertain, first])
        expect(await take()).toMatchObject({ content: { items: [{ rowId, overtaken: false }] } })
    })

    it('what was settled stays settled', async () => {
      await queueAlert(store.db, { chatId: 1 })
      const delivery = await take()
      if (!delivery) throw new Error('nothing was claimed')
      await settle(store.db, { delivery, settlement: { kind: 'sent', messageId: 9 }, nowMs: NOW })
      expect(await recoverSending(store.db)).toBe(0)
      expect(await take()).toBeUndefined()
    })
  })

  it('reads alerts that were committed before there were some of their fields', async () => {
    const rowId = await queueAlert(store.db, { chatId: 1, transition: { kind: 'closed', reading: null } })
    const [row] = await outboxRows(store.db)
    const later = {
      movedTo: null,
      repeat: false,
      badDebt: false,
      dust: false,
      liquidation: null,
      holdUntilMs: null,
    }
    let payload = row?.payload ?? ''
    for (const [name, value] of Object.entries(later)) payload = payload.replace(`,"${name}":${value}`, '')
    for (const name of Object.keys(later)) expect(payload).not.toContain(name)
    await store.db.updateTable('outbox').set({ payload }).execute()
    expect((await pressedAlert(store.db, { chatId: 1, rowId }))?.transition).toMatchObject(later)
    expect(await take()).toMatchObject({ content: { items: [{ transition: { kind: 'closed', ...later } }] } })
  })

  it('its depth counts what waits and what is under way, and knows the oldest', async () => {
    expect(await outboxDepth(store.db)).toEqual({ waiting: 0, oldestCreatedAtMs: null })
    await queueAlert(store.db, { chatId: 1, nowMs: NOW - 5_000 })
    await queueAlert(store.db, { chatId: 2, nowMs: NOW - 9_000, transition: { kind: 'closed' } })
    await queueAlert(store.db, { chatId: 3 })
    const delivery = await take()
    expect(await outboxDepth(store.db)).toEqual({ waiting: 3, oldestCreatedAtMs: NOW - 9_000 })
    if (!delivery) throw new Error('nothing was claimed')
    await settle(store.db, { delivery, settlement: { kind: 'sent', messageId: 1 }, nowMs: NOW })
    expect((await outboxDepth(store.db)).waiting).toBe(2)
  })
})

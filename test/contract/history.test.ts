import { beforeEach, describe, expect, it } from 'vitest'
import { toldSoFar } from '../../db/commit-transitions.ts'
import { history } from '../../db/history.ts'
import { addMessage } from '../../db/outbox.ts'
import { forgetOldAlerts } from '../../db/outbox-cleanup.ts'
import { transact } from '../../db/transact.ts'
import { databases, useDatabase } from './databases.ts'
import { addPosition, addWatcher, NOW, outboxRows, ownerOf, queueAlert, refOf, takeOne } from './store-kit.ts'

const DAY = 24 * 3_600_000

describe.each(databases)('the history of a chat on $name', (kind) => {
  const store = useDatabase(kind)
  const page = (change: Partial<Parameters<typeof history>[1]> = {}) =>
    history(store.db, { chatId: 1, sinceMs: NOW - 30 * DAY, limit: 8, offset: 0, ...change })

  it('has the alerts of that chat, newest first, in pages, with their labels and what became of them', async () => {
    await addWatcher(store.db, { chatId: 1, owner: ownerOf(1), label: 'Main' })
    for (let day = 0; day < 10; day += 1) await queueAlert(store.db, { chatId: 1, nowMs: NOW - day * DAY })
    await queueAlert(store.db, { chatId: 2 })
    const newest = await page()
    expect(newest.count).toBe(10)
    expect(newest.alerts.map(({ createdAtMs }) => (NOW - createdAtMs) / DAY)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ])
    expect(newest.alerts[0]).toMatchObject({
      label: 'Main',
      state: 'pending',
      settledAtMs: null,
      seenAtMs: null,
    })
    expect((await page({ offset: 8 })).alerts).toHaveLength(2)
  })

  it('ends after the days asked for, and leaves out what is no alert', async () => {
    await queueAlert(store.db, { chatId: 1, nowMs: NOW - 31 * DAY })
    await transact(store.db, (tx) =>
      addMessage(tx, { key: 'k', kind: 'receipt', chatId: 1, payload: {}, notBeforeMs: NOW, nowMs: NOW }),
    )
    expect(await page()).toEqual({ alerts: [], count: 0 })
  })
})

describe.each(databases)('forgetting old alerts on $name', (kind) => {
  const store = useDatabase(kind)
  const forget = (limit = 100) =>
    transact(store.db, (tx) => forgetOldAlerts(tx, { beforeMs: NOW - 35 * DAY, limit }))
  const ref = refOf(ownerOf(1))
  let positionId = 0
  beforeEach(async () => {
    await addWatcher(store.db, { chatId: 1, owner: ref.owner })
    positionId = (await addPosition(store.db, ref)).id
  })
  const old = (seq: number, days = 40) =>
    queueAlert(store.db, {
      chatId: 1,
      positionId,
      ref,
      nowMs: NOW - days * DAY,
      transition: { seq, kind: 'liquidated' },
    })
  const sent = () => store.db.updateTable('outbox').set({ state: 'sent' }).execute()

  it('takes what is settled and old, so many at a time, oldest first', async () => {
    for (const seq of [1, 2, 3, 4]) await old(seq, 50 - seq)
    await sent()
    expect(await forget(2)).toBe(2)
    expect((await outboxRows(store.db)).map(({ seq }) => seq)).toEqual([3, 4])
    expect(await forget()).toBe(1)
    expect(await forget()).toBe(0)
  })

  it('keeps the newest of each chat and position, so that no number is used twice', async () => {
    await old(1)
    await old(7)
    await sent()
    await forget()
    expect(await toldSoFar(store.db, { chatId: 1, positionId })).toEqual({ episode: 1, seq: 7 })
  })

  it('takes even the newest of a loan that nobody watches any more', async () => {
    await old(1)
    await old(7)
    await sent()
    await store.db.deleteFrom('positions').execute()
    expect(await forget()).toBe(2)
  })

  it('keeps what tells how the last exercise of a chat went', async () => {
    const row = { chat_id: 1, owner: ref.owner, started_at: NOW - 50 * DAY, ended_at: NOW - 50 * DAY }
    await old(1)
    await old(2)
    await sent()
    await store.db.deleteFrom('positions').execute()
    await store.db
      .insertInto('drills')
      .values({ ...row, position_id: positionId })
      .execute()
    expect(await forget()).toBe(1)
    await store.db
      .updateTable('drills')
      .set({ position_id: positionId + 1 })
      .execute()
    expect(await forget()).toBe(1)
  })

  it('takes what was written into an older message, which has the number of the alert that it came with', async () => {
    const alert = await old(7)
    const edit = await old(8)
    await sent()
    await store.db.updateTable('outbox').set({ kind: 'edit', seq: 7 }).where('id', '=', edit).execute()
    expect(await forget()).toBe(1)
    expect((await outboxRows(store.db)).map(({ id }) => id)).toEqual([alert])
  })

  it('keeps what waits or is on its way, and what is young', async () => {
    await old(1)
    await takeOne(store.db)
    await old(2)
    await old(3, 34)
    expect(await forget()).toBe(0)
  })

  it('keeps what a row that was not sent yet still tells', async () => {
    const told = await old(1)
    const teller = await old(2)
    await store.db
      .updateTable('outbox')
      .set({ state: 'superseded', superseded_by: teller })
      .where('id', '=', told)
      .execute()
    expect(await forget()).toBe(0)
    await store.db.updateTable('outbox').set({ state: 'sent' }).where('id', '=', teller).execute()
    await old(3)
    expect(await forget()).toBe(2)
  })
})

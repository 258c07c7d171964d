import { beforeEach, describe, expect, it } from 'vitest'
import { moveChat } from '../../db/chats.ts'
import { recoverSending, settle } from '../../db/outbox-settle.ts'
import type { OutboxRow } from '../../db/schema.ts'
import { transact } from '../../db/transact.ts'
import type { AlertKind, Transition } from '../../src/domain/alerting/transition.ts'
import { databases, useDatabase } from './databases.ts'
import { itemsIn, NOW, outboxRows, queueAlert, takeNext, takeOne } from './store-kit.ts'

const CHAT = 1
const LOAN = 7

describe.each(databases)('edits on $name', (kind) => {
  const store = useDatabase(kind)
  let messageId = 100

  beforeEach(() => {
    messageId = 100
  })

  function add(what: AlertKind, more: Partial<Transition> & { positionId?: number } = {}): Promise<number> {
    const { positionId = LOAN, ...transition } = more
    const to = what === 'critical' || what === 'warning' ? what : 'safe'
    return queueAlert(store.db, {
      chatId: CHAT,
      positionId,
      transition: { kind: what, from: to, to, ...transition },
    })
  }

  /** Sends what is next; its message id counts up from 101. */
  async function send(newDeliveryId: string): Promise<void> {
    messageId += 1
    const delivery = await takeOne(store.db, { newDeliveryId })
    await settle(store.db, { delivery, settlement: { kind: 'sent', messageId }, nowMs: NOW })
  }

  async function edits(): Promise<OutboxRow[]> {
    return (await outboxRows(store.db)).filter((row) => row.kind === 'edit')
  }

  it('write into the message that rang what became of it, once the news itself was sent', async () => {
    const rang = await add('critical')
    await send('RANG')
    await add('recovered')
    expect(await edits()).toEqual([])
    await send('OVER')
    const [, over] = await outboxRows(store.db)
    expect(await edits()).toMatchObject([
      {
        key: `edit:${CHAT}:${LOAN}:1:${over?.seq}`,
        state: 'pending',
        urgency: 95,
        position_id: LOAN,
        chat_id: CHAT,
        thread_id: null,
        episode: 1,
        seq: over?.seq,
        health_wad_sort: over?.health_wad_sort,
        confirm: 'none',
        not_before: NOW,
        created_at: NOW,
        attempts: 0,
        maybe_repeat: 0,
        plain: 0,
      },
    ])
    const edit = await takeOne(store.db, { newDeliveryId: 'EDIT' })
    expect(edit).toMatchObject({
      deliveryId: 'EDIT',
      content: { kind: 'edit', messageId: 101, deliveryId: 'RANG' },
    })
    expect(itemsIn(edit).map(({ rowId }) => rowId)).toEqual([rang])
    await settle(store.db, { delivery: edit, settlement: { kind: 'sent', messageId: 101 }, nowMs: NOW })
    expect((await edits()).map(({ state }) => state)).toEqual(['sent'])
    expect(await takeNext(store.db)).toBeUndefined()
  })

  it('come after everything else', async () => {
    await add('critical')
    await send('RANG')
    await add('closed')
    await send('OVER')
    const news = await queueAlert(store.db, { chatId: CHAT })
    expect((await takeOne(store.db)).rowIds).toEqual([news])
  })

  it('are replaced by a newer one of the same message', async () => {
    await add('critical')
    await send('RANG')
    await add('recovered', { to: 'safe' })
    await send('LESS')
    const [first] = await edits()
    // As with a deeper level that is left step by step.
    await add('recovered', { to: 'safe' })
    await send('OVER')
    expect((await edits()).map(({ id, state }) => [id === first?.id, state])).toEqual([
      [true, 'superseded'],
      [false, 'pending'],
    ])
  })

  it('are not made where nothing rang, where it never arrived, or for what only was seen again', async () => {
    await add('closed')
    await send('CLOSED')
    await add('critical')
    await add('recovered')
    await send('TOLD')
    await add('blind')
    await send('BLIND')
    await add('sighted')
    await send('SEEN')
    expect(await edits()).toEqual([])
  })

  it('leave a message alone as long as something else in it is not over', async () => {
    await add('critical')
    await add('warning', { positionId: LOAN + 1 })
    await send('BOTH')
    await add('recovered')
    await send('ONE')
    expect(await edits()).toEqual([])
    await add('recovered', { positionId: LOAN + 1 })
    await send('OTHER')
    expect(await edits()).toHaveLength(1)
    const edit = await takeOne(store.db)
    expect(itemsIn(edit)).toHaveLength(2)
    expect(edit.content).toMatchObject({ kind: 'edit', deliveryId: 'BOTH', messageId: 101 })
  })

  it('wait for the sight of a loan that could not be seen, and take moving as an end', async () => {
    await add('critical')
    await add('blind', { positionId: LOAN + 1 })
    await add('warning', { positionId: LOAN + 2 })
    await send('ALL')
    await add('sighted', { positionId: LOAN + 2 })
    await add('moved', { positionId: LOAN + 2 })
    await add('recovered')
    await send('BLIND STILL')
    expect(await edits()).toEqual([])
    await add('sighted', { positionId: LOAN + 1 })
    await send('SEEN')
    await add('closed')
    await send('OVER')
    expect(await edits()).toHaveLength(1)
  })

  it('leave an alarm alone that was only seen again', async () => {
    await add('critical')
    await add('warning', { positionId: LOAN + 1 })
    await send('BOTH')
    await add('sighted', { positionId: LOAN + 1 })
    await add('recovered')
    await send('ONE')
    expect(await edits()).toEqual([])
  })

  it('are not made for a message that tells the end itself', async () => {
    await add('critical')
    const delivery = await takeOne(store.db)
    await add('recovered')
    const settlement = { kind: 'not-sent', againAtMs: NOW, error: 'ECONNREFUSED' } as const
    await settle(store.db, { delivery, settlement, nowMs: NOW })
    const both = await takeOne(store.db)
    expect(both.rowIds).toHaveLength(2)
    await settle(store.db, { delivery: both, settlement: { kind: 'sent', messageId: 101 }, nowMs: NOW })
    expect(await edits()).toEqual([])
  })

  it('are made for the message of this episode, not of an earlier one', async () => {
    await add('critical')
    await send('BEFORE')
    await add('recovered', { episode: 2 })
    await send('OVER')
    expect(await edits()).toEqual([])
  })

  it('have nothing to do without the id of the message', async () => {
    await add('critical')
    await send('RANG')
    await add('recovered')
    await send('OVER')
    await store.db.updateTable('outbox').set({ message_id: null }).where('delivery_id', '=', 'RANG').execute()
    const delivery = await takeOne(store.db)
    expect(delivery.content).toEqual({ kind: 'nothing' })
    await settle(store.db, { delivery, settlement: { kind: 'dropped', error: 'no message' }, nowMs: NOW })
    expect((await edits()).map(({ state }) => state)).toEqual(['superseded'])
    expect(await takeNext(store.db)).toBeUndefined()
  })

  it('are made again after a crash, and end with the chat', async () => {
    await add('critical')
    await send('RANG')
    await add('recovered')
    await send('OVER')
    await takeOne(store.db)
    await recoverSending(store.db)
    const delivery = await takeOne(store.db)
    expect(delivery.content).toMatchObject({ kind: 'edit', deliveryId: 'RANG' })
    await settle(store.db, { delivery, settlement: { kind: 'unreachable', error: 'blocked' }, nowMs: NOW })
    expect((await edits()).map(({ state }) => state)).toEqual(['unreachable'])
  })
})

describe.each(databases)('a second chat that moved on $name', (kind) => {
  const store = useDatabase(kind)

  it('goes on being the second chat, and gets what waited for it', async () => {
    for (const chatId of [1, -5]) await queueAlert(store.db, { chatId })
    await store.db.updateTable('chats').set({ escalate_to: -5 }).where('id', '=', 1).execute()
    await transact(store.db, (tx) => moveChat(tx, { from: -5, to: -1005 }))
    const chats = await store.db.selectFrom('chats').select(['id', 'escalate_to']).orderBy('id').execute()
    expect(chats).toEqual([
      { id: -1005, escalate_to: null },
      { id: 1, escalate_to: -1005 },
    ])
  })

  it('is not written to for ever under its old number, even if nobody here knew it', async () => {
    await queueAlert(store.db, { chatId: -5 })
    await store.db.deleteFrom('chats').execute()
    const delivery = await takeOne(store.db)
    await settle(store.db, { delivery, settlement: { kind: 'moved', toChatId: -1005 }, nowMs: NOW })
    expect(await takeOne(store.db)).toMatchObject({ chatId: -1005, rowIds: delivery.rowIds })
  })
})

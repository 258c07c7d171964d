import { describe, expect, it } from 'vitest'
import { saveStates } from '../../db/alert-states.ts'
import { setChatState } from '../../db/chats.ts'
import { oldestReady } from '../../db/outbox.ts'
import { type StoredPosition, storeFound } from '../../db/positions.ts'
import { type Outage, queueReceipts, receiptChanges, releaseReceipts } from '../../db/receipts.ts'
import { transact } from '../../db/transact.ts'
import { removeWatch } from '../../db/watches.ts'
import { MAX_RECEIPT_LOANS, type ReceiptNews } from '../../src/domain/alerting/receipt.ts'
import type { AlertState } from '../../src/domain/alerting/state.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addPosition,
  addWatcher,
  NOW,
  outboxRows,
  ownerOf,
  queueAlert,
  refOf,
  stateWith,
  takeOne,
  verified,
  wad,
} from './store-kit.ts'

const MINUTE = 60_000
const outage: Outage = {
  fromMs: NOW - 700 * MINUTE,
  toMs: NOW,
  notBeforeMs: NOW + 5 * MINUTE,
  nowMs: NOW,
}

describe.each(databases)('summaries of an outage on $name', (kind) => {
  const store = useDatabase(kind)

  async function setState(
    at: { chatId: number; position: StoredPosition },
    change: Partial<AlertState>,
  ): Promise<void> {
    const state = stateWith(change)
    await transact(store.db, (tx) =>
      saveStates(tx, [{ chatId: at.chatId, positionId: at.position.id, state }]),
    )
  }

  /** A chat with one wallet and one loan of this health; `null` is without debt. */
  async function loan(
    chatId: number,
    {
      owner = chatId,
      health = '1.6',
      market = '0xmarket',
    }: { owner?: number; health?: string | null; market?: string } = {},
  ): Promise<{ chatId: number; position: StoredPosition }> {
    await addWatcher(store.db, { chatId, owner: ownerOf(owner), label: `Wallet ${owner}` })
    const position = await addPosition(store.db, refOf(ownerOf(owner), market))
    await setState({ chatId, position }, { last: seen(health, outage.fromMs) })
    return { chatId, position }
  }

  const seen = (health: string | null, atMs: number) => ({
    ...verified(health === null ? null : wad(health)),
    atMs,
  })

  async function news(chatId = 1): Promise<ReceiptNews> {
    const row = (await outboxRows(store.db)).find(({ chat_id }) => chat_id === chatId)
    if (!row) throw new Error('no summary')
    return receiptChanges(store.db, row)
  }

  it('each chat with debt gets one, silent in its place behind every alert, however often it is asked for', async () => {
    await loan(1)
    await loan(1, { market: '0xother' })
    await loan(2, { health: null })
    await addWatcher(store.db, { chatId: 3, owner: ownerOf(3) })
    const gone = await loan(4)
    await setChatState(store.db, { chatId: 4, state: 'unreachable' })
    const closed = await loan(5)
    await setState(closed, { last: seen('1.6', outage.fromMs), closed: true })
    expect(gone.chatId).toBe(4)
    expect(await queueReceipts(store.db, outage)).toBe(1)
    expect(await queueReceipts(store.db, outage)).toBe(0)
    const [row, ...more] = await outboxRows(store.db)
    expect(more).toEqual([])
    expect(row).toMatchObject({
      key: `receipt:1:${outage.fromMs}`,
      kind: 'receipt',
      chat_id: 1,
      position_id: 0,
      state: 'pending',
      not_before: outage.notBeforeMs,
    })
    expect(row?.urgency).toBeGreaterThan(70)
  })

  it('waits until everything was looked at, and then is ready at once', async () => {
    await loan(1)
    await queueReceipts(store.db, outage)
    const at = NOW + MINUTE
    expect(await oldestReady(store.db, at)).toBeNull()
    await transact(store.db, (tx) => releaseReceipts(tx, at))
    expect((await outboxRows(store.db))[0]?.not_before).toBe(at)
    expect(await oldestReady(store.db, at)).toBe(at)
  })

  it('is not released a second time once it was tried', async () => {
    await loan(1)
    await queueReceipts(store.db, outage)
    await store.db
      .updateTable('outbox')
      .set({ attempts: 1, not_before: NOW + 20_000 })
      .execute()
    await transact(store.db, (tx) => releaseReceipts(tx, NOW + 1))
    expect((await outboxRows(store.db))[0]?.not_before).toBe(NOW + 20_000)
  })

  it('is what goes out, with what became of the loans by then', async () => {
    const fell = await loan(1)
    await queueReceipts(store.db, outage)
    await setState(fell, { level: 'warning', last: seen('1.36', NOW + 1_000) })
    const { content } = await takeOne(store.db, { nowMs: outage.notBeforeMs })
    expect(content).toMatchObject({ kind: 'receipt', news: { changes: [{ change: { to: 'warning' } }] } })
  })

  it('says what became of each loan when it is rendered, not when it was committed', async () => {
    const fell = await loan(1, { owner: 11 })
    const same = await loan(1, { owner: 12, health: '1.9' })
    const closed = await loan(1, { owner: 13 })
    const paid = await loan(1, { owner: 14 })
    const unseen = await loan(1, { owner: 15, health: '1.31' })
    await queueReceipts(store.db, outage)
    await setState(fell, { level: 'warning', last: seen('1.36', NOW + 1_000) })
    await setState(same, { last: seen('1.91', NOW + 1_000) })
    await setState(closed, { closed: true })
    await setState(paid, { last: seen(null, NOW + 1_000) })
    expect(unseen.chatId).toBe(1)
    const { changes, same: unchanged, beyond, fromMs, toMs } = await news()
    expect([unchanged, beyond, fromMs, toMs]).toEqual([1, 0, outage.fromMs, outage.toMs])
    expect(changes.map(({ label, change }) => [label, change.kind])).toEqual([
      ['Wallet 11', 'health'],
      ['Wallet 15', 'unseen'],
      ['Wallet 13', 'closed'],
      ['Wallet 14', 'no-debt'],
    ])
    expect(changes[0]?.change).toEqual({
      kind: 'health',
      healthWad: wad('1.36'),
      from: 'safe',
      to: 'warning',
    })
    expect(changes[0]?.beforeWad).toBe(wad('1.6'))
  })

  it('leaves out a wallet that was removed meanwhile', async () => {
    const { position } = await loan(1)
    await loan(1, { owner: 7 })
    await queueReceipts(store.db, outage)
    const watch = await store.db
      .selectFrom('watches')
      .select('id')
      .where('owner', '=', position.ref.owner)
      .executeTakeFirstOrThrow()
    await transact(store.db, (tx) => removeWatch(tx, { chatId: 1, watchId: watch.id }))
    const { changes, same } = await news()
    expect(changes.map(({ label }) => label)).toEqual(['Wallet 7'])
    expect(same).toBe(0)
  })

  it('keeps the worst loans of somebody with very many, and counts the rest', async () => {
    const total = MAX_RECEIPT_LOANS + 12
    for (let index = 0; index < total; index += 1)
      await loan(1, { owner: 1_000 + index, health: `1.${900 - index}` })
    await queueReceipts(store.db, outage)
    const { changes, beyond } = await news()
    expect(changes).toHaveLength(MAX_RECEIPT_LOANS)
    expect(beyond).toBe(12)
    const worst = changes.map(({ beforeWad }) => beforeWad).reduce((a, b) => (a < b ? a : b))
    expect(worst).toBe(wad(`1.${900 - (total - 1)}`))
  })

  it('makes one summary per chat out of 5,000 positions in 1,200 chats', async () => {
    const chats = 1_200
    const rows = Array.from({ length: 5_000 }, (_, index) => ({
      chatId: (index % chats) + 1,
      ref: refOf(ownerOf((index % chats) + 1), `0xmarket${index}`),
    }))
    await transact(store.db, async (tx) => {
      const ids = Array.from({ length: chats }, (_, index) => index + 1)
      for (let start = 0; start < chats; start += 400) {
        await tx
          .insertInto('chats')
          .values(
            ids.slice(start, start + 400).map((id) => ({
              id,
              kind: 'private',
              state: 'active' as const,
              warning_wad: '1',
              quiet_until: 0,
              created_at: NOW,
            })),
          )
          .execute()
      }
      await storeFound(tx, { refs: rows.map(({ ref }) => ref), nowMs: NOW })
      const stored = await tx.selectFrom('positions').select(['id', 'key']).execute()
      const idOf = new Map(stored.map(({ id, key }) => [key, id]))
      await saveStates(
        tx,
        rows.map(({ chatId, ref }) => ({
          chatId,
          positionId: idOf.get(ref.key) ?? 0,
          state: stateWith({ last: seen('1.6', outage.fromMs) }),
        })),
      )
    })
    expect(await queueReceipts(store.db, outage)).toBe(chats)
    expect(new Set((await outboxRows(store.db)).map(({ chat_id }) => chat_id)).size).toBe(chats)
  })
})

describe.each(databases)('the message that waits longest on $name', (kind) => {
  const store = useDatabase(kind)

  async function row(change: Record<string, unknown>): Promise<void> {
    const id = await queueAlert(store.db, { chatId: 1, nowMs: NOW })
    await store.db.updateTable('outbox').set(change).where('id', '=', id).execute()
  }

  it('is nobody while nothing is to be sent, or all of it is sent', async () => {
    expect(await oldestReady(store.db, NOW)).toBeNull()
    await row({ state: 'sent' })
    expect(await oldestReady(store.db, NOW + MINUTE)).toBeNull()
  })

  it('counts from when it was committed, also while it is being sent or waits for its next attempt', async () => {
    await row({ attempts: 0 })
    expect(await oldestReady(store.db, NOW + MINUTE)).toBe(NOW)
    await store.db
      .updateTable('outbox')
      .set({ attempts: 9, not_before: NOW + 80_000 })
      .execute()
    expect(await oldestReady(store.db, NOW + MINUTE)).toBe(NOW)
    await store.db.updateTable('outbox').set({ state: 'sending' }).execute()
    expect(await oldestReady(store.db, NOW + MINUTE)).toBe(NOW)
  })

  it('is the oldest of all, whether it is being sent or not', async () => {
    await row({ created_at: NOW + 2_000 })
    await row({ created_at: NOW + 1_000 })
    await row({ created_at: NOW + 3_000, state: 'sending' })
    expect(await oldestReady(store.db, NOW + MINUTE)).toBe(NOW + 1_000)
    await row({ created_at: NOW + 500, state: 'sending' })
    expect(await oldestReady(store.db, NOW + MINUTE)).toBe(NOW + 500)
  })

  it('is not one that is held on purpose, and counts from the end of that', async () => {
    await row({ hold_until: NOW + 3 * MINUTE, not_before: NOW + 3 * MINUTE })
    expect(await oldestReady(store.db, NOW + MINUTE)).toBeNull()
    expect(await oldestReady(store.db, NOW + 4 * MINUTE)).toBe(NOW + 3 * MINUTE)
    await store.db
      .updateTable('outbox')
      .set({ attempts: 2, not_before: NOW + 5 * MINUTE })
      .execute()
    expect(await oldestReady(store.db, NOW + 4 * MINUTE)).toBe(NOW + 3 * MINUTE)
  })

  it('is not one of a chat in which Telegram wants silence', async () => {
    await row({ attempts: 0 })
    await store.db
      .updateTable('chats')
      .set({ quiet_until: NOW + 2 * MINUTE })
      .execute()
    expect(await oldestReady(store.db, NOW + MINUTE)).toBeNull()
    expect(await oldestReady(store.db, NOW + 2 * MINUTE)).toBe(NOW)
  })
})

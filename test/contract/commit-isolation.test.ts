import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadStates } from '../../db/alert-states.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import { type StoredPosition, storeFound } from '../../db/positions.ts'
import { transact } from '../../db/transact.ts'
import { removeWatch } from '../../db/watches.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addPosition,
  addWatcher,
  NOW,
  outboxKeys,
  outboxRows,
  ownerOf,
  queueAlert,
  reading,
  refOf,
  wad,
} from './store-kit.ts'

const OWNER = ownerOf(1)

describe.each(databases)('commitTransitions on $name', (kind) => {
  const store = useDatabase(kind)
  let position: StoredPosition

  beforeEach(async () => {
    await addWatcher(store.db, { chatId: 1, owner: OWNER })
    position = await addPosition(store.db, refOf(OWNER))
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  const states = async () => await loadStates(store.db, [position.id])
  const warn = (block = 100) => ({
    readings: [{ position, reading: reading(block, wad('1.3')) }],
    nowMs: NOW,
    decide,
  })

  it('stores neither state nor alert when the alert cannot be stored', async () => {
    await addWatcher(store.db, { chatId: 2, owner: OWNER })
    await queueAlert(store.db, { chatId: 9, positionId: 999 })
    await store.db
      .updateTable('outbox')
      .set({ key: `warning:2:${position.id}:1:1` })
      .execute()
    await expect(commitTransitions(store.db, warn())).rejects.toThrow(/unique/i)
    expect((await states()).size).toBe(0)
    expect((await outboxRows(store.db)).map((row) => row.chat_id)).toEqual([9])
  })

  it('names the one pair that cannot be stored, and stores its neighbours', async () => {
    await addWatcher(store.db, { chatId: 2, owner: OWNER })
    await addWatcher(store.db, { chatId: 3, owner: OWNER })
    await queueAlert(store.db, { chatId: 9, positionId: 999 })
    await store.db
      .updateTable('outbox')
      .set({ key: `warning:2:${position.id}:1:1` })
      .execute()
    const onPairFailed = vi.fn()
    const committed = await commitTransitions(store.db, { ...warn(), onPairFailed })
    expect(committed.map(({ chatId }) => chatId)).toEqual([1, 3])
    expect(onPairFailed.mock.calls).toEqual([[expect.any(Error), position.ref]])
    expect((await outboxRows(store.db)).map((row) => row.chat_id)).toEqual([9, 1, 3])
  })

  it('decides again from the stored state after a failure, and then succeeds', async () => {
    await queueAlert(store.db, { chatId: 9, positionId: 999 })
    await store.db
      .updateTable('outbox')
      .set({ key: `warning:1:${position.id}:1:1` })
      .execute()
    await expect(commitTransitions(store.db, warn())).rejects.toThrow(/unique/i)
    await store.db.deleteFrom('outbox').execute()
    await commitTransitions(store.db, warn())
    expect(await outboxKeys(store.db)).toEqual([`warning:1:${position.id}:1:1`])
  })

  it('does not ring for a wallet that was removed after it was read', async () => {
    const watch = await addWatcher(store.db, { chatId: 2, owner: OWNER })
    await transact(store.db, (tx) => removeWatch(tx, { chatId: 2, watchId: watch.id }))
    await commitTransitions(store.db, warn())
    expect(await outboxKeys(store.db)).toEqual([`warning:1:${position.id}:1:1`])
  })

  it('does not ring for a wallet that is removed after the watchers were looked up', async () => {
    const { id } = await addWatcher(store.db, { chatId: 1, owner: OWNER })
    const begin = store.db.transaction.bind(store.db)
    vi.spyOn(store.db, 'transaction').mockImplementationOnce(() => {
      const transaction = begin()
      const execute = transaction.execute.bind(transaction)
      transaction.setIsolationLevel = () => transaction
      transaction.execute = async (work) => {
        await begin().execute((tx) => removeWatch(tx, { chatId: 1, watchId: id }))
        return await execute(work)
      }
      return transaction
    })
    expect(await commitTransitions(store.db, warn())).toEqual([])
    expect(await outboxRows(store.db)).toEqual([])
    expect((await states()).size).toBe(0)
  })

  it('drops without a word what was read before its wallet was removed and added again, and keeps the rest', async () => {
    const other = ownerOf(2)
    const removed = await addWatcher(store.db, { chatId: 2, owner: other })
    const old = await addPosition(store.db, refOf(other))
    await transact(store.db, (tx) => removeWatch(tx, { chatId: 2, watchId: removed.id }))
    await addWatcher(store.db, { chatId: 2, owner: other })
    const onPairFailed = vi.fn()
    const work = warn()
    const stale = { position: old, reading: reading(100, wad('1.3')) }
    const committed = await commitTransitions(store.db, {
      ...work,
      readings: [...work.readings, stale],
      onPairFailed,
    })
    expect(committed).toHaveLength(1)
    expect(onPairFailed).not.toHaveBeenCalled()
    expect(await outboxKeys(store.db)).toEqual([`warning:1:${position.id}:1:1`])
  })

  it('stores more than 500 pairs of chat and position in several transactions, all of them', async () => {
    await transact(store.db, async (tx) => {
      const chatIds = Array.from({ length: 1_100 }, (_, index) => 10_000 + index)
      for (let start = 0; start < chatIds.length; start += 500) {
        const part = chatIds.slice(start, start + 500)
        await tx
          .insertInto('chats')
          .values(
            part.map((id) => ({
              id,
              kind: 'private',
              state: 'active' as const,
              warning_wad: wad('1.5').toString(),
              quiet_until: 0,
              created_at: NOW,
            })),
          )
          .execute()
        await tx
          .insertInto('watches')
          .values(
            part.map((id) => ({ chat_id: id, owner: OWNER, label: null, thread_id: null, created_at: NOW })),
          )
          .execute()
      }
    })
    let decided = 0
    const failing = commitTransitions(store.db, {
      ...warn(),
      decide: (input) => {
        decided += 1
        if (decided > 1_050) throw new Error('a bug in the third part')
        return decide(input)
      },
    })
    await expect(failing).rejects.toThrow('a bug in the third part')
    expect((await states()).size).toBe(1_000)
    expect(await outboxKeys(store.db)).toHaveLength(1_000)

    const committed = await commitTransitions(store.db, warn())
    expect(committed).toHaveLength(101)
    expect((await states()).size).toBe(1_101)
    const keys = await outboxKeys(store.db)
    expect(new Set(keys).size).toBe(1_101)
  })

  it('reads many positions of many owners in one go', async () => {
    const refs = Array.from({ length: 700 }, (_, index) => refOf(ownerOf(2 + (index % 7)), `0x${index}`))
    for (let owner = 2; owner < 9; owner += 1)
      await addWatcher(store.db, { chatId: 1, owner: ownerOf(owner) })
    await storeFound(store.db, { refs, nowMs: NOW })
    const rows = await store.db.selectFrom('positions').selectAll().where('id', '<>', position.id).execute()
    const ids = new Map(rows.map((row) => [row.key, row.id]))
    const readings = refs.map((ref) => ({
      position: { id: ids.get(ref.key) ?? 0, ref },
      reading: reading(100, wad('0.99')),
    }))
    expect(await commitTransitions(store.db, { readings, nowMs: NOW, decide })).toHaveLength(700)
    expect(await outboxKeys(store.db)).toHaveLength(700)
  })

  it('behaves, when two commits meet, as if one came after the other', async () => {
    for (let round = 0; round < 15; round += 1) {
      const fresh = await addPosition(store.db, refOf(OWNER, `0xrace${round}`))
      const commit = (block: number, health: string) =>
        commitTransitions(store.db, {
          readings: [{ position: fresh, reading: reading(block, wad(health)) }],
          nowMs: NOW,
          decide,
        })
      await Promise.all([commit(101, '1.3'), commit(102, '1.05')])
      const state = (await loadStates(store.db, [fresh.id])).get(`1:${fresh.id}`)
      expect(state).toMatchObject({ lastBlock: 102, level: 'critical' })
      const rows = (await outboxRows(store.db)).filter((row) => row.position_id === fresh.id)
      const told = rows.map((row) => `${row.kind} ${row.seq}`)
      // The older reading tells something only when it came first.
      expect([['warning 1', 'critical 2'], ['critical 1']]).toContainEqual(told)
    }
  })
})

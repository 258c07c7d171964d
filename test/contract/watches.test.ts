import { describe, expect, it } from 'vitest'
import { loadStates, saveStates } from '../../db/alert-states.ts'
import { positionsOf } from '../../db/positions.ts'
import { transact } from '../../db/transact.ts'
import {
  addWatch,
  findWatch,
  listWatches,
  removeWatch,
  setThreshold,
  thresholdsOf,
} from '../../db/watches.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addChat,
  addPosition,
  addWatcher,
  MAX,
  NOW,
  outboxRows,
  ownerOf,
  queueAlert,
  refOf,
  stateWith,
  wad,
} from './store-kit.ts'

describe.each(databases)('watches on $name', (kind) => {
  const store = useDatabase(kind)

  async function remove(chatId: number, watchId: number) {
    return await transact(store.db, (tx) => removeWatch(tx, { chatId, watchId }))
  }

  describe('addWatch', () => {
    it('adds a wallet and answers with its row', async () => {
      await addChat(store.db, 1)
      const given = { chatId: 1, owner: ownerOf(1), label: 'Ledger 🌊', threadId: 44, nowMs: NOW }
      const { watch, isNew } = await transact(store.db, (tx) => addWatch(tx, given))
      expect(isNew).toBe(true)
      expect(watch).toEqual({
        id: expect.any(Number) as number,
        chat_id: 1,
        owner: ownerOf(1),
        label: 'Ledger 🌊',
        thread_id: 44,
        created_at: NOW,
      })
      expect(await findWatch(store.db, { chatId: 1, owner: ownerOf(1) })).toEqual(watch)
    })

    it('keeps one wallet per chat: a second time only the topic and a new label count', async () => {
      const first = await addWatcher(store.db, { chatId: 1, owner: ownerOf(1), label: 'A', threadId: 3 })
      const again = { chatId: 1, owner: ownerOf(1), threadId: 9, nowMs: NOW + 1 }
      const unnamed = await transact(store.db, (tx) => addWatch(tx, { ...again, label: null }))
      expect(unnamed).toEqual({ watch: { ...first, thread_id: 9 }, isNew: false })
      const renamed = await transact(store.db, (tx) => addWatch(tx, { ...again, label: 'B' }))
      expect(renamed).toEqual({ watch: { ...first, label: 'B', thread_id: 9 }, isNew: false })
      expect(await listWatches(store.db, 1)).toEqual([{ ...first, label: 'B', thread_id: 9 }])
    })

    it('lets two chats watch the same wallet, and lists each its own, oldest first', async () => {
      const second = await addWatcher(store.db, { chatId: 1, owner: ownerOf(9) })
      const third = await addWatcher(store.db, { chatId: 1, owner: ownerOf(2) })
      const other = await addWatcher(store.db, { chatId: 2, owner: ownerOf(9) })
      expect(await listWatches(store.db, 1)).toEqual([second, third])
      expect(await listWatches(store.db, 2)).toEqual([other])
      expect(await listWatches(store.db, 3)).toEqual([])
      expect(await findWatch(store.db, { chatId: 2, owner: ownerOf(2) })).toBeUndefined()
    })

    it('refuses a second row for the same chat and wallet in the table itself', async () => {
      const watch = await addWatcher(store.db, { chatId: 1, owner: ownerOf(1) })
      await expect(
        store.db
          .insertInto('watches')
          .values({
            chat_id: watch.chat_id,
            owner: watch.owner,
            label: null,
            thread_id: null,
            created_at: watch.created_at,
          })
          .execute(),
      ).rejects.toThrow(/unique/i)
    })
  })

  describe('removeWatch', () => {
    it('takes thresholds, states and unwatched positions with it, and keeps committed alerts', async () => {
      const owner = ownerOf(1)
      const watch = await addWatcher(store.db, { chatId: 1, owner })
      await setThreshold(store.db, { watchId: watch.id, scope: 'wallet', target: '', warningWad: wad('1.2') })
      const position = await addPosition(store.db, refOf(owner))
      await saveStates(store.db, [{ chatId: 1, positionId: position.id, state: stateWith({}) }])
      await queueAlert(store.db, { chatId: 1, positionId: position.id })

      expect(await remove(1, watch.id)).toEqual(watch)

      expect(await listWatches(store.db, 1)).toEqual([])
      expect(await thresholdsOf(store.db, [watch.id])).toEqual([])
      expect((await loadStates(store.db, [position.id])).size).toBe(0)
      expect(await positionsOf(store.db, owner)).toEqual([])
      expect((await outboxRows(store.db)).map(({ state }) => state)).toEqual(['pending'])
    })

    it('does not touch what another chat has of the same wallet', async () => {
      const owner = ownerOf(1)
      const mine = await addWatcher(store.db, { chatId: 1, owner })
      const theirs = await addWatcher(store.db, { chatId: 2, owner, label: 'theirs' })
      for (const watchId of [mine.id, theirs.id]) {
        await setThreshold(store.db, { watchId, scope: 'wallet', target: '', warningWad: wad('1.2') })
      }
      const position = await addPosition(store.db, refOf(owner))
      const state = stateWith({ level: 'warning', seq: 4 })
      await saveStates(store.db, [
        { chatId: 1, positionId: position.id, state },
        { chatId: 2, positionId: position.id, state },
      ])

      await remove(1, mine.id)

      expect(await listWatches(store.db, 2)).toEqual([theirs])
      expect(await thresholdsOf(store.db, [mine.id, theirs.id])).toEqual([
        expect.objectContaining({ watch_id: theirs.id }),
      ])
      expect([...(await loadStates(store.db, [position.id]))]).toEqual([[`2:${position.id}`, state]])
      expect(await positionsOf(store.db, owner)).toEqual([position])
    })

    it('leaves other wallets of the same chat alone', async () => {
      const gone = await addWatcher(store.db, { chatId: 1, owner: ownerOf(1) })
      const kept = await addWatcher(store.db, { chatId: 1, owner: ownerOf(2) })
      const position = await addPosition(store.db, refOf(ownerOf(2)))
      await saveStates(store.db, [{ chatId: 1, positionId: position.id, state: stateWith({}) }])
      await remove(1, gone.id)
      expect(await listWatches(store.db, 1)).toEqual([kept])
      expect(await positionsOf(store.db, ownerOf(2))).toEqual([position])
      expect((await loadStates(store.db, [position.id])).size).toBe(1)
    })

    it('refuses the wallet of another chat and an unknown id', async () => {
      const watch = await addWatcher(store.db, { chatId: 1, owner: ownerOf(1) })
      await addChat(store.db, 2)
      expect(await remove(2, watch.id)).toBeUndefined()
      expect(await remove(1, watch.id + 1000)).toBeUndefined()
      expect(await listWatches(store.db, 1)).toEqual([watch])
    })

    it('never hands out the id of a removed wallet or position again', async () => {
      const seen = { watches: new Set<number>(), positions: new Set<number>() }
      for (let round = 0; round < 4; round += 1) {
        const watch = await addWatcher(store.db, { chatId: 1, owner: ownerOf(1) })
        const position = await addPosition(store.db, refOf(ownerOf(1)))
        seen.watches.add(watch.id)
        seen.positions.add(position.id)
        await remove(1, watch.id)
      }
      expect([seen.watches.size, seen.positions.size]).toEqual([4, 4])
    })
  })

  describe('thresholds', () => {
    it('are set, replaced with the old value as answer, and kept apart by scope and target', async () => {
      const watch = await addWatcher(store.db, { chatId: 1, owner: ownerOf(1) })
      const other = await addWatcher(store.db, { chatId: 1, owner: ownerOf(2) })
      const set = (scope: 'wallet' | 'protocol', warningWad: bigint) =>
        setThreshold(store.db, { watchId: watch.id, scope, target: '', warningWad })
      expect(await set('wallet', wad('1.2'))).toBeUndefined()
      expect(await set('protocol', wad('1.9'))).toBeUndefined()
      expect(await set('wallet', MAX)).toBe(wad('1.2'))
      expect(await set('wallet', wad('1.3'))).toBe(MAX)
      const rows = await thresholdsOf(store.db, [watch.id, other.id])
      expect(rows).toHaveLength(2)
      expect(rows).toEqual(
        expect.arrayContaining([
          {
            watch_id: watch.id,
            scope: 'wallet',
            target: '',
            warning_wad: '1300000000000000000',
            critical_wad: null,
          },
          {
            watch_id: watch.id,
            scope: 'protocol',
            target: '',
            warning_wad: '1900000000000000000',
            critical_wad: null,
          },
        ]),
      )
      expect(await thresholdsOf(store.db, [])).toEqual([])
    })

    it('cannot be set for a wallet that is gone', async () => {
      const watch = await addWatcher(store.db, { chatId: 1, owner: ownerOf(1) })
      await remove(1, watch.id)
      const key = { watchId: watch.id, scope: 'wallet', target: '' } as const
      await expect(setThreshold(store.db, { ...key, warningWad: wad('1.2') })).rejects.toThrow(/foreign key/i)
      expect(await thresholdsOf(store.db, [watch.id])).toEqual([])
    })
  })
})

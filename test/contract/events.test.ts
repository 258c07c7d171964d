import { describe, expect, it } from 'vitest'
import { setChatState } from '../../db/chats.ts'
import { type EventsTaken, readCursor, takeEvents } from '../../db/cursors.ts'
import { type DirtyMark, dueMarks, markDirty, settleMarks } from '../../db/dirty-owners.ts'
import { transact } from '../../db/transact.ts'
import type { Address } from '../../src/domain/address.ts'
import { databases, useDatabase } from './databases.ts'
import { addWatcher, NOW, ownerOf } from './store-kit.ts'

describe.each(databases)('events on $name', (kind) => {
  const store = useDatabase(kind)

  async function take(over: Partial<EventsTaken> & { touched?: Map<Address, number> }) {
    const taken = { protocol: 'neverland' as const, from: null, to: 100, touched: new Map(), nowMs: NOW }
    const kept = await takeEvents(store.db, { ...taken, liquidations: [], ...over })
    return kept?.marked ?? null
  }

  async function marks(nowMs = NOW, limit = 1_000): Promise<DirtyMark[]> {
    return await dueMarks(store.db, { protocol: 'neverland', nowMs, limit })
  }

  async function settle(settled: { done?: DirtyMark[]; again?: DirtyMark[] }): Promise<void> {
    const whole = { done: [], again: [], retryAtMs: NOW + 60_000, ...settled }
    await transact(store.db, (tx) => settleMarks(tx, whole))
  }

  function mark(owner: Address, over: Partial<DirtyMark> = {}): DirtyMark {
    return { owner, protocol: 'neverland', sinceBlock: 90, markedAtMs: NOW, ...over }
  }

  describe('taking them in', () => {
    it('moves the cursor of that protocol alone', async () => {
      expect(await readCursor(store.db, 'neverland')).toBeNull()
      expect(await take({ to: 100 })).toEqual([])
      expect(await take({ protocol: 'morpho', to: 7 })).toEqual([])
      expect(await take({ from: 100, to: 130 })).toEqual([])
      expect(await readCursor(store.db, 'neverland')).toBe(130)
      expect(await readCursor(store.db, 'morpho')).toBe(7)
    })

    it('marks the owners whom a chat watches that wants alerts, and nobody else', async () => {
      await addWatcher(store.db, { chatId: 1, owner: ownerOf(1) })
      await addWatcher(store.db, { chatId: 2, owner: ownerOf(1) })
      await addWatcher(store.db, { chatId: 3, owner: ownerOf(2) })
      await setChatState(store.db, { chatId: 3, state: 'stopped' })
      const touched = new Map([1, 2, 3].map((number) => [ownerOf(number), 90 + number]))
      expect(await take({ touched })).toEqual([ownerOf(1)])
      expect(await marks()).toEqual([mark(ownerOf(1), { sinceBlock: 91 })])
    })

    it('does nothing at all when the cursor is no longer where the events begin', async () => {
      await addWatcher(store.db, { chatId: 1, owner: ownerOf(1) })
      await take({ to: 100 })
      const touched = new Map([[ownerOf(1), 90]])
      expect(await take({ from: null, to: 200, touched })).toBeNull()
      expect(await take({ from: 99, to: 200, touched })).toBeNull()
      expect(await readCursor(store.db, 'neverland')).toBe(100)
      expect(await marks()).toEqual([])
    })

    it('of two who take in the same, lets one win', async () => {
      await take({ to: 100 })
      const both = await Promise.all([take({ from: 100, to: 150 }), take({ from: 100, to: 120 })])
      expect(both.filter((answer) => answer === null)).toHaveLength(1)
      expect(await readCursor(store.db, 'neverland')).toBe(both[0] ? 150 : 120)
    })

    it('leaves neither marks nor a moved cursor behind when it fails halfway', async () => {
      await addWatcher(store.db, { chatId: 1, owner: ownerOf(1) })
      await take({ to: 100 })
      const touched = new Map([[ownerOf(1), 101]])
      await expect(take({ from: 100, to: Number.NaN, touched })).rejects.toThrow()
      expect(await readCursor(store.db, 'neverland')).toBe(100)
      expect(await marks()).toEqual([])
    })

    it('takes in more owners than fit one transaction, and all of them are marked', async () => {
      const owners = Array.from({ length: 1_100 }, (_, index) => ownerOf(index + 1))
      for (const owner of owners.filter((_, index) => index % 100 === 0)) {
        await addWatcher(store.db, { chatId: 1, owner })
      }
      expect(await take({ touched: new Map(owners.map((owner) => [owner, 90])) })).toHaveLength(11)
      expect(await marks()).toHaveLength(11)
      expect(await readCursor(store.db, 'neverland')).toBe(100)
    })

    it('refuses to mark more than that in one transaction', async () => {
      const touched = Array.from({ length: 501 }, (_, index) => ({ owner: ownerOf(index), block: 1 }))
      await expect(markDirty(store.db, { protocol: 'euler', touched, nowMs: NOW })).rejects.toThrow(/500/)
    })
  })

  describe('marks', () => {
    async function markOwner(owner: Address, over: { block?: number; nowMs?: number } = {}): Promise<void> {
      const { block = 90, nowMs = NOW } = over
      await markDirty(store.db, { protocol: 'neverland', touched: [{ owner, block }], nowMs })
    }

    it('are due at once, for their protocol, at most as many as asked', async () => {
      for (const number of [1, 2, 3]) await markOwner(ownerOf(number))
      await markDirty(store.db, {
        protocol: 'morpho',
        touched: [{ owner: ownerOf(1), block: 5 }],
        nowMs: NOW,
      })
      expect(await marks()).toHaveLength(3)
      expect(await marks(NOW, 2)).toHaveLength(2)
      expect(await dueMarks(store.db, { protocol: 'morpho', nowMs: NOW, limit: 9 })).toEqual([
        mark(ownerOf(1), { protocol: 'morpho', sinceBlock: 5 }),
      ])
    })

    it('come with the one that waits longest first, a renewed one last', async () => {
      for (const number of [3, 1, 2]) await markOwner(ownerOf(number), { nowMs: NOW + number })
      await markOwner(ownerOf(1), { nowMs: NOW + 9 })
      expect((await marks(NOW + 9)).map(({ owner }) => owner)).toEqual([2, 3, 1].map(ownerOf))
    })

    it('are gone when they are done, and only those', async () => {
      for (const number of [1, 2]) await markOwner(ownerOf(number))
      await settle({ done: [mark(ownerOf(1))] })
      expect(await marks()).toEqual([mark(ownerOf(2))])
    })

    it('wait when they are put off, behind those that are due', async () => {
      for (const number of [1, 2]) await markOwner(ownerOf(number))
      await settle({ again: [mark(ownerOf(1))] })
      expect(await marks(NOW + 59_999)).toEqual([mark(ownerOf(2))])
      expect(await marks(NOW + 60_000)).toEqual([mark(ownerOf(2)), mark(ownerOf(1))])
    })

    it.each([
      ['by a later event', { block: 95, nowMs: NOW }],
      ['at a later time', { block: 90, nowMs: NOW + 1 }],
    ])('that were renewed meanwhile %s stay due, whatever became of the old ones', async (_, renewed) => {
      for (const number of [1, 2]) await markOwner(ownerOf(number))
      const [first, second] = [mark(ownerOf(1)), mark(ownerOf(2))]
      for (const number of [1, 2]) await markOwner(ownerOf(number), renewed)
      await settle({ done: [first], again: [second] })
      const over = { sinceBlock: renewed.block, markedAtMs: renewed.nowMs }
      expect(await marks()).toEqual([mark(ownerOf(1), over), mark(ownerOf(2), over)])
    })

    it('that were put off are due at once when something happens again', async () => {
      await markOwner(ownerOf(1))
      await settle({ again: [mark(ownerOf(1))] })
      expect(await marks()).toEqual([])
      await markOwner(ownerOf(1), { block: 91 })
      expect(await marks()).toEqual([mark(ownerOf(1), { sinceBlock: 91 })])
    })
  })
})

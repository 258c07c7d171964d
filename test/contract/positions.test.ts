import { describe, expect, it } from 'vitest'
import { setChatState } from '../../db/chats.ts'
import {
  duePositions,
  duePositionsOf,
  positionsOf,
  storeFound,
  watchedAmong,
  watchedLike,
  watchedOwners,
} from '../../db/positions.ts'
import type { Address } from '../../src/domain/address.ts'
import { PHASES, phaseOf } from '../../src/domain/schedule.ts'
import { databases, useDatabase } from './databases.ts'
import { addPosition, addWatcher, isActive, NOW, ownerOf, refOf } from './store-kit.ts'

const EVERYTHING = { from: 0, to: PHASES }

describe.each(databases)('positions on $name', (kind) => {
  const store = useDatabase(kind)

  async function rows() {
    return await store.db.selectFrom('positions').selectAll().orderBy('id').execute()
  }

  async function dueOwners(range = EVERYTHING): Promise<string[]> {
    return (await duePositions(store.db, range)).map(({ ref }) => ref.owner).sort()
  }

  describe('storeFound', () => {
    it('stores a position with the phase of its owner, to be read', async () => {
      const ref = refOf(ownerOf(1))
      await storeFound(store.db, { refs: [ref], nowMs: NOW })
      expect(await rows()).toEqual([
        {
          id: expect.any(Number) as number,
          key: ref.key,
          protocol: 'neverland',
          market: ref.market,
          market_name: ref.marketName,
          owner: ref.owner,
          phase: phaseOf(ref.owner),
          active: 1,
          found_at: NOW,
        },
      ])
    })

    it('changes nothing when the same is found again, and takes over a new market name', async () => {
      const ref = refOf(ownerOf(1))
      await storeFound(store.db, { refs: [ref], nowMs: NOW })
      const [before] = await rows()
      await storeFound(store.db, { refs: [ref], nowMs: NOW + 1 })
      expect(await rows()).toEqual([before])
      await storeFound(store.db, { refs: [{ ...ref, marketName: 'Renamed' }], nowMs: NOW + 2 })
      expect(await rows()).toEqual([{ ...before, market_name: 'Renamed' }])
    })

    it('wakes a position that was no longer read, under the same id', async () => {
      const position = await addPosition(store.db, refOf(ownerOf(1)))
      await store.db.updateTable('positions').set({ active: 0 }).execute()
      expect(await isActive(store.db, position)).toBe(false)
      expect(await addPosition(store.db, position.ref)).toEqual(position)
      expect(await isActive(store.db, position)).toBe(true)
    })

    it('stores thousands at once, and nothing for nothing', async () => {
      const refs = Array.from({ length: 1_203 }, (_, index) => refOf(ownerOf(index + 1)))
      await storeFound(store.db, { refs: [], nowMs: NOW })
      await storeFound(store.db, { refs, nowMs: NOW })
      expect((await rows()).map(({ key }) => key)).toEqual(refs.map(({ key }) => key))
    })

    it('takes the same position twice in one list as one', async () => {
      const ref = refOf(ownerOf(1))
      await storeFound(store.db, { refs: [ref, { ...ref }], nowMs: NOW })
      expect(await rows()).toHaveLength(1)
    })

    it.each([
      ['markup', '<b>&amp;"\'`$n'],
      ['emoji, right-to-left marks and line breaks', '\u202e🌊\r\n\t\u200f'],
      ['300 letters', 'x'.repeat(300)],
      ['a zero byte', 'PT\u0000USD'],
    ])('keeps a market name with %s, which strangers choose', async (_, marketName) => {
      const ref = { ...refOf(ownerOf(1)), marketName }
      await storeFound(store.db, { refs: [ref, refOf(ownerOf(2))], nowMs: NOW })
      expect(await positionsOf(store.db, ownerOf(2))).toHaveLength(1)
      const [stored] = await positionsOf(store.db, ownerOf(1))
      expect(stored?.ref.marketName.replaceAll('\u0000', '')).toBe(marketName.replaceAll('\u0000', ''))
    })
  })

  describe('positionsOf', () => {
    it('lists the positions of one owner by age, also those that are not read', async () => {
      const owner = ownerOf(1)
      const first = await addPosition(store.db, refOf(owner, '0xb'))
      const second = await addPosition(store.db, refOf(owner, '0xa'))
      await addPosition(store.db, refOf(ownerOf(2)))
      await store.db.updateTable('positions').set({ active: 0 }).where('id', '=', first.id).execute()
      expect(await positionsOf(store.db, owner)).toEqual([first, second])
      expect(second.ref).toEqual(refOf(owner, '0xa'))
    })
  })

  describe('duePositions', () => {
    it('are those whose owner has a phase in the range, its end excluded', async () => {
      const owners = Array.from({ length: 40 }, (_, index) => ownerOf(index + 1))
      for (const [index, owner] of owners.entries()) {
        await addWatcher(store.db, { chatId: 1 + (index % 3), owner })
        await addPosition(store.db, refOf(owner))
      }
      expect(await dueOwners()).toEqual([...owners].sort())
      const inRange = (from: number, to: number): Address[] =>
        owners.filter((owner) => phaseOf(owner) >= from && phaseOf(owner) < to).sort()
      const middle = phaseOf(ownerOf(7))
      for (const range of [
        { from: 0, to: PHASES / 2 },
        { from: PHASES / 2, to: PHASES },
        { from: middle, to: middle + 1 },
        { from: middle + 1, to: PHASES },
        { from: 0, to: middle },
      ]) {
        expect(await dueOwners(range)).toEqual(inRange(range.from, range.to))
      }
      expect(await dueOwners({ from: middle, to: middle })).toEqual([])
    })

    it('leave out sleeping positions, unwatched owners and chats that want no alerts', async () => {
      const [normal, sleeping, unwatched, stopped, unreachable] = [1, 2, 3, 4, 5].map(ownerOf) as [
        Address,
        Address,
        Address,
        Address,
        Address,
      ]
      for (const owner of [normal, sleeping, unwatched, stopped, unreachable]) {
        const position = await addPosition(store.db, refOf(owner))
        if (owner !== sleeping) continue
        await store.db.updateTable('positions').set({ active: 0 }).where('id', '=', position.id).execute()
      }
      await addWatcher(store.db, { chatId: 1, owner: normal })
      await addWatcher(store.db, { chatId: 1, owner: sleeping })
      await addWatcher(store.db, { chatId: 2, owner: stopped })
      await addWatcher(store.db, { chatId: 3, owner: unreachable })
      await setChatState(store.db, { chatId: 2, state: 'stopped' })
      await setChatState(store.db, { chatId: 3, state: 'unreachable' })
      expect(await dueOwners()).toEqual([normal])
      await setChatState(store.db, { chatId: 2, state: 'active' })
      expect(await dueOwners()).toEqual([normal, stopped])
    })

    it('contain a position once, however many chats watch it', async () => {
      const owner = ownerOf(1)
      const position = await addPosition(store.db, refOf(owner))
      for (const chatId of [1, 2, 3]) await addWatcher(store.db, { chatId, owner })
      await setChatState(store.db, { chatId: 3, state: 'stopped' })
      expect(await duePositions(store.db, EVERYTHING)).toEqual([position])
    })
  })

  it('watchedOwners are those of active chats, each once', async () => {
    await addWatcher(store.db, { chatId: 1, owner: ownerOf(1) })
    await addWatcher(store.db, { chatId: 2, owner: ownerOf(1) })
    await addWatcher(store.db, { chatId: 2, owner: ownerOf(2) })
    await addWatcher(store.db, { chatId: 3, owner: ownerOf(3) })
    expect((await watchedOwners(store.db)).sort()).toEqual([ownerOf(1), ownerOf(2), ownerOf(3)])
    await setChatState(store.db, { chatId: 3, state: 'unreachable' })
    await setChatState(store.db, { chatId: 2, state: 'stopped' })
    expect(await watchedOwners(store.db)).toEqual([ownerOf(1)])
  })

  it('watchedAmong are those of them whom an active chat watches, each once', async () => {
    for (const chatId of [1, 2]) await addWatcher(store.db, { chatId, owner: ownerOf(1) })
    await addWatcher(store.db, { chatId: 3, owner: ownerOf(2) })
    await addWatcher(store.db, { chatId: 1, owner: ownerOf(3) })
    await setChatState(store.db, { chatId: 3, state: 'stopped' })
    expect(await watchedAmong(store.db, [1, 2, 4].map(ownerOf))).toEqual([ownerOf(1)])
    expect(await watchedAmong(store.db, [])).toEqual([])
  })

  describe('watchedLike', () => {
    const base = `0x${'ab'.repeat(18)}00`
    const account = (prefix: string, last: string) => `${prefix}${last}` as Address

    it('are the watched owners who have the first 19 bytes, whatever the last one is', async () => {
      const near = `0x${'ab'.repeat(18)}01`
      const mine = ['00', '7f', 'ff'].map((last) => account(base, last))
      for (const owner of [...mine, account(near, '00')]) await addWatcher(store.db, { chatId: 1, owner })
      expect((await watchedLike(store.db, [base])).sort()).toEqual(mine)
      expect(await watchedLike(store.db, [near])).toEqual([account(near, '00')])
      expect(await watchedLike(store.db, [`0x${'ab'.repeat(18)}02`])).toEqual([])
    })

    it('are those of active chats, each once', async () => {
      const [owner, stopped] = [account(base, '11'), account(base, '22')]
      for (const chatId of [1, 2]) await addWatcher(store.db, { chatId, owner })
      await addWatcher(store.db, { chatId: 3, owner: stopped })
      await setChatState(store.db, { chatId: 3, state: 'stopped' })
      expect(await watchedLike(store.db, [base])).toEqual([owner])
    })

    it('are found among more prefixes than one query takes, and none for none', async () => {
      const prefixes = Array.from({ length: 257 }, (_, index) => `0x${index.toString(16).padStart(38, '0')}`)
      const owners = prefixes.map((prefix) => account(prefix, '5a'))
      for (const owner of owners) await addWatcher(store.db, { chatId: 1, owner })
      const found = await watchedLike(store.db, prefixes)
      expect(found.sort()).toEqual([...owners].sort())
      expect(await watchedLike(store.db, [])).toEqual([])
    })
  })

  it('duePositionsOf are what would fall due anyway, of these owners on this protocol', async () => {
    const [owner, other, unwatched] = [ownerOf(1), ownerOf(2), ownerOf(3)]
    for (const one of [owner, other]) await addWatcher(store.db, { chatId: 1, owner: one })
    const expected = await addPosition(store.db, refOf(owner))
    const sleeping = await addPosition(store.db, refOf(owner, '0xsleeping'))
    await store.db.updateTable('positions').set({ active: 0 }).where('id', '=', sleeping.id).execute()
    await addPosition(store.db, { ...refOf(owner, '0xelsewhere'), protocol: 'morpho' })
    for (const one of [other, unwatched]) await addPosition(store.db, refOf(one))
    const of = (owners: Address[]) => duePositionsOf(store.db, { protocol: 'neverland', owners })
    expect(await of([owner, unwatched])).toEqual([expected])
    expect(await of([])).toEqual([])
  })
})

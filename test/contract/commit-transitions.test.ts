import { beforeEach, describe, expect, it } from 'vitest'
import { loadStates } from '../../db/alert-states.ts'
import { setChatState } from '../../db/chats.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import type { StoredPosition } from '../../db/positions.ts'
import { transact } from '../../db/transact.ts'
import { removeWatch } from '../../db/watches.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import type { AlertState } from '../../src/domain/alerting/state.ts'
import type { Reading } from '../../src/domain/position.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addPosition,
  addWatcher,
  isActive,
  NOW,
  noPosition,
  outboxKeys,
  outboxRows,
  ownerOf,
  reading,
  refOf,
  wad,
} from './store-kit.ts'

const OWNER = ownerOf(1)
const UNKNOWN: Reading = { kind: 'unknown', reason: 'rpc', detail: 'no answer' }

describe.each(databases)('commitTransitions on $name', (kind) => {
  const store = useDatabase(kind)
  let position: StoredPosition

  beforeEach(async () => {
    await addWatcher(store.db, { chatId: 1, owner: OWNER, threadId: 42 })
    position = await addPosition(store.db, refOf(OWNER))
  })

  async function commit(given: Reading, at: { nowMs?: number; position?: StoredPosition } = {}) {
    return await commitTransitions(store.db, {
      readings: [{ position: at.position ?? position, reading: given }],
      nowMs: at.nowMs ?? NOW,
      decide,
    })
  }

  async function stateOf(chatId: number): Promise<AlertState | undefined> {
    return (await loadStates(store.db, [position.id])).get(`${chatId}:${position.id}`)
  }

  describe('a transition and its alert', () => {
    it('are stored together, under a key of kind, chat, position, episode and number', async () => {
      const committed = await commit(reading(100, wad('1.3')))
      expect(committed).toEqual([
        { chatId: 1, ref: position.ref, transition: expect.objectContaining({ kind: 'warning' }) as unknown },
      ])
      expect(await stateOf(1)).toMatchObject({ level: 'warning', episode: 1, seq: 1, lastBlock: 100 })
      const [row] = await outboxRows(store.db)
      expect(row).toMatchObject({
        key: `warning:1:${position.id}:1:1`,
        chat_id: 1,
        thread_id: 42,
        position_id: position.id,
        kind: 'warning',
        episode: 1,
        seq: 1,
        urgency: 50,
        state: 'pending',
        not_before: NOW,
        created_at: NOW,
        attempts: 0,
        maybe_repeat: 0,
        plain: 0,
        delivery_id: null,
      })
      expect(await commit(reading(101, wad('1.05')))).toHaveLength(1)
      expect(await outboxKeys(store.db)).toEqual([
        `warning:1:${position.id}:1:1`,
        `critical:1:${position.id}:1:2`,
      ])
    })

    it('are nothing at all for a safe first reading, but the state is remembered', async () => {
      expect(await commit(reading(100, wad('1.9')))).toEqual([])
      expect(await stateOf(1)).toMatchObject({ level: 'safe', lastBlock: 100, seq: 0 })
      expect(await outboxRows(store.db)).toEqual([])
    })

    it('reach each watcher with a row of its own, and nobody who does not watch', async () => {
      await addWatcher(store.db, { chatId: 2, owner: OWNER })
      await addWatcher(store.db, { chatId: 3, owner: ownerOf(2) })
      await commit(reading(100, wad('0.99')))
      const rows = await outboxRows(store.db)
      expect(rows.map(({ key, thread_id }) => [key, thread_id]).sort()).toEqual([
        [`liquidatable:1:${position.id}:1:1`, 42],
        [`liquidatable:2:${position.id}:1:1`, null],
      ])
      expect(await stateOf(2)).toMatchObject({ level: 'liquidatable' })
      expect(await stateOf(3)).toBeUndefined()
    })

    it('are counted by each chat for itself', async () => {
      await commit(reading(100, wad('1.3')))
      await addWatcher(store.db, { chatId: 2, owner: OWNER })
      await commit(reading(101, wad('1.05')))
      expect((await outboxKeys(store.db)).sort()).toEqual([
        `critical:1:${position.id}:1:2`,
        `critical:2:${position.id}:1:1`,
        `warning:1:${position.id}:1:1`,
      ])
    })

    it('do not exist for chats that were stopped or cannot be reached', async () => {
      await addWatcher(store.db, { chatId: 2, owner: OWNER })
      await setChatState(store.db, { chatId: 1, state: 'stopped' })
      await setChatState(store.db, { chatId: 2, state: 'unreachable' })
      expect(await commit(reading(100, wad('0.9')))).toEqual([])
      expect(await outboxRows(store.db)).toEqual([])
      expect((await loadStates(store.db, [position.id])).size).toBe(0)
    })
  })

  describe('a reading that was already applied', () => {
    it('adds nothing when it comes again, nor does an older block', async () => {
      await commit(reading(100, wad('1.3')))
      const before = await stateOf(1)
      for (const again of [reading(100, wad('1.3')), reading(100, wad('0.5')), reading(99, wad('0.5'))]) {
        expect(await commit(again, { nowMs: NOW + 120_000 })).toEqual([])
      }
      expect(await stateOf(1)).toEqual(before)
      expect(await outboxKeys(store.db)).toHaveLength(1)
    })
  })

  describe('a wallet that is removed and added again', () => {
    async function addAgain() {
      const watches = await store.db.selectFrom('watches').selectAll().where('chat_id', '=', 1).execute()
      for (const { id } of watches)
        await transact(store.db, (tx) => removeWatch(tx, { chatId: 1, watchId: id }))
      await addWatcher(store.db, { chatId: 1, owner: OWNER })
      position = await addPosition(store.db, refOf(OWNER))
    }

    it('rings anew under a key that was never used, when its position is kept for another chat', async () => {
      await addWatcher(store.db, { chatId: 2, owner: OWNER })
      const kept = position.id
      await commit(reading(100, wad('1.3')))
      await addAgain()
      expect(position.id).toBe(kept)
      await commit(reading(101, wad('1.3')))
      expect((await outboxKeys(store.db)).sort()).toEqual([
        `warning:1:${kept}:1:1`,
        `warning:1:${kept}:2:2`,
        `warning:2:${kept}:1:1`,
      ])
    })

    it('rings anew under a key that was never used, when its position was forgotten', async () => {
      await commit(reading(100, wad('1.3')))
      await addAgain()
      await commit(reading(101, wad('1.3')))
      expect(new Set(await outboxKeys(store.db)).size).toBe(2)
    })

    it('goes on after the highest numbers of all that was told before', async () => {
      await commit(reading(100, wad('1.3')))
      await commit(reading(200, wad('1.9')))
      await commit(reading(300, wad('1.9')))
      await commit(reading(301, wad('1.3')))
      const { id } = position
      await addWatcher(store.db, { chatId: 2, owner: OWNER })
      await addAgain()
      await commit(reading(302, wad('1.3')))
      const keys = (await outboxKeys(store.db)).filter((key) => key.includes(`:1:${id}:`))
      expect(keys.sort()).toEqual([
        `recovered:1:${id}:1:2`,
        `warning:1:${id}:1:1`,
        `warning:1:${id}:2:3`,
        `warning:1:${id}:3:4`,
      ])
    })
  })

  describe('what is written', () => {
    it('is no second good reading within a minute that changes nothing', async () => {
      await commit(reading(100, wad('1.9')))
      await commit(reading(140, wad('1.8')), { nowMs: NOW + 59_999 })
      expect(await stateOf(1)).toMatchObject({ lastBlock: 100, last: { atMs: NOW } })
      await commit(reading(141, wad('1.7')), { nowMs: NOW + 60_000 })
      expect(await stateOf(1)).toMatchObject({
        lastBlock: 141,
        last: { atMs: NOW + 60_000, health: { healthWad: wad('1.7') } },
      })
    })

    it('is the newest reading of all once nothing can be read any more, even the one that was not written', async () => {
      const seenAt = async () => (await stateOf(1))?.last?.atMs
      await commit(reading(100, wad('1.9')))
      await commit(reading(140, wad('1.8')), { nowMs: NOW + 40_000 })
      expect(await seenAt()).toBe(NOW)
      await commit(UNKNOWN, { nowMs: NOW + 50_000 })
      expect(await seenAt()).toBe(NOW + 40_000)
      expect((await stateOf(1))?.last?.health).toMatchObject({ healthWad: wad('1.8') })
    })

    it('is everything that changes something, at once', async () => {
      await commit(reading(100, wad('1.9')))
      await commit(UNKNOWN, { nowMs: NOW + 1 })
      expect(await stateOf(1)).toMatchObject({ unseen: { sinceMs: NOW + 1, reason: 'rpc' } })
      await commit(reading(101, wad('1.9')), { nowMs: NOW + 2 })
      expect(await stateOf(1)).toMatchObject({ unseen: null, lastBlock: 101 })
      await commit(reading(102, null), { nowMs: NOW + 3 })
      expect(await stateOf(1)).toMatchObject({ last: { health: { noDebt: true } } })
      await commit(reading(103, wad('1.4')), { nowMs: NOW + 4 })
      expect(await stateOf(1)).toMatchObject({ level: 'warning', seq: 1 })
    })
  })

  describe('a settled position', () => {
    it('is not read any more once it is safe without debt', async () => {
      await commit(reading(100, wad('1.9')))
      expect(await isActive(store.db, position)).toBe(true)
      await commit(reading(101, null))
      expect(await isActive(store.db, position)).toBe(false)
    })

    it('is read until a level without debt was left, with its message', async () => {
      await commit(reading(100, wad('1.2')))
      await commit(reading(101, null))
      expect(await isActive(store.db, position)).toBe(true)
      await commit(reading(200, null), { nowMs: NOW + 100_000 })
      expect(await isActive(store.db, position)).toBe(false)
      expect(await outboxKeys(store.db)).toEqual([
        `warning:1:${position.id}:1:1`,
        `recovered:1:${position.id}:1:2`,
      ])
    })

    it('is closed by two agreeing reads, told once, and then not read any more', async () => {
      await commit(reading(100, wad('1.9')))
      expect(await commit(noPosition(101))).toEqual([])
      expect(await isActive(store.db, position)).toBe(true)
      expect(await commit(noPosition(101))).toEqual([])
      expect(await commit(noPosition(102))).toHaveLength(1)
      expect(await isActive(store.db, position)).toBe(false)
      expect(await stateOf(1)).toMatchObject({ closed: true, level: 'safe' })
      expect(await commit(noPosition(103))).toEqual([])
      expect(await outboxKeys(store.db)).toEqual([`closed:1:${position.id}:0:1`])
    })

    it('goes on being read when it could not be read', async () => {
      await commit(UNKNOWN)
      expect(await isActive(store.db, position)).toBe(true)
    })
  })
})

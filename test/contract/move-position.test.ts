import { beforeEach, describe, expect, it } from 'vitest'
import { loadStates, saveStates, stateKey } from '../../db/alert-states.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import { movePosition } from '../../db/move-position.ts'
import { positionsOf, type StoredPosition } from '../../db/positions.ts'
import { transact } from '../../db/transact.ts'
import { removeWatch, setThreshold, type ThresholdKey, thresholdsOf } from '../../db/watches.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import type { AlertState } from '../../src/domain/alerting/state.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addPosition,
  addWatcher,
  isActive,
  NOW,
  outboxKeys,
  ownerOf,
  queueAlert,
  reading,
  refOf,
  stateWith,
  verified,
  wad,
} from './store-kit.ts'

const OWNER = ownerOf(1)
const TO = refOf(OWNER, '0xnew')
const BLOCK = 120

describe.each(databases)('movePosition on $name', (kind) => {
  const store = useDatabase(kind)
  const told = stateWith({
    level: 'critical',
    episode: 3,
    seq: 8,
    lastBlock: 100,
    last: verified(wad('1.08')),
    ringHealthWad: wad('1.08'),
    clear: { liquidatable: null, critical: { readings: 1, sinceS: 5 }, warning: null },
    firstSeenMs: NOW - 1_000_000,
    seen: { level: 'critical', atMs: NOW - 60_000 },
    snooze: { level: 'critical', untilMs: NOW + 60_000 },
  })
  const carried: AlertState = {
    ...told,
    lastBlock: BLOCK - 1,
    clear: { liquidatable: null, critical: null, warning: null },
  }
  let from: StoredPosition
  let watchId: number

  beforeEach(async () => {
    watchId = (await addWatcher(store.db, { chatId: 1, owner: OWNER })).id
    from = await addPosition(store.db, refOf(OWNER, '0xold'))
  })

  async function move(block = BLOCK): Promise<void> {
    await transact(store.db, (tx) => movePosition(tx, { from, to: TO, block, nowMs: NOW }))
  }

  async function save({ id, chatId = 1 }: { id: number; chatId?: number }, state: AlertState): Promise<void> {
    await saveStates(store.db, [{ chatId, positionId: id, state }])
  }

  async function target(): Promise<StoredPosition | undefined> {
    return (await positionsOf(store.db, OWNER)).find(({ ref }) => ref.key === TO.key)
  }

  async function stateThere(chatId = 1): Promise<AlertState | undefined> {
    const positionId = (await target())?.id ?? 0
    return (await loadStates(store.db, [positionId])).get(stateKey({ chatId, positionId }))
  }

  async function line(key: Omit<ThresholdKey, 'watchId'>, warning = '1.3'): Promise<void> {
    await transact(store.db, (tx) => setThreshold(tx, { ...key, watchId, warningWad: wad(warning) }))
  }

  async function linesThere(): Promise<string[]> {
    const rows = await thresholdsOf(store.db, [watchId])
    return rows
      .filter(({ target: at }) => at === TO.key)
      .map(({ scope, warning_wad }) => `${scope} ${warning_wad}`)
      .sort()
  }

  it('stores the new position to be read, and leaves the old one as it is', async () => {
    await save(from, told)
    await move()
    const there = await target()
    expect(there?.ref).toEqual(TO)
    expect(there && (await isActive(store.db, there))).toBe(true)
    expect(await isActive(store.db, from)).toBe(true)
    const states = await loadStates(store.db, [from.id])
    expect(states.get(stateKey({ chatId: 1, positionId: from.id }))).toEqual(told)
  })

  describe('what was told', () => {
    it('goes along in every chat that was told something, and in no other', async () => {
      for (const chatId of [2, 3]) await addWatcher(store.db, { chatId, owner: OWNER })
      await save(from, told)
      await save({ id: from.id, chatId: 2 }, { ...told, level: 'warning', seen: null })
      await move()
      expect(await stateThere(1)).toEqual(carried)
      expect(await stateThere(2)).toEqual({ ...carried, level: 'warning', seen: null })
      expect(await stateThere(3)).toBeUndefined()
    })

    it('goes along also after the first of the two reads was counted, and while nothing can be seen', async () => {
      const unseen = { sinceMs: NOW - 1, reason: 'rpc', detail: 'no answer' } as const
      await save(from, { ...told, blind: true, unseen, absent: { block: 110, endpoint: 'a' } })
      await move()
      expect(await stateThere()).toEqual({ ...carried, blind: true, unseen })
    })

    it('is what the next reading there is measured against', async () => {
      await save(from, told)
      await move()
      const position = await target()
      if (!position) throw new Error('nothing was stored')
      const read = (block: number, health: string) =>
        commitTransitions(store.db, {
          readings: [{ position, reading: reading(block, wad(health)) }],
          nowMs: NOW,
          decide,
        })
      expect(await read(BLOCK - 1, '0.5')).toEqual([])
      expect(await read(BLOCK, '1.08')).toEqual([])
      expect(await read(BLOCK + 1, '0.99')).toHaveLength(1)
      expect(await outboxKeys(store.db)).toEqual([`liquidatable:1:${position.id}:3:9`])
    })

    it('is not touched by a second time, whatever was read meanwhile', async () => {
      await save(from, told)
      await move()
      await move(BLOCK + 1)
      expect(await stateThere()).toEqual(carried)
      const position = await target()
      if (!position) throw new Error('nothing was stored')
      const further = { ...carried, level: 'liquidatable', seq: 9, lastBlock: 130, seen: null } as const
      await save(position, further)
      await move(BLOCK + 2)
      expect(await stateThere()).toEqual(further)
    })

    it.each([
      ['a loan of its own', stateWith({ last: verified(wad('2')), lastBlock: 50 })],
      ['a level of its own', stateWith({ level: 'warning', lastBlock: 50 })],
      ['blindness of its own', stateWith({ blind: true })],
    ])('gives way to %s', async (_, own) => {
      await save(from, told)
      await save(await addPosition(store.db, TO), own)
      await move()
      expect(await stateThere()).toEqual(own)
    })

    it.each([
      ['a closed loan', { closed: true, last: verified(wad('1.2')) }],
      ['a deposit without debt', { last: verified(null) }],
      ['a position that was never read', {}],
    ])('takes the place of %s, and goes on counting', async (_, own) => {
      await save(from, told)
      await save(await addPosition(store.db, TO), stateWith({ ...own, episode: 5, seq: 9, lastBlock: 140 }))
      await move()
      expect(await stateThere()).toEqual({ ...carried, episode: 5, seq: 9, lastBlock: 140 })
    })

    it('goes on counting from alerts whose state was forgotten', async () => {
      await save(from, told)
      const there = await addPosition(store.db, TO)
      await queueAlert(store.db, { chatId: 1, positionId: there.id, transition: { episode: 6, seq: 30 } })
      await move()
      expect(await stateThere()).toEqual({ ...carried, episode: 6, seq: 30 })
    })

    it.each([
      ['closed', { ...told, closed: true }],
      ['never had a debt', stateWith({ last: verified(null), lastBlock: 100 })],
      ['was read at a later block', { ...told, lastBlock: BLOCK }],
    ])('stays where it is when the old one %s', async (_, old) => {
      await save(from, old)
      await move()
      expect(await target()).toBeDefined()
      expect(await stateThere()).toBeUndefined()
    })
  })

  describe('its own thresholds', () => {
    it('go along, a set one and a proposed one, and nothing else of that wallet', async () => {
      await line({ scope: 'position', target: from.ref.key }, '1.3')
      await line({ scope: 'proposed', target: from.ref.key }, '1.2')
      await line({ scope: 'position', target: 'another loan' })
      await line({ scope: 'wallet', target: '' })
      await line({ scope: 'protocol', target: 'neverland' })
      await move()
      await move()
      expect(await linesThere()).toEqual([`position ${wad('1.3')}`, `proposed ${wad('1.2')}`])
      expect(await thresholdsOf(store.db, [watchId])).toHaveLength(7)
    })

    it('give way to those that are there', async () => {
      await line({ scope: 'position', target: from.ref.key }, '1.3')
      await line({ scope: 'position', target: TO.key }, '1.4')
      await move()
      expect(await linesThere()).toEqual([`position ${wad('1.4')}`])
    })

    it('go along for each chat by itself', async () => {
      const other = await addWatcher(store.db, { chatId: 2, owner: OWNER })
      await line({ scope: 'position', target: from.ref.key }, '1.3')
      await move()
      expect(await thresholdsOf(store.db, [other.id])).toEqual([])
    })
  })

  it('stores nothing for a wallet that was removed a moment ago', async () => {
    await transact(store.db, (tx) => removeWatch(tx, { chatId: 1, watchId }))
    await move()
    expect(await positionsOf(store.db, OWNER)).toEqual([])
  })

  it('leaves nothing half done when it fails', async () => {
    await line({ scope: 'position', target: from.ref.key })
    await save(from, told)
    const failing = transact(store.db, async (tx) => {
      await movePosition(tx, { from, to: TO, block: BLOCK, nowMs: NOW })
      throw new Error('the process died')
    })
    await expect(failing).rejects.toThrow('the process died')
    expect([await target(), await linesThere()]).toEqual([undefined, []])
    await move()
    expect(await stateThere()).toEqual(carried)
  })
})

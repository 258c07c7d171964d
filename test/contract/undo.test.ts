import { beforeEach, describe, expect, it } from 'vitest'
import { loadStates, saveStates, stateKey } from '../../db/alert-states.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import { positionsOf, type StoredPosition } from '../../db/positions.ts'
import type { WatchRow } from '../../db/schema.ts'
import { transact } from '../../db/transact.ts'
import { removeWithUndo, undoRemoval } from '../../db/undo.ts'
import { findWatch, listWatches, setThreshold, thresholdsOf } from '../../db/watches.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import type { AlertState } from '../../src/domain/alerting/state.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addChat,
  addPosition,
  addWatcher,
  NOW,
  outboxKeys,
  ownerOf,
  reading,
  refOf,
  stateWith,
  verified,
  wad,
} from './store-kit.ts'

const OWNER = ownerOf(1)
const DAY = 24 * 3_600_000

describe.each(databases)('taking back a removal on $name', (kind) => {
  const store = useDatabase(kind)
  let watch: WatchRow
  let position: StoredPosition

  beforeEach(async () => {
    watch = await addWatcher(store.db, { chatId: 1, owner: OWNER, label: 'Main', threadId: 5 })
    position = await addPosition(store.db, refOf(OWNER))
  })

  async function remove(watchId = watch.id, nowMs = NOW): Promise<number> {
    const removed = await transact(store.db, (tx) => removeWithUndo(tx, { chatId: 1, watchId, nowMs }))
    if (!removed) throw new Error('there was nothing to remove')
    return removed.undoId
  }

  function undo(undoId: number, over: { chatId?: number; nowMs?: number } = {}) {
    return transact(store.db, (tx) => undoRemoval(tx, { chatId: 1, undoId, nowMs: NOW, ...over }))
  }

  async function save(state: Partial<AlertState>): Promise<void> {
    await saveStates(store.db, [{ chatId: 1, positionId: position.id, state: stateWith(state) }])
  }

  async function states(chatId = 1): Promise<[string, AlertState | undefined][]> {
    const stored = await positionsOf(store.db, OWNER)
    const all = await loadStates(
      store.db,
      stored.map(({ id }) => id),
    )
    return stored.map(({ id, ref }) => [ref.key, all.get(stateKey({ chatId, positionId: id }))])
  }

  async function read(block: number, health: string): Promise<void> {
    const stored = await positionsOf(store.db, OWNER)
    await commitTransitions(store.db, {
      readings: stored.map((one) => ({ position: one, reading: reading(block, wad(health)) })),
      nowMs: NOW + block,
      decide,
    })
  }

  it('brings back label, topic, thresholds and what was told', async () => {
    const second = await addPosition(store.db, refOf(OWNER, '0xsecond'))
    for (const key of [
      { scope: 'wallet', target: '', warningWad: wad('1.4') },
      { scope: 'protocol', target: 'neverland', warningWad: wad('1.3') },
      { scope: 'position', target: position.ref.key, warningWad: wad('1.2') },
      { scope: 'proposed', target: second.ref.key, warningWad: wad('1.1') },
    ] as const) {
      await setThreshold(store.db, { watchId: watch.id, ...key })
    }
    await save({
      level: 'critical',
      episode: 3,
      seq: 8,
      lastBlock: 100,
      last: verified(wad('1.04')),
      ringHealthWad: wad('1.04'),
      clear: { liquidatable: null, critical: { readings: 1, sinceS: 77 }, warning: null },
      seen: { level: 'critical', atMs: NOW },
      snooze: { level: 'critical', untilMs: NOW + 9 },
    })
    const before = await states()
    const thresholds = await thresholdsOf(store.db, [watch.id])

    const undoId = await remove()
    expect(await listWatches(store.db, 1)).toEqual([])
    expect(await thresholdsOf(store.db, [watch.id])).toEqual([])
    expect(await states()).toEqual([])

    const restored = await undo(undoId, { nowMs: NOW + 60_000 })
    const found = await findWatch(store.db, { chatId: 1, owner: OWNER })
    expect(restored).toEqual(found)
    expect(found).toEqual({ ...watch, id: found?.id })
    const byTarget = (rows: typeof thresholds) =>
      rows.map(({ scope, target, warning_wad }) => `${scope} ${target} ${warning_wad}`).sort()
    expect(byTarget(await thresholdsOf(store.db, [found?.id ?? 0]))).toEqual(byTarget(thresholds))
    expect(await states()).toEqual(before)
  })

  it('rings nothing twice: the same level goes without a word, a deeper one rings', async () => {
    await read(100, '1.4')
    const told = await outboxKeys(store.db)
    expect(told).toHaveLength(1)
    await undo(await remove())
    await read(101, '1.4')
    expect(await outboxKeys(store.db)).toEqual(told)
    await read(102, '1.05')
    expect((await outboxKeys(store.db)).map((key) => key.split(':')[0])).toEqual(['warning', 'critical'])
  })

  it('works for a day, and not a moment longer', async () => {
    expect(await undo(await remove(), { nowMs: NOW + DAY })).toMatchObject({ owner: OWNER })
    const [again] = await listWatches(store.db, 1)
    expect(await undo(await remove(again?.id), { nowMs: NOW + DAY + 1 })).toBe('expired')
    expect(await listWatches(store.db, 1)).toEqual([])
  })

  it('works once', async () => {
    const undoId = await remove()
    await undo(undoId)
    expect(await undo(undoId)).toBe('expired')
    expect(await listWatches(store.db, 1)).toHaveLength(1)
  })

  it('two taps at once bring the wallet back once', async () => {
    const undoId = await remove()
    const answers = await Promise.all([undo(undoId), undo(undoId)])
    expect(answers.filter((answer) => answer === 'expired')).toHaveLength(1)
    expect(await listWatches(store.db, 1)).toHaveLength(1)
  })

  it('works only in the chat that removed, and a try elsewhere does not use it up', async () => {
    await addChat(store.db, 2)
    const undoId = await remove()
    expect(await undo(undoId, { chatId: 2 })).toBe('expired')
    expect(await listWatches(store.db, 2)).toEqual([])
    expect(await undo(undoId)).toMatchObject({ label: 'Main' })
  })

  it('nothing is removed for a button of another chat', async () => {
    await addChat(store.db, 2)
    const which = { chatId: 2, watchId: watch.id, nowMs: NOW }
    expect(await transact(store.db, (tx) => removeWithUndo(tx, which))).toBeUndefined()
    expect(await listWatches(store.db, 1)).toEqual([watch])
    expect(await store.db.selectFrom('undo').selectAll().execute()).toEqual([])
  })

  it('says when the wallet is watched again already, and changes nothing about it', async () => {
    await setThreshold(store.db, { watchId: watch.id, scope: 'wallet', target: '', warningWad: wad('1.4') })
    const undoId = await remove()
    const again = await addWatcher(store.db, { chatId: 1, owner: OWNER, label: 'New' })
    expect(await undo(undoId)).toBe('watched again')
    expect(await listWatches(store.db, 1)).toEqual([again])
    expect(await thresholdsOf(store.db, [again.id])).toEqual([])
  })

  it('leaves the same wallet of another chat alone', async () => {
    const other = await addWatcher(store.db, { chatId: 2, owner: OWNER, label: 'Theirs' })
    const state = stateWith({ level: 'warning', episode: 1, seq: 1, last: verified(wad('1.4')) })
    await saveStates(store.db, [{ chatId: 2, positionId: position.id, state }])
    const undoId = await remove()
    expect(await states(2)).toEqual([[position.ref.key, state]])
    await undo(undoId)
    expect(await listWatches(store.db, 2)).toEqual([other])
    expect(await states(2)).toEqual([[position.ref.key, state]])
  })

  it('what is older than a day is swept out with the next removal', async () => {
    const old = await remove()
    const second = await addWatcher(store.db, { chatId: 1, owner: ownerOf(2) })
    await remove(second.id, NOW + DAY + 1)
    const rows = await store.db.selectFrom('undo').select('id').execute()
    expect(rows).toHaveLength(1)
    expect(rows.map(({ id }) => id)).not.toContain(old)
  })

  it('an older removal taken back does not take back the numbers of alerts that went out since', async () => {
    // Another chat keeps the loan, so that it has the same id all along.
    await addWatcher(store.db, { chatId: 2, owner: OWNER })
    await store.db.updateTable('chats').set({ state: 'stopped' }).where('id', '=', 2).execute()
    await read(100, '1.6')
    const first = await remove()
    const again = await addWatcher(store.db, { chatId: 1, owner: OWNER })
    await read(101, '1.4')
    await remove(again.id)
    await undo(first)
    await read(102, '1.4')
    const keys = await outboxKeys(store.db)
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(2)
  })
})

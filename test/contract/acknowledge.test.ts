import { beforeEach, describe, expect, it } from 'vitest'
import { markSeen, pressedAlert, snoozeAlert } from '../../db/acknowledge.ts'
import { loadStates, saveStates, stateKey } from '../../db/alert-states.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import type { StoredPosition } from '../../db/positions.ts'
import { transact } from '../../db/transact.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import type { AlertState } from '../../src/domain/alerting/state.ts'
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
  stateWith,
  verified,
  wad,
} from './store-kit.ts'

const OWNER = ownerOf(1)
const HOUR = 3_600_000

describe.each(databases)('the buttons under an alert on $name', (kind) => {
  const store = useDatabase(kind)
  const state = stateWith({
    level: 'warning',
    episode: 1,
    seq: 1,
    lastBlock: 100,
    last: verified(wad('1.4')),
    ringHealthWad: wad('1.4'),
  })
  let position: StoredPosition
  let rowId: number

  beforeEach(async () => {
    for (const chatId of [1, 2]) await addWatcher(store.db, { chatId, owner: OWNER })
    position = await addPosition(store.db, refOf(OWNER))
    await saveStates(
      store.db,
      [1, 2].map((chatId) => ({ chatId, positionId: position.id, state })),
    )
    rowId = await queueAlert(store.db, {
      chatId: 1,
      positionId: position.id,
      ref: position.ref,
      transition: { seq: 1 },
    })
  })

  const seen = (chatId: number, row = rowId) =>
    transact(store.db, (tx) => markSeen(tx, { chatId, rowId: row, nowMs: NOW + 5 }))
  const snooze = (chatId: number, row = rowId) =>
    transact(store.db, (tx) => snoozeAlert(tx, { chatId, rowId: row, untilMs: NOW + HOUR }))

  async function stateOf(chatId: number): Promise<AlertState | undefined> {
    const key = { chatId, positionId: position.id }
    return (await loadStates(store.db, [position.id])).get(stateKey(key))
  }

  it('find the alert that they stand under', async () => {
    expect(await pressedAlert(store.db, { chatId: 1, rowId })).toMatchObject({
      positionId: position.id,
      ref: position.ref,
      transition: { kind: 'warning', to: 'warning', reading: verified(wad('1.3')) },
    })
  })

  it('Seen marks the alert and its level, for this chat alone', async () => {
    expect(await seen(1)).toMatchObject({ positionId: position.id })
    expect((await outboxRows(store.db)).map(({ seen_at }) => seen_at)).toEqual([NOW + 5])
    expect(await stateOf(1)).toEqual({ ...state, seen: { level: 'warning', atMs: NOW + 5 } })
    expect(await stateOf(2)).toEqual(state)
  })

  it('Snooze silences the level until its time, for this chat alone', async () => {
    expect(await snooze(1)).toMatchObject({ positionId: position.id })
    expect(await stateOf(1)).toEqual({ ...state, snooze: { level: 'warning', untilMs: NOW + HOUR } })
    expect(await stateOf(2)).toEqual(state)
    expect((await outboxRows(store.db)).map(({ seen_at }) => seen_at)).toEqual([null])
  })

  it('Seen and Snooze keep each other', async () => {
    await seen(1)
    await snooze(1)
    await seen(1)
    expect(await stateOf(1)).toMatchObject({ seen: { level: 'warning' }, snooze: { untilMs: NOW + HOUR } })
  })

  it('a snoozed level rings no new low in the next cycle, and a deeper level rings', async () => {
    await snooze(1)
    const commit = (block: number, health: string) =>
      commitTransitions(store.db, {
        readings: [{ position, reading: reading(block, wad(health)) }],
        nowMs: NOW + block,
        decide,
      })
    await commit(101, '1.3')
    expect((await outboxKeys(store.db)).slice(1)).toEqual([`warning:2:${position.id}:1:2`])
    await commit(102, '1.1')
    expect((await outboxKeys(store.db)).slice(2).sort()).toEqual([
      `critical:1:${position.id}:1:2`,
      `critical:2:${position.id}:1:3`,
    ])
  })

  it('of another chat do nothing', async () => {
    const rows = await outboxRows(store.db)
    expect(await pressedAlert(store.db, { chatId: 2, rowId })).toBeUndefined()
    expect(await seen(2)).toBeUndefined()
    expect(await snooze(2)).toBeUndefined()
    expect([await stateOf(1), await stateOf(2)]).toEqual([state, state])
    expect(await outboxRows(store.db)).toEqual(rows)
  })

  it('of an alert that never was do nothing', async () => {
    for (const row of [rowId + 1, 0, Number.MAX_SAFE_INTEGER]) {
      expect(await seen(1, row)).toBeUndefined()
      expect(await snooze(1, row)).toBeUndefined()
    }
    expect(await stateOf(1)).toEqual(state)
  })

  it('work without harm when the wallet is no longer watched', async () => {
    await store.db.deleteFrom('alert_states').execute()
    expect(await seen(1)).toMatchObject({ positionId: position.id })
    expect(await snooze(1)).toMatchObject({ positionId: position.id })
    expect(await stateOf(1)).toBeUndefined()
  })
})

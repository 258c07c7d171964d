import { describe, expect, it } from 'vitest'
import { saveStates } from '../../db/alert-states.ts'
import { setChatState } from '../../db/chats.ts'
import { claim } from '../../db/outbox-claim.ts'
import { storedStats } from '../../db/stats.ts'
import { databases, useDatabase } from './databases.ts'
import { addChat, addPosition, addWatcher, NOW, ownerOf, queueAlert, refOf, stateWith } from './store-kit.ts'

describe.each(databases)('stats on $name', (kind) => {
  const store = useDatabase(kind)

  it('are zeros for an empty database', async () => {
    expect(await storedStats(store.db)).toEqual({
      people: 0,
      chats: {},
      wallets: 0,
      positions: [],
      blind: 0,
      outbox: { waiting: 0, oldestCreatedAtMs: null },
    })
  })

  it('count chats, wallets, positions by level, blind ones and waiting alerts, all as numbers', async () => {
    for (const chatId of [1, 2, 3]) await addWatcher(store.db, { chatId, owner: ownerOf(1) })
    await addWatcher(store.db, { chatId: 1, owner: ownerOf(2) })
    await addChat(store.db, 4)
    await setChatState(store.db, { chatId: 3, state: 'stopped' })
    await setChatState(store.db, { chatId: 4, state: 'unreachable' })
    const first = await addPosition(store.db, refOf(ownerOf(1)))
    const second = await addPosition(store.db, { ...refOf(ownerOf(2)), protocol: 'morpho' })
    await saveStates(store.db, [
      { chatId: 1, positionId: first.id, state: stateWith({ level: 'safe' }) },
      { chatId: 2, positionId: first.id, state: stateWith({ level: 'safe', blind: true }) },
      { chatId: 3, positionId: first.id, state: stateWith({ level: 'critical' }) },
      { chatId: 1, positionId: second.id, state: stateWith({ closed: true }) },
      { chatId: 2, positionId: second.id, state: stateWith({ level: 'warning', blind: true }) },
    ])
    await queueAlert(store.db, { chatId: 1, nowMs: NOW - 7 })
    await queueAlert(store.db, { chatId: 2 })
    await claim(store.db, { nowMs: NOW, newDeliveryId: 'D', exceptChats: [], leaseToken: 1 })
    expect(await storedStats(store.db)).toEqual({
      people: 3,
      chats: { active: 2, stopped: 1, unreachable: 1 },
      wallets: 4,
      positions: [
        { protocol: 'morpho', level: 'warning', count: 1 },
        { protocol: 'neverland', level: 'critical', count: 1 },
        { protocol: 'neverland', level: 'safe', count: 2 },
      ],
      blind: 2,
      outbox: { waiting: 2, oldestCreatedAtMs: NOW - 7 },
    })
  })
})

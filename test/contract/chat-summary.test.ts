import { describe, expect, it } from 'vitest'
import { saveStates } from '../../db/alert-states.ts'
import { chatSummary } from '../../db/chat-summary.ts'
import { claim } from '../../db/outbox-claim.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addPosition,
  addWatcher,
  NOW,
  ownerOf,
  queueAlert,
  refOf,
  stateWith,
  verified,
  wad,
} from './store-kit.ts'

const OWNER = ownerOf(1)
const EMPTY = {
  wallets: 0,
  levels: {},
  blind: 0,
  oldestSeenMs: null,
  waitingAlerts: 0,
  secondChat: null,
  loansByProtocol: {},
}

describe.each(databases)('the summary of a chat on $name', (kind) => {
  const store = useDatabase(kind)

  it('is zeros for a chat without anything, and for one that is not known', async () => {
    expect(await chatSummary(store.db, 1)).toEqual(EMPTY)
    await addWatcher(store.db, { chatId: 1, owner: OWNER })
    expect(await chatSummary(store.db, 1)).toEqual({ ...EMPTY, wallets: 1 })
  })

  it('counts open loans with debt by level and protocol, and when the oldest was seen', async () => {
    for (const chatId of [1, 2]) await addWatcher(store.db, { chatId, owner: OWNER })
    await addWatcher(store.db, { chatId: 1, owner: ownerOf(2) })
    const last = (health: string | null, atMs: number) => ({
      ...verified(health === null ? null : wad(health)),
      atMs,
    })
    const states = [
      stateWith({ last: last('1.9', NOW - 3_000) }),
      stateWith({ last: last('1.8', NOW - 9_000), blind: true }),
      stateWith({ last: last('1.1', NOW - 1_000), level: 'critical' }),
      stateWith({ last: last(null, NOW - 99_000) }),
      stateWith({ last: last('1.1', NOW - 99_000), closed: true }),
    ]
    for (const [index, state] of states.entries()) {
      const protocol = index === 1 ? 'morpho' : 'neverland'
      const { id } = await addPosition(store.db, { ...refOf(OWNER, `0x${index}`), protocol })
      const other = stateWith({ level: 'liquidatable', blind: true, last: last('0.9', 1) })
      await saveStates(store.db, [
        { chatId: 1, positionId: id, state },
        { chatId: 2, positionId: id, state: other },
      ])
    }
    expect(await chatSummary(store.db, 1)).toEqual({
      wallets: 2,
      levels: { safe: 2, critical: 1 },
      blind: 1,
      oldestSeenMs: NOW - 9_000,
      waitingAlerts: 0,
      secondChat: null,
      loansByProtocol: { neverland: 2, morpho: 1 },
    })
  })

  it('takes a loan that was never seen as unseen since it was found', async () => {
    await addWatcher(store.db, { chatId: 1, owner: OWNER })
    const { id } = await addPosition(store.db, refOf(OWNER))
    await saveStates(store.db, [{ chatId: 1, positionId: id, state: stateWith({ firstSeenMs: NOW - 7 }) }])
    expect(await chatSummary(store.db, 1)).toMatchObject({ oldestSeenMs: NOW - 7, levels: { safe: 1 } })
  })

  it('counts alerts of this chat that wait or are under way', async () => {
    const sent = await queueAlert(store.db, { chatId: 1 })
    await store.db.updateTable('outbox').set({ state: 'sent' }).where('id', '=', sent).execute()
    for (const chatId of [1, 1, 2]) await queueAlert(store.db, { chatId })
    await claim(store.db, { nowMs: NOW, newDeliveryId: 'D', exceptChats: [], leaseToken: 1 })
    expect((await chatSummary(store.db, 1)).waitingAlerts).toBe(2)
    expect((await chatSummary(store.db, 2)).waitingAlerts).toBe(1)
  })
})

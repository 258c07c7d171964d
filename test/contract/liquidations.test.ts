import { beforeEach, describe, expect, it } from 'vitest'
import { loadStates } from '../../db/alert-states.ts'
import { setChatState } from '../../db/chats.ts'
import type { LiquidationToTell } from '../../db/commit-liquidations.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import { type EventsKept, readCursor, takeEvents } from '../../db/cursors.ts'
import { alertOf } from '../../db/outbox.ts'
import { positionsOf, type StoredPosition } from '../../db/positions.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import type { PositionRef } from '../../src/domain/position.ts'
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
const REF = refOf(OWNER)
const SEIZED = { symbol: 'WMON', amount: { amount: 25n * 10n ** 18n, decimals: 18 } }
const REPAID = { symbol: 'USDC', amount: { amount: 100_000_000n, decimals: 6 } }

function liquidated(at: { block: number; logIndex?: number; ref?: PositionRef }): LiquidationToTell {
  const { block, logIndex = 0, ref = REF } = at
  return { ref, liquidation: { block, logIndex, seized: SEIZED, repaid: REPAID } }
}

describe.each(databases)('liquidations on $name', (kind) => {
  const store = useDatabase(kind)
  let position: StoredPosition

  beforeEach(async () => {
    await addWatcher(store.db, { chatId: 1, owner: OWNER, threadId: 42 })
    position = await addPosition(store.db, REF)
  })

  async function take(
    liquidations: readonly LiquidationToTell[],
    at: { from?: number | null; to?: number } = {},
  ): Promise<EventsKept | null> {
    const { from = null, to = 200 } = at
    const touched = new Map(liquidations.map(({ ref, liquidation }) => [ref.owner, liquidation.block]))
    return await takeEvents(store.db, { protocol: 'neverland', from, to, touched, liquidations, nowMs: NOW })
  }

  async function stateOf(chatId: number) {
    return (await loadStates(store.db, [position.id])).get(`${chatId}:${position.id}`)
  }

  it('are told in the transaction that passes the event, with what was lost and what was paid back', async () => {
    const kept = await take([liquidated({ block: 150, logIndex: 3 })])
    expect(kept?.marked).toEqual([OWNER])
    expect(kept?.committed).toMatchObject([{ chatId: 1, ref: REF, transition: { kind: 'liquidated' } }])
    const [row, ...others] = await outboxRows(store.db)
    expect(others).toEqual([])
    expect(row).toMatchObject({
      key: `liquidated:1:${position.id}:0:1`,
      chat_id: 1,
      thread_id: 42,
      urgency: 5,
      state: 'pending',
      confirm: 'none',
      not_before: NOW,
    })
    expect(row && alertOf(row).transition.liquidation).toEqual({
      block: 150,
      logIndex: 3,
      seized: SEIZED,
      repaid: REPAID,
    })
    expect(await stateOf(1)).toMatchObject({ liquidation: { block: 150, logIndex: 3 }, seq: 1 })
    expect(await readCursor(store.db, 'neverland')).toBe(200)
  })

  it('are told to every chat that watches and wants alerts, and to no other', async () => {
    await addWatcher(store.db, { chatId: 2, owner: OWNER })
    await addWatcher(store.db, { chatId: 3, owner: OWNER })
    await addWatcher(store.db, { chatId: 4, owner: ownerOf(2) })
    await setChatState(store.db, { chatId: 3, state: 'stopped' })
    await take([liquidated({ block: 150 }), liquidated({ block: 151, ref: refOf(ownerOf(9)) })])
    const rows = await outboxRows(store.db)
    expect(rows.map((row) => row.chat_id)).toEqual([1, 2])
    expect(await positionsOf(store.db, ownerOf(9))).toEqual([])
  })

  it('are told once when the same events come again after a crash', async () => {
    await take([liquidated({ block: 150 })])
    // The process died before it knew, and the cursor was read anew.
    expect(await take([liquidated({ block: 150 })])).toBeNull()
    const kept = await take([liquidated({ block: 150 }), liquidated({ block: 149, logIndex: 9 })], {
      from: 200,
      to: 300,
    })
    expect(kept?.committed).toEqual([])
    expect(await outboxKeys(store.db)).toEqual([`liquidated:1:${position.id}:0:1`])
  })

  it('leave nothing behind when the cursor cannot be moved, and are told when it can', async () => {
    await expect(take([liquidated({ block: 150 })], { to: Number.NaN })).rejects.toThrow()
    expect([await outboxKeys(store.db), await stateOf(1)]).toEqual([[], undefined])
    await take([liquidated({ block: 150 })])
    expect(await outboxKeys(store.db)).toHaveLength(1)
  })

  it('of one loan are told each, in the order in which they happened', async () => {
    await take([
      liquidated({ block: 151 }),
      liquidated({ block: 150, logIndex: 7 }),
      liquidated({ block: 150, logIndex: 2 }),
    ])
    const told = (await outboxRows(store.db)).map((row) => alertOf(row).transition.liquidation)
    expect(told.map((one) => [one?.block, one?.logIndex])).toEqual([
      [150, 2],
      [150, 7],
      [151, 0],
    ])
    expect(await outboxKeys(store.db)).toEqual([1, 2, 3].map((seq) => `liquidated:1:${position.id}:0:${seq}`))
  })

  it('do not disturb what the chat was told about the health', async () => {
    await commitTransitions(store.db, {
      readings: [{ position, reading: reading(100, wad('1.05')) }],
      nowMs: NOW,
      decide,
    })
    const before = await stateOf(1)
    await take([liquidated({ block: 150 })])
    expect(await stateOf(1)).toEqual({ ...before, seq: 2, liquidation: { block: 150, logIndex: 0 } })
    await take([liquidated({ block: 260 })], { from: 200, to: 300 })
    expect(await stateOf(1)).toEqual({ ...before, seq: 3, liquidation: { block: 260, logIndex: 0 } })
  })

  it('are told of a loan that nobody had found yet, which is read from then on', async () => {
    const ref = refOf(OWNER, '0xnew')
    await take([liquidated({ block: 150, ref })])
    const found = (await positionsOf(store.db, OWNER)).find((one) => one.ref.key === ref.key)
    expect(found?.ref).toEqual(ref)
    expect(await outboxKeys(store.db)).toEqual([`liquidated:1:${found?.id}:0:1`])
  })

  it('are told of a loan that rested, which is read again', async () => {
    const closed = [noPosition(101), noPosition(102)]
    for (const gone of closed) {
      await commitTransitions(store.db, { readings: [{ position, reading: gone }], nowMs: NOW, decide })
    }
    expect(await isActive(store.db, position)).toBe(false)
    await take([liquidated({ block: 150 })])
    expect(await outboxKeys(store.db)).toHaveLength(1)
    expect(await isActive(store.db, position)).toBe(true)
  })

  it('are told also when more owners were touched than fit one transaction', async () => {
    const touched = new Map(Array.from({ length: 700 }, (_, index) => [ownerOf(index + 1), 150]))
    const kept = await takeEvents(store.db, {
      protocol: 'neverland',
      from: null,
      to: 200,
      touched,
      liquidations: [liquidated({ block: 150 })],
      nowMs: NOW,
    })
    expect([kept?.marked, kept?.committed.length]).toEqual([[OWNER], 1])
  })
})

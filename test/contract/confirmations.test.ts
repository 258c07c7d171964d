import { describe, expect, it } from 'vitest'
import { type Confirmation, confirm, unconfirmed } from '../../db/confirmations.ts'
import { fromJson } from '../../db/json.ts'
import { claim } from '../../db/outbox-claim.ts'
import type { OutboxRow } from '../../db/schema.ts'
import type { Transition } from '../../src/domain/alerting/transition.ts'
import { databases, useDatabase } from './databases.ts'
import { itemsIn, NOW, outboxRows, queueAlert, takeOne, verified, wad } from './store-kit.ts'

const TIME_MS = 20_000
const CRITICAL: Partial<Transition> = {
  kind: 'critical',
  to: 'critical',
  repeat: false,
  holdUntilMs: null,
  reading: verified(wad('1.1')),
}
const SECOND: Confirmation['second'] = {
  endpoint: 'other.example',
  block: 101,
  health: { noDebt: false, healthWad: wad('1.09'), liquidatable: false },
}

describe.each(databases)('second looks on $name', (kind) => {
  const store = useDatabase(kind)

  async function queue(over: Partial<Transition> = {}, at: { chatId?: number; positionId?: number } = {}) {
    return await queueAlert(store.db, { chatId: 1, ...at, transition: { ...CRITICAL, ...over } })
  }

  async function settle(rowIds: readonly number[], over: Partial<Confirmation> & { nowMs?: number } = {}) {
    const { nowMs = NOW + 3_000, ...rest } = over
    const confirmation: Confirmation = { rowIds, verdict: 'confirmed', second: SECOND, ...rest }
    return await confirm(store.db, { confirmations: [confirmation], nowMs })
  }

  async function rowOf(rowId: number): Promise<OutboxRow | undefined> {
    return (await outboxRows(store.db)).find(({ id }) => id === rowId)
  }

  it('wait in order of urgency and, inside a kind, of health', async () => {
    const rows = [
      await queue(),
      await queue({ reading: verified(wad('1.02')) }, { chatId: 2, positionId: 2 }),
      await queue(
        { kind: 'liquidatable', to: 'liquidatable', reading: verified(wad('0.9')) },
        { positionId: 3 },
      ),
    ]
    await queue({ kind: 'warning', to: 'warning' }, { chatId: 3, positionId: 4 })
    const waiting = await unconfirmed(store.db, NOW)
    expect(waiting.map(({ rowId }) => rowId)).toEqual([rows[2], rows[1], rows[0]])
    expect(waiting[1]).toMatchObject({ chatId: 2, positionId: 2, createdAtMs: NOW })
    expect(waiting[1]?.transition.reading).toEqual(verified(wad('1.02')))
  })

  it('are over after twenty seconds, also for what the night holds longer', async () => {
    const rowId = await queue()
    const held = await queue(
      {
        kind: 'warning',
        to: 'warning',
        before: verified(wad('1.9')),
        reading: verified(wad('1.3')),
        holdUntilMs: NOW + 3_600_000,
      },
      { positionId: 2 },
    )
    expect((await unconfirmed(store.db, NOW + TIME_MS - 1)).map((row) => row.rowId)).toEqual([rowId, held])
    expect(await unconfirmed(store.db, NOW + TIME_MS)).toEqual([])
    expect(await rowOf(rowId)).toMatchObject({ state: 'pending', confirm: 'pending', second: null })
  })

  it.each(['confirmed', 'unconfirmed', 'disputed'] as const)(
    'let an alarm go at once when it is %s',
    async (verdict) => {
      const rowId = await queue()
      expect(
        await claim(store.db, { nowMs: NOW + 3_000, newDeliveryId: 'D1', exceptChats: [], leaseToken: 1 }),
      ).toBeUndefined()
      expect([...(await settle([rowId], { verdict }))]).toEqual([rowId])
      expect(await rowOf(rowId)).toMatchObject({
        state: 'pending',
        confirm: verdict,
        not_before: NOW + 3_000,
      })
      expect(await unconfirmed(store.db, NOW + 3_000)).toEqual([])
      expect(
        await claim(store.db, { nowMs: NOW + 3_000, newDeliveryId: 'D1', exceptChats: [], leaseToken: 1 }),
      ).toMatchObject({ rowIds: [rowId] })
    },
  )

  it('keep what the second source said, to the last digit', async () => {
    const rowId = await queue()
    await settle([rowId])
    expect(fromJson((await rowOf(rowId))?.second ?? 'null')).toEqual(SECOND)
    const [item] = itemsIn(await takeOne(store.db, { nowMs: NOW + 3_000 }))
    expect(item).toMatchObject({ rowId, confirm: 'confirmed', second: SECOND })
  })

  it('leave an alarm to the quiet hours that hold it', async () => {
    const until = NOW + 3_600_000
    const over = { before: verified(wad('1.9')), reading: verified(wad('1.3')), holdUntilMs: until }
    const rowId = await queue({ kind: 'warning', to: 'warning', ...over })
    await settle([rowId])
    expect(await rowOf(rowId)).toMatchObject({ confirm: 'confirmed', not_before: until })
  })

  it('change nothing about an alarm that has its verdict or is on its way', async () => {
    const [first, second] = [await queue(), await queue({}, { chatId: 2, positionId: 2 })]
    await settle([first])
    await claim(store.db, { nowMs: NOW + TIME_MS, newDeliveryId: 'D1', exceptChats: [], leaseToken: 1 })
    await claim(store.db, { nowMs: NOW + TIME_MS, newDeliveryId: 'D2', exceptChats: [], leaseToken: 1 })
    expect([...(await settle([first, second], { verdict: 'disputed' }))]).toEqual([])
    expect(await rowOf(first)).toMatchObject({ confirm: 'confirmed', state: 'sending' })
    expect(await rowOf(second)).toMatchObject({ confirm: 'unconfirmed', state: 'sending', second: null })
  })

  it('settle more alarms than fit one statement, together', async () => {
    const rowIds: number[] = []
    for (let chatId = 1; chatId <= 4; chatId += 1) {
      for (let positionId = 1; positionId <= 130; positionId += 1)
        rowIds.push(await queue({}, { chatId, positionId }))
    }
    expect(await unconfirmed(store.db, NOW)).toHaveLength(520)
    expect((await settle(rowIds)).size).toBe(520)
    expect(await unconfirmed(store.db, NOW)).toEqual([])
  })
})

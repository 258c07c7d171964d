import { describe, expect, it } from 'vitest'
import { poolsPaused, setPoolsPaused } from '../../db/pool-pause.ts'
import { poolRulesOf } from '../../db/pool-rules.ts'
import { isLoud } from '../../src/domain/delivery.ts'
import { databases, useDatabase } from './databases.ts'
import { CHAT, HOUR_MS, payloadOf, soundPool, textOf, usePoolBed } from './pools-bed.ts'
import { outboxKeys, outboxRows, queueAlert } from './store-kit.ts'

describe.each(databases)('telling of opportunities on $name', (kind) => {
  const store = useDatabase(kind)
  const bed = usePoolBed(store)

  it('marks as told what was sent, and not what is only queued or under way', async () => {
    bed.fake.serve([soundPool(1)])
    await bed.wants()
    await bed.round()
    expect(await bed.told()).toEqual([])
    const delivery = await bed.next()
    expect(await bed.told()).toEqual([])
    if (!delivery) throw new Error('nothing was queued')
    await bed.settle(delivery, { kind: 'sent', messageId: 1 })
    expect((await bed.told()).length).toBe(1)
    expect((await poolRulesOf(store.db, CHAT))?.firstToldAtMs).toBe(bed.nowMs)
  })

  it.each([
    { kind: 'not-sent', againAtMs: 0, error: 'refused' },
    { kind: 'unknown', againAtMs: 0, error: 'HTTP 502' },
    { kind: 'refused-text', error: 'no' },
    { kind: 'unreachable', error: 'blocked' },
  ] as const)('marks nothing of a message that is $kind', async (settlement) => {
    bed.fake.serve([soundPool(1)])
    await bed.wants()
    await bed.round()
    const delivery = await bed.next()
    if (!delivery) throw new Error('nothing was queued')
    await bed.settle(delivery, settlement)
    expect(await bed.told()).toEqual([])
    expect((await poolRulesOf(store.db, CHAT))?.firstToldAtMs).toBeNull()
  })

  it('tells once what was queued before a crash and sent after it', async () => {
    bed.fake.serve([soundPool(1)])
    await bed.wants()
    await bed.round()
    await bed.next()
    expect(await bed.recover()).toBe(1)
    await bed.round()
    const texts = await bed.sendAll()
    expect(texts.length).toBe(1)
    expect(texts[0]).toContain('You may have got this before.')
    await bed.round()
    expect([await bed.sendAll(), (await bed.told()).length]).toEqual([[], 1])
  })

  it('queues nothing new while a message about opportunities waits or is under way', async () => {
    bed.fake.serve([soundPool(1)])
    await bed.wants()
    await bed.round()
    bed.fake.serve([soundPool(1), soundPool(2)])
    await bed.round()
    expect((await outboxKeys(store.db)).length).toBe(1)
    const delivery = await bed.next()
    await bed.round()
    expect((await outboxKeys(store.db)).length).toBe(1)
    if (!delivery) throw new Error('nothing was queued')
    await bed.settle(delivery, { kind: 'sent', messageId: 1 })
    await bed.round()
    expect((await outboxKeys(store.db)).length).toBe(2)
    expect((await bed.sendAll())[0]).toContain('💧 New: SOL-USDC')
  })

  it('comes after every alert, without a sound, and tells the age its data has when it leaves', async () => {
    bed.fake.serve([soundPool(1)])
    await bed.wants()
    await bed.round()
    await queueAlert(store.db, { chatId: CHAT, nowMs: bed.nowMs })
    const alert = await bed.next()
    expect(alert?.content.kind).toBe('alerts')
    if (alert) await bed.settle(alert, { kind: 'sent', messageId: 1 })
    bed.nowMs += 2 * HOUR_MS
    const delivery = await bed.next()
    if (!delivery) throw new Error('nothing was queued')
    expect(isLoud(delivery.content)).toBe(false)
    expect(textOf(delivery, bed.nowMs)).toContain('Data is 2 h old.')
  })

  it('begins with one digest', async () => {
    bed.fake.serve([1, 2, 3].map((number) => soundPool(number)))
    await bed.wants()
    await bed.round()
    expect((await outboxRows(store.db)).map((row) => row.kind)).toEqual(['digest'])
    expect((await bed.sendAll())[0]).toContain('💧 3 opportunities match your rules now.')
  })

  it('queues nothing while the operator has paused it, and goes on afterwards', async () => {
    bed.fake.serve([soundPool(1)])
    await bed.wants()
    await setPoolsPaused(store.db, { paused: true, nowMs: bed.nowMs })
    await setPoolsPaused(store.db, { paused: true, nowMs: bed.nowMs })
    expect(await poolsPaused(store.db)).toBe(true)
    await bed.round()
    expect(await outboxKeys(store.db)).toEqual([])
    await setPoolsPaused(store.db, { paused: false, nowMs: bed.nowMs })
    await bed.round()
    expect((await outboxKeys(store.db)).length).toBe(1)
  })

  it('F44: more than one message holds is counted, and what was not shown comes next', async () => {
    bed.fake.serve(Array.from({ length: 20 }, (_, number) => soundPool(number)))
    await bed.wants()
    await bed.round()
    const first = await bed.next()
    if (!first) throw new Error('nothing was queued')
    const shown = payloadOf(first)
    if (shown.about !== 'opportunities') throw new Error('not about opportunities')
    expect(shown.telling.tips.length).toBeGreaterThan(0)
    expect(shown.telling.tips.length + shown.telling.more).toBe(20)
    expect(textOf(first, bed.nowMs)).toContain(`… and ${shown.telling.more} more`)
    expect(shown.told.map(({ key }) => key)).toEqual(
      shown.telling.tips.map(({ ranked }) => `meteora:${ranked.opportunity.id}`),
    )
    await bed.settle(first, { kind: 'sent', messageId: 1 })
    expect((await bed.told()).length).toBe(shown.telling.tips.length)
    const told = new Set(await bed.told())
    await bed.round()
    const second = await bed.next()
    const next = second ? payloadOf(second).told.map(({ key }) => key) : []
    expect(next.length).toBeGreaterThan(0)
    expect(next.filter((key) => told.has(key))).toEqual([])
  })

  it('F43: a source in trouble makes no storm, and what vanished is not new when it is back', async () => {
    const pools = [1, 2, 3, 4].map((number) => soundPool(number))
    bed.fake.serve(pools)
    await bed.wants()
    await bed.round()
    expect((await bed.sendAll()).length).toBe(1)
    const faults = [
      { kind: 'rate-limited', retryAfterS: 1 },
      { kind: 'empty' },
      { kind: 'nan' },
      { kind: 'half' },
      { kind: 'broken-rows', every: 1, field: 'tvl', value: null },
      { kind: 'status', status: 503 },
    ] as const
    for (const fault of faults) {
      bed.fake.set(fault)
      await bed.round()
      bed.fake.set({ kind: 'ok' })
      await bed.round()
      expect([fault.kind, await bed.sendAll()]).toEqual([fault.kind, []])
    }
    // One pool is gone for a while, another one earned nothing.
    bed.fake.serve([...pools.slice(1), soundPool(9, { feesPerDay: 0 })])
    await bed.round()
    bed.fake.serve([...pools, soundPool(9, { feesPerDay: 0 })])
    await bed.round()
    expect(await bed.sendAll()).toEqual([])
    // From nothing at all to something is a new one, not infinitely better.
    bed.fake.serve([...pools, soundPool(9)])
    await bed.round()
    expect(await bed.sendAll()).toEqual([expect.stringContaining('💧 New: SOL-USDC')])
    expect(bed.errors).toEqual([])
  })
})

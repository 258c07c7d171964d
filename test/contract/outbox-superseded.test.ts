import { describe, expect, it } from 'vitest'
import { addToOutbox } from '../../db/outbox.ts'
import { recoverSending, type Settlement, settle } from '../../db/outbox-settle.ts'
import type { OutboxRow } from '../../db/schema.ts'
import { transact } from '../../db/transact.ts'
import type { AlertKind, Transition } from '../../src/domain/alerting/transition.ts'
import { isLoud } from '../../src/domain/delivery.ts'
import { databases, useDatabase } from './databases.ts'
import {
  itemsIn,
  NOW,
  outboxRows,
  ownerOf,
  queueAlert,
  refOf,
  takeNext,
  takeOne,
  transition,
  verified,
  wad,
} from './store-kit.ts'

const CHAT = 1
const POSITION = 7
const SECOND_LOOK_MS = 20_000

describe.each(databases)('what was never sent on $name', (kind) => {
  const store = useDatabase(kind)

  /** An alert of the one position, that needs no second look unless `from` says so. */
  function add(
    what: AlertKind,
    more: Partial<Transition> & { nowMs?: number; chatId?: number; positionId?: number } = {},
  ): Promise<number> {
    const { nowMs = NOW, chatId = CHAT, positionId = POSITION, ...transition } = more
    const level = what === 'warning' || what === 'critical' || what === 'liquidatable' ? what : 'warning'
    return queueAlert(store.db, {
      chatId,
      positionId,
      nowMs,
      transition: { kind: what, from: level, to: level, ...transition },
    })
  }

  /** A fall from safe: it waits for its second look. */
  const fall = (nowMs: number, seq?: number) =>
    add('critical', { from: 'safe', nowMs, ...(seq !== undefined && { seq }) })

  async function row(id: number): Promise<OutboxRow> {
    const found = (await outboxRows(store.db)).find((one) => one.id === id)
    if (!found) throw new Error(`no row ${id}`)
    return found
  }

  async function attempt(settlement: Settlement, nowMs = NOW): Promise<void> {
    await settle(store.db, { delivery: await takeOne(store.db, { nowMs }), settlement, nowMs })
  }

  const ALARMS = ['warning', 'critical', 'liquidatable', 'recovered'] as const
  const tellers = [
    ...(['warning', 'critical', 'liquidatable', 'recovered', 'closed'] as const).flatMap((newer) =>
      [...ALARMS, 'blind' as const, 'sighted' as const].map((older) => [older, newer, true] as const),
    ),
    ...(['sighted', 'moved'] as const).flatMap((newer) => [
      ...ALARMS.map((older) => [older, newer, false] as const),
      ['blind', newer, true] as const,
      ['sighted', newer, true] as const,
    ]),
    ...(['liquidated', 'escalation', 'closed', 'moved'] as const).map(
      (older) => [older, 'recovered', false] as const,
    ),
    ...(['liquidated', 'escalation', 'blind'] as const).map((newer) => ['warning', newer, false] as const),
  ]

  it.each(tellers)('%s and then %s: told by the newer one is %s', async (...told) => {
    const [older, newer, isTold] = told
    const first = await add(older)
    const second = await add(newer)
    expect(await row(first)).toMatchObject(
      isTold
        ? { state: 'superseded', superseded_by: second, settled_at: NOW }
        : { state: 'pending', superseded_by: null },
    )
  })

  it('is told by the last of a chain, oldest first, whatever the number of steps', async () => {
    const seqs: number[] = []
    for (const health of ['1.4', '1.38', '1.36', '1.34']) {
      await add('warning', { reading: verified(wad(health)), newLow: true })
      seqs.push((await outboxRows(store.db)).at(-1)?.seq ?? 0)
    }
    await add('blind', { reading: null })
    seqs.push((await outboxRows(store.db)).at(-1)?.seq ?? 0)
    const end = await add('recovered', { to: 'safe' })
    const delivery = await takeOne(store.db)
    expect(delivery.rowIds).toEqual([end])
    expect(itemsIn(delivery)[0]?.told.map(({ seq }) => seq)).toEqual(seqs)
    expect(await takeNext(store.db)).toBeUndefined()
  })

  it('is told up to fifty lines, whether by a long chain or by one row alone', async () => {
    const ids: number[] = []
    for (let index = 0; index < 52; index += 1) ids.push(await add('warning', { newLow: true }))
    await add('recovered', { to: 'safe' })
    const told = async () => {
      const delivery = await takeOne(store.db)
      await recoverSending(store.db)
      return itemsIn(delivery)[0]?.told.length
    }
    expect(await told()).toBe(50)
    const [end] = (await outboxRows(store.db)).slice(-1)
    await store.db
      .updateTable('outbox')
      .set({ superseded_by: end?.id ?? 0 })
      .where('id', 'in', ids)
      .execute()
    expect(await told()).toBe(50)
  })

  it('counts as waiting since the first of the chain, so that its message says how late it is', async () => {
    await add('warning', { nowMs: NOW })
    await add('critical', { nowMs: NOW + 60_000 })
    const last = await add('critical', { nowMs: NOW + 1_800_000, repeat: true })
    const delivery = await takeOne(store.db, { nowMs: NOW + 1_800_000 })
    expect(delivery).toMatchObject({ rowIds: [last], createdAtMs: NOW + 1_800_000, readyAtMs: NOW })
  })

  it('stays apart from another chat and from another loan', async () => {
    const otherChat = await add('warning', { chatId: 2 })
    const otherLoan = await add('warning', { positionId: POSITION + 1 })
    await add('recovered', { to: 'safe' })
    for (const id of [otherChat, otherLoan]) expect(await row(id)).toMatchObject({ state: 'pending' })
  })

  it('is never what may have arrived, or is under way', async () => {
    const unsure = await add('warning')
    await attempt({ kind: 'unknown', againAtMs: NOW + 5_000, error: 'HTTP 502' })
    await add('recovered', { to: 'safe' })
    expect(await row(unsure)).toMatchObject({ state: 'pending', superseded_by: null })
    const sending = (await takeOne(store.db)).rowIds
    await add('warning')
    for (const id of sending) expect((await row(id)).state).toBe('sending')
    await recoverSending(store.db)
    await add('recovered', { to: 'safe' })
    for (const id of sending) expect(await row(id)).toMatchObject({ state: 'pending', maybe_repeat: 1 })
  })

  it('may be what was tried and surely did not arrive', async () => {
    const tried = await add('warning')
    await attempt({ kind: 'not-sent', againAtMs: NOW + 5_000, error: 'ECONNREFUSED' })
    const newer = await add('recovered', { to: 'safe' })
    expect(await row(tried)).toMatchObject({ state: 'superseded', superseded_by: newer })
  })

  describe('beside a second look', () => {
    it('is not held back when it is ready', async () => {
      const ready = await add('warning')
      await fall(NOW + 1_000)
      expect((await takeOne(store.db, { nowMs: NOW + 1_000 })).rowIds).toEqual([ready])
    })

    it('waits no longer over a whole chain than its first would have', async () => {
      const ids = [await fall(NOW), await fall(NOW + 9_000), await fall(NOW + 18_000)]
      expect(await row(ids[0] ?? 0)).toMatchObject({ confirm: 'pending', not_before: NOW + SECOND_LOOK_MS })
      expect(await row(ids[1] ?? 0)).toMatchObject({ state: 'superseded', superseded_by: ids[2] })
      expect(await takeNext(store.db, { nowMs: NOW + SECOND_LOOK_MS - 1 })).toBeUndefined()
      const delivery = await takeOne(store.db, { nowMs: NOW + SECOND_LOOK_MS })
      expect(delivery.rowIds).toEqual([ids[2]])
      expect(itemsIn(delivery)[0]?.told).toHaveLength(2)
      expect(itemsIn(delivery)[0]?.confirm).toBe('unconfirmed')
      expect((await row(ids[2] ?? 0)).confirm).toBe('unconfirmed')
    })

    it('of its own is taken in full by what tells something that had none: quiet hours or a refused attempt end sooner', async () => {
      await add('warning', { holdUntilMs: NOW + 5_000 })
      expect(await row(await fall(NOW + 1_000))).toMatchObject({ not_before: NOW + 1_000 + SECOND_LOOK_MS })
      await add('warning', { chatId: 2 })
      await attempt({ kind: 'not-sent', againAtMs: NOW + 9_000, error: 'ECONNREFUSED' })
      const deep = await add('critical', { chatId: 2, from: 'safe', nowMs: NOW + 2_000 })
      expect(await row(deep)).toMatchObject({ not_before: NOW + 2_000 + SECOND_LOOK_MS })
    })

    it('is told at once by what needs none', async () => {
      const waiting = await fall(NOW)
      const over = await add('recovered', { from: 'critical', to: 'safe', nowMs: NOW + 1_000 })
      expect(await row(waiting)).toMatchObject({ state: 'superseded', superseded_by: over })
      expect((await takeOne(store.db, { nowMs: NOW + 1_000 })).rowIds).toEqual([over])
    })
  })

  describe('beside quiet hours', () => {
    const MORNING = NOW + 4 * 3_600_000

    it('leaves what breaks through them its whole second look, although its own is long over', async () => {
      const jump = { from: 'safe', before: verified(wad('1.9')), reading: verified(wad('1.3')) } as const
      const held = await add('warning', { ...jump, holdUntilMs: NOW + 60_000 })
      expect(await row(held)).toMatchObject({ confirm: 'pending', not_before: NOW + 60_000 })
      const deep = await fall(NOW + 55_000)
      expect(await row(held)).toMatchObject({ state: 'superseded', superseded_by: deep })
      expect(await row(deep)).toMatchObject({ not_before: NOW + 55_000 + SECOND_LOOK_MS })
    })

    it('is told by what breaks through them, and does not hold that back', async () => {
      const held = await add('warning', { holdUntilMs: MORNING })
      const deep = await fall(NOW + 1_000)
      expect(await row(held)).toMatchObject({ state: 'superseded', superseded_by: deep })
      expect(await row(deep)).toMatchObject({ not_before: NOW + 1_000 + SECOND_LOOK_MS, hold_until: 0 })
    })

    it('waits for their end together with a newer warning', async () => {
      const held = await add('warning', { holdUntilMs: MORNING })
      const newer = await add('warning', { holdUntilMs: MORNING, newLow: true, nowMs: NOW + 60_000 })
      expect(await row(held)).toMatchObject({ state: 'superseded', superseded_by: newer })
      expect(await takeNext(store.db, { nowMs: MORNING - 1 })).toBeUndefined()
      expect((await takeOne(store.db, { nowMs: MORNING })).rowIds).toEqual([newer])
    })

    it('is not held until their end by a newer warning when it may break through', async () => {
      const deep = await add('critical')
      await attempt({ kind: 'not-sent', againAtMs: NOW + 5_000, error: 'ECONNREFUSED' })
      await add('warning', { holdUntilMs: MORNING, nowMs: NOW + 1_000 })
      expect((await takeOne(store.db, { nowMs: NOW + 5_000 })).rowIds).toEqual([deep])
    })

    it('keeps its alarm when the loan is only seen again, and ends with it when it is over', async () => {
      const held = await add('warning', { holdUntilMs: MORNING })
      const blind = await add('blind', { holdUntilMs: MORNING, reading: null })
      const seen = await add('sighted')
      expect(await row(blind)).toMatchObject({ superseded_by: seen })
      expect(await row(held)).toMatchObject({ state: 'pending' })
      const over = await add('recovered', { to: 'safe' })
      expect(await row(held)).toMatchObject({ superseded_by: over })
    })
  })

  it('keeps its sound where it leaves the loan in more danger than was ever heard of', async () => {
    const loud: boolean[] = []
    for (const [to, first] of [
      ['critical', 'safe'],
      ['warning', 'safe'],
      ['safe', 'safe'],
      ['warning', 'critical'],
    ] as const) {
      await store.db.deleteFrom('outbox').execute()
      await add('liquidatable', { from: first })
      await add('recovered', { from: 'liquidatable', to, nowMs: NOW + 1_000 })
      loud.push(isLoud((await takeOne(store.db, { nowMs: NOW + 1_000 })).content))
    }
    expect(loud).toEqual([true, true, false, false])
  })

  it('has a key for each chat that nobody answered in, in one second chat', async () => {
    for (const originChatId of [10, 11]) {
      await transact(store.db, (tx) =>
        addToOutbox(tx, {
          chatId: 3,
          threadId: null,
          positionId: POSITION,
          ref: refOf(ownerOf(1)),
          transition: transition({ kind: 'escalation', seq: 4, reading: null }),
          nowMs: NOW,
          originChatId,
        }),
      )
    }
    expect((await outboxRows(store.db)).map(({ key }) => key)).toEqual([
      `escalation:3:${POSITION}:1:4:10`,
      `escalation:3:${POSITION}:1:4:11`,
    ])
    expect((await takeOne(store.db)).rowIds).toHaveLength(2)
  })
})

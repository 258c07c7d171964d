import { beforeEach, describe, expect, it } from 'vitest'
import { markSeen, snoozeAlert, snoozeAll, stopRepeats } from '../../db/acknowledge.ts'
import { loadStates, saveStates, stateKey } from '../../db/alert-states.ts'
import { readSettings } from '../../db/chat-settings.ts'
import { addToOutbox } from '../../db/outbox.ts'
import { settle } from '../../db/outbox-settle.ts'
import type { StoredPosition } from '../../db/positions.ts'
import { transact } from '../../db/transact.ts'
import type { AlertState } from '../../src/domain/alerting/state.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addPosition,
  addWatcher,
  NOW,
  outboxRows,
  ownerOf,
  queueAlert,
  refOf,
  stateWith,
  takeOne,
  transition,
  verified,
  wad,
} from './store-kit.ts'

const HOUR = 3_600_000
const critical = stateWith({
  level: 'critical',
  episode: 1,
  seq: 3,
  lastBlock: 100,
  last: verified(wad('1.1')),
})

describe.each(databases)('answers to alerts on $name', (kind) => {
  const store = useDatabase(kind)
  let first: StoredPosition
  let second: StoredPosition

  beforeEach(async () => {
    for (const owner of [1, 2])
      await addWatcher(store.db, { chatId: 1, owner: ownerOf(owner), label: `W${owner}` })
    first = await addPosition(store.db, refOf(ownerOf(1)))
    second = await addPosition(store.db, refOf(ownerOf(2)))
    await saveStates(
      store.db,
      [first, second].map(({ id }) => ({ chatId: 1, positionId: id, state: critical })),
    )
  })

  const rang = (position: StoredPosition, change: Parameters<typeof transition>[0] = {}): Promise<number> =>
    queueAlert(store.db, {
      chatId: 1,
      positionId: position.id,
      ref: position.ref,
      transition: { kind: 'critical', to: 'critical', repeat: true, seq: 3, ...change },
    })
  async function stateOf(position: StoredPosition, chatId = 1): Promise<AlertState | undefined> {
    const states = await loadStates(store.db, [position.id])
    return states.get(stateKey({ chatId, positionId: position.id }))
  }
  const seen = (rowId: number, chatId = 1) =>
    transact(store.db, (tx) => markSeen(tx, { chatId, rowId, nowMs: NOW + 5 }))
  const save = (position: StoredPosition, change: Partial<AlertState>) =>
    saveStates(store.db, [{ chatId: 1, positionId: position.id, state: { ...critical, ...change } }])

  it('Seen answers everything that came in the same message', async () => {
    const rowId = await rang(first)
    await rang(second)
    const delivery = await takeOne(store.db)
    expect(delivery.rowIds).toHaveLength(2)
    await settle(store.db, { delivery, settlement: { kind: 'sent', messageId: 9 }, nowMs: NOW })
    const later = await rang(second, { seq: 4 })
    await seen(rowId)
    for (const position of [first, second]) expect((await stateOf(position))?.seen?.level).toBe('critical')
    const rows = await outboxRows(store.db)
    expect(rows.filter(({ seen_at }) => seen_at !== null).map(({ id }) => id)).toEqual(
      [...delivery.rowIds].sort(),
    )
    expect(rows.find(({ id }) => id === later)?.seen_at).toBeNull()
  })

  it('Snooze does so too', async () => {
    const rowId = await rang(first)
    await rang(second)
    await takeOne(store.db)
    await transact(store.db, (tx) => snoozeAlert(tx, { chatId: 1, rowId, untilMs: NOW + HOUR }))
    for (const position of [first, second]) {
      expect((await stateOf(position))?.snooze).toEqual({ level: 'critical', untilMs: NOW + HOUR })
    }
  })

  it('under an escalation they count in the chat that it came from', async () => {
    await addWatcher(store.db, { chatId: 2, owner: ownerOf(9) })
    await transact(store.db, (tx) =>
      addToOutbox(tx, {
        chatId: 2,
        threadId: null,
        positionId: first.id,
        ref: first.ref,
        transition: transition({ kind: 'escalation', from: 'critical', to: 'critical', seq: 4 }),
        nowMs: NOW,
        originChatId: 1,
      }),
    )
    const rowId = (await outboxRows(store.db)).at(-1)?.id ?? 0
    expect(await seen(rowId, 1)).toBeUndefined()
    expect(await seen(rowId, 2)).toMatchObject({ positionId: first.id })
    expect((await stateOf(first))?.seen).toEqual({ level: 'critical', atMs: NOW + 5 })
  })

  it('under an alert of a shallower level answer no deeper one', async () => {
    await save(first, { level: 'liquidatable' })
    await seen(await rang(first))
    expect((await stateOf(first))?.seen?.level).toBe('critical')
  })

  it('under an old alert of a deeper level answer the one that is left over', async () => {
    await save(first, { level: 'warning' })
    await seen(await rang(first))
    expect((await stateOf(first))?.seen?.level).toBe('warning')
  })

  it('take nothing back that somebody has seen at a deeper level', async () => {
    await save(first, { level: 'liquidatable', seen: { level: 'liquidatable', atMs: 1 } })
    await seen(await rang(first))
    expect((await stateOf(first))?.seen?.level).toBe('liquidatable')
  })

  it('say nothing about the next time once it is over', async () => {
    await save(first, { level: 'safe' })
    await seen(await rang(first))
    await save(second, { episode: 2 })
    await seen(await rang(second))
    for (const position of [first, second]) expect((await stateOf(position))?.seen).toBeNull()
  })

  it('/snooze puts every loan in danger to sleep at its level, and wakes them again', async () => {
    await save(second, { level: 'safe' })
    const third = await addPosition(store.db, refOf(ownerOf(1), '0xother'))
    await save(third, { level: 'warning' })
    const all = (untilMs: number | null) => transact(store.db, (tx) => snoozeAll(tx, { chatId: 1, untilMs }))
    expect(await all(NOW + HOUR)).toEqual([
      { ref: first.ref, label: 'W1', level: 'critical' },
      { ref: third.ref, label: 'W1', level: 'warning' },
    ])
    expect((await stateOf(third))?.snooze).toEqual({ level: 'warning', untilMs: NOW + HOUR })
    expect((await stateOf(second))?.snooze).toBeNull()
    await all(null)
    expect((await stateOf(first))?.snooze).toBeNull()
  })

  it('stop the repeats of one level in that chat and leave every other setting', async () => {
    const rowId = await rang(first)
    expect(await transact(store.db, (tx) => stopRepeats(tx, { chatId: 2, rowId }))).toBeUndefined()
    await transact(store.db, (tx) => stopRepeats(tx, { chatId: 1, rowId }))
    const chat = await store.db.selectFrom('chats').selectAll().where('id', '=', 1).executeTakeFirstOrThrow()
    expect(readSettings(chat.settings)).toEqual({
      ...readSettings(null),
      repeatMinutes: { warning: 240, critical: null, liquidatable: 10 },
    })
  })
})

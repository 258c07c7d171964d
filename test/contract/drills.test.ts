import { describe, expect, it } from 'vitest'
import { chatSummary } from '../../db/chat-summary.ts'
import { ensureChat, moveChat } from '../../db/chats.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import {
  type DrillStart,
  drillReport,
  drillStarts,
  endDrill,
  endOldDrills,
  startDrill,
} from '../../db/drills.ts'
import { duePositions, positionsOf, watchedOwners } from '../../db/positions.ts'
import { storedStats } from '../../db/stats.ts'
import { transact } from '../../db/transact.ts'
import { listWatches } from '../../db/watches.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import { drillOwner, drillReading, drillRef } from '../../src/domain/drill.ts'
import { PHASES } from '../../src/domain/schedule.ts'
import { databases, useDatabase } from './databases.ts'
import { addPosition, addWatcher, NOW, outboxRows, ownerOf, reading, refOf, wad } from './store-kit.ts'

const MINUTE_MS = 60_000
const CHAT = -1_001_234_567_890
const SHADOW = drillOwner(CHAT)

describe.each(databases)('drills on $name', (kind) => {
  const store = useDatabase(kind)

  async function start(nowMs = NOW, chatId = CHAT): Promise<DrillStart> {
    await ensureChat(store.db, { id: chatId, kind: 'group', nowMs })
    return await transact(store.db, (tx) =>
      startDrill(tx, { chatId, threadId: 42, protocol: 'neverland', nowMs }),
    )
  }

  async function end(nowMs: number, chatId = CHAT): Promise<void> {
    await transact(store.db, (tx) => endDrill(tx, { chatId, nowMs }))
  }

  /** The shadow as it is so long after the start, through the same commit as everything. */
  async function read(sinceMs: number, block: number): Promise<void> {
    const [position] = await positionsOf(store.db, SHADOW)
    if (!position) throw new Error('no shadow')
    const seen = { block: reading(block, null).block, endpoint: 'rpc.example' }
    const readings = [{ position, reading: drillReading(sinceMs, seen) }]
    await commitTransitions(store.db, { readings, nowMs: NOW + sinceMs, decide })
  }

  const counts = async (tables: readonly ('watches' | 'thresholds' | 'positions' | 'alert_states')[]) =>
    await Promise.all(
      tables.map(async (table) => (await store.db.selectFrom(table).selectAll().execute()).length),
    )

  it('are read and told like a real loan, behind everything that is real', async () => {
    expect(await start()).toBe('started')
    const due = await duePositions(store.db, { from: 0, to: PHASES })
    expect(due.map(({ ref }) => ref)).toEqual([drillRef(CHAT, 'neverland')])
    expect(await drillStarts(store.db, [SHADOW])).toEqual(new Map([[SHADOW, NOW]]))
    await read(1_000, 100)
    await read(9_999, 110)
    expect(await outboxRows(store.db)).toEqual([])
    await read(10_000, 120)
    expect(await outboxRows(store.db)).toMatchObject([
      { kind: 'critical', chat_id: CHAT, thread_id: 42, urgency: 90, confirm: 'pending' },
    ])
  })

  it('report how long each step took, also after their end', async () => {
    expect(await drillReport(store.db, CHAT)).toBeNull()
    await start()
    const fellAtMs = NOW + 10_000
    const nothing = { detectedAtMs: null, sentAtMs: null, tappedAtMs: null }
    expect(await drillReport(store.db, CHAT)).toEqual({ fellAtMs, ...nothing })
    await read(1_000, 100)
    await read(12_000, 120)
    const detected = { fellAtMs, ...nothing, detectedAtMs: NOW + 12_000 }
    expect(await drillReport(store.db, CHAT)).toEqual(detected)
    const [row] = await outboxRows(store.db)
    const sent = { state: 'sent', settled_at: NOW + 13_000, seen_at: NOW + 20_000 } as const
    await store.db
      .updateTable('outbox')
      .set(sent)
      .where('id', '=', row?.id ?? 0)
      .execute()
    await end(NOW + MINUTE_MS)
    expect(await drillReport(store.db, CHAT)).toEqual({
      ...detected,
      sentAtMs: NOW + 13_000,
      tappedAtMs: NOW + 20_000,
    })
  })

  it('leave nothing behind but their history', async () => {
    await start()
    await read(12_000, 100)
    const tables = ['watches', 'thresholds', 'positions', 'alert_states'] as const
    expect(await counts(tables)).toEqual([1, 1, 1, 1])
    await end(NOW + MINUTE_MS)
    expect(await counts(tables)).toEqual([0, 0, 0, 0])
    expect(await outboxRows(store.db)).toHaveLength(1)
    expect(await drillStarts(store.db, [SHADOW])).toEqual(new Map())
  })

  it('run one at a time and once in ten minutes, each chat for itself', async () => {
    expect(await start()).toBe('started')
    expect(await start(NOW + 1_000)).toBe('running')
    expect(await start(NOW + 1_000, 7)).toBe('started')
    await end(NOW + 2 * MINUTE_MS)
    expect(await start(NOW + 3 * MINUTE_MS)).toEqual({ againAtMs: NOW + 10 * MINUTE_MS })
    expect(await start(NOW + 10 * MINUTE_MS)).toBe('started')
    expect(await drillStarts(store.db, [SHADOW])).toEqual(new Map([[SHADOW, NOW + 10 * MINUTE_MS]]))
  })

  it('end by themselves after five minutes', async () => {
    await start()
    await start(NOW + MINUTE_MS, 7)
    expect(await transact(store.db, (tx) => endOldDrills(tx, NOW + 5 * MINUTE_MS))).toBe(1)
    expect(
      (await store.db.selectFrom('watches').select('chat_id').execute()).map((row) => row.chat_id),
    ).toEqual([7])
    expect(await start(NOW + 5 * MINUTE_MS)).toEqual({ againAtMs: NOW + 10 * MINUTE_MS })
  })

  it('end also when their group became a supergroup', async () => {
    await start()
    await transact(store.db, (tx) => moveChat(tx, { from: CHAT, to: -100 }))
    expect(await counts(['watches'])).toEqual([1])
    await transact(store.db, (tx) => endOldDrills(tx, NOW + 5 * MINUTE_MS))
    expect(await counts(['watches', 'positions'])).toEqual([0, 0])
  })

  it('are no wallets to anybody: not in lists, counts, figures or sweeps', async () => {
    await addWatcher(store.db, { chatId: CHAT, owner: ownerOf(1) })
    const position = await addPosition(store.db, refOf(ownerOf(1)))
    const readings = [{ position, reading: reading(100, wad('1.9')) }]
    await commitTransitions(store.db, { readings, nowMs: NOW, decide })
    const seen = async () => [
      (await listWatches(store.db, CHAT)).map(({ owner }) => owner),
      await watchedOwners(store.db),
      await chatSummary(store.db, CHAT),
      { ...(await storedStats(store.db)), outbox: null },
    ]
    const before = await seen()
    await start()
    await read(12_000, 100)
    expect(await seen()).toEqual(before)
    expect(before[0]).toEqual([ownerOf(1)])
  })

  it('leave the real wallets of the chat alone', async () => {
    await addWatcher(store.db, { chatId: CHAT, owner: ownerOf(1) })
    await start()
    await end(NOW + MINUTE_MS)
    expect((await listWatches(store.db, CHAT)).map(({ owner }) => owner)).toEqual([ownerOf(1)])
  })
})

import { describe, expect, it } from 'vitest'
import { saveStates } from '../../db/alert-states.ts'
import { outboxDepth } from '../../db/outbox.ts'
import { claim } from '../../db/outbox-claim.ts'
import { settle } from '../../db/outbox-settle.ts'
import { transact } from '../../db/transact.ts'
import { setThreshold } from '../../db/watches.ts'
import { databases, useDatabase } from './databases.ts'
import {
  addPosition,
  addWatcher,
  MAX,
  NOW,
  ownerOf,
  queueAlert,
  refOf,
  stateWith,
  verified,
  wad,
} from './store-kit.ts'

const LARGEST_CHAT = -1_009_999_999_999_999

/** What JavaScript gets for each column, whichever database it comes from. */
const TYPES = {
  chats: {
    id: 'number',
    kind: 'string',
    state: 'string',
    warning_wad: 'string',
    quiet_until: 'number',
    created_at: 'number',
    settings: 'null',
    critical_wad: 'null',
    escalate_to: 'null',
  },
  watches: {
    id: 'number',
    chat_id: 'number',
    owner: 'string',
    label: 'string',
    thread_id: 'number',
    created_at: 'number',
  },
  thresholds: {
    watch_id: 'number',
    scope: 'string',
    target: 'string',
    warning_wad: 'string',
    critical_wad: 'null',
  },
  positions: {
    id: 'number',
    key: 'string',
    protocol: 'string',
    market: 'string',
    market_name: 'string',
    owner: 'string',
    phase: 'number',
    active: 'number',
    found_at: 'number',
  },
  alert_states: {
    chat_id: 'number',
    position_id: 'number',
    level: 'string',
    blind: 'number',
    episode: 'number',
    seq: 'number',
    last_block: 'number',
    last_reading: 'string',
    ring_health_wad: 'string',
    clear: 'string',
    unseen: 'string',
    absent: 'string',
    closed: 'number',
    first_seen_at: 'number',
    seen: 'null',
    snooze: 'null',
    ring: 'null',
    liquidation: 'null',
  },
  outbox: {
    id: 'number',
    key: 'string',
    chat_id: 'number',
    thread_id: 'number',
    position_id: 'number',
    kind: 'string',
    episode: 'number',
    seq: 'number',
    urgency: 'number',
    health_wad_sort: 'string',
    payload: 'string',
    state: 'string',
    confirm: 'string',
    not_before: 'number',
    created_at: 'number',
    delivery_id: 'string',
    sending_at: 'number',
    attempts: 'number',
    maybe_repeat: 'number',
    plain: 'number',
    message_id: 'number',
    settled_at: 'number',
    lease_token: 'number',
    superseded_by: 'null',
    last_error: 'null',
    seen_at: 'null',
    origin_chat_id: 'null',
    second: 'null',
    hold_until: 'number',
  },
} as const

describe.each(databases)('values on $name', (kind) => {
  const store = useDatabase(kind)

  async function fillEveryTable(): Promise<void> {
    const owner = ownerOf(1)
    const watch = await addWatcher(store.db, { chatId: LARGEST_CHAT, owner, label: 'A', threadId: 2 ** 40 })
    await setThreshold(store.db, { watchId: watch.id, scope: 'wallet', target: '', warningWad: wad('1.2') })
    const position = await addPosition(store.db, refOf(owner))
    const state = stateWith({
      last: verified(MAX),
      ringHealthWad: MAX,
      unseen: { sinceMs: NOW, reason: 'rpc', detail: '' },
      absent: { block: 1, endpoint: 'x' },
    })
    await saveStates(store.db, [{ chatId: LARGEST_CHAT, positionId: position.id, state }])
    await queueAlert(store.db, { chatId: LARGEST_CHAT, positionId: position.id, threadId: 2 ** 40 })
    const delivery = await claim(store.db, { nowMs: NOW, newDeliveryId: 'D', exceptChats: [], leaseToken: 1 })
    if (!delivery) throw new Error('nothing was claimed')
    await settle(store.db, { delivery, settlement: { kind: 'sent', messageId: 2 ** 50 }, nowMs: NOW })
  }

  it('have the same JavaScript type in every column as on the other database', async () => {
    await fillEveryTable()
    const types: Record<string, unknown> = {}
    for (const table of ['chats', 'watches', 'thresholds', 'positions', 'alert_states', 'outbox'] as const) {
      const row = await store.db.selectFrom(table).selectAll().executeTakeFirstOrThrow()
      types[table] = Object.fromEntries(
        Object.entries(row).map(([column, value]) => [column, value === null ? 'null' : typeof value]),
      )
    }
    expect(types).toEqual(TYPES)
  })

  it('keep the largest ids and times to the last digit', async () => {
    await fillEveryTable()
    const row = await store.db.selectFrom('outbox').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      chat_id: LARGEST_CHAT,
      thread_id: 2 ** 40,
      message_id: 2 ** 50,
      settled_at: NOW,
      created_at: NOW,
    })
  })

  it('are numbers too where they are counted, and in what an update or delete reports', async () => {
    await fillEveryTable()
    const depth = await outboxDepth(store.db)
    expect(depth).toEqual({ waiting: 0, oldestCreatedAtMs: null })
    const { count, newest } = await store.db
      .selectFrom('outbox')
      .select((eb) => [eb.fn.countAll<number>().as('count'), eb.fn.max('created_at').as('newest')])
      .executeTakeFirstOrThrow()
    expect([count, newest]).toEqual([1, NOW])
    const changed = await transact(store.db, (tx) =>
      tx.updateTable('chats').set({ quiet_until: 1 }).executeTakeFirst(),
    )
    expect(changed.numUpdatedRows).toBe(1n)
  })
})

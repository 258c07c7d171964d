import Sqlite from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../db/database.ts'
import { addToOutbox } from '../../db/outbox.ts'
import { type Settlement, settle } from '../../db/outbox-settle.ts'
import type { Schema } from '../../db/schema.ts'
import { transact } from '../../db/transact.ts'
import type { Transition } from '../../src/domain/alerting/transition.ts'
import type { Delivery } from '../../src/domain/delivery.ts'
import { databases, type Place } from './databases.ts'
import { NOW, ownerOf, refOf, takeOne, transition } from './store-kit.ts'

const SETTLED = 100_000
const CHAT = 5

/** A year of messages, of which a twentieth belongs to one chat. */
const HISTORY = `
  with recursive n(i) as (select 1 union all select i + 1 from n where i < ${SETTLED})
  insert into outbox (key, chat_id, position_id, kind, episode, seq, urgency, health_wad_sort, payload, state, confirm,
    not_before, created_at, delivery_id, attempts, maybe_repeat, plain, message_id, settled_at, superseded_by)
  select 'old:' || i, i % 20, i % 300, 'warning', 1, i, 50, '', '{}',
    case when i % 3 = 0 then 'superseded' else 'sent' end,
    'none', i, i, 'OLD' || i, 1, 0, 0, i, i, case when i % 3 = 0 then i + 1 end from n`

describe('with a hundred thousand messages settled', () => {
  let place: Place
  let connection: Sqlite.Database
  let db: Kysely<Schema>
  let statements: { sql: string; parameters: readonly unknown[] }[] = []
  let seq = 0

  beforeAll(async () => {
    const [sqlite] = databases
    if (sqlite?.dialect !== 'sqlite') throw new Error('SQLite is always first')
    place = await sqlite.createPlace()
    if (place.config.kind !== 'sqlite') throw new Error('not SQLite')
    await (await openDatabase(place.config)).close()
    connection = new Sqlite(place.config.path)
    connection.exec(HISTORY)
    db = new Kysely<Schema>({
      dialect: new SqliteDialect({ database: connection }),
      log: ({ query: { sql, parameters } }) => {
        if (/^(select|update|insert|delete)/.test(sql)) statements.push({ sql, parameters })
      },
    })
  })
  afterAll(async () => {
    await db.destroy()
    await place.remove()
  })

  /** An alert that waits in the one chat. */
  async function queue(positionId: number, change: Partial<Transition> = {}): Promise<void> {
    seq += 1
    const told = transition({ ...change, seq })
    const alert = { chatId: CHAT, threadId: null, positionId, ref: refOf(ownerOf(1)), nowMs: NOW }
    await transact(db, (tx) => addToOutbox(tx, { ...alert, transition: told }))
  }

  const end = (delivery: Delivery, settlement: Settlement) => settle(db, { delivery, settlement, nowMs: NOW })

  /** The steps of everything that was asked, one line a statement. */
  async function plansOf(work: () => Promise<unknown>): Promise<string[]> {
    statements = []
    await work()
    return statements.map(({ sql, parameters }) => {
      const steps = connection.prepare(`explain query plan ${sql}`).all(...parameters) as { detail: string }[]
      return steps.map(({ detail }) => detail).join(' | ')
    })
  }

  // Counted: after SQLite's own `analyze`, which makes it choose anew between indexes.
  it.each([false, true])(
    'claiming reads what waits, from the indexes that hold nothing else (counted: %s)',
    async (counted) => {
      if (counted) connection.exec('analyze')
      for (const positionId of [5, 25, 45]) await queue(positionId)
      const [first, together, ...rest] = await plansOf(async () => {
        const delivery = await takeOne(db)
        expect(delivery.rowIds).toHaveLength(3)
        await end(delivery, { kind: 'unknown', againAtMs: NOW, error: 'HTTP 502' })
      })
      expect(first).toContain('SCAN outbox USING INDEX outbox_ready')
      expect(first).toMatch(/SEARCH busy USING (COVERING )?INDEX outbox_sending \(chat_id=\?\)/)
      expect(first).not.toContain('TEMP B-TREE')
      expect(together).toMatch(/SEARCH outbox USING INDEX outbox_(waiting|ready)/)
      expect(rest.join('\n')).toContain('outbox_superseded (superseded_by=?)')
      const [, again] = await plansOf(async () => {
        await end(await takeOne(db), { kind: 'sent', messageId: seq })
      })
      expect(again).toMatch(/SEARCH outbox USING INDEX outbox_(waiting|ready|delivery)/)
    },
  )

  it.each([false, true])(
    'a recovery finds the alarm and its message, not the whole history (counted: %s)',
    async (counted) => {
      if (counted) connection.exec('analyze')
      await queue(65, { kind: 'critical', from: 'critical' })
      await end(await takeOne(db, { newDeliveryId: `RANG${seq}` }), { kind: 'sent', messageId: 7 })
      await queue(65, { kind: 'recovered', to: 'safe' })
      const over = await takeOne(db, { newDeliveryId: `OVER${seq}` })
      const plans = await plansOf(() => end(over, { kind: 'sent', messageId: 8 }))
      const edit = await plansOf(async () => {
        const delivery = await takeOne(db)
        expect(delivery.content.kind).toBe('edit')
        await end(delivery, { kind: 'sent', messageId: 7 })
      })
      const whole = /SCAN (rang|end|outbox(?! USING INDEX outbox_ready))|outbox_history/
      expect([...plans, ...edit].filter((plan) => whole.test(plan))).toEqual([])
      expect(plans.join('\n')).toContain('SEARCH rang USING INDEX outbox_delivery (delivery_id=?)')
      expect(edit.join('\n')).toContain('SEARCH outbox USING INDEX outbox_delivery (delivery_id=?)')
    },
  )
})

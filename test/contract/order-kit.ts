import { ensureChat } from '../../db/chats.ts'
import { addToOutbox } from '../../db/outbox.ts'
import { claim } from '../../db/outbox-claim.ts'
import { settle } from '../../db/outbox-settle.ts'
import type { Database, OutboxRow } from '../../db/schema.ts'
import { transact } from '../../db/transact.ts'
import { createDispatcher } from '../../src/delivery/dispatcher.ts'
import { createGate } from '../../src/delivery/gate.ts'
import type { Sender } from '../../src/delivery/sender.ts'
import type { AlertKind } from '../../src/domain/alerting/transition.ts'
import { deliveryView } from '../../src/views/delivery.ts'
import type { VirtualClock } from '../unit/delivery/virtual-clock.ts'
import { NOW, ownerOf, refOf, transition, verified } from './store-kit.ts'

export const RETRY_AFTER_MS = 7_000
const SEND_MS = 300

export interface Attempt {
  readonly atMs: number
  /** The most urgent of the message. */
  readonly row: OutboxRow
  readonly rowIds: readonly number[]
  readonly refused: boolean
}

export interface Post {
  /** Commits an alert that is ready. */
  queue(alert: { chatId: number; threadId?: number; kind: AlertKind; healthWad: bigint }): Promise<number>
  /** Hands over all there is, through the real claim, gate and settle. */
  drain(): Promise<void>
  readonly attempts: Attempt[]
  /** What was handed over before something more urgent of a chat that could be written to. */
  readonly unfair: string[]
}

/** A post office whose sender takes its time and refuses every hundredth message for the pace. */
export function createPost(db: Database, clock: VirtualClock): Post {
  const rows = new Map<number, OutboxRow>()
  const waiting = new Set<number>()
  /** When each chat may be written to again, by the rules and not by the gate. */
  const freeAt = new Map<number, number>()
  const attempts: Attempt[] = []
  const unfair: string[] = []
  let seq = 0

  const sender: Sender = {
    edit: () => Promise.resolve({ kind: 'unknown', error: 'nothing was to be edited' }),
    async send({ chatId }) {
      const attempt = attempts.at(-1)
      const startMs = clock.now()
      await clock.pause(SEND_MS)
      const { refused = false } = attempt ?? {}
      freeAt.set(chatId, refused ? clock.now() + RETRY_AFTER_MS : startMs + 1_000)
      if (refused) return { kind: 'rate-limited', retryAfterMs: RETRY_AFTER_MS }
      return { kind: 'sent', messageId: startMs }
    },
  }

  /** Called just before the sender. */
  function handOver(rowIds: readonly number[]): void {
    for (const id of rowIds) waiting.delete(id)
    const row = rows.get(rowIds[0] ?? 0)
    if (!row) throw new Error('an alert that nobody committed')
    for (const id of waiting) {
      const other = rows.get(id)
      if (!other || !isBefore(other, row) || (freeAt.get(other.chat_id) ?? 0) > clock.now()) continue
      unfair.push(`${row.key} before ${other.key}`)
    }
    freeAt.set(row.chat_id, Number.POSITIVE_INFINITY)
    attempts.push({ atMs: clock.now(), row, rowIds, refused: attempts.length % 100 === 57 })
  }

  const dispatcher = createDispatcher({
    sender,
    gate: createGate(clock),
    claim: (options) => claim(db, { ...options, leaseToken: 1 }),
    async settle(outcome) {
      await settle(db, outcome)
      if (outcome.settlement.kind !== 'sent') for (const id of outcome.delivery.rowIds) waiting.add(id)
    },
    render(delivery, form) {
      handOver(delivery.rowIds)
      return deliveryView(delivery, { ...form, appUrlOf: () => null })
    },
    newDeliveryId: () => `D${attempts.length}`,
    now: clock.now,
    pause: clock.pause,
    mayAct: () => true,
    stopping: new AbortController().signal,
    onSettled: () => undefined,
    onFatal: (reason) => unfair.push(reason),
    onError: (error) => unfair.push(String(error)),
  })

  return {
    attempts,
    unfair,
    async queue({ chatId, threadId, kind, healthWad }) {
      seq += 1
      const level = kind === 'critical' || kind === 'liquidatable' ? kind : 'warning'
      const reading = kind === 'blind' || kind === 'closed' ? null : verified(healthWad)
      await transact(db, async (tx) => {
        await ensureChat(tx, { id: chatId, kind: 'private', nowMs: NOW })
        await addToOutbox(tx, {
          chatId,
          threadId: threadId ?? null,
          positionId: seq,
          ref: refOf(ownerOf(seq)),
          transition: transition({ kind, from: level, to: level, seq, reading }),
          nowMs: clock.now(),
        })
      })
      const row = await db
        .selectFrom('outbox')
        .selectAll()
        .where('position_id', '=', seq)
        .executeTakeFirstOrThrow()
      rows.set(row.id, row)
      waiting.add(row.id)
      return row.id
    },
    async drain() {
      const never = new AbortController().signal
      for (let round = 0; round < 1_000; round += 1) {
        await clock.run(dispatcher.drain(never))
        if (waiting.size === 0) return
        await clock.advance(250)
      }
    },
  }
}

function isBefore(a: OutboxRow, b: OutboxRow): boolean {
  if (a.urgency !== b.urgency) return a.urgency < b.urgency
  if (a.health_wad_sort !== b.health_wad_sort) return a.health_wad_sort < b.health_wad_sort
  return a.id < b.id
}

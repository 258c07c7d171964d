import { type Expression, type SqlBool, sql } from 'kysely'
import type { SecondLook } from '../src/domain/alerting/second-look.ts'
import type { Verified } from '../src/domain/alerting/state.ts'
import type { Transition } from '../src/domain/alerting/transition.ts'
import { MESSAGE_KINDS, type MessageKind, urgencyOfMessage } from '../src/domain/alerting/urgency.ts'
import type { Confirmation, Content, Delivery, DeliveryItem } from '../src/domain/delivery.ts'
import { fromJson } from './json.ts'
import { alertOf } from './outbox.ts'
import { receiptChanges } from './receipts.ts'
import type { Database, Executor, OutboxRow } from './schema.ts'
import { isPostgres, transact } from './transact.ts'

export interface ClaimOptions {
  readonly nowMs: number
  /** Used when the rows have none yet. */
  readonly newDeliveryId: string
  /** Chats that must not be written to at this moment, for their pace. */
  readonly exceptChats: readonly number[]
  /** Written on the rows, so that another holder of the lease knows whose they were. */
  readonly leaseToken: number
}

/** More transitions than this make a further message. */
const MAX_ITEMS = 20
/** Lines about what was never sent; a longer chain is cut by the view. */
const MAX_TOLD = 50
const DRILL = urgencyOfMessage('drill')

/**
 * Takes the most urgent row that is ready, from a chat with none under way, and with it all that this chat can be told in the same
 * message. From here until they are settled their outcome counts as unknown. `undefined` when nothing is ready.
 */
export async function claim(db: Database, options: ClaimOptions): Promise<Delivery | undefined> {
  return transact(db, async (tx) => {
    const first = await mostUrgent(tx, options)
    if (!first) return undefined
    const rows = await together(tx, { first, nowMs: options.nowMs })
    const deliveryId = first.delivery_id ?? options.newDeliveryId
    const taken = {
      state: 'sending' as const,
      delivery_id: deliveryId,
      sending_at: options.nowMs,
      attempts: first.attempts + 1,
      lease_token: options.leaseToken,
    }
    const ids = rows.map(({ id }) => id)
    await tx.updateTable('outbox').set(taken).where('id', 'in', ids).execute()
    // The time for the second look is over.
    await tx
      .updateTable('outbox')
      .set({ confirm: 'unconfirmed' })
      .where('id', 'in', ids)
      .where('confirm', '=', 'pending')
      .execute()
    return {
      rowIds: ids,
      deliveryId,
      chatId: first.chat_id,
      threadId: first.thread_id,
      content: await contentOf(tx, { first, rows }),
      urgency: first.urgency,
      createdAtMs: Math.min(...rows.map((row) => row.created_at)),
      readyAtMs: await readySince(tx, rows),
      attempt: taken.attempts,
      maybeRepeat: rows.some((row) => row.maybe_repeat === 1),
      plain: rows.some((row) => row.plain === 1),
    }
  })
}

async function mostUrgent(tx: Executor, options: ClaimOptions): Promise<OutboxRow | undefined> {
  let query = tx
    .selectFrom('outbox')
    .selectAll('outbox')
    .where('state', '=', sql.lit('pending' as const))
    .where('not_before', '<=', options.nowMs)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('outbox as busy')
            .select('busy.id')
            .whereRef('busy.chat_id', '=', 'outbox.chat_id')
            .where('busy.state', '=', sql.lit('sending' as const)),
        ),
      ),
    )
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('chats')
            .select('chats.id')
            .whereRef('chats.id', '=', 'outbox.chat_id')
            .where('chats.quiet_until', '>', options.nowMs),
        ),
      ),
    )
    .orderBy('urgency')
    .orderBy('health_wad_sort')
    .orderBy('id')
    .limit(1)
  if (options.exceptChats.length > 0) query = query.where('chat_id', 'not in', [...options.exceptChats])
  // Two that ask at once must meet at the same row: passing it by would lead both into the same message.
  if (isPostgres(tx)) query = query.forUpdate()
  return query.executeTakeFirst()
}

/** What goes into one message with the first row. After an unknown outcome it is exactly what went out before. */
async function together(
  tx: Executor,
  { first, nowMs }: { first: OutboxRow; nowMs: number },
): Promise<OutboxRow[]> {
  const waiting = tx
    .selectFrom('outbox')
    .selectAll()
    .where('chat_id', '=', first.chat_id)
    .where('state', '=', sql.lit('pending' as const))
  if (first.delivery_id !== null) {
    return waiting
      .where('delivery_id', '=', first.delivery_id)
      .orderBy('urgency')
      .orderBy('health_wad_sort')
      .orderBy('id')
      .execute()
  }
  if (isMessage(first.kind)) return [first]
  return (
    waiting
      .where('delivery_id', 'is', null)
      .where('not_before', '<=', nowMs)
      .where('kind', 'not in', [...MESSAGE_KINDS])
      // The same topic; an exercise is never mixed with what is real.
      .where((eb) => sameThread(first, eb.ref('thread_id')))
      .where('urgency', first.urgency === DRILL ? '=' : '<', DRILL)
      .where('plain', '=', first.plain)
      .orderBy('urgency')
      .orderBy('health_wad_sort')
      .orderBy('id')
      .limit(MAX_ITEMS)
      .execute()
  )
}

function sameThread(
  { thread_id: thread }: OutboxRow,
  column: Expression<number | null>,
): Expression<SqlBool> {
  return thread === null ? sql`${column} is null` : sql`${column} = ${thread}`
}

function isMessage(kind: string): kind is Exclude<MessageKind, 'edit' | 'receipt'> {
  return (MESSAGE_KINDS as readonly string[]).includes(kind)
}

/** When nothing held it back any more. What waits for Telegram has no say in that. */
function readyAt(row: OutboxRow): number {
  return Math.max(row.created_at, row.hold_until)
}

/** Since when there is something to tell; what was never sent and is told by these rows has waited as well. */
async function readySince(tx: Executor, rows: readonly OutboxRow[]): Promise<number> {
  let since = Math.min(...rows.map(readyAt))
  for (const { id } of rows) since = Math.min(since, ...(await rowsToldBy(tx, id)).map(readyAt))
  return since
}

async function contentOf(
  tx: Executor,
  { first, rows }: { first: OutboxRow; rows: readonly OutboxRow[] },
): Promise<Content> {
  if (first.kind === 'edit') return editOf(tx, first)
  if (first.kind === 'receipt') return { kind: 'receipt', news: await receiptChanges(tx, first) }
  const { kind } = first
  if (isMessage(kind)) return { kind: 'message', message: kind, payload: fromJson(first.payload) }
  return { kind: 'alerts', items: await itemsOf(tx, rows) }
}

/** The message that an edit is about, as it was sent, with what is known now. */
async function editOf(tx: Executor, edit: OutboxRow): Promise<Content> {
  const { deliveryId } = fromJson(edit.payload) as { deliveryId: string }
  // The chat is compared here, or SQLite would go through all that the chat was ever told.
  const sent = await tx
    .selectFrom('outbox')
    .selectAll()
    .where('delivery_id', '=', deliveryId)
    .where('state', '=', 'sent')
    .where('kind', 'not in', [...MESSAGE_KINDS])
    .orderBy('urgency')
    .orderBy('health_wad_sort')
    .orderBy('id')
    .execute()
  const rows = sent.filter((row) => row.chat_id === edit.chat_id)
  const messageId = rows[0]?.message_id ?? null
  if (messageId === null) return { kind: 'nothing' }
  return { kind: 'edit', items: await itemsOf(tx, rows), messageId, deliveryId }
}

async function itemsOf(tx: Executor, rows: readonly OutboxRow[]): Promise<DeliveryItem[]> {
  const items: DeliveryItem[] = []
  for (const row of rows) {
    const alert = alertOf(row)
    const watchedBy = row.origin_chat_id ?? row.chat_id
    const watch = await tx
      .selectFrom('watches')
      .select('label')
      .where('chat_id', '=', watchedBy)
      .where('owner', '=', alert.ref.owner)
      .executeTakeFirst()
    const state = await tx
      .selectFrom('alert_states')
      .select('last_reading')
      .where('chat_id', '=', watchedBy)
      .where('position_id', '=', row.position_id)
      .executeTakeFirst()
    items.push({
      ...alert,
      rowId: row.id,
      label: watch?.label ?? null,
      createdAtMs: row.created_at,
      confirm: confirmation(row),
      second: row.second === null ? null : (fromJson(row.second) as SecondLook),
      told: await toldBy(tx, row.id),
      overtaken: await isOvertaken(tx, row),
      present: state?.last_reading ? (fromJson(state.last_reading) as Verified) : null,
    })
  }
  return items
}

/** Without a doubt about its first attempt it would have been told by the newer one. */
async function isOvertaken(tx: Executor, row: OutboxRow): Promise<boolean> {
  if (row.maybe_repeat === 0) return false
  const newer = await tx
    .selectFrom('outbox')
    .select('id')
    .where('chat_id', '=', row.chat_id)
    .where('position_id', '=', row.position_id)
    .where('id', '>', row.id)
    .where('state', '=', 'sent')
    .where('kind', 'not in', [...MESSAGE_KINDS])
    .limit(1)
    .executeTakeFirst()
  return newer !== undefined
}

function confirmation({ confirm }: OutboxRow): Confirmation {
  return confirm === 'pending' ? 'unconfirmed' : confirm
}

async function toldBy(tx: Executor, rowId: number): Promise<Transition[]> {
  return (await rowsToldBy(tx, rowId)).map((row) => alertOf(row).transition)
}

/** Everything that ends in this row, through any number of steps, oldest first. */
async function rowsToldBy(tx: Executor, rowId: number): Promise<OutboxRow[]> {
  const found: OutboxRow[] = []
  let ends = [rowId]
  while (ends.length > 0 && found.length < MAX_TOLD) {
    const rows = await tx
      .selectFrom('outbox')
      .selectAll()
      .where('superseded_by', 'in', ends)
      .orderBy('id', 'desc')
      .limit(MAX_TOLD)
      .execute()
    found.push(...rows)
    ends = rows.map(({ id }) => id)
  }
  return found.sort((a, b) => a.id - b.id)
}

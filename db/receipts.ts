import { sql } from 'kysely'
import {
  changeSince,
  type LoanBefore,
  MAX_RECEIPT_LOANS,
  type ReceiptChange,
  type ReceiptFacts,
  type ReceiptNews,
  rankOfChange,
} from '../src/domain/alerting/receipt.ts'
import type { Level, Verified } from '../src/domain/alerting/state.ts'
import { DRILL_MARKET } from '../src/domain/drill.ts'
import { loadStates, stateKey } from './alert-states.ts'
import { fromJson } from './json.ts'
import { addMessage } from './outbox.ts'
import { stored } from './positions.ts'
import type { Database, Executor, OutboxRow } from './schema.ts'
import { transact } from './transact.ts'

const CHATS_PER_TRANSACTION = 500
/** Rows and parameters that one question to the database carries. */
const BULK = 500

export interface Outage {
  readonly fromMs: number
  readonly toMs: number
  /** Nothing is said before that, unless it is released. */
  readonly notBeforeMs: number
  readonly nowMs: number
}

/**
 * Commits to telling every chat that listens and has a loan with debt that the bot was down: one silent summary each, with what
 * was last known. It waits until `releaseReceipts`, so that it can say what changed. Answers with how many there are.
 */
export async function queueReceipts(db: Database, outage: Outage): Promise<number> {
  const chats = await db
    .selectFrom('chats')
    .select('id')
    .where('state', '=', 'active')
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('alert_states')
          .select('alert_states.chat_id')
          .whereRef('alert_states.chat_id', '=', 'chats.id')
          .where('alert_states.closed', '=', 0),
      ),
    )
    .orderBy('id')
    .execute()
  let queued = 0
  for (let start = 0; start < chats.length; start += CHATS_PER_TRANSACTION) {
    const ids = chats.slice(start, start + CHATS_PER_TRANSACTION).map(({ id }) => id)
    queued += await transact(db, (tx) => queuePart(tx, { ...outage, chatIds: ids }))
  }
  return queued
}

async function queuePart(tx: Executor, part: Outage & { chatIds: readonly number[] }): Promise<number> {
  const { fromMs, toMs, notBeforeMs, nowMs } = part
  const byChat = await loansWithDebt(tx, part.chatIds)
  let queued = 0
  for (const [chatId, loans] of byChat) {
    const worstFirst = [...loans].sort((a, b) => (a.healthWad < b.healthWad ? -1 : 1))
    const payload: ReceiptFacts = {
      fromMs,
      toMs,
      before: worstFirst.slice(0, MAX_RECEIPT_LOANS),
      beyond: Math.max(0, loans.length - MAX_RECEIPT_LOANS),
    }
    const key = `receipt:${chatId}:${fromMs}`
    if (await addMessage(tx, { key, kind: 'receipt', chatId, payload, notBeforeMs, nowMs })) queued += 1
  }
  return queued
}

async function loansWithDebt(
  tx: Executor,
  chatIds: readonly number[],
): Promise<ReadonlyMap<number, readonly LoanBefore[]>> {
  const rows = await tx
    .selectFrom('alert_states')
    .innerJoin('positions', 'positions.id', 'alert_states.position_id')
    .selectAll('positions')
    .select(['alert_states.chat_id', 'alert_states.level', 'alert_states.blind', 'alert_states.last_reading'])
    .where('alert_states.chat_id', 'in', [...chatIds])
    .where('alert_states.closed', '=', 0)
    .where('alert_states.last_reading', 'is not', null)
    .where('positions.market', '<>', DRILL_MARKET)
    .execute()
  const byChat = new Map<number, LoanBefore[]>()
  for (const row of rows) {
    const { health } = fromJson(row.last_reading ?? '') as Verified
    if (health.noDebt) continue
    const loans = byChat.get(row.chat_id) ?? []
    byChat.set(row.chat_id, loans)
    loans.push({
      positionId: row.id,
      ref: stored(row).ref,
      level: row.level as Level,
      blind: row.blind === 1,
      healthWad: health.healthWad,
    })
  }
  return byChat
}

/** Everything has been looked at once: the summaries need not wait any longer. Inside a transaction. */
export async function releaseReceipts(tx: Executor, nowMs: number): Promise<void> {
  await tx
    .updateTable('outbox')
    .set({ not_before: nowMs })
    .where('state', '=', sql.lit('pending' as const))
    .where('kind', '=', 'receipt')
    .where('attempts', '=', 0)
    .where('not_before', '>', nowMs)
    .execute()
}

/** What a summary can say now: what it was committed with beside what holds at this moment. */
export async function receiptChanges(
  tx: Executor,
  row: Pick<OutboxRow, 'chat_id' | 'payload'>,
): Promise<ReceiptNews> {
  const { fromMs, toMs, before, beyond } = fromJson(row.payload) as ReceiptFacts
  const ids = before.map(({ positionId }) => positionId)
  const states = await loadStates(tx, ids)
  const labels = await labelsOf(tx, row.chat_id)
  const changes: ReceiptChange[] = []
  let same = 0
  for (const loan of before) {
    const state = states.get(stateKey({ chatId: row.chat_id, positionId: loan.positionId }))
    // The wallet was removed meanwhile.
    if (!state || !labels.has(loan.ref.owner)) continue
    const change = changeSince({ before: loan, toMs }, state)
    if (!change) {
      same += 1
      continue
    }
    const label = labels.get(loan.ref.owner) ?? null
    changes.push({ ref: loan.ref, label, beforeWad: loan.healthWad, change })
  }
  changes.sort((a, b) => rankOfChange(a.change) - rankOfChange(b.change))
  return { fromMs, toMs, changes, same, beyond }
}

async function labelsOf(tx: Executor, chatId: number): Promise<ReadonlyMap<string, string | null>> {
  const rows = await tx
    .selectFrom('watches')
    .select(['owner', 'label'])
    .where('chat_id', '=', chatId)
    .limit(BULK * 20)
    .execute()
  return new Map(rows.map(({ owner, label }) => [owner, label]))
}

import { sql } from 'kysely'
import { SECOND_LOOK_MS, type SecondLook, type Verdict } from '../src/domain/alerting/second-look.ts'
import type { Alert } from '../src/domain/alerting/transition.ts'
import { toJson } from './json.ts'
import { alertOf } from './outbox.ts'
import type { Database, Executor } from './schema.ts'
import { transact } from './transact.ts'

/** More than this wait for their second look only after the ones before them. */
const MAX_WAITING = 2_000
const BULK = 500

/** An alarm that waits for its second look. */
export interface Unconfirmed extends Alert {
  readonly rowId: number
  readonly chatId: number
  readonly positionId: number
  readonly createdAtMs: number
}

/**
 * Alarms whose second look is still worth taking, the most urgent first. One that quiet hours hold is looked at as soon as all
 * others; after its time it stays as it is and goes out unconfirmed.
 */
export async function unconfirmed(db: Executor, nowMs: number): Promise<Unconfirmed[]> {
  const rows = await db
    .selectFrom('outbox')
    .select(['id', 'chat_id', 'position_id', 'payload', 'created_at'])
    .where('confirm', '=', sql.lit('pending' as const))
    .where('state', '=', sql.lit('pending' as const))
    .where('not_before', '>', nowMs)
    .where('created_at', '>', nowMs - SECOND_LOOK_MS)
    .orderBy('urgency')
    .orderBy('health_wad_sort')
    .orderBy('id')
    .limit(MAX_WAITING)
    .execute()
  return rows.map((row) => ({
    ...alertOf(row),
    rowId: row.id,
    chatId: row.chat_id,
    positionId: row.position_id,
    createdAtMs: row.created_at,
  }))
}

/** What the second look at some alarms said. */
export interface Confirmation {
  readonly rowIds: readonly number[]
  readonly verdict: Verdict
  readonly second: SecondLook
}

/**
 * Writes the verdicts down and lets the alarms go, all in one transaction; quiet hours still hold what they hold. Answers with the
 * rows that were still waiting: one that is on its way already, or told by another, keeps what it has.
 */
export async function confirm(
  db: Database,
  settled: { confirmations: readonly Confirmation[]; nowMs: number },
): Promise<Set<number>> {
  return await transact(db, async (tx) => {
    const changed = new Set<number>()
    for (const { rowIds, verdict, second } of settled.confirmations) {
      for (let start = 0; start < rowIds.length; start += BULK) {
        const rows = await tx
          .updateTable('outbox')
          .set((eb) => ({
            confirm: verdict,
            second: toJson(second),
            not_before: eb
              .case()
              .when('hold_until', '>', settled.nowMs)
              .then(eb.ref('hold_until'))
              .else(settled.nowMs)
              .end(),
          }))
          .where('id', 'in', rowIds.slice(start, start + BULK))
          .where('state', '=', 'pending')
          .where('confirm', '=', 'pending')
          .returning('id')
          .execute()
        for (const { id } of rows) changed.add(id)
      }
    }
    return changed
  })
}

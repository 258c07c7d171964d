import { sql } from 'kysely'
import { needsSecondLook, SECOND_LOOK_MS } from '../src/domain/alerting/second-look.ts'
import type { Alert, Transition } from '../src/domain/alerting/transition.ts'
import { type MessageKind, urgencyOf, urgencyOfMessage } from '../src/domain/alerting/urgency.ts'
import { isDrill } from '../src/domain/drill.ts'
import type { PositionRef } from '../src/domain/position.ts'
import { fromJson, toJson } from './json.ts'
import type { Executor, OutboxRow } from './schema.ts'

const UINT256_DIGITS = 78

export interface NewAlert {
  readonly chatId: number
  readonly threadId: number | null
  readonly positionId: number
  readonly ref: PositionRef
  readonly transition: Transition
  readonly nowMs: number
  /** The chat whose people did not answer, when this goes to their second one. */
  readonly originChatId?: number
}

const LEVELS = ['warning', 'critical', 'liquidatable', 'recovered'] as const
const SIGHT = ['blind', 'sighted'] as const
/** What each kind's text tells of that came before it and was not sent yet. */
const TELLS: Partial<Record<Transition['kind'], readonly Transition['kind'][]>> = {
  warning: [...LEVELS, ...SIGHT],
  critical: [...LEVELS, ...SIGHT],
  liquidatable: [...LEVELS, ...SIGHT],
  recovered: [...LEVELS, ...SIGHT],
  closed: [...LEVELS, ...SIGHT],
  // Without a sound of their own while the danger goes on: an alarm keeps its own row, and its sound.
  sighted: SIGHT,
  moved: SIGHT,
}

/**
 * Commits to telling a transition. What waits for the same chat and position and surely never left is told by this row from now
 * on (`superseded`). Only inside the transaction that stores the state it belongs to.
 */
export async function addToOutbox(tx: Executor, alert: NewAlert): Promise<void> {
  const { transition, ref, nowMs } = alert
  const { kind, episode, seq } = transition
  const health = (transition.reading ?? transition.before)?.health
  const healthWad = health && !health.noDebt ? health.healthWad : 0n
  const holdUntil = transition.holdUntilMs ?? 0
  const waits = needsSecondLook(transition)
  const older = await unsent(tx, alert)
  const told = older.filter((row) => {
    // What could leave before the end of the quiet hours does not wait for it.
    if (holdUntil > nowMs) return row.hold_until >= holdUntil
    // What could leave now is not held back by a row that must wait for its second look.
    return !waits || row.not_before > nowMs
  })
  const { id } = await tx
    .insertInto('outbox')
    .values({
      key: keyOf(alert),
      chat_id: alert.chatId,
      thread_id: alert.threadId,
      position_id: alert.positionId,
      kind,
      episode,
      seq,
      urgency: isDrill(ref) ? urgencyOfMessage('drill') : urgencyOf(transition),
      health_wad_sort: healthWad.toString().padStart(UINT256_DIGITS, '0'),
      payload: toJson({ ref, transition }),
      state: 'pending',
      confirm: waits ? 'pending' : 'none',
      not_before: Math.max(waits ? secondLookEnds(told, nowMs) : nowMs, holdUntil),
      hold_until: holdUntil,
      created_at: nowMs,
      attempts: 0,
      maybe_repeat: 0,
      plain: 0,
      origin_chat_id: alert.originChatId ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  if (told.length === 0) return
  await tx
    .updateTable('outbox')
    .set({ state: 'superseded', superseded_by: id, settled_at: nowMs })
    .where(
      'id',
      'in',
      told.map((row) => row.id),
    )
    .execute()
}

function keyOf({ chatId, positionId, transition, originChatId }: NewAlert): string {
  const { kind, episode, seq } = transition
  const key = `${kind}:${chatId}:${positionId}:${episode}:${seq}`
  // Two chats may have the same second one; each counts by itself.
  return originChatId === undefined ? key : `${key}:${originChatId}`
}

type Unsent = Pick<OutboxRow, 'id' | 'not_before' | 'hold_until' | 'confirm'>

/** What surely never left, of the kinds that this one tells. */
async function unsent(tx: Executor, { chatId, positionId, transition }: NewAlert): Promise<Unsent[]> {
  const kinds = TELLS[transition.kind] ?? []
  if (kinds.length === 0) return []
  return tx
    .selectFrom('outbox')
    .select(['id', 'not_before', 'hold_until', 'confirm'])
    .where('chat_id', '=', chatId)
    .where('position_id', '=', positionId)
    .where('state', '=', 'pending')
    .where('maybe_repeat', '=', 0)
    .where('kind', 'in', [...kinds])
    .execute()
}

/** A chain of alarms that follow each other waits no longer for its second look than the first of them would have. */
function secondLookEnds(told: readonly Unsent[], nowMs: number): number {
  const waiting = told.filter((row) => row.confirm === 'pending' && row.hold_until <= nowMs)
  return Math.min(nowMs + SECOND_LOOK_MS, ...waiting.map((row) => row.not_before))
}

/** Commits to telling something that is about no position. Told once per `key`; answers whether it is new. */
export async function addMessage(
  tx: Executor,
  message: {
    key: string
    kind: MessageKind
    chatId: number
    threadId?: number | null
    payload: unknown
    notBeforeMs: number
    nowMs: number
  },
): Promise<boolean> {
  const result = await tx
    .insertInto('outbox')
    .values({
      key: message.key,
      chat_id: message.chatId,
      thread_id: message.threadId ?? null,
      position_id: 0,
      kind: message.kind,
      episode: 0,
      seq: 0,
      urgency: urgencyOfMessage(message.kind),
      health_wad_sort: ''.padStart(UINT256_DIGITS, '0'),
      payload: toJson(message.payload),
      state: 'pending',
      confirm: 'none',
      not_before: message.notBeforeMs,
      created_at: message.nowMs,
      attempts: 0,
      maybe_repeat: 0,
      plain: 0,
    })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows ?? 0) > 0
}

/** What an alert is about, as it was committed. */
export function alertOf(row: { payload: string }): Alert {
  const { ref, transition } = fromJson(row.payload) as Stored
  return { ref, transition: { ...LATER_FIELDS, ...transition } }
}

/** What alerts from before there were these fields say about them. */
const LATER_FIELDS = {
  movedTo: null,
  repeat: false,
  badDebt: false,
  dust: false,
  liquidation: null,
  holdUntilMs: null,
} as const

interface Stored {
  readonly ref: PositionRef
  readonly transition: Omit<Transition, keyof typeof LATER_FIELDS> & Partial<Transition>
}

/** How many alerts wait, and since when the oldest one does. */
export async function outboxDepth(
  db: Executor,
): Promise<{ waiting: number; oldestCreatedAtMs: number | null }> {
  const row = await db
    .selectFrom('outbox')
    .select((eb) => [eb.fn.countAll<number>().as('waiting'), eb.fn.min('created_at').as('oldest')])
    .where('state', 'in', ['pending', 'sending'])
    .executeTakeFirstOrThrow()
  return { waiting: row.waiting, oldestCreatedAtMs: row.oldest }
}

/**
 * Since when the message that waits longest could have gone out; `null` when none could. What is held on purpose (quiet hours, a second
 * look, a chat in which Telegram wants silence) is not waiting; what was tried and failed is, whatever the pause between attempts.
 */
export async function oldestReady(db: Executor, nowMs: number): Promise<number | null> {
  // One question for each state: the index of each holds only its own rows.
  const since = [
    await oldestIn(db, { state: 'pending', nowMs }),
    await oldestIn(db, { state: 'sending', nowMs }),
  ]
  const waiting = since.filter((atMs) => atMs !== null)
  return waiting.length === 0 ? null : Math.min(...waiting)
}

async function oldestIn(
  db: Executor,
  { state, nowMs }: { state: 'pending' | 'sending'; nowMs: number },
): Promise<number | null> {
  const row = await db
    .selectFrom('outbox')
    .leftJoin('chats', 'chats.id', 'outbox.chat_id')
    .select((eb) =>
      eb.fn
        .min<number | null>(
          eb
            .case()
            .when(eb.and([eb('attempts', '=', 0), eb('not_before', '>', eb.ref('outbox.created_at'))]))
            .then(eb.ref('not_before'))
            .when('hold_until', '>', eb.ref('outbox.created_at'))
            .then(eb.ref('hold_until'))
            .else(eb.ref('outbox.created_at'))
            .end(),
        )
        .as('since'),
    )
    .where('outbox.state', '=', sql.lit(state))
    .where((eb) => eb.or([eb('attempts', '>', 0), eb('not_before', '<=', nowMs)]))
    .where((eb) => eb.or([eb('chats.quiet_until', 'is', null), eb('chats.quiet_until', '<=', nowMs)]))
    .executeTakeFirst()
  return row?.since ?? null
}

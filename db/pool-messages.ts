import type { LenderState } from '../src/domain/pools/lender-alerts.ts'
import type { PoolsPayload } from '../src/domain/pools/message.ts'
import type { RangeState } from '../src/domain/pools/range.ts'
import type { Told } from '../src/domain/pools/tell.ts'
import { type LenderPlace, saveLenderState } from './lender-states.ts'
import { saveLpRanges } from './lp-wallets.ts'
import { addMessage } from './outbox.ts'
import { postponePoolChats } from './pool-rules.ts'
import { markTold } from './pools-told.ts'
import type { Database, Executor } from './schema.ts'
import { transact } from './transact.ts'

const KINDS = ['pools', 'digest'] as const
const BULK = 500
/** Chats of one transaction: short enough for an alert to come in between. */
const AT_ONCE = 50

/** One message about opportunities to one chat. */
export interface PoolsMessage {
  readonly chatId: number
  readonly threadId: number | null
  readonly payload: PoolsPayload
}

/** Chats for which something about opportunities waits or is under way: they get nothing new. */
export async function poolsUnderWay(db: Executor, chatIds: readonly number[]): Promise<Set<number>> {
  const found = new Set<number>()
  for (let start = 0; start < chatIds.length; start += BULK) {
    const rows = await db
      .selectFrom('outbox')
      .select('chat_id')
      .distinct()
      .where('chat_id', 'in', chatIds.slice(start, start + BULK))
      .where('state', 'in', ['pending', 'sending'])
      .where('kind', 'in', [...KINDS])
      .execute()
    for (const { chat_id } of rows) found.add(chat_id)
  }
  return found
}

/** What a chat whose turn it was gets, and when its next turn is. */
export interface PoolTurn {
  readonly chatId: number
  readonly dueAtMs: number
  /** `null`: nothing to say. */
  readonly message: PoolsMessage | null
  /** Marks that belong to no message. */
  readonly settled: readonly Told[]
}

/**
 * Commits to what a round tells, together with whose turn is over: a crash in between tells nothing twice. Marks what is told only
 * when it was sent; see `markSent`. Answers with how many messages were queued.
 */
export async function commitTurns(
  db: Database,
  { turns, round, nowMs }: { turns: readonly PoolTurn[]; round: number; nowMs: number },
): Promise<number> {
  let queued = 0
  for (let start = 0; start < turns.length; start += AT_ONCE) {
    const some = turns.slice(start, start + AT_ONCE)
    queued += await transact(db, async (tx) => {
      const busy = await poolsUnderWay(
        tx,
        some.map(({ chatId }) => chatId),
      )
      let count = 0
      for (const { chatId, message, settled } of some) {
        if (settled.length > 0) await markTold(tx, { chatId, told: settled, isMessage: false, nowMs })
        if (!message || busy.has(chatId)) continue
        if (await queue(tx, { message, key: `pools:${chatId}:${round}`, nowMs })) count += 1
      }
      await postponePoolChats(tx, some)
      return count
    })
  }
  return queued
}

/** Commits to advice, unless something about opportunities waits there already. */
export async function commitAdvice(
  db: Database,
  { message, round, nowMs }: { message: PoolsMessage; round: number; nowMs: number },
): Promise<boolean> {
  return transact(db, async (tx) => {
    if ((await poolsUnderWay(tx, [message.chatId])).size > 0) return false
    return queue(tx, { message, key: `pools:${message.chatId}:advice:${round}`, nowMs })
  })
}

export interface LenderChange extends LenderPlace {
  readonly state: LenderState
  readonly messages: readonly PoolsMessage[]
}

/** States and what is told of them, or neither. */
export async function commitLenders(
  db: Database,
  { changes, nowMs }: { changes: readonly LenderChange[]; nowMs: number },
): Promise<void> {
  for (let start = 0; start < changes.length; start += AT_ONCE) {
    await transact(db, async (tx) => {
      for (const change of changes.slice(start, start + AT_ONCE)) {
        const { chatId, owner, market, state, messages } = change
        const there = await tx.selectFrom('chats').select('id').where('id', '=', chatId).executeTakeFirst()
        if (!there) continue
        await saveLenderState(tx, { chatId, owner, market, state, nowMs })
        for (const [index, message] of messages.entries()) {
          const key = `lender:${chatId}:${owner}:${market}:${state.lastMs}:${index}`
          await queue(tx, { message, key, nowMs })
        }
      }
    })
  }
}

export interface RangeChange {
  readonly chatId: number
  readonly wallet: string
  readonly ranges: ReadonlyMap<string, RangeState>
  readonly dueAtMs: number
  readonly messages: readonly PoolsMessage[]
}

/** Where the positions of a wallet stand and what is told of it, or neither. Nothing when the wallet is no longer watched. */
export async function commitRanges(
  db: Database,
  { change, nowMs }: { change: RangeChange; nowMs: number },
): Promise<void> {
  await transact(db, async (tx) => {
    if (!(await saveLpRanges(tx, { ...change, nowMs }))) return
    for (const [index, message] of change.messages.entries()) {
      const key = `range:${change.chatId}:${change.wallet}:${nowMs}:${index}`
      await queue(tx, { message, key, nowMs })
    }
  })
}

function queue(
  tx: Executor,
  { message, key, nowMs }: { message: PoolsMessage; key: string; nowMs: number },
): Promise<boolean> {
  const { chatId, threadId, payload } = message
  const isFirst = payload.about === 'opportunities' && payload.telling.first
  const kind = isFirst ? 'digest' : 'pools'
  return addMessage(tx, { key, kind, chatId, threadId, payload, notBeforeMs: nowMs, nowMs })
}

import type { Update } from 'grammy/types'
import { conflict } from './api-error.ts'
import type { Clock } from './clock.ts'
import type { UpdateKind } from './update-kinds.ts'

/** One update on its way to the queue. */
export type NewUpdate = { [K in UpdateKind]: { kind: K; payload: NonNullable<Update[K]> } }[UpdateKind]

/** What a getUpdates call asks for. */
export interface PollRequest {
  offset: number
  limit: number
  timeoutMs: number
  /** undefined keeps the earlier setting; an empty list is the default set. */
  allowed: readonly UpdateKind[] | undefined
}

/** The updates that wait for the bot, and the one poll that may be held open. */
export interface UpdateQueue {
  /** Returns the update's id, or null when the bot does not subscribe to that kind. */
  push(update: NewUpdate): number | null
  poll(request: PollRequest, signal: AbortSignal): Promise<Update[]>
  pending(): Update[]
  setAllowed(allowed: readonly UpdateKind[] | undefined): void
  allowed(): readonly UpdateKind[]
  clear(): void
  terminatePoll(reason: string): void
}

interface HeldPoll {
  limit: number
  answer(updates: Update[]): void
  fail(error: Error): void
}

interface Waiting {
  update: Update
  at: number
}

const FIRST_UPDATE_ID = 700_000_001
const KEPT_FOR_MS = 24 * 60 * 60 * 1000
const NOT_BY_DEFAULT = new Set(['chat_member', 'message_reaction', 'message_reaction_count'])
const OTHER_POLLER = 'terminated by other getUpdates request; make sure that only one bot instance is running'

/** Creates an empty queue. */
export function createUpdateQueue(clock: Clock): UpdateQueue {
  let nextId = FIRST_UPDATE_ID
  let waiting: Waiting[] = []
  let allowed: readonly UpdateKind[] = []
  let held: HeldPoll | null = null

  const wants = (kind: UpdateKind) =>
    allowed.length === 0 ? !NOT_BY_DEFAULT.has(kind) : allowed.includes(kind)
  const setAllowed = (next: readonly UpdateKind[] | undefined) => {
    if (next !== undefined) allowed = next
  }
  const terminatePoll = (reason: string) => held?.fail(conflict(reason))
  const confirm = (offset: number) => {
    const oldest = clock.now() - KEPT_FOR_MS
    waiting = waiting.filter(({ at }) => at >= oldest)
    if (offset > 0) waiting = waiting.filter(({ update }) => update.update_id >= offset)
    if (offset < 0) waiting = waiting.slice(offset)
  }
  const take = (limit: number) => waiting.slice(0, limit).map(({ update }) => update)

  const hold = (request: PollRequest, signal: AbortSignal) =>
    new Promise<Update[]>((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', drop)
        if (held === poll) held = null
        finish()
      }
      const poll: HeldPoll = {
        limit: request.limit,
        answer: (updates) => {
          settle(() => {
            resolve(updates)
          })
        },
        fail: (error) => {
          settle(() => {
            reject(error)
          })
        },
      }
      const drop = () => {
        poll.answer([])
      }
      const timer = setTimeout(drop, request.timeoutMs)
      signal.addEventListener('abort', drop)
      held = poll
    })

  return {
    push: ({ kind, payload }) => {
      if (!wants(kind)) return null
      const id = nextId++
      waiting.push({ update: { update_id: id, [kind]: payload }, at: clock.now() })
      held?.answer(take(held.limit))
      return id
    },
    poll: async (request, signal) => {
      terminatePoll(OTHER_POLLER)
      setAllowed(request.allowed)
      confirm(request.offset)
      const ready = take(request.limit)
      if (ready.length > 0 || request.timeoutMs <= 0 || signal.aborted) return ready
      return hold(request, signal)
    },
    pending: () => take(Number.POSITIVE_INFINITY),
    setAllowed,
    allowed: () => allowed,
    clear: () => {
      waiting = []
    },
    terminatePoll,
  }
}

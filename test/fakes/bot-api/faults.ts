import { ApiError, badRequest, type ErrorParameters, forbidden, migrated, unauthorized } from './api-error.ts'
import { type Params, textParam } from './params.ts'

/** How a request can go wrong. */
export type Fault =
  | { kind: 'unauthorized' }
  | { kind: 'forbidden'; description?: string }
  | { kind: 'cant-parse' }
  | { kind: 'too-long' }
  | { kind: 'empty-text' }
  | { kind: 'not-modified' }
  | { kind: 'chat-not-found' }
  | { kind: 'migrate'; toChat: number }
  | { kind: 'error'; code: number; description: string; parameters?: ErrorParameters }
  /** 429, and the chat (default), the whole bot or the method stays limited for that long. */
  | { kind: 'rate-limit'; retryAfter: number; scope?: 'chat' | 'bot' | 'method' }
  | { kind: 'server-error'; code?: number; body?: 'json' | 'html' }
  /** `after` (default): carried out at once, answered late. `before`: carried out late too. */
  | { kind: 'slow'; delayMs: number; when?: 'before' | 'after' }
  /** As `slow`, until `releaseHung`. With `before`, it is carried out only if the caller is still there. */
  | { kind: 'hang'; when?: 'before' | 'after' }
  /** The connection is cut and nothing was carried out. */
  | { kind: 'drop-before' }
  /** Carried out, then the connection is cut without an answer. */
  | { kind: 'drop-after' }

/** Which requests a fault hits. Absent members match everything. */
export interface FaultMatch {
  /** Absent: every method except getUpdates. */
  method?: string | readonly string[]
  chat?: number
  /** A part of the text or the caption. */
  text?: string
  /** The first matching request that is hit, counted from 1. */
  nth?: number
  /** How many requests are hit; 1 when absent. */
  times?: number | 'always'
}

/** A fault together with the requests it is meant for. */
export type FaultRule = Fault & FaultMatch

/** A rule in the queue and how often it came into play. */
export interface QueuedFault {
  id: number
  rule: FaultRule
  seen: number
  fired: number
}

/** The faults that wait for their request. */
export interface FaultQueue {
  add(rule: FaultRule): number
  /** The fault for a request, counted as used. */
  take(request: { method: string; chat: number | null; params: Params }): Fault | null
  list(): QueuedFault[]
  clear(): void
  /** Waits until released or until the caller is gone. */
  hold(signal: AbortSignal): Promise<void>
  /** Lets every held request go on; returns how many there were. */
  release(): number
}

function matches(rule: FaultRule, request: { method: string; chat: number | null; params: Params }): boolean {
  const { method, chat, params } = request
  const methods = typeof rule.method === 'string' ? [rule.method] : rule.method
  if (methods === undefined ? method === 'getUpdates' : !methods.includes(method)) return false
  if (rule.chat !== undefined && rule.chat !== chat) return false
  if (rule.text === undefined) return true
  return (textParam(params, 'text') ?? textParam(params, 'caption') ?? '').includes(rule.text)
}

/** Creates an empty queue. */
export function createFaultQueue(): FaultQueue {
  let lastId = 0
  let queued: QueuedFault[] = []
  const held = new Set<() => void>()
  return {
    add: (rule) => {
      lastId += 1
      queued.push({ id: lastId, rule, seen: 0, fired: 0 })
      return lastId
    },
    take: (request) => {
      const matching = queued.filter(({ rule }) => matches(rule, request))
      for (const fault of matching) fault.seen += 1
      const next = matching.find(({ rule, seen, fired }) => {
        const { nth = 1, times = 1 } = rule
        return seen >= nth && (times === 'always' || fired < times)
      })
      if (next === undefined) return null
      next.fired += 1
      return next.rule
    },
    list: () => queued,
    clear: () => {
      queued = []
    },
    hold: (signal) =>
      new Promise((resolve) => {
        const go = () => {
          held.delete(go)
          signal.removeEventListener('abort', go)
          resolve()
        }
        if (signal.aborted) resolve()
        else {
          held.add(go)
          signal.addEventListener('abort', go)
        }
      }),
    release: () => {
      const waiting = [...held]
      for (const go of waiting) go()
      return waiting.length
    },
  }
}

/** The refusal a fault stands for; null when it is not a refusal. */
export function refusalOf(fault: Fault): ApiError | null {
  switch (fault.kind) {
    case 'unauthorized':
      return unauthorized()
    case 'forbidden':
      return forbidden((fault.description ?? 'bot was blocked by the user').replace(/^Forbidden: /, ''))
    case 'cant-parse':
      return badRequest('can\'t parse entities: Unsupported start tag "fault" at byte offset 0')
    case 'too-long':
      return badRequest('message is too long')
    case 'empty-text':
      return badRequest('message text is empty')
    case 'not-modified':
      return badRequest(
        'message is not modified: specified new message content and reply markup are exactly the same ' +
          'as a current content and reply markup of the message',
      )
    case 'chat-not-found':
      return badRequest('chat not found')
    case 'migrate':
      return migrated(fault.toChat)
    case 'error':
      return new ApiError(fault)
    case 'server-error':
      return new ApiError({ code: fault.code ?? 500, description: 'Internal Server Error' })
    case 'rate-limit':
    case 'slow':
    case 'hang':
    case 'drop-before':
    case 'drop-after':
      return null
  }
}

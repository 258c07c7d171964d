import { setTimeout as delay } from 'node:timers/promises'
import { namedChat } from './access.ts'
import { ApiError, errorBody, tooManyRequests, unauthorized } from './api-error.ts'
import type { RequestBody } from './body.ts'
import { type Fault, type FaultQueue, refusalOf } from './faults.ts'
import { findMethod } from './methods/table.ts'
import type { RateLimits } from './rate-limits.ts'
import type { RequestLog, RequestRecord } from './record.ts'
import type { World } from './world.ts'

/** What a request goes through. */
export interface DispatchDeps {
  world: World
  log: RequestLog
  faults: FaultQueue
  limits: RateLimits
}

/** A call as it arrived. */
export interface IncomingCall extends RequestBody {
  token: string
  method: string
  /** Fires when the caller is gone. */
  signal: AbortSignal
}

/** What goes back: an answer, or a cut connection. */
export type Reply =
  | { kind: 'json'; status: number; body: object }
  | { kind: 'html'; status: number }
  | { kind: 'drop' }

interface Handled {
  call: IncomingCall
  record: RequestRecord
}

function refuse(error: ApiError): Reply {
  return { kind: 'json', status: error.code, body: errorBody(error) }
}

async function pause(deps: DispatchDeps, wait: { fault: Fault | null; signal: AbortSignal; when: string }) {
  const { fault, signal, when } = wait
  if (fault?.kind !== 'slow' && fault?.kind !== 'hang') return
  if ((fault.when ?? 'after') !== when) return
  if (fault.kind === 'hang') await deps.faults.hold(signal)
  else await delay(fault.delayMs, undefined, { signal }).catch(() => undefined)
}

function imposeLimit(
  deps: DispatchDeps,
  { record, fault }: { record: RequestRecord; fault: Fault },
): Reply | null {
  if (fault.kind !== 'rate-limit') return null
  const scope = fault.scope ?? (record.chat === null ? 'method' : 'chat')
  const key = { chat: record.chat, bot: null, method: record.method }[scope]
  deps.limits.impose({ scope, key, seconds: fault.retryAfter })
  return refuse(tooManyRequests(fault.retryAfter))
}

function failBefore(
  deps: DispatchDeps,
  { record, fault }: { record: RequestRecord; fault: Fault },
): Reply | null {
  if (fault.kind === 'drop-before') return { kind: 'drop' }
  const limited = imposeLimit(deps, { record, fault })
  if (limited !== null) return limited
  const refusal = refusalOf(fault)
  if (refusal === null) return null
  const asHtml = fault.kind === 'server-error' && fault.body === 'html'
  return asHtml ? { kind: 'html', status: refusal.code } : refuse(refusal)
}

function checkLimits(deps: DispatchDeps, { record }: Handled): void {
  const chat = record.chat === null ? undefined : deps.world.chats.get(record.chat)
  const isGroup = chat !== undefined && chat.type !== 'private'
  const breach = deps.limits.check({ id: record.id, method: record.method, chat: record.chat, isGroup })
  if (breach !== null) throw tooManyRequests(breach.retryAfter)
}

async function run(deps: DispatchDeps, handled: Handled): Promise<Reply> {
  const { call, record } = handled
  const { world } = deps
  const method = findMethod(call.method)
  if (call.token !== world.token || world.loggedOut) throw unauthorized()
  if (method === undefined) throw new ApiError({ code: 404, description: 'Not Found: method not found' })
  checkLimits(deps, handled)

  const fault = deps.faults.take({ method: method.name, chat: record.chat, params: call.params })
  record.fault = fault?.kind ?? null
  const failure = fault === null ? null : failBefore(deps, { record, fault })
  if (failure !== null) return failure
  const { signal } = call
  await pause(deps, { fault, signal, when: 'before' })
  if (signal.aborted) return { kind: 'drop' }

  const { params, files } = call
  const result = await method.run({ world, params, files, signal })
  record.accepted = true
  world.changes.touch()
  if (fault?.kind === 'drop-after') return { kind: 'drop' }
  await pause(deps, { fault, signal, when: 'after' })
  return { kind: 'json', status: 200, body: { ok: true, result } }
}

/** Carries out one call: token, limits, faults, the method itself; and writes it down. */
export async function dispatch(deps: DispatchDeps, call: IncomingCall): Promise<Reply> {
  const { world, log } = deps
  const name = findMethod(call.method)?.name ?? call.method
  const chat = namedChat(world, call.params)?.id ?? null
  const record = log.begin({ method: name, chat, params: call.params, files: call.files })
  let reply: Reply
  let error: string | null = null
  try {
    reply = await run(deps, { call, record })
  } catch (thrown) {
    const refusal =
      thrown instanceof ApiError
        ? thrown
        : new ApiError({ code: 500, description: `Internal Server Error: fake failed: ${String(thrown)}` })
    reply = refuse(refusal)
  }
  if (reply.kind === 'json') error = (reply.body as { description?: string }).description ?? null
  if (reply.kind === 'html') error = 'HTML page'
  if (call.signal.aborted) log.finish(record, { state: 'gone' })
  else if (reply.kind === 'drop') log.finish(record, { state: 'dropped' })
  else log.finish(record, { state: 'answered', status: reply.status, error })
  return reply
}

import { z } from 'zod'
import { EndpointError } from '../errors.ts'
import { createHttp, type HttpOptions } from './http.ts'

const answerSchema = z.object({
  id: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).nullish(),
})
type Answer = z.infer<typeof answerSchema>

/** What providers use for "too many requests" inside a 200 answer, and for nothing else. */
const RATE_CODES = new Set([-32029, 429])
/** "Limit exceeded", of whatever: too many requests, but also too many results or too long a range of blocks. */
const ANY_LIMIT_CODE = -32005
const OF_RATE =
  /\brates?\b|rate.?limit|per (second|minute|hour|day)|too many (requests|calls)|request count|throttl|quota/i
const OF_LIMIT = /limit exceeded|exceed(s|ed|ing)? .*limit/i
const OF_SIZE = /\b(results?|ranges?|blocks?|logs?|size|response|large)\b/i

export interface JsonRpcOptions extends HttpOptions {
  readonly url: string
}

export interface RpcRequest {
  readonly method: string
  readonly params: readonly unknown[]
  readonly signal?: AbortSignal | undefined
}

/** The answer to one request of a batch. */
export type BatchItem =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: EndpointError }

export interface JsonRpc {
  /** Resolves with `result`; throws EndpointError for everything else. */
  request(request: RpcRequest): Promise<unknown>
  /**
   * Several requests in one exchange: one item per request, in their order, whatever the order of the answers. A request that was
   * left out is an item with a `bad-answer`. Throws EndpointError when the batch failed or was refused as a whole.
   */
  batch(requests: readonly RpcRequest[], signal?: AbortSignal): Promise<BatchItem[]>
  stop(): Promise<void>
}

/**
 * JSON-RPC 2.0 over HTTP with nothing hidden: no retry, no redirect, a deadline and a size cap. Messages carry neither URL nor
 * body: both may hold an access key.
 */
export function createJsonRpc(options: JsonRpcOptions): JsonRpc {
  const http = createHttp(options)
  let nextId = 1

  function message({ method, params }: RpcRequest) {
    const id = nextId
    nextId += 1
    return { jsonrpc: '2.0', id, method, params }
  }

  async function post(content: unknown, signal: AbortSignal | undefined) {
    const { text, status } = await http.exchange({
      url: options.url,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(content),
      signal,
    })
    return { body: parse(text, status), status }
  }

  return {
    async request(request) {
      const { body, status } = await post(message(request), request.signal)
      return resultOf(body, status)
    },
    async batch(requests, signal) {
      const messages = requests.map(message)
      const { body, status } = await post(messages, signal)
      // A batch that is refused as a whole is answered with one object.
      if (!Array.isArray(body)) {
        resultOf(body, status)
        throw new EndpointError('bad-answer', { message: 'one answer to a batch' })
      }
      if (status >= 400) throw new EndpointError('unreachable', { message: `HTTP ${status}` })
      const byId = answersById(body, messages.length)
      return messages.map(({ id }): BatchItem => {
        try {
          return { ok: true, result: resultOf(byId.get(id), status) }
        } catch (error) {
          if (error instanceof EndpointError) return { ok: false, error }
          throw error
        }
      })
    },
    stop: () => http.stop(),
  }
}

function answersById(body: readonly unknown[], most: number): Map<unknown, Answer> {
  if (body.length > most) throw new EndpointError('bad-answer', { message: 'more answers than requests' })
  const byId = new Map<unknown, Answer>()
  for (const item of body) {
    const answer = answerSchema.safeParse(item)
    if (!answer.success || byId.has(answer.data.id)) {
      throw new EndpointError('bad-answer', { message: 'not the answers to this batch' })
    }
    byId.set(answer.data.id, answer.data)
  }
  return byId
}

function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Without the cause: V8's SyntaxError quotes the body, and a body may repeat an access key.
    if (status >= 500) throw new EndpointError('unreachable', { message: `HTTP ${status}` })
    throw new EndpointError('bad-answer', { message: `HTTP ${status}, not JSON` })
  }
}

function resultOf(body: unknown, status: number): unknown {
  const answer = answerSchema.safeParse(body)
  if (!answer.success)
    throw new EndpointError('bad-answer', { message: `HTTP ${status}, not a JSON-RPC answer` })
  const { result, error } = answer.data
  if (error) {
    if (isRateLimit(error)) {
      throw new EndpointError('rate-limited', { message: 'rate limit (429)' })
    }
    throw new EndpointError('rpc-error', { message: `RPC error ${error.code}` })
  }
  if (status >= 400) throw new EndpointError('unreachable', { message: `HTTP ${status}` })
  if (result === undefined) throw new EndpointError('bad-answer', { message: 'neither result nor error' })
  return result
}

/** A limit on the size of one question is a refusal, which a smaller question may pass. The text only tells which; it goes no further. */
function isRateLimit({ code, message }: { code: number; message: string }): boolean {
  if (RATE_CODES.has(code)) return true
  if (code !== ANY_LIMIT_CODE) return false
  return OF_RATE.test(message) || (OF_LIMIT.test(message) && !OF_SIZE.test(message))
}

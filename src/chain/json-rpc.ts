import { z } from 'zod'
import { EndpointError } from '../errors.ts'

const answerSchema = z.object({
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string(), data: z.unknown().optional() }).nullish(),
})

const HTTP_TOO_MANY = 429
/** What providers use for "too many requests" inside a 200 answer. */
const RPC_LIMIT_CODES = new Set([-32005, -32029, 429])
const MAX_RETRY_AFTER_MS = 60_000

export interface JsonRpcOptions {
  readonly url: string
  readonly timeoutMs: number
  /** Longest answer that is read; a longer one is cut off as bad. */
  readonly maxBytes: number
}

export interface RpcRequest {
  readonly method: string
  readonly params: readonly unknown[]
  readonly signal?: AbortSignal | undefined
}

export type JsonRpc = (request: RpcRequest) => Promise<unknown>

/**
 * JSON-RPC 2.0 over HTTP with nothing hidden: no retry, no redirect, no batch, a deadline and a size cap. Resolves with
 * `result`; throws EndpointError for everything else. Messages carry neither URL nor body: both may hold an access key.
 */
export function createJsonRpc(options: JsonRpcOptions): JsonRpc {
  let nextId = 1
  return async ({ method, params, signal }) => {
    const id = nextId
    nextId += 1
    const deadline = AbortSignal.timeout(options.timeoutMs)
    const abort = signal ? AbortSignal.any([signal, deadline]) : deadline
    try {
      const response = await fetch(options.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
        redirect: 'error',
        signal: abort,
      })
      if (response.status === HTTP_TOO_MANY) {
        await response.body?.cancel()
        throw rateLimited(response.headers.get('retry-after'))
      }
      const text = await readCapped(response, options.maxBytes)
      return resultOf(text, response.status)
    } catch (error) {
      if (error instanceof EndpointError) throw error
      if (deadline.aborted) {
        throw new EndpointError('timeout', { message: `no answer within ${options.timeoutMs / 1000} s` })
      }
      throw new EndpointError('unreachable', { message: `connection failed (${networkCode(error)})` })
    }
  }
}

async function readCapped(response: Response, maxBytes: number): Promise<string> {
  if (!response.body) return ''
  const decoder = new TextDecoder()
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  let bytes = 0
  for (;;) {
    const chunk = await reader.read()
    if (chunk.done) return text + decoder.decode()
    bytes += chunk.value.byteLength
    if (bytes > maxBytes) {
      await reader.cancel()
      throw new EndpointError('bad-answer', { message: `answer over ${maxBytes} bytes` })
    }
    text += decoder.decode(chunk.value, { stream: true })
  }
}

function resultOf(text: string, status: number): unknown {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    // Without the cause: V8's SyntaxError quotes the body, and a body may repeat an access key.
    if (status >= 500) throw new EndpointError('unreachable', { message: `HTTP ${status}` })
    throw new EndpointError('bad-answer', { message: `HTTP ${status}, not JSON` })
  }
  const answer = answerSchema.safeParse(body)
  if (!answer.success)
    throw new EndpointError('bad-answer', { message: `HTTP ${status}, not a JSON-RPC answer` })
  const { result, error } = answer.data
  if (error) {
    if (RPC_LIMIT_CODES.has(error.code)) throw rateLimited(null)
    throw new EndpointError('rpc-error', { message: `RPC error ${error.code}` })
  }
  if (status >= 400) throw new EndpointError('unreachable', { message: `HTTP ${status}` })
  if (result === undefined) throw new EndpointError('bad-answer', { message: 'neither result nor error' })
  return result
}

function rateLimited(retryAfter: string | null): EndpointError {
  const seconds = Number(retryAfter)
  const known = retryAfter !== null && Number.isFinite(seconds) && seconds >= 0
  return new EndpointError('rate-limited', {
    message: 'rate limit (429)',
    ...(known && { retryAfterMs: Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) }),
  })
}

/** `ECONNREFUSED` and the like; undici hides it two causes deep. */
function networkCode(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return 'network error'
}

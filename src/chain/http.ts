import { Agent, request } from 'undici'
import { EndpointError } from '../errors.ts'
import { retryAfterMs } from './retry-after.ts'

/** Connections to one upstream; the limiter lets no more requests through at once. */
export const MAX_CONNECTIONS = 8
const KEEP_ALIVE_MS = 60_000
const LONGEST_KEEP_ALIVE_MS = 10 * 60_000
const HTTP_TOO_MANY = 429
const HTTP_UNAVAILABLE = 503

export interface HttpOptions {
  readonly timeoutMs: number
  /** Longest answer that is read; a longer one is cut off as bad. */
  readonly maxBytes: number
  /** Wall clock, to understand a date in Retry-After. */
  readonly now: () => number
}

export interface HttpRequest {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface HttpAnswer {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

export interface Http {
  /**
   * One exchange with nothing hidden: no retry, no redirect, a deadline, a size cap. Throws EndpointError: `rate-limited` for
   * 429, `unreachable` for 503 with a time to wait and for a connection that fails, `timeout`, and `bad-answer` for one too long
   * or a redirect. Messages carry neither URL nor body: both may hold an access key.
   */
  exchange(request: HttpRequest): Promise<HttpAnswer>
  /** Closes the connections; what is under way fails. */
  stop(): Promise<void>
}

/** HTTP to one upstream over a few connections that are kept open between requests. */
export function createHttp({ timeoutMs, maxBytes, now }: HttpOptions): Http {
  const agent = new Agent({
    connections: MAX_CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: LONGEST_KEEP_ALIVE_MS,
    // One deadline for the whole exchange, below.
    connectTimeout: timeoutMs,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  let stopped: Promise<void> | undefined

  async function read({ url, signal, method, headers, body }: HttpRequest): Promise<HttpAnswer> {
    const response = await request(url, {
      dispatcher: agent,
      method,
      headers,
      body: body ?? null,
      signal: signal ?? null,
    })
    const { statusCode: status } = response
    const refusal = refusalOf(status, retryAfterMs(single(response.headers['retry-after']), now()))
    if (refusal) {
      await response.body.dump({ limit: 16_384 })
      throw refusal
    }
    const decoder = new TextDecoder()
    let text = ''
    let bytes = 0
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) {
        throw new EndpointError('bad-answer', { message: `answer over ${maxBytes} bytes` })
      }
      text += decoder.decode(chunk, { stream: true })
    }
    return {
      status,
      contentType: single(response.headers['content-type']) ?? '',
      text: text + decoder.decode(),
    }
  }

  return {
    async exchange(wanted) {
      const deadline = AbortSignal.timeout(timeoutMs)
      const signal = wanted.signal ? AbortSignal.any([wanted.signal, deadline]) : deadline
      try {
        return await read({ ...wanted, signal })
      } catch (error) {
        if (error instanceof EndpointError) throw error
        if (deadline.aborted) {
          throw new EndpointError('timeout', { message: `no answer within ${timeoutMs / 1000} s` })
        }
        throw new EndpointError('unreachable', { message: `connection failed (${networkCode(error)})` })
      }
    },
    stop() {
      stopped ??= agent.destroy()
      return stopped
    },
  }
}

/** What an answer's status alone says. */
function refusalOf(status: number, waitMs: number | undefined): EndpointError | undefined {
  const wait = waitMs === undefined ? {} : { retryAfterMs: waitMs }
  if (status === HTTP_TOO_MANY) {
    return new EndpointError('rate-limited', { message: 'rate limit (429)', ...wait })
  }
  if (status === HTTP_UNAVAILABLE && waitMs !== undefined) {
    return new EndpointError('unreachable', { message: `HTTP ${status}`, ...wait })
  }
  if (status >= 300 && status < 400) {
    return new EndpointError('unreachable', { message: `HTTP ${status}, a redirect that is not followed` })
  }
  return undefined
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

/** `ECONNREFUSED` and the like; it may hide a few causes deep. */
function networkCode(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return 'network error'
}

import { setMaxListeners } from 'node:events'
import { createRate } from '../domain/rate.ts'
import { ApiError, EndpointError } from '../errors.ts'
import { createBackoff } from './backoff.ts'
import type { EndpointStats } from './endpoint.ts'
import { createHttp, type HttpAnswer, MAX_CONNECTIONS } from './http.ts'
import { createLimiter, type Priority } from './limiter.ts'

export interface ApiDeps {
  readonly url: string
  readonly requestsPerSecond: number
  readonly timeoutMs: number
  /** Longest answer that is read. */
  readonly maxBytes: number
  readonly now: () => number
  /** 0 to 1; spreads rests. */
  readonly random: () => number
  /** How it is shown: never the address, which may hold a key. */
  readonly name: string
}

export interface ApiOptions {
  readonly priority: Priority
  readonly signal?: AbortSignal | undefined
}

export interface Api {
  /**
   * A `fetch` for GraphQL and REST clients whose every request waits for its turn. Its answers are JSON, read to the end; a status
   * of 4xx with JSON is an answer. Throws ApiError: `rate-limited`, `unreachable` (5xx, connection), `timeout`, `bad-answer` (no
   * JSON, too long), `busy` (not asked: too much waits, or it is left alone after a failure). A request to any other host is a
   * bug and refused with a TypeError.
   */
  fetch(options: ApiOptions): typeof fetch
  stats(): EndpointStats
  stop(): Promise<void>
}

/** One HTTP API that speaks JSON: paced, capped, rested after failures. Nothing is tried twice. */
export function createApi(deps: ApiDeps): Api {
  const { now, name } = deps
  const { origin } = new URL(deps.url)
  const http = createHttp(deps)
  const limiter = createLimiter({
    requestsPerSecond: deps.requestsPerSecond,
    maxConcurrent: MAX_CONNECTIONS,
  })
  const backoff = createBackoff(deps)
  const rate = createRate(now)
  const stopping = new AbortController()
  // One signal ends many requests; that is no leak.
  setMaxListeners(0, stopping.signal)
  let calls = 0
  let errors = 0
  let lastError: string | null = null

  async function ask(request: Request, priority: Priority): Promise<Response> {
    const body = request.body ? await request.text() : undefined
    // By hand: on Node 20 a signal that lives long keeps something of every one that AbortSignal.any makes from it.
    const end = new AbortController()
    const { signal } = end
    const abort = (): void => {
      end.abort()
    }
    const signals = [request.signal, stopping.signal]
    for (const each of signals) each.addEventListener('abort', abort)
    if (signals.some((each) => each.aborted)) abort()
    try {
      const answer = await limiter.run({ priority, signal }, async () => {
        leaveAlone()
        calls += 1
        rate.tick()
        return await http.exchange({
          url: request.url,
          method: methodOf(request),
          headers: Object.fromEntries(request.headers),
          body,
          signal,
        })
      })
      checkJson(answer)
      backoff.clear()
      const headers = { 'content-type': 'application/json' }
      return new Response(answer.text, {
        status: answer.status,
        headers,
      })
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error
      if (!signal.aborted) failed(error)
      // Without the cause, which may repeat what was sent.
      throw new ApiError(error.kind, {
        message: `${name}: ${error.message}`,
        retryAfterMs: error.retryAfterMs,
      })
    } finally {
      for (const each of signals) each.removeEventListener('abort', abort)
    }
  }

  function leaveAlone(): void {
    const { ms } = backoff.rest()
    if (ms > 0) throw new EndpointError('busy', { message: `left alone for ${Math.ceil(ms / 1000)} s` })
  }

  function failed(error: EndpointError): void {
    if (error.kind === 'busy') return
    errors += 1
    lastError = error.message
    backoff.failed(error)
  }

  return {
    fetch:
      ({ priority, signal }) =>
      async (input, init) => {
        const request = new Request(input, {
          ...init,
          ...(signal && { signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal }),
        })
        if (new URL(request.url).origin !== origin) throw new TypeError('a request to another host')
        return await ask(request, priority)
      },
    stats: () => ({
      name,
      state: backoff.rest().ms > 0 ? 'resting' : 'ready',
      calls,
      callsPerMinute: rate.perMinute(),
      errors,
      queued: limiter.queued(),
      lastError,
    }),
    async stop() {
      stopping.abort()
      await limiter.stop()
      await http.stop()
    },
  }
}

function methodOf({ method }: Request): 'GET' | 'POST' {
  if (method === 'GET' || method === 'POST') return method
  throw new TypeError(`a ${method} request`)
}

function checkJson({ status, text }: HttpAnswer): void {
  if (status >= 500) throw new EndpointError('unreachable', { message: `HTTP ${status}` })
  try {
    JSON.parse(text)
  } catch {
    // Without the cause: V8's SyntaxError quotes the body.
    throw new EndpointError('bad-answer', { message: `HTTP ${status}, not JSON` })
  }
}

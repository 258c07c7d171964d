import { z } from 'zod'
import type { BlockRef } from '../domain/position.ts'
import { createRate } from '../domain/rate.ts'
import { EndpointError } from '../errors.ts'
import { createJsonRpc } from './json-rpc.ts'
import { createLimiter, type Priority } from './limiter.ts'

/** How an RPC endpoint may be used. `gasPerCall` is the provider's cap on one eth_call. */
export interface EndpointSpec {
  readonly url: string
  readonly requestsPerSecond: number
  readonly gasPerCall: bigint
}

export interface EndpointStats {
  readonly name: string
  readonly state: 'ready' | 'resting' | 'wrong chain'
  readonly calls: number
  readonly callsPerMinute: number
  readonly errors: number
  readonly queued: number
  readonly lastError: string | null
}

export interface EndpointRequest {
  readonly method: string
  readonly params: readonly unknown[]
  readonly priority: Priority
  readonly signal?: AbortSignal | undefined
}

export interface Endpoint {
  /** Host and port only: paths and queries carry access keys. */
  readonly name: string
  readonly gasPerCall: bigint
  /**
   * Milliseconds until it is worth trying again. `must`: it asked for that pause (429) or serves another chain, so it is left
   * alone until then; otherwise it may be tried when nothing better is left.
   */
  rest(): { readonly ms: number; readonly must: boolean }
  request(request: EndpointRequest): Promise<unknown>
  /** Work begins here; call the answer when all of it succeeded: failures from before are then forgotten. */
  begin(): () => void
  /** Counts a failure, also one that only showed when its answer was decoded, and rests. The same error counts once. */
  failed(error: EndpointError): void
  /** The newest block, refused with `stale` when it is too old. Background work may get one up to half a second old. */
  head(priority: Priority): Promise<BlockRef>
  stats(): EndpointStats
  stop(): Promise<void>
}

export interface EndpointDeps {
  readonly spec: EndpointSpec
  readonly chainId: number
  readonly now: () => number
}

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 8 * 1024 * 1024
const MAX_CONCURRENT = 8
const HEAD_REUSE_MS = 500
const MAX_HEAD_AGE_MS = 10_000
const FIRST_REST_MS = 1_000
const LONGEST_REST_MS = 60_000

const blockSchema = z.object({
  number: z.string().regex(/^0x[0-9a-f]{1,12}$/i),
  timestamp: z.string().regex(/^0x[0-9a-f]{1,12}$/i),
  hash: z.string().regex(/^0x[0-9a-f]{64}$/i),
  parentHash: z.string().regex(/^0x[0-9a-f]{64}$/i),
})

/** One RPC endpoint: paced, checked for its chain id before first use, rested after failures. */
export function createEndpoint({ spec, chainId, now }: EndpointDeps): Endpoint {
  const rpc = createJsonRpc({ url: spec.url, timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES })
  const limiter = createLimiter({ requestsPerSecond: spec.requestsPerSecond, maxConcurrent: MAX_CONCURRENT })
  const name = new URL(spec.url).host
  const rate = createRate(now)
  let calls = 0
  let errors = 0
  let failuresInARow = 0
  let restUntilMs = 0
  let mustRest = false
  let lastError: string | null = null
  let wrongChain = false
  const counted = new WeakSet<EndpointError>()
  const stopping = new AbortController()
  let chainChecked: Promise<void> | undefined
  let headAt: { atMs: number; block: Promise<BlockRef> } | undefined

  async function send(request: EndpointRequest): Promise<unknown> {
    const end = new AbortController()
    const abort = (): void => {
      end.abort()
    }
    const signals = [stopping.signal, ...(request.signal ? [request.signal] : [])]
    for (const signal of signals) signal.addEventListener('abort', abort)
    try {
      return await limiter.run(request.priority, async () => {
        // It may have asked for a pause while this request waited for its turn.
        if (mustRest && restUntilMs > now()) throw uncounted('rate-limited', 'it asked for a pause')
        if (signals.some((signal) => signal.aborted)) throw uncounted('unreachable', 'given up')
        calls += 1
        rate.tick()
        return await rpc({ ...request, signal: end.signal })
      })
    } catch (error) {
      if (error instanceof EndpointError && !end.signal.aborted) failed(error)
      throw error
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', abort)
    }
  }

  function uncounted(kind: EndpointError['kind'], message: string): EndpointError {
    const error = new EndpointError(kind, { message })
    counted.add(error)
    return error
  }

  function failed(error: EndpointError): void {
    if (counted.has(error)) return
    counted.add(error)
    errors += 1
    lastError = error.message
    // A refused call says nothing about the endpoint as such: the next smaller call may pass.
    if (error.kind === 'rpc-error') return
    // Whoever answers there after a break may be somebody else.
    chainChecked = undefined
    failuresInARow += 1
    const must = error.kind === 'rate-limited' || error.kind === 'wrong-chain'
    const backoffMs =
      error.kind === 'wrong-chain'
        ? LONGEST_REST_MS
        : Math.min(FIRST_REST_MS * 2 ** (failuresInARow - 1), LONGEST_REST_MS)
    const untilMs = now() + Math.max(backoffMs, error.retryAfterMs ?? 0)
    // A pause that was asked for is not cut short by a lesser failure.
    if (mustRest && restUntilMs > untilMs) return
    mustRest = must
    restUntilMs = untilMs
  }

  function raise(kind: EndpointError['kind'], message: string): never {
    const error = new EndpointError(kind, { message })
    failed(error)
    throw error
  }

  async function checkChain(priority: Priority): Promise<void> {
    const answer = await send({ method: 'eth_chainId', params: [], priority })
    wrongChain = Number(answer) !== chainId
    if (wrongChain) raise('wrong-chain', `chain id ${Number(answer)}, expected ${chainId}`)
  }

  async function fetchHead(priority: Priority): Promise<BlockRef> {
    chainChecked ??= checkChain(priority).catch((error: unknown) => {
      chainChecked = undefined
      throw error
    })
    await chainChecked
    const answer = await send({ method: 'eth_getBlockByNumber', params: ['latest', false], priority })
    const parsed = blockSchema.safeParse(answer)
    if (!parsed.success) raise('bad-answer', 'no usable block')
    const block: BlockRef = {
      number: Number(parsed.data.number),
      timestamp: Number(parsed.data.timestamp),
      hash: parsed.data.hash.toLowerCase(),
      parentHash: parsed.data.parentHash.toLowerCase(),
    }
    const ageMs = now() - block.timestamp * 1000
    if (ageMs > MAX_HEAD_AGE_MS) raise('stale', `newest block is ${Math.round(ageMs / 1000)} s old`)
    return block
  }

  return {
    name,
    gasPerCall: spec.gasPerCall,
    rest: () => ({ ms: Math.max(0, restUntilMs - now()), must: mustRest }),
    request: send,
    failed,
    begin() {
      const errorsBefore = errors
      return () => {
        if (errors !== errorsBefore) return
        failuresInARow = 0
        restUntilMs = 0
        mustRest = false
      }
    },
    head(priority) {
      // Somebody who asks may have signed a transaction a moment ago: for them the newest block, not a recent one.
      const background = priority === 'cycle' || priority === 'discovery'
      if (background && headAt && now() - headAt.atMs < HEAD_REUSE_MS) return headAt.block
      const block = fetchHead(priority)
      headAt = { atMs: now(), block }
      // A failure must not be handed out again for half a second.
      block.catch(() => {
        headAt = undefined
      })
      return block
    },
    stats: () => ({
      name,
      state: wrongChain ? 'wrong chain' : restUntilMs > now() ? 'resting' : 'ready',
      calls,
      callsPerMinute: rate.perMinute(),
      errors,
      queued: limiter.queued(),
      lastError,
    }),
    stop: () => {
      stopping.abort()
      return limiter.stop()
    },
  }
}

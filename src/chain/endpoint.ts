import { setMaxListeners } from 'node:events'
import type { BlockRef } from '../domain/position.ts'
import { createRate } from '../domain/rate.ts'
import { EndpointError } from '../errors.ts'
import { type Asked, createAsked } from './asked.ts'
import { createBackoff } from './backoff.ts'
import { type Batch, createBatching } from './batching.ts'
import { type Capacity, createCapacity } from './capacity.ts'
import { checkAge, parseBlock } from './head.ts'
import { MAX_CONNECTIONS } from './http.ts'
import { createJsonRpc } from './json-rpc.ts'
import { createLimiter, type Priority, type Turn } from './limiter.ts'
import { plannedGas } from './multicall.ts'

/** How an RPC endpoint may be used. */
export interface EndpointSpec {
  readonly url: string
  readonly requestsPerSecond: number
  /** The provider's cap on one eth_call. */
  readonly gasPerCall: bigint
  /** Most requests in one JSON-RPC batch; 1 = never batch. */
  readonly batchSize: number
  /** Most blocks that one eth_getLogs may cover. */
  readonly logBlocks: number
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
  readonly batchSize: number
  /** Estimated gas that one multicall may carry, as learned so far. */
  readonly capacity: Capacity
  /** Blocks that one eth_getLogs may cover, as learned so far. */
  readonly logRange: Capacity
  /**
   * Milliseconds until it is worth trying again. `must`: it asked for that pause (429) or serves another chain, so it is left
   * alone until then; otherwise it may be tried when nothing better is left.
   */
  rest(): { readonly ms: number; readonly must: boolean }
  /** Whether it failed and has not shown since, by chain id and head, that it is well again. */
  needsProbe(): boolean
  /** About how long new work would wait: the smaller, the more free budget. */
  waitMs(): number
  /** One request; also tells how long the endpoint took, without the wait for its turn. */
  timed(request: EndpointRequest): Promise<{ readonly result: unknown; readonly tookMs: number }>
  /** Requests with an item each, same order, in batches where the endpoint takes them. Throws when none could be asked. */
  readonly batch: Batch
  /** Work begins here; call the answer at its end: when all of it succeeded, failures from before are forgotten. */
  begin(): (succeeded: boolean) => void
  /** Counts a failure, also one that only showed when its answer was decoded, and rests. The same error counts once. */
  failed(error: EndpointError): void
  /**
   * The newest block, refused with `stale` when it is too old or lies in the future. Background work may get one up to a second
   * old. Checks the chain id first where that is not known.
   */
  head(priority: Priority): Promise<BlockRef>
  /** The newest block, asked for now; an endpoint that needs a probe is ready again after it. */
  refresh(): Promise<BlockRef>
  stats(): EndpointStats
  stop(): Promise<void>
}

export interface EndpointDeps {
  readonly spec: EndpointSpec
  readonly chainId: number
  readonly now: () => number
  /** The wall clock: the second opinion on a block's age. Default Date.now. */
  readonly wallNow?: (() => number) | undefined
  /** 0 to 1; spreads rests. */
  readonly random?: () => number
}

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 8 * 1024 * 1024
const HEAD_REUSE_MS = 1_000
/** Who is still silent after this when its caller's time is up has failed, even though its own deadline was not over. */
const SILENT_MS = 5_000
const LEAST_CHUNK_GAS = 1_000_000

/** One RPC endpoint: paced, checked for its chain id before first use, rested after failures, probed before it is used again. */
export function createEndpoint(deps: EndpointDeps): Endpoint {
  const { spec, chainId, now, wallNow = Date.now, random = Math.random } = deps
  const rpc = createJsonRpc({ url: spec.url, timeoutMs: TIMEOUT_MS, maxBytes: MAX_ANSWER_BYTES, now })
  const limiter = createLimiter({
    requestsPerSecond: spec.requestsPerSecond,
    maxConcurrent: MAX_CONNECTIONS,
  })
  const name = new URL(spec.url).host
  const rate = createRate(now)
  const backoff = createBackoff({ now, random })
  const mostGas = plannedGas(spec.gasPerCall)
  let calls = 0
  let errors = 0
  let works = 0
  let lastError: string | null = null
  let wrongChain = false
  let needsProbe = false
  const counted = new WeakSet<EndpointError>()
  const timesUp = new WeakSet<AbortSignal>()
  const stopping = new AbortController()
  let chainChecked: Asked<void> | undefined
  let headAt: { readonly atMs: number; readonly block: Asked<BlockRef> } | undefined

  async function send<T>(turn: Turn, exchange: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const end = new AbortController()
    const abort = (): void => {
      end.abort()
    }
    const signals = [stopping.signal, ...(turn.signal ? [turn.signal] : [])]
    // One signal ends many requests; that is no leak.
    setMaxListeners(0, ...signals)
    for (const signal of signals) signal.addEventListener('abort', abort)
    if (signals.some((signal) => signal.aborted)) abort()
    let beganAtMs: number | undefined
    try {
      return await limiter.run({ ...turn, signal: end.signal }, async () => {
        // It may have asked for a pause while this request waited for its turn.
        const { ms, must } = backoff.rest()
        if (must && ms > 0) throw uncounted('rate-limited', 'it asked for a pause')
        for (let slot = 0; slot < (turn.weight ?? 1); slot += 1) rate.tick()
        calls += turn.weight ?? 1
        beganAtMs = now()
        return await exchange(end.signal)
      })
    } catch (error) {
      if (error instanceof EndpointError && !end.signal.aborted) failed(error)
      if (turn.signal?.aborted && beganAtMs !== undefined) gaveUp(turn.signal, now() - beganAtMs)
      throw error
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', abort)
    }
  }

  /** A caller's time is up while it waits for an answer; however many answers it waits for, that is one failure. */
  function gaveUp(signal: AbortSignal, silentMs: number): void {
    if (silentMs < SILENT_MS || timesUp.has(signal)) return
    timesUp.add(signal)
    failed(new EndpointError('timeout', { message: `no answer for ${Math.floor(silentMs / 1000)} s` }))
  }

  async function timed({ method, params, priority, signal }: EndpointRequest) {
    return await send({ priority, signal }, async (end) => {
      const startedAtMs = now()
      const result = await rpc.request({ method, params, signal: end })
      return { result, tookMs: now() - startedAtMs }
    })
  }

  function uncounted(kind: EndpointError['kind'], message: string): EndpointError {
    const error = new EndpointError(kind, { message })
    counted.add(error)
    return error
  }

  function failed(error: EndpointError): void {
    if (counted.has(error) || error.kind === 'busy') return
    counted.add(error)
    errors += 1
    lastError = error.message
    // A refused call says nothing about the endpoint as such: the next smaller call may pass.
    if (error.kind === 'rpc-error') return
    // Whoever answers there after a break may be somebody else.
    chainChecked = undefined
    headAt = undefined
    needsProbe = true
    backoff.failed(error)
  }

  function raise(kind: EndpointError['kind'], message: string): never {
    const error = new EndpointError(kind, { message })
    failed(error)
    throw error
  }

  async function checkChain(priority: Priority): Promise<void> {
    const { result } = await timed({ method: 'eth_chainId', params: [], priority })
    wrongChain = Number(result) !== chainId
    if (wrongChain) raise('wrong-chain', `chain id ${Number(result)}, expected ${chainId}`)
  }

  function knownChain(priority: Priority): Promise<void> {
    if (chainChecked?.serves(priority)) return chainChecked.answer
    const asked = createAsked(priority, checkChain(priority))
    chainChecked = asked
    asked.answer.catch(() => {
      if (chainChecked === asked) chainChecked = undefined
    })
    return asked.answer
  }

  async function fetchHead(priority: Priority): Promise<BlockRef> {
    await knownChain(priority)
    const { result } = await timed({ method: 'eth_getBlockByNumber', params: ['latest', false], priority })
    const block = parseBlock(result)
    if (!block) raise('bad-answer', 'no usable block')
    const unfit = checkAge(block, { nowMs: now(), wallMs: wallNow() })
    if (unfit !== undefined) raise(block.timestamp * 1000 < now() ? 'old' : 'stale', unfit)
    return block
  }

  function newHead(priority: Priority): Promise<BlockRef> {
    const asked = { atMs: now(), block: createAsked(priority, fetchHead(priority)) }
    headAt = asked
    // A failure must not be handed out again.
    asked.block.answer.catch(() => {
      if (headAt === asked) headAt = undefined
    })
    return asked.block.answer
  }

  return {
    name,
    gasPerCall: spec.gasPerCall,
    batchSize: spec.batchSize,
    capacity: createCapacity({ least: Math.min(LEAST_CHUNK_GAS, mostGas), most: mostGas }),
    logRange: createCapacity({ least: 1, most: spec.logBlocks }),
    rest: () => backoff.rest(),
    needsProbe: () => needsProbe,
    // Work that began will ask something, even when none of its requests waits just now.
    waitMs: () => limiter.waitMs(works),
    timed,
    batch: createBatching({
      most: spec.batchSize,
      alone: async (request, turn) => (await timed({ ...request, ...turn })).result,
      together: (requests, turn) => send(turn, (end) => rpc.batch(requests, end)),
      failed,
    }),
    begin() {
      const errorsBefore = errors
      works += 1
      return (succeeded) => {
        works -= 1
        if (!succeeded || errors !== errorsBefore) return
        backoff.clear()
        needsProbe = false
      }
    },
    failed,
    head(priority) {
      // Somebody who asks may have signed a transaction a moment ago: for them the newest block, not a recent one.
      const background = priority === 'cycle' || priority === 'discovery'
      const young = headAt !== undefined && now() - headAt.atMs < HEAD_REUSE_MS
      if (background && young && headAt?.block.serves(priority)) return headAt.block.answer
      return newHead(priority)
    },
    async refresh() {
      const block = await newHead('cycle')
      needsProbe = false
      return block
    },
    stats: () => ({
      name,
      state: wrongChain ? 'wrong chain' : needsProbe || backoff.rest().ms > 0 ? 'resting' : 'ready',
      calls,
      callsPerMinute: rate.perMinute(),
      errors,
      queued: limiter.queued(),
      lastError,
    }),
    async stop() {
      stopping.abort()
      await limiter.stop()
      await rpc.stop()
    },
  }
}

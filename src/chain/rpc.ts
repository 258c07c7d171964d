import { setMaxListeners } from 'node:events'
import type { BlockRef } from '../domain/position.ts'
import { EndpointError } from '../errors.ts'
import type { ChainLog } from './chain-log.ts'
import type { ChainReader } from './chain-reader.ts'
import { createEndpoint, type Endpoint, type EndpointSpec, type EndpointStats } from './endpoint.ts'
import { createHeadReference } from './head-reference.ts'
import type { Priority } from './limiter.ts'
import { type LogQuery, readLogs } from './logs.ts'
import { createPinnedReader } from './pinned-reader.ts'

export interface RpcDeps {
  readonly specs: readonly EndpointSpec[]
  readonly chainId: number
  readonly multicall: `0x${string}`
  /** Milliseconds; must run steadily, and be near the wall clock. */
  readonly now: () => number
  /** The wall clock: the second opinion on a block's age. Default Date.now. */
  readonly wallNow?: () => number
  /** 0 to 1; spreads rests. */
  readonly random?: () => number
}

export interface PinOptions {
  readonly priority: Priority
  readonly signal?: AbortSignal | undefined
  /** Name of the endpoint whose word is to be checked: every other one may be asked. */
  readonly avoid?: string | undefined
  /** An endpoint that has not seen this block yet is passed over, which is no fault of its own. */
  readonly fromBlock?: number | undefined
}

/** `value`, or why no endpoint could give it (fit for a person: no URL, no key). */
export type Pinned<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string }

export interface Rpc {
  /**
   * Runs `work` against one endpoint at its newest block. When that endpoint fails, the whole work starts anew at the next
   * endpoint's newest block, so that no result mixes blocks or sources. Other errors out of `work` are bugs and pass through.
   */
  pinned<T>(options: PinOptions, work: (at: ChainReader) => Promise<T>): Promise<Pinned<T>>
  /** The newest block of an endpoint that is fit for work. */
  head(priority: Priority): Promise<Pinned<BlockRef>>
  /**
   * Event logs of a range of blocks, oldest first, all from one endpoint. `toBlock` is the last block that was looked at: below
   * the one asked for when there was more than one request should bring, so go on behind it.
   */
  logs(query: LogQuery & PinOptions): Promise<Pinned<{ logs: ChainLog[]; toBlock: number }>>
  /** One round over all endpoints: asks for their heads, and tries those again whose rest is over. Never rejects. */
  trackHeads(signal?: AbortSignal): Promise<void>
  /** Tells of every newest block that was believed, as soon as it is. */
  onHead(listener: (block: BlockRef) => void): void
  stats(): EndpointStats[]
  stop(): Promise<void>
}

/** Waits that differ by less are the same: then the endpoints take turns. */
const SAME_WAIT_MS = 10

/** All endpoints of the chain as one. */
export function createRpc({ specs, chainId, multicall, now, wallNow, random }: RpcDeps): Rpc {
  const endpoints = specs.map((spec) =>
    createEndpoint({ spec, chainId, now, wallNow, ...(random !== undefined && { random }) }),
  )
  const reference = createHeadReference(now)
  const headListeners: ((block: BlockRef) => void)[] = []
  let turn = 0

  /** Throws EndpointError `stale` for a head that does not fit those of the others. */
  function believe(endpoint: Endpoint, block: BlockRef): void {
    reference.check(endpoint, block)
    for (const listener of headListeners) listener(block)
  }

  /**
   * Ready endpoints first, those with the most free budget before others, equals in turn. Last those that must still prove
   * themselves and those that rest, so that with nothing else left they are tried all the same.
   */
  function inOrder(): Endpoint[] {
    const start = turn % endpoints.length
    turn += 1
    const rotated = [...endpoints.slice(start), ...endpoints.slice(0, start)]
    const ranked = rotated.map((endpoint) => ({
      endpoint,
      restMs: endpoint.rest().ms,
      unproved: Number(endpoint.needsProbe()),
      wait: Math.round(endpoint.waitMs() / SAME_WAIT_MS),
    }))
    ranked.sort((a, b) => a.restMs - b.restMs || a.unproved - b.unproved || a.wait - b.wait)
    return ranked.map(({ endpoint }) => endpoint)
  }

  /** Endpoints whose rest is over come back by a question of ours, not by the work of somebody who waits. */
  function probeOthers(chosen: Endpoint | undefined): void {
    if (!chosen || chosen.needsProbe()) return
    for (const endpoint of endpoints) {
      if (endpoint.needsProbe() && endpoint.rest().ms === 0) void refresh(endpoint)
    }
  }

  const probing = new Map<Endpoint, Promise<BlockRef | undefined>>()
  /** Asks for the head, once at a time; `undefined` when that fails, which the endpoint has counted. */
  function refresh(endpoint: Endpoint): Promise<BlockRef | undefined> {
    const running = probing.get(endpoint)
    if (running) return running
    const asked = askHead(endpoint).finally(() => probing.delete(endpoint))
    probing.set(endpoint, asked)
    return asked
  }

  async function askHead(endpoint: Endpoint): Promise<BlockRef | undefined> {
    try {
      const block = await endpoint.refresh()
      reference.seen(endpoint, block)
      return block
    } catch (error) {
      if (error instanceof EndpointError) return undefined
      throw error
    }
  }

  /** Tries the endpoints in order until one of them does the work. */
  async function onEndpoint<T>(
    options: PinOptions,
    work: (endpoint: Endpoint, block: BlockRef) => Promise<T>,
  ): Promise<Pinned<T>> {
    const reasons: string[] = []
    let old = 0
    const order = inOrder().filter(({ name }) => name !== options.avoid)
    if (order.length === 0) return { ok: false, reason: 'there is no other endpoint' }
    probeOthers(order[0])
    for (const endpoint of order) {
      if (options.signal?.aborted) return { ok: false, reason: 'took too long' }
      const { ms, must } = endpoint.rest()
      if (ms > 0 && must) {
        reasons.push(`${endpoint.name}: left alone for ${Math.ceil(ms / 1000)} s`)
        continue
      }
      const end = endpoint.begin()
      let succeeded = false
      try {
        const block = await orAborted(endpoint.head(options.priority), options.signal)
        reference.seen(endpoint, block)
        believe(endpoint, block)
        if (block.number < (options.fromBlock ?? 0)) {
          reasons.push(`${endpoint.name}: has not seen block ${options.fromBlock} yet`)
          continue
        }
        const value = await work(endpoint, block)
        succeeded = true
        return { ok: true, value }
      } catch (error) {
        if (!(error instanceof EndpointError)) throw error
        if (options.signal?.aborted) return { ok: false, reason: 'took too long' }
        endpoint.failed(error)
        old += Number(error.kind === 'old')
        reasons.push(`${endpoint.name}: ${error.message}`)
      } finally {
        end(succeeded)
      }
    }
    const reason = reasons.join('; ')
    return { ok: false, reason: old === order.length ? `the chain stands still (${reason})` : reason }
  }

  return {
    pinned: (options, work) =>
      onEndpoint(options, (endpoint, block) => {
        const { priority, signal } = options
        return work(createPinnedReader({ endpoint, block, multicall, priority, signal }))
      }),
    head: (priority) => onEndpoint({ priority }, (_, block) => Promise.resolve(block)),
    // The first block of a range is no demand on the endpoint: it answers for what it has seen.
    logs: (query) =>
      onEndpoint({ priority: query.priority, signal: query.signal }, (endpoint, block) =>
        readLogs({ endpoint, block }, query),
      ),
    async trackHeads(signal) {
      const rested = endpoints.filter((endpoint) => endpoint.rest().ms === 0)
      const round = Promise.all(
        rested.map(async (endpoint) => ({ endpoint, block: await refresh(endpoint) })),
      ).then((heads) => {
        for (const { endpoint, block } of heads) {
          try {
            if (block) believe(endpoint, block)
          } catch (error) {
            if (!(error instanceof EndpointError)) throw error
            endpoint.failed(error)
          }
        }
      })
      await orAborted(round, signal).catch((error: unknown) => {
        if (!(error instanceof EndpointError)) throw error
      })
    },
    onHead(listener) {
      headListeners.push(listener)
    },
    stats: () => endpoints.map((endpoint) => endpoint.stats()),
    async stop() {
      await Promise.all(endpoints.map((endpoint) => endpoint.stop()))
      await Promise.all(probing.values())
    },
  }
}

/** The head is shared with others, so it is not cancelled; only this caller stops waiting for it. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  // One signal ends many works; that is no leak.
  setMaxListeners(0, signal)
  let abort: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(new EndpointError('timeout', { message: 'took too long' }))
    }
    signal.addEventListener('abort', abort)
  })
  if (signal.aborted) abort()
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

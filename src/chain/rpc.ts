import { EndpointError } from '../errors.ts'
import type { ChainReader } from './chain-reader.ts'
import { createEndpoint, type Endpoint, type EndpointSpec, type EndpointStats } from './endpoint.ts'
import type { Priority } from './limiter.ts'
import { createPinnedReader } from './pinned-reader.ts'

export interface RpcDeps {
  readonly specs: readonly EndpointSpec[]
  readonly chainId: number
  readonly multicall: `0x${string}`
  readonly now: () => number
}

export interface PinOptions {
  readonly priority: Priority
  readonly signal?: AbortSignal | undefined
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
  stats(): EndpointStats[]
  stop(): Promise<void>
}

/** A head further behind the best one seen than this is stale. */
const MAX_BLOCKS_BEHIND = 20

/** All endpoints of the chain as one. */
export function createRpc({ specs, chainId, multicall, now }: RpcDeps): Rpc {
  const endpoints = specs.map((spec) => createEndpoint({ spec, chainId, now }))
  let turn = 0
  let bestBlock = { number: 0, atMs: 0 }

  /** Rested endpoints first, in turn; resting ones last, so that with nothing else left they are still tried. */
  function inOrder(): Endpoint[] {
    const start = turn % endpoints.length
    turn += 1
    const rotated = [...endpoints.slice(start), ...endpoints.slice(0, start)]
    return rotated.sort((a, b) => a.rest().ms - b.rest().ms)
  }

  async function readerAt(endpoint: Endpoint, options: PinOptions): Promise<ChainReader> {
    const block = await endpoint.head(options.priority)
    if (block.number < bestBlock.number - MAX_BLOCKS_BEHIND) {
      // A chain that was reset behind us would be refused for ever; the mark fades after a minute.
      if (now() - bestBlock.atMs < 60_000) {
        throw new EndpointError('stale', { message: `${bestBlock.number - block.number} blocks behind` })
      }
    }
    if (block.number >= bestBlock.number || now() - bestBlock.atMs >= 60_000) {
      bestBlock = { number: block.number, atMs: now() }
    }
    return createPinnedReader({ endpoint, block, multicall, ...options })
  }

  return {
    async pinned(options, work) {
      const reasons: string[] = []
      for (const endpoint of inOrder()) {
        if (options.signal?.aborted) return { ok: false, reason: 'took too long' }
        const { ms, must } = endpoint.rest()
        if (ms > 0 && must) {
          reasons.push(`${endpoint.name}: left alone for ${Math.ceil(ms / 1000)} s`)
          continue
        }
        const succeeded = endpoint.begin()
        try {
          const at = await orAborted(readerAt(endpoint, options), options.signal)
          const value = await work(at)
          succeeded()
          return { ok: true, value }
        } catch (error) {
          if (!(error instanceof EndpointError)) throw error
          if (options.signal?.aborted) return { ok: false, reason: 'took too long' }
          endpoint.failed(error)
          reasons.push(`${endpoint.name}: ${error.message}`)
        }
      }
      return { ok: false, reason: reasons.join('; ') }
    },
    stats: () => endpoints.map((endpoint) => endpoint.stats()),
    async stop() {
      await Promise.all(endpoints.map((endpoint) => endpoint.stop()))
    },
  }
}

/** The head is shared with others, so it is not cancelled; only this caller stops waiting for it. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  let abort: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(new EndpointError('timeout', { message: 'took too long' }))
    }
    signal.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

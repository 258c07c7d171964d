import { EndpointError, isRefusal } from '../errors.ts'
import { createCapacity } from './capacity.ts'
import type { BatchItem, RpcRequest } from './json-rpc.ts'
import type { Turn } from './limiter.ts'

export type Batch = (requests: readonly RpcRequest[], turn: Turn) => Promise<BatchItem[]>

export interface BatchingDeps {
  /** Most requests in one batch; 1 = never batch. */
  readonly most: number
  readonly alone: (request: RpcRequest, turn: Turn) => Promise<unknown>
  /** Sends one batch; `turn` says how many slots it takes. */
  readonly together: Batch
  /** Told about requests that failed inside a batch. */
  readonly failed: (error: EndpointError) => void
}

/**
 * Requests of any number in batches that the endpoint takes: a batch that is refused as a whole is halved, down to single requests,
 * and what was learned stays. Providers count the requests of a batch singly, so that smaller batches cost nothing but exchanges.
 */
export function createBatching({ most, alone, together, failed }: BatchingDeps): Batch {
  const size = createCapacity({ least: 1, most })

  async function single(request: RpcRequest, turn: Turn): Promise<BatchItem> {
    try {
      return { ok: true, result: await alone(request, turn) }
    } catch (error) {
      if (error instanceof EndpointError && isRefusal(error)) return { ok: false, error }
      throw error
    }
  }

  async function part(requests: readonly RpcRequest[], turn: Turn): Promise<BatchItem[]> {
    const [only] = requests
    if (only && requests.length === 1) return [await single(only, turn)]
    try {
      const items = await together(requests, { ...turn, weight: requests.length })
      for (const item of items) if (!item.ok) failed(item.error)
      return items
    } catch (error) {
      if (!(error instanceof EndpointError) || !isRefusal(error)) throw error
      size.refused(requests.length)
      return await inParts(requests, turn)
    }
  }

  async function inParts(requests: readonly RpcRequest[], turn: Turn): Promise<BatchItem[]> {
    const items: BatchItem[] = []
    while (items.length < requests.length) {
      items.push(...(await part(requests.slice(items.length, items.length + size.limit()), turn)))
    }
    return items
  }

  return inParts
}

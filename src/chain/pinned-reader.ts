import type { BlockRef } from '../domain/position.ts'
import { EndpointError } from '../errors.ts'
import type { ChainReader } from './chain-reader.ts'
import type { Endpoint } from './endpoint.ts'
import type { Priority } from './limiter.ts'
import { createMulticall } from './multicall.ts'

export interface PinnedReaderDeps {
  readonly endpoint: Endpoint
  readonly block: BlockRef
  readonly multicall: `0x${string}`
  readonly priority: Priority
  readonly signal?: AbortSignal | undefined
}

/** One endpoint at one block, as the strategies see it. */
export function createPinnedReader(deps: PinnedReaderDeps): ChainReader {
  const { endpoint, block, priority, signal } = deps
  const tag = `0x${block.number.toString(16)}`

  async function request(method: string, params: readonly unknown[]) {
    const { result, tookMs } = await endpoint.timed({ method, params: [...params, tag], priority, signal })
    if (typeof result !== 'string' || !/^0x[0-9a-f]*$/i.test(result)) {
      throw new EndpointError('bad-answer', { message: `${method} did not answer with bytes` })
    }
    return { answer: result, tookMs }
  }

  return {
    endpoint: endpoint.name,
    block,
    priority,
    signal,
    ...createMulticall({
      block,
      address: deps.multicall,
      gasPerCall: endpoint.gasPerCall,
      capacity: endpoint.capacity,
      ethCall: ({ to, data, gas }) => request('eth_call', [{ to, data, gas }]),
    }),
    hasCode: async (address) => (await request('eth_getCode', [address])).answer.length > 2,
  }
}

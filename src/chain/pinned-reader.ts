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

  async function request(method: string, params: readonly unknown[]): Promise<string> {
    const answer = await endpoint.request({ method, params: [...params, tag], priority, signal })
    if (typeof answer !== 'string' || !/^0x[0-9a-f]*$/i.test(answer)) {
      throw new EndpointError('bad-answer', { message: `${method} did not answer with bytes` })
    }
    return answer
  }

  const multicall = createMulticall({
    block,
    address: deps.multicall,
    gasPerCall: endpoint.gasPerCall,
    ethCall: (call) => request('eth_call', [{ to: call.to, data: call.data, gas: call.gas }]),
  })

  return {
    endpoint: endpoint.name,
    block,
    priority,
    signal,
    call: multicall,
    sequences: () => Promise.reject(new Error('calls in sequence are not built yet')),
    hasCode: async (address) => (await request('eth_getCode', [address])).length > 2,
  }
}

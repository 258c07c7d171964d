import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import { createClock, rpcFor, valueOf } from './chain-kit.ts'
import { morphoOf, morphoRef } from './morpho-kit.ts'
import { neverlandOf, refIn } from './neverland-kit.ts'

let chain: LocalChain
let proxy: RpcProxy

beforeAll(async () => {
  chain = await createLocalChain()
  proxy = await createRpcProxy({ target: chain.url })
})
afterAll(async () => {
  await Promise.all([chain.stop(), proxy.stop()])
})

/** How many eth_calls reading so many positions takes, with everything known that can be known. */
async function callsFor(strategy: LendingStrategy, refs: readonly PositionRef[]): Promise<number> {
  const rpc = rpcFor({ urls: [proxy.url], chain, now: (await createClock(chain)).now })
  try {
    await valueOf(rpc.pinned({ priority: 'cycle' }, (at) => strategy.read(refs.slice(0, 2), at)))
    const before = proxy.requests().byMethod['eth_call'] ?? 0
    const readings = await valueOf(rpc.pinned({ priority: 'cycle' }, (at) => strategy.read(refs, at)))
    expect(readings).toHaveLength(refs.length)
    expect(readings.every(({ kind }) => kind === 'none')).toBe(true)
    return (proxy.requests().byMethod['eth_call'] ?? 0) - before
  } finally {
    await rpc.stop()
  }
}

describe('the cost of reading', () => {
  it.each([
    [60, 1],
    [500, 1],
    [1_000, 2],
    [2_000, 3],
  ])('%i accounts of Neverland take %i eth_calls', async (count, calls) => {
    const refs = Array.from({ length: count }, () => refIn(chain, { owner: chain.newOwner() }))
    expect(await callsFor(neverlandOf(chain), refs)).toBe(calls)
  })

  it.each([
    [60, 2],
    [2_000, 2],
    [10_000, 3],
  ])('%i positions at Morpho take %i eth_calls, one of them for the markets', async (count, calls) => {
    const owner = chain.newOwner()
    const refs = Array.from({ length: count }, (_, index) =>
      morphoRef(chain, {
        owner: `0x${(BigInt(owner) ^ BigInt(index)).toString(16).padStart(40, '0')}`,
        market: index % 2 === 0 ? 'WMON-USDC' : 'WBTC-USDC',
      }),
    )
    expect(await callsFor(morphoOf(chain), refs)).toBe(calls)
  })
})

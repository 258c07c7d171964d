import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Rpc } from '../../src/chain/rpc.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import { createClock, reasonOf, rpcFor, valueOf } from './chain-kit.ts'

let chain: LocalChain
let first: RpcProxy
let second: RpcProxy
let rpc: Rpc

beforeAll(async () => {
  chain = await createLocalChain()
  first = await createRpcProxy({ target: chain.url })
  second = await createRpcProxy({ target: chain.url })
})
afterAll(async () => {
  await first.stop()
  await second.stop()
  await chain.stop()
})
beforeEach(async () => {
  const { now } = await createClock(chain)
  rpc = rpcFor({ urls: [first.url, second.url], chain, now })
})
afterEach(async () => {
  await second.set({ kind: 'ok' })
  await rpc.stop()
})

const hostOf = (proxy: RpcProxy): string => new URL(proxy.url).host

async function head(): Promise<number> {
  return Number(await chain.rpc.send('eth_blockNumber'))
}

function look(options: { avoid?: string; fromBlock?: number }) {
  return rpc.pinned({ priority: 'verify', ...options }, (at) => Promise.resolve(at.endpoint))
}

describe('a second source', () => {
  it('is always another endpoint than the one to avoid', async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      expect(await valueOf(look({ avoid: hostOf(first) }))).toBe(hostOf(second))
    }
    for (const { name, calls } of rpc.stats()) expect(calls > 0).toBe(name === hostOf(second))
  })

  it('is missing when the other endpoint fails, whatever the one to avoid would say', async () => {
    await second.set({ kind: 'down' })
    expect(await reasonOf(look({ avoid: hostOf(first) }))).toContain(hostOf(second))
    const { now } = await createClock(chain)
    const alone = rpcFor({ urls: [first.url], chain, now })
    const asked = alone.pinned({ priority: 'verify', avoid: hostOf(first) }, () => Promise.resolve(1))
    expect(await reasonOf(asked)).toBe('there is no other endpoint')
    await alone.stop()
  })

  it('must have seen the block; one that has not is passed over, and no worse for it', async () => {
    const number = await head()
    expect(await valueOf(look({ fromBlock: number }))).toMatch(/127/)
    const reason = await reasonOf(look({ fromBlock: number + 1 }))
    expect(reason).toContain(`has not seen block ${number + 1} yet`)
    expect(rpc.stats().map(({ state, errors }) => [state, errors])).toEqual([
      ['ready', 0],
      ['ready', 0],
    ])
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Rpc } from '../../src/chain/rpc.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import { addTestContracts, type Clock, createClock, ECHO, rpcFor, valueOf } from './chain-kit.ts'

const CALL = { to: ECHO, data: '0x1234' } as const

let chain: LocalChain
let fast: RpcProxy
let slow: RpcProxy
let clock: Clock
let rpc: Rpc

beforeAll(async () => {
  chain = await createLocalChain()
  await addTestContracts(chain)
  fast = await createRpcProxy({ target: chain.url })
  slow = await createRpcProxy({ target: chain.url })
})
afterAll(async () => {
  await fast.stop()
  await slow.stop()
  await chain.stop()
})
beforeEach(async () => {
  await chain.mine(1)
  clock = await createClock(chain)
  fast.resetRequests()
  slow.resetRequests()
})
afterEach(async () => {
  await rpc.stop()
  await fast.set({ kind: 'ok' })
  await slow.set({ kind: 'ok' })
})

const look = (priority: 'command' | 'discovery' | 'verify' | 'cycle' = 'cycle') =>
  rpc.pinned({ priority }, async (at) => {
    await at.call([CALL])
    return at.endpoint
  })

const hostOf = (proxy: RpcProxy): string => new URL(proxy.url).host

describe('much work for endpoints of unequal budgets', () => {
  it('is shared by free budget: who may be asked three times as often gets about three times as much', async () => {
    rpc = rpcFor({ urls: [fast.url, slow.url], chain, now: clock.now, requestsPerSecond: [60, 20] })
    await rpc.trackHeads()
    const hosts = await Promise.all(Array.from({ length: 60 }, () => valueOf(look())))
    const share = hosts.filter((host) => host === hostOf(fast)).length
    expect(share).toBeGreaterThanOrEqual(40)
    expect(share).toBeLessThanOrEqual(50)
  })

  it('goes round an endpoint that has become slow', async () => {
    rpc = rpcFor({ urls: [fast.url, slow.url], chain, now: clock.now, requestsPerSecond: [100, 100] })
    await rpc.trackHeads()
    await slow.set({ kind: 'slow', ms: 300 })
    await Promise.all(Array.from({ length: 16 }, () => valueOf(look())))
    const hosts: string[] = []
    for (let wave = 0; wave < 6; wave += 1) {
      hosts.push(...(await Promise.all(Array.from({ length: 8 }, () => valueOf(look())))))
    }
    const share = hosts.filter((host) => host === hostOf(fast)).length
    expect(share).toBeGreaterThan(hosts.length / 2)
  })
})

describe('a queue that is full of background work', () => {
  it('refuses more of it, lets a person through, and is no failure of the endpoint', async () => {
    rpc = rpcFor({ urls: [fast.url], chain, now: clock.now, requestsPerSecond: [200] })
    await rpc.trackHeads()
    await fast.set({ kind: 'slow', ms: 20, methods: ['eth_call'] })
    const giveUp = new AbortController()
    const background = { priority: 'discovery', signal: giveUp.signal } as const
    const search = Array.from({ length: 700 }, () => rpc.pinned(background, (at) => at.call([CALL])))
    const person = look('command')
    expect(await valueOf(person)).toBe(hostOf(fast))
    giveUp.abort()
    const refused = (await Promise.all(search)).filter(
      (result) => !result.ok && result.reason.includes('too much waits already'),
    )
    expect(refused.length).toBeGreaterThanOrEqual(150)
    expect(rpc.stats()[0]).toMatchObject({ state: 'ready', errors: 0, lastError: null })
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Rpc } from '../../src/chain/rpc.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import { addTestContracts, type Clock, createClock, ECHO, reasonOf, rpcFor, valueOf } from './chain-kit.ts'

let chain: LocalChain
let first: RpcProxy
let second: RpcProxy
let clock: Clock
let rpc: Rpc

beforeAll(async () => {
  chain = await createLocalChain()
  await addTestContracts(chain)
  first = await createRpcProxy({ target: chain.url })
  second = await createRpcProxy({ target: chain.url })
})
afterAll(async () => {
  await first.stop()
  await second.stop()
  await chain.stop()
})
beforeEach(async () => {
  await chain.mine(1)
  clock = await createClock(chain)
  rpc = rpcFor({ urls: [first.url, second.url], chain, now: clock.now })
  first.resetRequests()
  second.resetRequests()
})
afterEach(async () => {
  await rpc.stop()
  await first.set({ kind: 'ok' })
  await second.set({ kind: 'ok' })
})

const hostOf = (proxy: RpcProxy): string => new URL(proxy.url).host

async function whoAnswers(priority: 'command' | 'cycle' = 'command'): Promise<string> {
  return await valueOf(rpc.pinned({ priority }, (at) => Promise.resolve(at.endpoint)))
}

describe('the RPC client with one healthy chain', () => {
  it('reads everything of one work at one block of one endpoint', async () => {
    const { block, answers, endpoint } = await valueOf(
      rpc.pinned({ priority: 'command' }, async (at) => {
        const before = await at.call([{ to: ECHO, data: '0x01' }])
        await chain.mine(3)
        const after = await at.call([{ to: ECHO, data: '0x02' }])
        return { block: at.block, endpoint: at.endpoint, answers: [...before, ...after] }
      }),
    )
    expect(answers).toEqual([
      { ok: true, data: '0x01' },
      { ok: true, data: '0x02' },
    ])
    const asked = [first, second].map((proxy) => proxy.requests().byMethod['eth_call'] ?? 0)
    expect([...asked].sort()).toEqual([0, 2])
    expect(endpoint).toBe(hostOf(asked[0] === 2 ? first : second))
    const real = (await chain.rpc.send('eth_getBlockByNumber', [
      `0x${block.number.toString(16)}`,
      false,
    ])) as {
      hash: string
      parentHash: string
      timestamp: string
    }
    expect(block).toEqual({
      number: block.number,
      hash: real.hash,
      parentHash: real.parentHash,
      timestamp: Number(real.timestamp),
    })
  })

  it('shares the work between the endpoints in turn', async () => {
    const answered = [await whoAnswers(), await whoAnswers(), await whoAnswers(), await whoAnswers()]
    expect(answered[0]).not.toBe(answered[1])
    expect(answered.slice(2)).toEqual(answered.slice(0, 2))
  })

  it('knows whether there is code at an address', async () => {
    const code = await valueOf(
      rpc.pinned({ priority: 'command' }, async (at) => [
        await at.hasCode(ECHO),
        await at.hasCode('0x000000000000000000000000000000000000dead'),
      ]),
    )
    expect(code).toEqual([true, false])
  })

  it('checks the chain id of an endpoint before anything else, once', async () => {
    for (let round = 0; round < 4; round += 1) await whoAnswers()
    for (const proxy of [first, second]) {
      expect(proxy.requests().records[0]?.method).toBe('eth_chainId')
      expect(proxy.requests().byMethod['eth_chainId']).toBe(1)
    }
  })

  it('gives the loop a head of up to a second, and a person the newest one', async () => {
    rpc = rpcFor({ urls: [first.url], chain, now: clock.now })
    const numberFor = (priority: 'cycle' | 'command') =>
      valueOf(rpc.pinned({ priority }, (at) => Promise.resolve(at.block.number)))
    const start = await numberFor('cycle')
    await chain.mine(1)
    expect(await numberFor('cycle')).toBe(start)
    expect(await numberFor('command')).toBe(start + 1)
    await chain.mine(1)
    clock.advance(999)
    expect(await numberFor('cycle')).toBe(start + 1)
    clock.advance(1)
    expect(await numberFor('cycle')).toBe(start + 2)
  })

  it('passes on what is a bug in the work itself, and tries it nowhere else', async () => {
    let runs = 0
    const work = rpc.pinned({ priority: 'command' }, () => {
      runs += 1
      return Promise.reject(new RangeError('a bug'))
    })
    await expect(work).rejects.toThrow(RangeError)
    expect(runs).toBe(1)
  })

  it('tells what each endpoint did', async () => {
    await first.set({ kind: 'status', status: 503 })
    await whoAnswers()
    await whoAnswers()
    const [bad, good] = rpc.stats()
    expect(bad).toEqual({
      name: hostOf(first),
      state: 'resting',
      calls: 1,
      callsPerMinute: 1,
      errors: 1,
      queued: 0,
      lastError: 'HTTP 503',
    })
    expect(good).toMatchObject({ name: hostOf(second), state: 'ready', errors: 0, lastError: null })
  })
})

describe('an endpoint of another chain', () => {
  it('is kept out, asked for nothing else, and named with both ids', async () => {
    await first.set({ kind: 'wrong-chain-id', chainId: 1 })
    for (let round = 0; round < 4; round += 1) expect(await whoAnswers()).toBe(hostOf(second))
    expect(first.requests().byMethod).toEqual({ eth_chainId: 1 })
    expect(rpc.stats()[0]).toMatchObject({
      state: 'wrong chain',
      lastError: 'chain id 1, expected 143',
    })
  })

  it('is no last resort when the others fail', async () => {
    await first.set({ kind: 'wrong-chain-id' })
    await whoAnswers()
    await whoAnswers()
    await second.set({ kind: 'down' })
    const reason = await reasonOf(rpc.pinned({ priority: 'command' }, () => Promise.resolve()))
    expect(reason).toContain(hostOf(first))
    expect(first.requests().byMethod).toEqual({ eth_chainId: 1 })
  })

  it('is asked for its chain again a minute later, and used once it is the right one', async () => {
    await first.set({ kind: 'wrong-chain-id' })
    await whoAnswers()
    await whoAnswers()
    await first.set({ kind: 'ok' })
    await second.set({ kind: 'down' })
    await chain.accrueTime(61)
    clock.advance(61_000)
    expect(await whoAnswers()).toBe(hostOf(first))
    expect(rpc.stats()[0]).toMatchObject({ state: 'ready' })
  })

  it('answers with a chain id that is no number: kept out as well', async () => {
    await first.set({ kind: 'lie', methods: ['eth_chainId'], rewrite: () => 'mainnet' })
    expect(await whoAnswers()).toBe(hostOf(second))
    expect(rpc.stats()[0]?.calls).toBe(1)
  })
})

describe('an endpoint that lags behind', () => {
  it('is not used when its newest block is older than ten seconds', async () => {
    await chain.accrueTime(30)
    clock.advance(30_000)
    await first.set({ kind: 'stale', blocks: 1, methods: ['eth_getBlockByNumber'] })
    expect(await whoAnswers()).toBe(hostOf(second))
    expect(rpc.stats()[0]?.lastError).toMatch(/newest block is \d+ s old/)
  })

  it('is not used when it is more than 20 blocks behind the best one seen', async () => {
    await chain.mine(40)
    await second.set({ kind: 'stale', blocks: 21, methods: ['eth_getBlockByNumber'] })
    for (let round = 0; round < 4; round += 1) expect(await whoAnswers()).toBe(hostOf(first))
    await first.set({ kind: 'down' })
    const reason = await reasonOf(rpc.pinned({ priority: 'command' }, () => Promise.resolve()))
    expect(reason).toContain('21 blocks behind')
  })

  it('is used when it is 20 blocks behind', async () => {
    await chain.mine(40)
    await second.set({ kind: 'stale', blocks: 20, methods: ['eth_getBlockByNumber'] })
    const answered = new Set<string>()
    for (let round = 0; round < 4; round += 1) answered.add(await whoAnswers())
    expect(answered.size).toBe(2)
  })

  it('stands still with all others: the reason says how old their blocks are', async () => {
    clock.advance(3_600_000)
    const reason = await reasonOf(rpc.pinned({ priority: 'command' }, () => Promise.resolve()))
    expect(reason).toMatch(/newest block is 3\d{3} s old.*newest block is 3\d{3} s old/)
  })
})

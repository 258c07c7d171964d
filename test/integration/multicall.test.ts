import { Interface } from 'ethers'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Call, CallResult } from '../../src/chain/chain-reader.ts'
import type { Rpc } from '../../src/chain/rpc.ts'
import type { Address } from '../../src/domain/address.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import {
  addTestContracts,
  type Clock,
  createClock,
  ECHO,
  echoes,
  HUNGRY,
  REFUSE,
  reasonOf,
  rpcFor,
  SILENT,
  spyOnCalls,
  valueOf,
} from './chain-kit.ts'

const aggregate = new Interface([
  'function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[] returnData)',
])
const NOBODY: Address = '0x000000000000000000000000000000000000dead'
const ONE_WORD = `0x${'0'.repeat(63)}1`

let chain: LocalChain
let proxy: RpcProxy
let clock: Clock
let rpc: Rpc

beforeAll(async () => {
  chain = await createLocalChain()
  await addTestContracts(chain)
  proxy = await createRpcProxy({ target: chain.url })
})
afterAll(async () => {
  await proxy.stop()
  await chain.stop()
})
beforeEach(async () => {
  await chain.mine(1)
  clock = await createClock(chain)
  rpc = rpcFor({ urls: [proxy.url], chain, now: clock.now })
  proxy.resetRequests()
})
afterEach(async () => {
  await rpc.stop()
  await proxy.set({ kind: 'ok' })
})

async function callAll(calls: readonly Call[], from: Rpc = rpc): Promise<CallResult[]> {
  return await valueOf(from.pinned({ priority: 'command' }, (at) => at.call(calls)))
}

const ethCalls = (): number => proxy.requests().byMethod['eth_call'] ?? 0

describe('many calls in one', () => {
  it('keep their order, whatever comes back', async () => {
    const call = fc.oneof(
      fc
        .uint8Array({ maxLength: 80 })
        .map((bytes): Call => ({ to: ECHO, data: `0x${Buffer.from(bytes).toString('hex')}` })),
      fc
        .uint8Array({ minLength: 1, maxLength: 40 })
        .map((bytes): Call => ({ to: REFUSE, data: `0x${Buffer.from(bytes).toString('hex')}` })),
      fc.constant<Call>({ to: SILENT, data: '0x12' }),
      fc.constant<Call>({ to: NOBODY, data: '0x12' }),
    )
    const expected = ({ to, data }: Call): CallResult => {
      if (to === ECHO) return { ok: true, data }
      if (to === REFUSE) return { ok: false, data }
      return { ok: to === NOBODY, data: '0x' }
    }
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 130 }), async (calls) => {
        expect(await callAll(calls)).toEqual(calls.map(expected))
      }),
      { numRuns: 12 },
    )
  })

  it('are none for none', async () => {
    expect(await callAll([])).toEqual([])
    expect(ethCalls()).toBe(0)
  })

  it('lose only the one of 500 that reverts', async () => {
    const calls = echoes(500)
    calls[321] = { to: REFUSE, data: '0x08c379a0' }
    const results = await callAll(calls)
    expect(results).toHaveLength(500)
    expect(results.filter(({ ok }) => !ok)).toEqual([{ ok: false, data: '0x08c379a0' }])
    expect(results[321]?.ok).toBe(false)
    expect(results.filter((_, index) => index !== 321)).toEqual(
      calls.filter((_, index) => index !== 321).map(({ data }) => ({ ok: true, data })),
    )
  })

  it('go out as one request for the low-gas pool when they are few', async () => {
    const { sizes, gas } = spyOnCalls(proxy)
    await callAll(echoes(80))
    expect([sizes, gas]).toEqual([[80], ['0x7b98a0']])
  })

  it('go out as few big requests with a limit of their own when they are many', async () => {
    const { sizes, gas } = spyOnCalls(proxy)
    await callAll(echoes(81))
    await callAll(echoes(2_000))
    expect(sizes).toEqual([81, 667, 667, 666])
    expect(new Set(gas)).toEqual(new Set(['0x8f0d180']))
  })

  it('are packed by the gas that each of them says it takes', async () => {
    const { sizes, gas } = spyOnCalls(proxy)
    await callAll(echoes(800).map((call) => ({ ...call, gas: 10_000 })))
    await callAll(echoes(60).map((call) => ({ ...call, gas: 3_000_000 })))
    expect(sizes).toEqual([800, 20, 20, 20])
    expect(gas).toEqual(['0x7b98a0', '0x8f0d180', '0x8f0d180', '0x8f0d180'])
  })

  it('are packed by their bytes', async () => {
    const calls = Array.from(
      { length: 20 },
      (): Call => ({
        to: ECHO,
        data: `0x${'ab'.repeat(30_000)}`,
        gas: 50_000,
      }),
    )
    const { sizes } = spyOnCalls(proxy)
    expect(await callAll(calls)).toEqual(calls.map(({ data }) => ({ ok: true, data })))
    expect(sizes).toEqual([8, 8, 4])
    for (const { bytes } of proxy.requests().records) expect(bytes).toBeLessThan(520 * 1024)
  })

  it('are never given more gas than the endpoint allows', async () => {
    const modest = rpcFor({ urls: [proxy.url], chain, now: clock.now, gasPerCall: 5_000_000n })
    const { gas } = spyOnCalls(proxy)
    await callAll(echoes(3), modest)
    await modest.stop()
    expect(gas).toEqual(['0x4c4b40'])
  })

  it('that run out of gas among others are repeated with more gas, and only those', async () => {
    const calls = echoes(20)
    calls[7] = { to: HUNGRY, data: '0x' }
    const { sizes, gas } = spyOnCalls(proxy)
    const expected = calls.map(({ to, data }) => ({ ok: true, data: to === HUNGRY ? ONE_WORD : data }))
    expect(await callAll(calls)).toEqual(expected)
    expect(sizes.at(-1)).toBeLessThanOrEqual(10)
    expect(gas.at(-1)).toBe('0x8f0d180')
    expect(gas[0]).toBe('0x7b98a0')
  })

  it('that fail without a word are asked once more, and then reported as failed', async () => {
    const { sizes } = spyOnCalls(proxy)
    const results = await callAll([
      { to: ECHO, data: '0x01' },
      { to: SILENT, data: '0x' },
    ])
    expect(results).toEqual([
      { ok: true, data: '0x01' },
      { ok: false, data: '0x' },
    ])
    expect(sizes).toEqual([2, 1])
  })
})

describe('an answer from another block', () => {
  const HEADER = { number: 0, timestamp: 1, 'hash of the block before': 2 } as const

  function withHeader(field: number, change: (word: bigint) => bigint) {
    return proxy.set({
      kind: 'lie',
      rewrite: ({ result }) => {
        const [rows] = aggregate.decodeFunctionResult('aggregate3', result).toArray(true) as [
          [boolean, string][],
        ]
        const changed = rows.map(([ok, data], index) =>
          index === field ? [ok, `0x${change(BigInt(data)).toString(16).padStart(64, '0')}`] : [ok, data],
        )
        return aggregate.encodeFunctionResult('aggregate3', [changed])
      },
    })
  }

  it.each(Object.entries(HEADER))('is refused when its %s differs', async (_, field) => {
    for (const change of [1n, -1n]) {
      await withHeader(field, (word) => word + change)
      expect(await reasonOf(rpc.pinned({ priority: 'command' }, (at) => at.call(echoes(2))))).toContain(
        'the answer belongs to another block',
      )
    }
    await withHeader(field, (word) => word)
    expect(await callAll(echoes(2))).toHaveLength(2)
  })

  it('is refused when one of several chunks comes from a later block', async () => {
    let chunks = 0
    await withHeader(HEADER.number, (word) => {
      chunks += 1
      return chunks === 2 ? word + 1n : word
    })
    const reason = await reasonOf(rpc.pinned({ priority: 'command' }, (at) => at.call(echoes(1_500))))
    expect(reason).toContain('another block')
  })

  it('is refused when a row of the header failed or is missing', async () => {
    await proxy.set({
      kind: 'lie',
      rewrite: ({ result }) => {
        const [rows] = aggregate.decodeFunctionResult('aggregate3', result).toArray(true) as [
          [boolean, string][],
        ]
        return aggregate.encodeFunctionResult('aggregate3', [rows.slice(1)])
      },
    })
    expect(await reasonOf(rpc.pinned({ priority: 'command' }, (at) => at.call(echoes(2))))).toContain(
      'results for',
    )
  })
})

describe('without a Multicall3 at the configured address', () => {
  it('nothing is read and the reason says so, instead of empty results', async () => {
    const elsewhere = rpcFor({
      urls: [proxy.url],
      chain: { ...chain, addresses: { ...chain.addresses, multicall3: NOBODY } },
      now: clock.now,
    })
    const reason = await reasonOf(elsewhere.pinned({ priority: 'command' }, (at) => at.call(echoes(3))))
    await elsewhere.stop()
    expect(reason).toContain('undecodable multicall answer')
  })
})

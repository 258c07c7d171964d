import { id, zeroPadValue } from 'ethers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ChainLog } from '../../src/chain/chain-log.ts'
import type { LogQuery } from '../../src/chain/logs.ts'
import type { Rpc } from '../../src/chain/rpc.ts'
import type { Address } from '../../src/domain/address.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import {
  type Clock,
  createClock,
  forward,
  type RpcSetup,
  reasonOf,
  rpcFor,
  serve,
  serveChanged,
  type TestServer,
  valueOf,
} from './chain-kit.ts'

/** Logs its first word as a topic, with the second one as data: LOG1 over calldata. */
const LOGGER: Address = '0x00000000000000000000000000000000000106e4'
const OTHER: Address = '0x00000000000000000000000000000000000106e5'
const TOPIC = id('Touched()')
const ELSE = id('Else()')

let chain: LocalChain
let proxy: RpcProxy
let clock: Clock
let rpc: Rpc
let servers: TestServer[] = []
let from: number
let to: number

beforeAll(async () => {
  chain = await createLocalChain()
  for (const address of [LOGGER, OTHER]) {
    // calldata[32:64] to memory 0, then log1(0, 32, calldata[0:32])
    await chain.rpc.send('anvil_setCode', [address, '0x60203560005260003560206000a100'])
  }
  proxy = await createRpcProxy({ target: chain.url })
  const emit = async (address: Address, { topic = TOPIC, value }: { topic?: string; value: number }) => {
    const word = zeroPadValue(`0x${value.toString(16).padStart(2, '0')}`, 32)
    const [sender] = (await chain.rpc.send('eth_accounts')) as string[]
    await chain.rpc.send('eth_sendTransaction', [
      { from: sender, to: address, data: topic + word.slice(2), gas: '0x30d40' },
    ])
    await chain.mine(1)
  }
  from = Number(await chain.rpc.send('eth_blockNumber')) + 1
  for (let value = 0; value < 12; value += 1) await emit(LOGGER, { value })
  await emit(OTHER, { value: 50 })
  await emit(LOGGER, { topic: ELSE, value: 60 })
  await chain.mine(5)
  to = Number(await chain.rpc.send('eth_blockNumber'))
})
afterAll(async () => {
  await proxy.stop()
  await chain.stop()
})
beforeEach(async () => {
  // The blocks stay as they are; only the time moves.
  clock = await createClock(chain)
  proxy.resetRequests()
})
afterEach(async () => {
  await rpc.stop()
  await proxy.set({ kind: 'ok' })
  for (const server of servers) await server.stop()
  servers = []
})

const start = (urls: readonly string[], options: Partial<RpcSetup> = {}): void => {
  rpc = rpcFor({ urls, chain, now: clock.now, ...options })
}

const query = (change: Partial<LogQuery> = {}): LogQuery => ({
  addresses: [LOGGER],
  topics: [TOPIC],
  fromBlock: from,
  toBlock: to,
  priority: 'cycle',
  ...change,
})

const valuesOf = ({ logs }: { logs: readonly ChainLog[] }): number[] => logs.map(({ data }) => Number(data))
const TWELVE = Array.from({ length: 12 }, (_, value) => value)
const getLogs = (): number => proxy.requests().byMethod['eth_getLogs'] ?? 0

async function serving(
  answer: (method: string, exchange: { params: readonly unknown[]; result: unknown }) => unknown,
) {
  const server = await serveChanged(chain, ({ method, params, result }) => answer(method, { params, result }))
  servers.push(server)
  return server.url
}

describe('event logs of a range', () => {
  it('come oldest first, in ranges of what the endpoint allows', async () => {
    start([proxy.url], { logBlocks: 7 })
    const value = await valueOf(rpc.logs(query()))
    expect(valuesOf(value)).toEqual(TWELVE)
    expect(value.toBlock).toBe(to)
    expect(getLogs()).toBe(Math.ceil((to - from + 1) / 7))
    expect(value.logs[3]).toEqual({
      address: LOGGER,
      topics: [TOPIC],
      data: zeroPadValue('0x03', 32),
      blockNumber: expect.any(Number) as number,
      blockHash: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string,
      transactionHash: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string,
      logIndex: 0,
    })
  })

  it('come in batches where the endpoint takes them', async () => {
    start([proxy.url], { logBlocks: 2, batchSize: 10 })
    expect(valuesOf(await valueOf(rpc.logs(query())))).toEqual(TWELVE)
    const ranges = Math.ceil((to - from + 1) / 2)
    expect(getLogs()).toBe(ranges)
    // Chain id and head before them.
    expect(proxy.requests().httpRequests).toBe(2 + Math.ceil(ranges / 10))
  })

  it('come from all addresses and topics that are asked for', async () => {
    start([proxy.url])
    const value = await valueOf(rpc.logs(query({ addresses: [LOGGER, OTHER], topics: [TOPIC, ELSE] })))
    expect(valuesOf(value)).toEqual([...TWELVE, 50, 60])
  })

  it('are none, unasked, for no address, no topic or no block', async () => {
    start([proxy.url])
    for (const none of [{ addresses: [] }, { topics: [] }, { fromBlock: to + 1 }]) {
      expect(await valueOf(rpc.logs(query(none)))).toEqual({ logs: [], toBlock: to })
    }
    expect(getLogs()).toBe(0)
  })
})

describe('an endpoint that refuses ranges', () => {
  it('is asked for halves, and remembers the range that it took', async () => {
    let refused = 0
    const server = await serve(async ({ response, body }) => {
      const { method, params } = JSON.parse(body) as { method: string; params: Record<string, string>[] }
      const blocks = Number(params[0]?.['toBlock']) - Number(params[0]?.['fromBlock']) + 1
      if (method === 'eth_getLogs' && blocks > 5) {
        refused += 1
        response.end('{"jsonrpc":"2.0","id":1,"error":{"code":-32614,"message":"range too large"}}')
      } else response.end(await forward(chain, body))
    })
    servers.push(server)
    start([server.url])
    expect(valuesOf(await valueOf(rpc.logs(query())))).toEqual(TWELVE)
    expect(refused).toBeGreaterThan(0)
    const before = refused
    expect(valuesOf(await valueOf(rpc.logs(query())))).toEqual(TWELVE)
    expect(refused - before).toBeLessThanOrEqual(2)
  })

  it('one by one of a batch gets halves of those, and a refused batch is asked one by one', async () => {
    const server = await serve(async ({ response, body }) => {
      if (body.startsWith('[')) response.end('{"error":{"code":-32600,"message":"no batches"}}')
      else response.end(await forward(chain, body))
    })
    servers.push(server)
    start([server.url], { logBlocks: 3, batchSize: 10 })
    expect(valuesOf(await valueOf(rpc.logs(query())))).toEqual(TWELVE)
  })

  it('whose answers are too long is asked for halves', async () => {
    const url = await serving((method, { params, result }) => {
      const [filter] = params as { fromBlock: string; toBlock: string }[]
      const wide = method === 'eth_getLogs' && Number(filter?.toBlock) - Number(filter?.fromBlock) > 4
      return wide ? 'x'.repeat(9 * 1024 * 1024) : result
    })
    start([url])
    expect(valuesOf(await valueOf(rpc.logs(query())))).toEqual(TWELVE)
  })

  it('even of a single block has failed', async () => {
    const server = await serve(async ({ response, body }) => {
      if (body.includes('eth_getLogs')) response.end('{"error":{"code":-32000,"message":"no"}}')
      else response.end(await forward(chain, body))
    })
    servers.push(server)
    start([server.url])
    expect(await reasonOf(rpc.logs(query()))).toContain('RPC error -32000')
  })
})

describe('when one of two endpoints', () => {
  it('fails, all logs come from the other one', async () => {
    const other = await createRpcProxy({ target: chain.url })
    start([proxy.url, other.url], { logBlocks: 7 })
    await proxy.set({ kind: 'status', status: 500, methods: ['eth_getLogs'] })
    for (let round = 0; round < 2; round += 1) {
      expect(valuesOf(await valueOf(rpc.logs(query())))).toEqual(TWELVE)
    }
    expect(other.requests().byMethod['eth_getLogs']).toBe(2 * Math.ceil((to - from + 1) / 7))
    await other.stop()
  })

  it('has not seen the last block yet, the other one is asked, and it is not blamed', async () => {
    const behind = await serving((method, { result }) => {
      if (method !== 'eth_getBlockByNumber') return result
      const block = result as { number: string }
      return { ...block, number: `0x${(Number(block.number) - 1).toString(16)}` }
    })
    start([behind, proxy.url])
    for (let round = 0; round < 2; round += 1) {
      expect(valuesOf(await valueOf(rpc.logs(query())))).toEqual(TWELVE)
    }
    expect(rpc.stats()[0]).toMatchObject({ state: 'ready', errors: 0 })
    await rpc.stop()
    start([behind])
    expect(await reasonOf(rpc.logs(query()))).toContain(`has not seen block ${to} yet`)
  })
})

describe('an answer that is not what was asked for', () => {
  const change = (edit: (log: Record<string, unknown>) => unknown) => (result: unknown) =>
    (result as Record<string, unknown>[]).map((log, index) => (index === 2 ? edit(log) : log))

  it.each([
    ['an address', change((log) => ({ ...log, address: OTHER }))],
    ['a topic', change((log) => ({ ...log, topics: [ELSE] }))],
    ['no topic', change((log) => ({ ...log, topics: [] }))],
    ['a block before the range', change((log) => ({ ...log, blockNumber: '0x0' }))],
    ['a block behind the range', change((log) => ({ ...log, blockNumber: `0x${(to + 1).toString(16)}` }))],
    ['a log twice', (result: unknown) => [...(result as unknown[]), ...(result as unknown[])]],
    ['a log of a block that was dropped', change((log) => ({ ...log, removed: true }))],
    ['five topics', change((log) => ({ ...log, topics: [TOPIC, TOPIC, TOPIC, TOPIC, TOPIC] }))],
    ['half a byte', change((log) => ({ ...log, data: '0x1' }))],
    ['a log without its place', change((log) => ({ ...log, logIndex: undefined }))],
    ['a number', () => 7],
    ['nothing', () => null],
    ['text', () => '0x'],
  ] as const)('is refused: %s', async (_, edit) => {
    const url = await serving((method, { result }) => (method === 'eth_getLogs' ? edit(result) : result))
    start([url])
    expect(await reasonOf(rpc.logs(query()))).toMatch(/logs of another shape|not asked for|same log twice/)
    expect(rpc.stats()[0]).toMatchObject({ state: 'resting' })
  })
})

describe('more logs than one query should bring', () => {
  it('end early, at a block that it tells', async () => {
    const url = await serving((method, { params, result }) => {
      if (method !== 'eth_getLogs') return result
      const [filter] = params as { fromBlock: string }[]
      return Array.from({ length: 9_000 }, (_, index) => ({
        address: LOGGER,
        topics: [TOPIC],
        data: '0x',
        blockNumber: filter?.fromBlock,
        blockHash: TOPIC,
        transactionHash: TOPIC,
        logIndex: `0x${index.toString(16)}`,
      }))
    })
    start([url], { logBlocks: 1 })
    const { logs, toBlock } = await valueOf(rpc.logs(query()))
    expect(logs).toHaveLength(54_000)
    expect(toBlock).toBe(from + 5)
  })
})

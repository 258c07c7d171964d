import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Call, CallResult } from '../../src/chain/chain-reader.ts'
import type { Rpc } from '../../src/chain/rpc.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import {
  addTestContracts,
  type Clock,
  createClock,
  echoes,
  forward,
  reasonOf,
  rpcFor,
  serve,
  type TestServer,
  valueOf,
} from './chain-kit.ts'

let chain: LocalChain
let clock: Clock
let servers: TestServer[] = []

beforeAll(async () => {
  chain = await createLocalChain()
  await addTestContracts(chain)
})
afterAll(async () => {
  await chain.stop()
})
beforeEach(async () => {
  await chain.mine(1)
  clock = await createClock(chain)
})
afterEach(async () => {
  for (const server of servers) await server.stop()
  servers = []
})

async function callAll(calls: readonly Call[], from: Rpc): Promise<CallResult[]> {
  return await valueOf(from.pinned({ priority: 'command' }, (at) => at.call(calls)))
}

/** Passes everything on, but answers as told when a call carries more than `limit` bytes. */
async function serverWithLimit(limit: number, refuse: (body: string) => { status: number; text: string }) {
  const refused: number[] = []
  const server = await serve(async ({ response, body }) => {
    if (body.includes('eth_call') && body.length > limit) {
      refused.push(body.length)
      const { status, text } = refuse(body)
      response.writeHead(status).end(text)
      return
    }
    response.end(await forward(chain, body))
  })
  servers.push(server)
  return { server, refused }
}

describe('an endpoint that refuses big calls', () => {
  it.each([
    {
      how: 'with an error in the answer',
      status: 200,
      text: '{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"too big"}}',
    },
    { how: 'with 413 and a page', status: 413, text: '<html>413 Request Entity Too Large</html>' },
    {
      how: 'with 400 and an error',
      status: 400,
      text: '{"jsonrpc":"2.0","id":1,"error":{"code":-32600,"message":"too big"}}',
    },
  ])('$how is asked for halves until they fit, in the same order', async ({ status, text }) => {
    const { server, refused } = await serverWithLimit(12_000, () => ({ status, text }))
    const small = rpcFor({ urls: [server.url], chain, now: clock.now })
    const calls = echoes(230)
    expect(await callAll(calls, small)).toEqual(calls.map(({ data }) => ({ ok: true, data })))
    const before = refused.length
    clock.advance(1_000)
    expect(await callAll(calls, small)).toEqual(calls.map(({ data }) => ({ ok: true, data })))
    await small.stop()
    // It remembers what was too big, also for the next block.
    expect(refused.length - before).toBeLessThanOrEqual(2)
    expect(refused.length).toBeGreaterThan(1)
    expect(refused.length).toBeLessThan(20)
  })

  it('even with a single call fails as a whole, and is not asked for ever', async () => {
    const { server, refused } = await serverWithLimit(0, () => ({
      status: 200,
      text: '{"error":{"code":3,"message":"no"}}',
    }))
    const none = rpcFor({ urls: [server.url], chain, now: clock.now })
    expect(await reasonOf(none.pinned({ priority: 'command' }, (at) => at.call(echoes(100))))).toContain(
      'RPC error 3',
    )
    await none.stop()
    // 100, 50, 25, 13, 7, 4, 2, 1
    expect(refused).toHaveLength(8)
  })
})

describe('an endpoint that refused a big call,', () => {
  it('is trusted with bigger ones again little by little', async () => {
    let limit = 100_000
    const sizes: number[] = []
    const server = await serve(async ({ response, body }) => {
      if (body.includes('eth_call')) sizes.push(body.length)
      const tooBig = body.length > limit
      response.end(tooBig ? '{"error":{"code":-32000,"message":"too big"}}' : await forward(chain, body))
    })
    servers.push(server)
    const own = rpcFor({ urls: [server.url], chain, now: clock.now })
    const requestsFor = async (): Promise<number> => {
      sizes.length = 0
      await callAll(echoes(1_500), own)
      return sizes.length
    }
    const first = await requestsFor()
    const second = await requestsFor()
    limit = Number.POSITIVE_INFINITY
    const counts = [await requestsFor()]
    for (let round = 0; round < 40; round += 1) counts.push(await requestsFor())
    await own.stop()
    expect(second).toBeLessThan(first)
    expect(counts[0]).toBeGreaterThan(2)
    expect(counts).toEqual([...counts].sort((a, b) => b - a))
    expect(counts.at(-1)).toBe(2)
  })

  it('or was slow with one is asked for smaller ones next time', async () => {
    const sizes: number[] = []
    const server = await serve(async ({ response, body }) => {
      if (body.includes('eth_call')) {
        sizes.push(body.length)
        if (sizes.length === 1) clock.advance(5_000)
      }
      response.end(await forward(chain, body))
    })
    servers.push(server)
    const own = rpcFor({ urls: [server.url], chain, now: clock.now })
    await callAll(echoes(800), own)
    expect(sizes).toHaveLength(1)
    await callAll(echoes(800), own)
    await own.stop()
    const [first = 0, ...later] = sizes
    expect(later.length).toBeGreaterThan(1)
    for (const size of later) expect(size).toBeLessThan(first / 2)
  })
})

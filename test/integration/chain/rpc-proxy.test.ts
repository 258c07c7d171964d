import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Anvil, startAnvil } from '../../chain/anvil.ts'
import { createJsonRpc, type JsonRpc } from '../../chain/json-rpc.ts'
import { createRpcProxy, type RpcProxy } from '../../chain/rpc-proxy.ts'

// Answers a call with 64 bytes: the block number and the number one.
const CONTRACT = '0x000000000000000000000000000000000000c0de'
const CONTRACT_CODE = '0x43600052600160205260406000f3'
const CALL = { to: CONTRACT, data: '0x12345678' }

let anvil: Anvil
let node: JsonRpc
let proxy: RpcProxy
let rpc: JsonRpc

beforeAll(async () => {
  anvil = await startAnvil()
  node = createJsonRpc(anvil.url)
  await node.send('anvil_setCode', [CONTRACT, CONTRACT_CODE])
  await node.send('anvil_mine', ['0x1e'])
  proxy = await createRpcProxy({ target: anvil.url })
  rpc = createJsonRpc(proxy.url)
})

afterAll(async () => {
  await proxy.stop()
  await anvil.stop()
})

afterEach(async () => {
  await proxy.set({ kind: 'ok' })
  proxy.resetRequests()
})

function word(value: number): string {
  return value.toString(16).padStart(64, '0')
}

async function post(method: string, signal?: AbortSignal): Promise<Response> {
  return await fetch(proxy.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] }),
    ...(signal === undefined ? {} : { signal }),
  })
}

async function failureCode(): Promise<unknown> {
  try {
    await post('eth_chainId')
    return 'answered'
  } catch (error) {
    return (error as { cause?: { code?: unknown } }).cause?.code
  }
}

describe('the RPC proxy', () => {
  it('changes nothing while all is well, in single calls, batches and errors', async () => {
    expect(await rpc.send('eth_chainId')).toBe('0x8f')
    expect(await rpc.send('eth_call', [CALL, 'latest'])).toBe(`0x${word(30)}${word(1)}`)
    const calls = ['eth_chainId', 'eth_blockNumber'].map((method) => ({ method, params: [] }))
    expect(await rpc.sendAll(calls)).toEqual(['0x8f', '0x1e'])
    await expect(rpc.send('eth_noSuchThing')).rejects.toThrow('eth_noSuchThing')
  })

  it('counts and records every call', async () => {
    await rpc.send('eth_chainId')
    await rpc.sendAll(['eth_chainId', 'eth_blockNumber'].map((method) => ({ method, params: [] })))
    const { httpRequests, calls, byMethod, records } = proxy.requests()
    expect({ httpRequests, calls, byMethod }).toEqual({
      httpRequests: 2,
      calls: 3,
      byMethod: { eth_chainId: 2, eth_blockNumber: 1 },
    })
    expect(records.map(({ method }) => method)).toEqual(['eth_chainId', 'eth_chainId', 'eth_blockNumber'])
    for (const { at, bytes } of records) {
      expect(at).toBeGreaterThan(0)
      expect(bytes).toBeGreaterThan(50)
    }
    proxy.resetRequests()
    expect(proxy.requests()).toEqual({ httpRequests: 0, calls: 0, byMethod: {}, records: [] })
  })

  it('down: refuses connections, and comes back on the same port', async () => {
    await proxy.set({ kind: 'down' })
    // The first tries may still go to a kept-alive connection and find it closed.
    await expect.poll(failureCode).toBe('ECONNREFUSED')
    await proxy.set({ kind: 'ok' })
    expect(await rpc.send('eth_chainId')).toBe('0x8f')
  })

  it('hang: takes the request and never answers', async () => {
    await proxy.set({ kind: 'hang' })
    const giveUp = new AbortController()
    let answered = false
    const request = post('eth_chainId', giveUp.signal).then(() => {
      answered = true
    })
    await expect.poll(() => proxy.requests().calls).toBe(1)
    // A request that comes later makes the whole way to the node and back.
    await proxy.set({ kind: 'ok' })
    await rpc.send('eth_chainId')
    expect(answered).toBe(false)
    giveUp.abort()
    await expect(request).rejects.toThrow()
  })

  it('slow: answers correctly, but after whoever asked later', async () => {
    const order: string[] = []
    await proxy.set({ kind: 'slow', ms: 300, methods: ['eth_chainId'] })
    const slow = rpc.send('eth_chainId').then((result) => {
      order.push('slow')
      return result
    })
    await rpc.send('eth_blockNumber')
    order.push('fast')
    expect(await slow).toBe('0x8f')
    expect(order).toEqual(['fast', 'slow'])
  })

  it('status: answers with a status and a Retry-After', async () => {
    await proxy.set({ kind: 'status', status: 429, retryAfter: 7 })
    const limited = await post('eth_chainId')
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
    await limited.body?.cancel()
    await proxy.set({ kind: 'status', status: 500 })
    const broken = await post('eth_chainId')
    expect([broken.status, broken.headers.get('retry-after')]).toEqual([500, null])
    await broken.body?.cancel()
  })

  it('html: answers 200 with a page', async () => {
    await proxy.set({ kind: 'html' })
    const page = await post('eth_chainId')
    expect(page.status).toBe(200)
    expect(await page.text()).toMatch(/^<!doctype html>/)
  })

  it('oversized: answers 200 with more than anybody wants', async () => {
    await proxy.set({ kind: 'oversized', bytes: 3_000_001 })
    const huge = await post('eth_chainId')
    expect(huge.status).toBe(200)
    expect((await huge.arrayBuffer()).byteLength).toBe(3_000_001)
    await proxy.set({ kind: 'oversized' })
    const abandoned = await post('eth_chainId')
    await abandoned.body?.cancel()
    await proxy.set({ kind: 'ok' })
    expect(await rpc.send('eth_chainId')).toBe('0x8f')
  })

  it('wrong-chain-id: is another chain and otherwise well', async () => {
    await proxy.set({ kind: 'wrong-chain-id' })
    expect(await rpc.send('eth_chainId')).toBe('0x1')
    expect(await rpc.send('net_version')).toBe('1')
    expect(await rpc.send('eth_blockNumber')).toBe('0x1e')
    await proxy.set({ kind: 'wrong-chain-id', chainId: 10_143 })
    expect(await rpc.send('eth_chainId')).toBe('0x279f')
  })

  it('stale: the head and calls at the head are old, named blocks are not', async () => {
    await proxy.set({ kind: 'stale', blocks: 10 })
    expect(await rpc.send('eth_blockNumber')).toBe('0x14')
    expect(await rpc.send('eth_getBlockByNumber', ['latest', false])).toMatchObject({ number: '0x14' })
    expect(await rpc.send('eth_getBlockByNumber', ['0x1e', false])).toMatchObject({ number: '0x1e' })
    expect(await rpc.send('eth_call', [CALL, 'latest'])).toBe(`0x${word(20)}${word(1)}`)
    expect(await rpc.send('eth_call', [CALL, '0x1d'])).toBe(`0x${word(29)}${word(1)}`)
    await proxy.set({ kind: 'stale', blocks: 1_000 })
    expect(await rpc.send('eth_blockNumber')).toBe('0x0')
  })

  it('truncate: cuts the result of a call short', async () => {
    await proxy.set({ kind: 'truncate' })
    expect(await rpc.send('eth_call', [CALL, 'latest'])).toBe(`0x${word(30)}`)
    await proxy.set({ kind: 'truncate', keepBytes: 33 })
    expect(await rpc.send('eth_call', [CALL, 'latest'])).toBe(`0x${word(30)}00`)
    expect(await rpc.send('eth_chainId')).toBe('0x8f')
  })

  it('empty: answers calls with nothing', async () => {
    await proxy.set({ kind: 'empty' })
    expect(await rpc.send('eth_call', [CALL, 'latest'])).toBe('0x')
    expect(await rpc.send('eth_blockNumber')).toBe('0x1e')
  })

  it('lie: rewrites the results of calls, in batches too', async () => {
    await proxy.set({
      kind: 'lie',
      rewrite: ({ params, result }) => (JSON.stringify(params).includes(CONTRACT) ? `0x${word(7)}` : result),
    })
    const answers = await rpc.sendAll([
      { method: 'eth_blockNumber', params: [] },
      { method: 'eth_call', params: [CALL, 'latest'] },
    ])
    expect(answers).toEqual(['0x1e', `0x${word(7)}`])
  })

  it('limits any fault to the named methods', async () => {
    await proxy.set({ kind: 'status', status: 503, methods: ['eth_call'] })
    expect(await rpc.send('eth_chainId')).toBe('0x8f')
    await expect(rpc.send('eth_call', [CALL, 'latest'])).rejects.toThrow('HTTP 503')
    await proxy.set({ kind: 'stale', blocks: 10, methods: ['eth_blockNumber'] })
    expect(await rpc.send('eth_blockNumber')).toBe('0x14')
    expect(await rpc.send('eth_getBlockByNumber', ['latest', false])).toMatchObject({ number: '0x1e' })
  })

  it('drops the connection when the node behind it is gone', async () => {
    const gone = await closedServerUrl()
    const lost = await createRpcProxy({ target: gone })
    await expect(createJsonRpc(lost.url).send('eth_chainId')).rejects.toThrow()
    await lost.stop()
    await lost.stop()
  })

  it('stops at once even while requests hang or wait', async () => {
    const other = await createRpcProxy({ target: anvil.url })
    const client = createJsonRpc(other.url)
    await other.set({ kind: 'hang' })
    const hanging = client.send('eth_chainId').catch(() => 'dropped')
    await expect.poll(() => other.requests().calls).toBe(1)
    await other.set({ kind: 'slow', ms: 3_600_000 })
    const waiting = client.send('eth_chainId').catch(() => 'dropped')
    await expect.poll(() => other.requests().calls).toBe(2)
    await other.stop()
    expect(await Promise.all([hanging, waiting])).toEqual(['dropped', 'dropped'])
  })
})

async function closedServerUrl(): Promise<string> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

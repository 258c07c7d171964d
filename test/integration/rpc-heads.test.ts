import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Rpc } from '../../src/chain/rpc.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import {
  type Clock,
  createClock,
  forward,
  reasonOf,
  rpcFor,
  serve,
  serveChanged,
  type TestServer,
  valueOf,
} from './chain-kit.ts'

let chain: LocalChain
let proxies: RpcProxy[]
let clock: Clock
let rpc: Rpc
let servers: TestServer[] = []

beforeAll(async () => {
  chain = await createLocalChain()
  proxies = [await createRpcProxy({ target: chain.url }), await createRpcProxy({ target: chain.url })]
})
afterAll(async () => {
  for (const proxy of proxies) await proxy.stop()
  await chain.stop()
})
beforeEach(async () => {
  await chain.mine(1)
  clock = await createClock(chain)
  for (const proxy of proxies) proxy.resetRequests()
})
afterEach(async () => {
  await rpc.stop()
  for (const proxy of proxies) await proxy.set({ kind: 'ok' })
  for (const server of servers) await server.stop()
  servers = []
})

/** An endpoint whose newest block is changed as told. */
async function withHead(change: (block: Record<string, string>) => object): Promise<string> {
  const server = await serveChanged(chain, ({ method, result }) => {
    return method === 'eth_getBlockByNumber' ? change(result as Record<string, string>) : result
  })
  servers.push(server)
  return server.url
}

const plus = (hex: string | undefined, more: number): string => `0x${(Number(hex) + more).toString(16)}`
const proxyUrls = (): string[] => proxies.map(({ url }) => url)
const hostOf = (url: string): string => new URL(url).host
const start = (urls: readonly string[]): Rpc => {
  rpc = rpcFor({ urls, chain, now: clock.now })
  return rpc
}

async function answering(rounds: number, priority: 'command' | 'cycle' = 'command'): Promise<Set<string>> {
  const hosts = new Set<string>()
  for (let round = 0; round < rounds; round += 1) {
    hosts.add(await valueOf(rpc.pinned({ priority }, (at) => Promise.resolve(at.endpoint))))
  }
  return hosts
}

describe('an endpoint whose newest block lies in the future', () => {
  it('is refused beyond fifteen seconds, and used up to that', async () => {
    start([await withHead((block) => ({ ...block, timestamp: plus(block['timestamp'], 16) }))])
    expect(await reasonOf(rpc.head('command'))).toContain('newest block is 16 s in the future')
    await rpc.stop()
    start([await withHead((block) => ({ ...block, timestamp: plus(block['timestamp'], 15) }))])
    expect(await rpc.head('command')).toMatchObject({ ok: true })
  })
})

describe('a newest block that one of the two clocks vouches for', () => {
  const HOUR_MS = 3_600_000

  it.each([
    { when: 'the process clock stayed behind in a suspend', steadyMs: -HOUR_MS, wallMs: 0 },
    { when: 'the wall clock was set ahead', steadyMs: 0, wallMs: 24 * HOUR_MS },
    { when: 'the wall clock was set back', steadyMs: 0, wallMs: -HOUR_MS },
    { when: 'the process started while the wall clock was ahead', steadyMs: HOUR_MS, wallMs: 0 },
  ])('is taken when $when', async ({ steadyMs, wallMs }) => {
    const now = () => clock.now() + steadyMs
    rpc = rpcFor({ urls: proxyUrls(), chain, now, wallNow: () => clock.now() + wallMs })
    const told: number[] = []
    rpc.onHead(({ number }) => told.push(number))
    const { number } = await valueOf(rpc.head('command'))
    expect(told).toEqual([number])
    await rpc.trackHeads()
    expect(told).toEqual([number, number, number])
  })

  it('is refused when neither does', async () => {
    const now = () => clock.now() + HOUR_MS
    rpc = rpcFor({ urls: proxyUrls(), chain, now, wallNow: () => clock.now() + 11_000 })
    const told: number[] = []
    rpc.onHead(({ number }) => told.push(number))
    expect(await reasonOf(rpc.head('command'))).toContain('newest block is 3600 s old')
    expect(told).toEqual([])
  })
})

describe('a question about the newest block that a search asked and that is not answered yet', () => {
  /** An endpoint that keeps the first answer to a method back until it is released. */
  async function withHeld(method: string) {
    let asked = 0
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const server = await serve(async ({ response, body }) => {
      if ((JSON.parse(body) as { method: string }).method === method) {
        asked += 1
        if (asked === 1) await released
      }
      response.end(await forward(chain, body))
    })
    servers.push(server)
    start([server.url])
    return { asked: () => asked, release }
  }

  it.each(['eth_chainId', 'eth_getBlockByNumber'])('holds up neither loop nor person: %s', async (method) => {
    const { asked, release } = await withHeld(method)
    const search = rpc.head('discovery')
    await expect.poll(asked).toBe(1)
    expect(await rpc.head('cycle')).toMatchObject({ ok: true })
    expect(await rpc.head('command')).toMatchObject({ ok: true })
    release()
    expect(await search).toMatchObject({ ok: true })
  })

  it.each(['eth_chainId', 'eth_getBlockByNumber'])(
    'is shared with those who are not more urgent: %s',
    async (method) => {
      const { asked, release } = await withHeld(method)
      const waiting = [rpc.head('cycle')]
      await expect.poll(asked).toBe(1)
      waiting.push(rpc.head('cycle'), rpc.head('discovery'))
      release()
      for (const head of await Promise.all(waiting)) expect(head).toMatchObject({ ok: true })
      expect(asked()).toBe(1)
    },
  )
})

describe('an endpoint that claims a block far ahead', () => {
  it('does not make two honest ones stale, and is itself left out', async () => {
    const liar = await withHead((block) => ({ ...block, number: plus(block['number'], 1_000) }))
    start([liar, ...proxyUrls()])
    await rpc.trackHeads()
    expect(rpc.stats().map(({ state }) => state)).toEqual(['resting', 'ready', 'ready'])
    expect(rpc.stats()[0]?.lastError).toBe('1000 blocks ahead of all others')
    expect(await answering(6)).toEqual(new Set(proxyUrls().map(hostOf)))
  })

  it('is left out also when it is asked first and nobody tracks', async () => {
    const liar = await withHead((block) => ({ ...block, number: plus(block['number'], 1_000) }))
    start([...proxyUrls(), liar])
    await answering(2)
    expect(await answering(4)).toEqual(new Set(proxyUrls().map(hostOf)))
  })

  it('is not told apart from a leader when there are only two: the other one is stale', async () => {
    const leader = await withHead((block) => ({ ...block, number: plus(block['number'], 21) }))
    start([leader, proxyUrls()[0] ?? ''])
    await rpc.trackHeads()
    expect(rpc.stats().map(({ lastError }) => lastError)).toEqual([null, '21 blocks behind'])
  })

  it('by twenty blocks is believed', async () => {
    const leader = await withHead((block) => ({ ...block, number: plus(block['number'], 20) }))
    start([leader, ...proxyUrls()])
    await rpc.trackHeads()
    expect(await answering(3)).toContain(hostOf(leader))
  })
})

describe('tracked heads', () => {
  it('serve the loop for a second, so that it asks for none of its own', async () => {
    start(proxyUrls())
    await rpc.trackHeads()
    const asked = () => proxies.map((proxy) => proxy.requests().byMethod['eth_getBlockByNumber'])
    expect(asked()).toEqual([1, 1])
    clock.advance(999)
    await answering(4, 'cycle')
    expect(asked()).toEqual([1, 1])
    clock.advance(1)
    await answering(2, 'cycle')
    expect(asked()).toEqual([2, 2])
  })

  it('are asked for anew each round, without asking for the chain again', async () => {
    start(proxyUrls())
    for (let round = 0; round < 3; round += 1) await rpc.trackHeads()
    for (const proxy of proxies) {
      expect(proxy.requests().byMethod).toEqual({ eth_chainId: 1, eth_getBlockByNumber: 3 })
    }
  })

  it('end with the signal although an endpoint hangs, and never reject', async () => {
    start(proxyUrls())
    await proxies[0]?.set({ kind: 'hang' })
    await proxies[1]?.set({ kind: 'down' })
    const giveUp = new AbortController()
    const round = rpc.trackHeads(giveUp.signal)
    await expect.poll(() => proxies[0]?.requests().calls).toBe(1)
    giveUp.abort()
    await round
    await rpc.trackHeads(AbortSignal.abort())
  })
})

describe('an endpoint that failed', () => {
  let first: RpcProxy
  beforeEach(() => {
    ;[first] = proxies as [RpcProxy]
  })

  async function failFirst(): Promise<void> {
    start(proxyUrls())
    await first.set({ kind: 'status', status: 503 })
    await answering(2)
    expect(rpc.stats()[0]).toMatchObject({ state: 'resting', errors: 1 })
    first.resetRequests()
  }

  it('gets no work when its rest is over, before it has shown chain and head', async () => {
    await failFirst()
    await first.set({ kind: 'hang' })
    clock.advance(1_000)
    await chain.mine(1)
    for (let round = 0; round < 3; round += 1) {
      expect(await answering(1)).toEqual(new Set([hostOf(proxyUrls()[1] ?? '')]))
    }
    await expect.poll(() => first.requests().byMethod).toEqual({ eth_chainId: 1 })
  })

  it('is ready again after a round of tracking, and not before its rest is over', async () => {
    await failFirst()
    await first.set({ kind: 'ok' })
    clock.advance(999)
    await rpc.trackHeads()
    expect(first.requests().calls).toBe(0)
    clock.advance(1)
    await rpc.trackHeads()
    expect(first.requests().byMethod).toEqual({ eth_chainId: 1, eth_getBlockByNumber: 1 })
    expect(rpc.stats()[0]).toMatchObject({ state: 'ready' })
    expect(await answering(2)).toContain(hostOf(first.url))
  })

  it('comes back by the way of others’ work also without tracking', async () => {
    await failFirst()
    await first.set({ kind: 'ok' })
    clock.advance(1_000)
    await answering(1)
    await expect.poll(() => rpc.stats()[0]?.state).toBe('ready')
  })

  it('rests longer each time that its probe fails', async () => {
    await failFirst()
    const probed: number[] = []
    for (let second = 1; second <= 20; second += 1) {
      clock.advance(1_000)
      await rpc.trackHeads()
      if (first.requests().calls > 0) probed.push(second)
      first.resetRequests()
    }
    expect(probed).toEqual([1, 3, 7, 15])
  })

  it('in its work, but not in its probe, rests longer each time as well', async () => {
    start([first.url])
    const fault = { kind: 'status', status: 503, methods: ['eth_getCode'] } as const
    await first.set(fault)
    const rests: number[] = []
    for (let round = 0; round < 4; round += 1) {
      await reasonOf(
        rpc.pinned({ priority: 'command' }, (at) => at.hasCode('0x000000000000000000000000000000000000dead')),
      )
      let waited = 0
      for (; rpc.stats()[0]?.state === 'resting'; waited += 1) {
        clock.advance(1_000)
        await chain.accrueTime(1)
        await rpc.trackHeads()
      }
      rests.push(waited)
    }
    expect(rests).toEqual([1, 2, 4, 8])
  })
})

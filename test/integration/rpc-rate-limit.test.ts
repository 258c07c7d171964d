import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Rpc } from '../../src/chain/rpc.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import {
  addTestContracts,
  type Clock,
  createClock,
  ECHO,
  forward,
  reasonOf,
  rpcFor,
  serve,
  type TestServer,
  valueOf,
} from './chain-kit.ts'

let chain: LocalChain
let proxy: RpcProxy
let clock: Clock
let rpc: Rpc
let servers: TestServer[] = []

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
  await proxy.set({ kind: 'ok' })
  await rpc.stop()
  for (const server of servers) await server.stop()
  servers = []
})

const look = (calls = 1) =>
  rpc.pinned({ priority: 'cycle' }, (at) =>
    at.call(Array.from({ length: calls }, () => ({ to: ECHO, data: '0x01', gas: 80_000_000 }) as const)),
  )

describe('an endpoint that says 429', () => {
  it('with Retry-After is asked nothing at all before that time, and again after it', async () => {
    await proxy.set({ kind: 'status', status: 429, retryAfter: 7 })
    await reasonOf(look())
    expect(proxy.requests().calls).toBe(1)
    await proxy.set({ kind: 'ok' })
    for (const ms of [0, 1_000, 3_000, 2_999]) {
      clock.advance(ms)
      expect(await reasonOf(look())).toContain('left alone for')
    }
    expect(proxy.requests().calls).toBe(1)
    clock.advance(1)
    expect(await valueOf(look())).toEqual([{ ok: true, data: '0x01' }])
  })

  it('with a date in Retry-After is asked nothing before that time', async () => {
    const retryAfter = new Date(clock.now() + 120_000).toUTCString()
    await proxy.set({ kind: 'status', status: 429, retryAfter })
    expect(await reasonOf(look())).toContain('rate limit (429)')
    await proxy.set({ kind: 'ok' })
    clock.advance(119_000)
    expect(await reasonOf(look())).toContain('left alone for 1 s')
    expect(proxy.requests().calls).toBe(1)
    clock.advance(1_000)
    await chain.accrueTime(120)
    expect(await valueOf(look())).toEqual([{ ok: true, data: '0x01' }])
  })

  it('in the middle of a work is left alone by the calls of that work that still wait', async () => {
    await valueOf(look())
    const server = await serve(async ({ response, body }) => {
      if (body.includes('eth_call')) response.writeHead(429, { 'retry-after': '7' }).end()
      else response.end(await forward(chain, body))
    })
    servers.push(server)
    await rpc.stop()
    rpc = rpcFor({ urls: [server.url], chain, now: clock.now })
    // 40 requests, of which eight at most are under way when the first answer comes.
    await reasonOf(look(40))
    let before = -1
    const settled = (): boolean => {
      const { calls = 0 } = rpc.stats()[0] ?? {}
      const same = calls === before
      before = calls
      return same
    }
    await expect.poll(settled, { interval: 100, timeout: 10_000 }).toBe(true)
    const { calls, state } = rpc.stats()[0] ?? {}
    expect(state).toBe('resting')
    expect(calls).toBeLessThanOrEqual(2 + 8)
  })

  it('keeps its rest when another answer, asked for earlier, still comes in', async () => {
    let calls = 0
    let release: () => void = () => undefined
    const refusal = new Promise<void>((resolve) => {
      release = resolve
    })
    const server = await serve(async ({ response, body }) => {
      if (body.includes('eth_call')) {
        calls += 1
        if (calls === 2) {
          response.writeHead(429, { 'retry-after': '30' }).end(release)
          return
        }
        await refusal
      }
      response.end(await forward(chain, body))
    })
    servers.push(server)
    await rpc.stop()
    rpc = rpcFor({ urls: [server.url], chain, now: clock.now })
    const answered = look()
    await expect.poll(() => calls).toBe(1)
    await reasonOf(look())
    await valueOf(answered)
    expect(rpc.stats()[0]).toMatchObject({ state: 'resting' })
    expect(await reasonOf(look())).toContain('left alone for 30 s')
    expect(calls).toBe(2)
  })

  it('without Retry-After is left alone for longer and longer', async () => {
    await proxy.set({ kind: 'status', status: 429 })
    const asked: number[] = []
    for (let second = 0; second < 20; second += 1) {
      proxy.resetRequests()
      await reasonOf(look())
      if (proxy.requests().calls > 0) asked.push(second)
      clock.advance(1_000)
    }
    expect(asked).toEqual([0, 1, 3, 7, 15])
  })
})

describe('stopping', () => {
  it('ends what waits with a reason, not with an error that looks like a bug', async () => {
    const own = rpcFor({ urls: [proxy.url], chain, now: clock.now })
    await proxy.set({ kind: 'slow', ms: 400, methods: ['eth_call'] })
    const call = { to: ECHO, data: '0x01', gas: 80_000_000 } as const
    const working = own
      .pinned({ priority: 'cycle' }, (at) => at.call(Array.from({ length: 30 }, () => call)))
      .then(
        (result) => (result.ok ? 'answered' : 'refused'),
        (error: unknown) => `thrown: ${String(error)}`,
      )
    await expect.poll(() => own.stats()[0]?.queued).toBeGreaterThan(0)
    await own.stop()
    expect(await working).toBe('refused')
  })

  it('does not wait for an endpoint that hangs', async () => {
    const own = rpcFor({ urls: [proxy.url], chain, now: clock.now })
    await proxy.set({ kind: 'hang' })
    const giveUp = new AbortController()
    const working = Promise.allSettled([
      own.pinned({ priority: 'cycle', signal: giveUp.signal }, (at) => at.call([])),
    ])
    await expect.poll(() => proxy.requests().calls).toBe(1)
    giveUp.abort()
    let stopped = false
    const stopping = own.stop().then(() => {
      stopped = true
    })
    // The whole process has ten seconds to stop (alerting.md, F6), and this is one part of it.
    const inTime = await expect
      .poll(() => stopped, { timeout: 3_000 })
      .toBe(true)
      .then(
        () => true,
        () => false,
      )
    await proxy.set({ kind: 'down' })
    await Promise.all([working, stopping])
    expect(inTime).toBe(true)
  })
})

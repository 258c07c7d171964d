import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Rpc } from '../../src/chain/rpc.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import type { RpcFault } from '../chain/rpc-faults.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import { addTestContracts, type Clock, createClock, ECHO, reasonOf, rpcFor, valueOf } from './chain-kit.ts'

const KEY = 'SECRETKEY0123456789abcdef'
const CALL = { to: ECHO, data: '0x1234' } as const

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
  const keyed = (proxy: RpcProxy) => `${proxy.url}/v2/${KEY}?apikey=${KEY}`
  rpc = rpcFor({ urls: [keyed(first), keyed(second)], chain, now: clock.now })
  first.resetRequests()
  second.resetRequests()
})
afterEach(async () => {
  vi.restoreAllMocks()
  await first.set({ kind: 'ok' })
  await second.set({ kind: 'ok' })
  await rpc.stop()
})

const hostOf = (proxy: RpcProxy): string => new URL(proxy.url).host

interface Seen {
  readonly endpoint: string
  readonly block: number
  readonly data: string | undefined
}

async function look(signal?: AbortSignal) {
  return await rpc.pinned({ priority: 'command', signal }, async (at): Promise<Seen> => {
    const [result] = await at.call([CALL])
    return { endpoint: at.endpoint, block: at.block.number, data: result?.data }
  })
}

const onCalls = (fault: RpcFault): RpcFault => ({ ...fault, methods: ['eth_call'] })

const FAULTS: readonly (readonly [string, RpcFault])[] = [
  ['refuses connections', { kind: 'down' }],
  ['says 429', { kind: 'status', status: 429 }],
  ['says 500', { kind: 'status', status: 500 }],
  ['says 500 to calls', onCalls({ kind: 'status', status: 500 })],
  ['answers with a page', { kind: 'html' }],
  ['answers calls with a page', onCalls({ kind: 'html' })],
  ['answers calls with 9 MiB', onCalls({ kind: 'oversized', bytes: 9 * 1024 * 1024 })],
  ['cuts answers short', { kind: 'truncate' }],
  ['cuts answers in the middle of a word', { kind: 'truncate', keepBytes: 77 }],
  ['answers calls with nothing', { kind: 'empty' }],
  ['answers calls with text', { kind: 'lie', rewrite: () => 'hello' }],
  [
    'answers with another number of results',
    { kind: 'lie', rewrite: () => `0x${'0'.repeat(62)}20${'0'.repeat(64)}` },
  ],
  ['has no usable block', { kind: 'html', methods: ['eth_getBlockByNumber'] }],
]

describe('when one endpoint fails', () => {
  it.each(FAULTS)('that %s, the whole work starts anew at the other one', async (_, fault) => {
    await first.set(fault)
    // The start may fall on either of the two; both turns must end at the healthy one.
    for (let round = 0; round < 2; round += 1) {
      expect(await valueOf(look())).toMatchObject({ endpoint: hostOf(second), data: '0x1234' })
    }
    const [bad] = rpc.stats()
    expect(bad?.calls).toBeGreaterThan(0)
  })

  it.each(FAULTS)(
    'that %s, its failure is counted, and it rests before it is tried again',
    async (_, fault) => {
      await first.set(fault)
      for (let round = 0; round < 2; round += 1) await valueOf(look())
      expect(rpc.stats()[0]).toMatchObject({ state: 'resting', lastError: expect.any(String) as string })
      expect(rpc.stats()[0]?.errors).toBeGreaterThan(0)
      const asked = rpc.stats()[0]?.calls
      for (let round = 0; round < 4; round += 1) await valueOf(look())
      expect(rpc.stats()[0]?.calls).toBe(asked)
    },
  )

  it('that never answers, the other one is asked after the deadline', async () => {
    const realTimeout = AbortSignal.timeout.bind(AbortSignal)
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => realTimeout(ms / 100))
    await first.set({ kind: 'hang' })
    for (let round = 0; round < 2; round += 1) {
      expect(await valueOf(look())).toMatchObject({ endpoint: hostOf(second) })
    }
    expect(rpc.stats()[0]?.lastError).toBe('no answer within 10 s')
  })

  it('no result mixes blocks or endpoints: the new start has a newer block and repeats every call', async () => {
    let starts = 0
    const seen = await valueOf(
      rpc.pinned({ priority: 'command' }, async (at) => {
        starts += 1
        const calls = [CALL, { to: ECHO, data: '0x5678' }] as const
        const [one] = await at.call([calls[0]])
        if (starts === 1) {
          await chain.mine(2)
          const failing = at.endpoint === hostOf(first) ? first : second
          await failing.set({ kind: 'down' })
        }
        const [two] = await at.call([calls[1]])
        return { block: at.block.number, endpoint: at.endpoint, results: [one, two] }
      }),
    )
    expect(starts).toBe(2)
    expect(seen.results).toEqual([
      { ok: true, data: '0x1234' },
      { ok: true, data: '0x5678' },
    ])
    const head = Number(await chain.rpc.send('eth_blockNumber'))
    expect(seen.block).toBe(head)
    const served = [first, second].find((proxy) => hostOf(proxy) === seen.endpoint)
    expect(served?.requests().byMethod['eth_call']).toBe(2)
  })

  it('it is tried last while it rests, and first in turn again afterwards', async () => {
    await first.set({ kind: 'status', status: 503 })
    await valueOf(look())
    await valueOf(look())
    await first.set({ kind: 'ok' })
    first.resetRequests()
    for (let round = 0; round < 3; round += 1) await valueOf(look())
    expect(first.requests().calls).toBe(0)
    await second.set({ kind: 'down' })
    expect(await valueOf(look())).toMatchObject({ endpoint: hostOf(first) })
    expect(rpc.stats()[0]).toMatchObject({ state: 'ready' })
  })
})

describe('when the caller gives up', () => {
  it('a hanging call ends, and no further endpoint is asked', async () => {
    for (const proxy of [first, second]) await proxy.set(onCalls({ kind: 'hang' }))
    const giveUp = new AbortController()
    const waiting = look(giveUp.signal)
    const calls = () => [first, second].map((proxy) => proxy.requests().byMethod['eth_call'] ?? 0)
    await expect.poll(() => calls().some((count) => count > 0)).toBe(true)
    giveUp.abort()
    expect(await reasonOf(waiting)).toBe('took too long')
    expect(calls().reduce((total, count) => total + count, 0)).toBe(1)
    expect(rpc.stats().map(({ state }) => state)).toEqual(['ready', 'ready'])
  })

  it('an endpoint that had been silent for five seconds has failed, once, and rests', async () => {
    await valueOf(look())
    await valueOf(look())
    for (const proxy of [first, second]) {
      proxy.resetRequests()
      await proxy.set(onCalls({ kind: 'hang' }))
    }
    const calls = () => [first, second].map((proxy) => proxy.requests().byMethod['eth_call'] ?? 0)
    const giveUp = new AbortController()
    const waiting = rpc.pinned({ priority: 'command', signal: giveUp.signal }, (at) =>
      Promise.all([at.call([CALL]), at.call([CALL]), at.call([CALL])]),
    )
    await expect.poll(() => calls().reduce((total, count) => total + count, 0)).toBe(3)
    const silent = calls().indexOf(3)
    clock.advance(5_000)
    giveUp.abort()
    expect(await reasonOf(waiting)).toBe('took too long')
    await expect
      .poll(() => rpc.stats()[silent])
      .toMatchObject({ state: 'resting', errors: 1, lastError: 'no answer for 5 s' })
    expect(rpc.stats()[1 - silent]).toMatchObject({ state: 'ready', errors: 0 })
  })

  it('waiting for a block ends as well', async () => {
    for (const proxy of [first, second]) await proxy.set({ kind: 'hang' })
    const giveUp = new AbortController()
    let reason: string | undefined
    const waiting = look(giveUp.signal).then((result) => {
      reason = result.ok ? 'answered' : result.reason
    })
    await expect.poll(() => first.requests().calls + second.requests().calls).toBe(1)
    giveUp.abort()
    await expect.poll(() => reason, { timeout: 3_000 }).toBe('took too long')
    await waiting
  })

  it('nothing is asked at all when that was before the start', async () => {
    expect(await reasonOf(look(AbortSignal.abort()))).toBe('took too long')
    expect(first.requests().calls + second.requests().calls).toBe(0)
  })
})

describe('when every endpoint fails', () => {
  it.each(FAULTS)(
    'because each %s, the reason names hosts and nothing else of an address',
    async (_, fault) => {
      await first.set(fault)
      await second.set(fault)
      const reason = await reasonOf(look())
      for (const proxy of [first, second]) expect(reason).toContain(`${hostOf(proxy)}: `)
      const said = reason + JSON.stringify(rpc.stats())
      for (const secret of [KEY, 'apikey', '/v2', 'http', '?']) expect(said).not.toContain(secret)
    },
  )

  it('an error that leaves the work through a bug carries no key either', async () => {
    await first.set({ kind: 'down' })
    await second.set({ kind: 'down' })
    let caught: unknown
    await rpc
      .pinned({ priority: 'command' }, (at) =>
        at.call([CALL]).catch((error: unknown) => {
          caught = error
          throw error
        }),
      )
      .catch((error: unknown) => {
        caught = error
      })
    expect(JSON.stringify([String(caught), rpc.stats()])).not.toContain(KEY)
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Call, CallResult } from '../../src/chain/chain-reader.ts'
import type { Rpc } from '../../src/chain/rpc.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import {
  addTestContracts,
  type Clock,
  createClock,
  ECHO,
  HUNGRY,
  REFUSE,
  rpcFor,
  spyOnCalls,
  valueOf,
} from './chain-kit.ts'

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

const ethCalls = (): number => proxy.requests().byMethod['eth_call'] ?? 0

describe('sequences of calls', () => {
  const ANSWER_42 = '0x602a60005260206000f3'
  /** Counts up its first storage slot and answers with it. */
  const COUNTER = '0x0000000000000000000000000000000000c0c000'

  beforeAll(async () => {
    await chain.rpc.send('anvil_setCode', [COUNTER, '0x600054600101806000558060005260206000f3'])
    await chain.rpc.send('anvil_setCode', ['0x000000000000000000000000000000000000a42a', ANSWER_42])
  })

  async function runAll(sequences: readonly (readonly Call[])[], from: Rpc = rpc): Promise<CallResult[][]> {
    return await valueOf(from.pinned({ priority: 'command' }, (at) => at.sequences(sequences)))
  }

  const word = (value: number): string => `0x${value.toString(16).padStart(64, '0')}`
  const count: Call = { to: COUNTER, data: '0x' }

  it('let each call see what those before it changed, in one request', async () => {
    expect(await runAll([[count, count, { to: REFUSE, data: '0x07' }, count]])).toEqual([
      [
        { ok: true, data: word(1) },
        { ok: true, data: word(2) },
        { ok: false, data: '0x07' },
        { ok: true, data: word(3) },
      ],
    ])
    expect(ethCalls()).toBe(1)
  })

  it('are none for none, and an empty one is empty', async () => {
    expect(await runAll([])).toEqual([])
    expect(await runAll([[], [{ to: ECHO, data: '0x01' }], []])).toEqual([
      [],
      [{ ok: true, data: '0x01' }],
      [],
    ])
  })

  it('are never split, and one that fails spoils none of 500', async () => {
    const sequences = Array.from({ length: 500 }, (_, index): Call[] => [
      { to: ECHO, data: word(index) },
      index === 321 ? { to: REFUSE, data: '0x08c379a0' } : { to: ECHO, data: '0x02' },
    ])
    const { sizes } = spyOnCalls(proxy)
    const results = await runAll(sequences)
    expect(results).toEqual(
      sequences.map((sequence) => sequence.map(({ to, data }) => ({ ok: to === ECHO, data }))),
    )
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(500)
  })

  it('whose gas ran out are repeated with more', async () => {
    const { gas } = spyOnCalls(proxy)
    expect(
      await runAll([
        [
          { to: HUNGRY, data: '0x' },
          { to: ECHO, data: '0x02' },
        ],
      ]),
    ).toEqual([
      [
        { ok: true, data: ONE_WORD },
        { ok: true, data: '0x02' },
      ],
    ])
    expect(gas).toEqual(['0x7b98a0', '0x8f0d180'])
  })

  it('that fail as a whole answer with failed results, and nobody else does', async () => {
    const endless: Call = { to: '0x0000000000000000000000000000000000e4d1e5', data: '0x' }
    await chain.rpc.send('anvil_setCode', [endless.to, '0x5b600056'])
    const small = rpcFor({ urls: [proxy.url], chain, now: clock.now, gasPerCall: 3_000_000n })
    const results = await runAll([[count, endless, count], [{ to: ECHO, data: '0x01' }]], small)
    await small.stop()
    expect(results[0]).toHaveLength(3)
    expect(results[0]?.[1]).toEqual({ ok: false, data: '0x' })
    expect(results[1]).toEqual([{ ok: true, data: '0x01' }])
  })
})

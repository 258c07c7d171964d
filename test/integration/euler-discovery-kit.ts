import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import type { Discovery } from '../../protocols/strategy.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import {
  accountOf,
  createEulerDoubles,
  type EulerDoubles,
  type VaultAddresses,
} from '../chain/euler/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { type FakeEulerSubgraph, startFakeEulerSubgraph } from '../fakes/euler-subgraph/server.ts'
import { eulerOf } from './euler-kit.ts'
import { type Bench, createBench, lower } from './neverland-kit.ts'

export interface EulerDiscoveryBed {
  readonly chain: LocalChain
  readonly euler: EulerDoubles
  readonly usdc: VaultAddresses
  readonly wmon: VaultAddresses
  readonly subgraph: FakeEulerSubgraph
  readonly bench: Bench
}

/**
 * The doubles of Euler on one local chain for the tests of a file, put back after each, with a fresh subgraph and bench for each.
 * `ready` is told them before each test.
 */
export function useEulerDiscovery(ready: (bed: EulerDiscoveryBed) => void) {
  let chain: LocalChain
  let euler: EulerDoubles
  let usdc: VaultAddresses
  let wmon: VaultAddresses
  let subgraph: FakeEulerSubgraph
  let bench: Bench
  let snapshot: string

  beforeAll(async () => {
    chain = await createLocalChain()
    euler = await createEulerDoubles(chain)
    usdc = euler.vaults['eUSDC-1']
    wmon = euler.vaults['eWMON-1']
  })
  afterAll(() => chain.stop())
  beforeEach(async () => {
    snapshot = await chain.snapshot()
    bench = await createBench(chain)
    subgraph = await startFakeEulerSubgraph()
    ready({ chain, euler, usdc, wmon, subgraph, bench })
  })
  afterEach(async () => {
    await Promise.all([subgraph.stop(), bench.stop()])
    await chain.revert(snapshot)
  })

  async function open(accountId: number, { listed = true } = {}): Promise<string> {
    const owner = await euler.openLoan({
      accountId,
      controller: usdc,
      collateral: [{ vault: wmon, amount: '10' }],
      debt: '10',
    })
    if (listed) subgraph.add({ account: accountOf(owner, accountId), vault: usdc.vault })
    return owner
  }

  async function discover(
    owners: readonly string[],
    { url = subgraph.url, blocksAhead = 0 }: { url?: string | null; blocksAhead?: number } = {},
  ): Promise<{ found: Discovery[]; accountsAsked: number }> {
    const seen = { calls: 0, blocksAhead }
    const found = await bench.at((at) =>
      eulerOf({ chain, euler }, { subgraphUrl: url }).discover(owners.map(lower), counting(at, seen)),
    )
    return { found, accountsAsked: seen.calls }
  }

  /** More owners than are looked at one by one; they use Euler and borrow nothing. */
  async function crowd(size: number): Promise<string[]> {
    const owners = Array.from({ length: size }, () => chain.newOwner())
    await euler.write(
      owners.map((owner) => ({ to: euler.evc, double: 'EvcDouble', call: ['register', owner] as const })),
    )
    return owners
  }

  return { open, discover, crowd }
}

/** Counts the questions about accounts; the chain may be told to be further than it is. */
export function counting(at: ChainReader, seen: { calls: number; blocksAhead: number }): ChainReader {
  return {
    ...at,
    block: { ...at.block, number: at.block.number + seen.blocksAhead },
    call: (calls) => {
      seen.calls += calls.filter(({ data }) => data.startsWith('0xfd6046d7')).length
      return at.call(calls)
    },
  }
}

export function keysOf(discovery: Discovery | undefined): string[] {
  return discovery?.refs.map(({ key }) => key) ?? []
}

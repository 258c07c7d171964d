import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { NEVERLAND_VAULT_FACTORY } from '../../protocols/neverland/addresses.ts'
import { createNeverland, type NeverlandConfig } from '../../protocols/neverland/index.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Rpc } from '../../src/chain/rpc.ts'
import type { Address } from '../../src/domain/address.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import type { MarketName } from '../chain/addresses.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { newTokens } from './cache-kit.ts'
import { type Clock, createClock, rpcFor, valueOf } from './chain-kit.ts'

export function lower(address: string): Address {
  return address.toLowerCase() as Address
}

/** The real markets of the local chain, or others where the test says so. */
export function neverlandOf(chain: LocalChain, change: Partial<NeverlandConfig> = {}): LendingStrategy {
  const { markets, registry } = chain.addresses
  return createNeverland(
    {
      providers: [lower(markets.main.provider), lower(markets.isolated.provider)],
      registry: lower(registry),
      vaultFactory: NEVERLAND_VAULT_FACTORY,
      ...change,
    },
    { tokens: newTokens() },
  )
}

/** The position of an owner in a market, as discovery names it. */
export function refIn(chain: LocalChain, where: { owner: string; market?: MarketName }): PositionRef {
  const { market = 'main' } = where
  const provider = lower(chain.addresses.markets[market].provider)
  const owner = lower(where.owner)
  return {
    protocol: 'neverland',
    key: `neverland:${provider}:${owner}`,
    owner,
    market: provider,
    marketName: market === 'main' ? 'Neverland Main' : 'Neverland Isolated',
  }
}

export interface Bench {
  readonly clock: Clock
  readonly rpc: Rpc
  /** Runs work at the newest block. */
  at<T>(work: (at: ChainReader) => Promise<T>): Promise<T>
  stop(): Promise<void>
}

/** An RPC client straight on the chain whose clock follows the chain. */
export async function createBench(chain: LocalChain): Promise<Bench> {
  const clock = await createClock(chain)
  const rpc = rpcFor({ urls: [chain.url], chain, now: clock.now })
  return {
    clock,
    rpc,
    async at(work) {
      // The chain's time may have been moved since.
      clock.advance((await createClock(chain)).now() - clock.now())
      return await valueOf(rpc.pinned({ priority: 'command' }, work))
    },
    stop: () => rpc.stop(),
  }
}

/**
 * One local chain for the tests of a file, put back after each of them as it was before, and a fresh bench for each. `ready` is told
 * the chain before the file's own `beforeAll`, and both before each test.
 */
export function useBench(ready: (there: { chain: LocalChain; bench: Bench }) => void): void {
  let chain: LocalChain
  let bench: Bench
  let snapshot: string
  beforeAll(async () => {
    chain = await createLocalChain()
    ready({ chain, bench })
  })
  afterAll(() => chain.stop())
  beforeEach(async () => {
    snapshot = await chain.snapshot()
    bench = await createBench(chain)
    ready({ chain, bench })
  })
  afterEach(async () => {
    await bench.stop()
    await chain.revert(snapshot)
  })
}

import { Interface } from 'ethers'
import { describe, expect, it } from 'vitest'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { Address } from '../../src/domain/address.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { createTransactions } from '../chain/transactions.ts'
import { type Bench, lower, neverlandOf, refIn, useBench } from './neverland-kit.ts'

const REGISTRY = new Interface([
  'function registerAddressesProvider(address provider, uint256 id)',
  'function unregisterAddressesProvider(address provider)',
])
const NOBODY: Address = '0x000000000000000000000000000000000000dead'
const LOAN = {
  supply: [{ asset: 'WMON', amount: '1000' }],
  borrow: [{ asset: 'USDC', amount: '2000' }],
} as const
const ISOLATED_LOAN = {
  market: 'isolated',
  supply: [{ asset: 'PT-AUSD', amount: '1000' }],
  borrow: [{ asset: 'USDC', amount: '500' }],
} as const

let chain: LocalChain
let bench: Bench

useBench((ready) => {
  chain = ready.chain
  bench = ready.bench
})

async function discover(strategy: LendingStrategy, owners: readonly string[]) {
  return await bench.at((at) => strategy.discover(owners.map(lower), at))
}

describe('discovering positions', () => {
  it('finds those of every market, one answer per owner in the given order', async () => {
    const both = await chain.openPosition(LOAN)
    await chain.openPosition({ ...ISOLATED_LOAN, owner: both })
    const isolated = await chain.openPosition(ISOLATED_LOAN)
    const supplier = await chain.openPosition({ supply: LOAN.supply })
    const stranger = chain.newOwner()
    expect(await discover(neverlandOf(chain), [isolated, stranger, both, supplier, both])).toEqual([
      { kind: 'complete', refs: [refIn(chain, { owner: isolated, market: 'isolated' })] },
      { kind: 'complete', refs: [] },
      {
        kind: 'complete',
        refs: [refIn(chain, { owner: both }), refIn(chain, { owner: both, market: 'isolated' })],
      },
      { kind: 'complete', refs: [refIn(chain, { owner: supplier })] },
      {
        kind: 'complete',
        refs: [refIn(chain, { owner: both }), refIn(chain, { owner: both, market: 'isolated' })],
      },
    ])
    expect(await discover(neverlandOf(chain), [])).toEqual([])
  })

  it('does not find a position that was closed', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.closePosition({ owner })
    expect(await discover(neverlandOf(chain), [owner])).toEqual([{ kind: 'complete', refs: [] }])
  })

  it('finds markets through the registry that are not configured', async () => {
    const owner = await chain.openPosition(ISOLATED_LOAN)
    const expected = [{ kind: 'complete', refs: [refIn(chain, { owner, market: 'isolated' })] }]
    const main = lower(chain.addresses.markets.main.provider)
    expect(await discover(neverlandOf(chain, { providers: [main] }), [owner])).toEqual(expected)
    expect(await discover(neverlandOf(chain, { providers: [] }), [owner])).toEqual(expected)
  })

  describe('is partial, never complete,', () => {
    it.each(['pool', 'provider'] as const)('when the %s of a market refuses every call', async (part) => {
      const owner = await chain.openPosition(LOAN)
      await chain.openPosition({ ...ISOLATED_LOAN, owner })
      await chain.makeCallsRevert(chain.addresses.markets.isolated[part])
      const [seen, unseen] = await discover(neverlandOf(chain), [owner, chain.newOwner()])
      expect(seen).toMatchObject({ kind: 'partial', refs: [refIn(chain, { owner })] })
      expect(unseen).toMatchObject({ kind: 'partial', refs: [] })
      const reason = seen?.kind === 'partial' ? seen.reason : ''
      expect(reason).toMatch(part === 'pool' ? /Neverland Isolated/ : /1 Neverland market/)
      await chain.restoreCode(chain.addresses.markets.isolated[part])
    })

    it('when the code of a pool is gone', async () => {
      const owner = await chain.openPosition(LOAN)
      await chain.rpc.send('anvil_setCode', [chain.addresses.markets.main.pool, '0x'])
      const [seen] = await discover(neverlandOf(chain), [owner])
      expect(seen).toMatchObject({ kind: 'partial', refs: [] })
    })

    it('when the registry does not answer, and the configured markets are still found', async () => {
      const owner = await chain.openPosition(LOAN)
      await chain.makeCallsRevert(chain.addresses.registry)
      const [seen] = await discover(neverlandOf(chain), [owner])
      expect(seen).toEqual({
        kind: 'partial',
        refs: [refIn(chain, { owner })],
        reason: 'the list of Neverland markets could not be read',
      })
      await chain.restoreCode(chain.addresses.registry)
    })

    it('when the price of something in the account fails', async () => {
      const owner = await chain.openPosition(LOAN)
      await chain.failOracle({ asset: 'WMON', market: 'main', failing: true })
      const [seen] = await discover(neverlandOf(chain), [owner])
      expect(seen).toMatchObject({ kind: 'partial', refs: [] })
      expect(seen?.kind === 'partial' && seen.reason).toContain('WMON')
    })

    it('when there is nothing at a configured address, even with all other markets fine', async () => {
      const owner = await chain.openPosition(LOAN)
      const { main } = chain.addresses.markets
      const strategy = neverlandOf(chain, { providers: [lower(main.provider), NOBODY] })
      expect(await discover(strategy, [owner])).toMatchObject([
        { kind: 'partial', refs: [refIn(chain, { owner })] },
      ])
    })
  })

  it('is complete again a minute of chain time after the market answers again', async () => {
    const strategy = neverlandOf(chain)
    const owner = await chain.openPosition(ISOLATED_LOAN)
    const { provider } = chain.addresses.markets.isolated
    await chain.makeCallsRevert(provider)
    expect(await discover(strategy, [owner])).toMatchObject([{ kind: 'partial', refs: [] }])
    await chain.restoreCode(provider)
    await chain.accrueTime(61)
    expect(await discover(strategy, [owner])).toEqual([
      { kind: 'complete', refs: [refIn(chain, { owner, market: 'isolated' })] },
    ])
  })

  it('is asked of the registry again after ten minutes, also where nobody follows its events', async () => {
    const { registry, markets } = chain.addresses
    const [deployer = ''] = (await chain.rpc.send('eth_accounts')) as string[]
    const toRegistry = async (method: string, args: unknown[]) => {
      const data = REGISTRY.encodeFunctionData(method, args)
      await createTransactions(chain.rpc).send([{ label: method, from: deployer, to: registry, data }])
    }
    await toRegistry('unregisterAddressesProvider', [markets.isolated.provider])
    const strategy = neverlandOf(chain, { providers: [lower(markets.main.provider)] })
    const owner = await chain.openPosition(ISOLATED_LOAN)
    expect(await discover(strategy, [owner])).toEqual([{ kind: 'complete', refs: [] }])
    await toRegistry('registerAddressesProvider', [markets.isolated.provider, 77])
    await chain.accrueTime(601)
    expect(await discover(strategy, [owner])).toEqual([
      { kind: 'complete', refs: [refIn(chain, { owner, market: 'isolated' })] },
    ])
  })

  it('never forgets a market that the registry told of once', async () => {
    const strategy = neverlandOf(chain, { providers: [lower(chain.addresses.markets.main.provider)] })
    const owner = await chain.openPosition(ISOLATED_LOAN)
    await discover(strategy, [owner])
    await chain.makeCallsRevert(chain.addresses.registry)
    await chain.accrueTime(25 * 3600)
    expect(await discover(strategy, [owner])).toMatchObject([
      { kind: 'partial', refs: [refIn(chain, { owner, market: 'isolated' })] },
    ])
    await chain.restoreCode(chain.addresses.registry)
  })
})

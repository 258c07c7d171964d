import { Contract, JsonRpcProvider } from 'ethers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLocalChain, type LocalChain } from '../../chain/local-chain.ts'

const ONE_WAD = 10n ** 18n
const NO_DEBT = 2n ** 256n - 1n
const LOAN = {
  supply: [{ asset: 'WMON', amount: '1000' }],
  borrow: [{ asset: 'USDC', amount: '2000' }],
} as const

let chain: LocalChain
let snapshot: string

async function healthOf(owner: string, market: 'main' | 'isolated' = 'main'): Promise<bigint> {
  return (await chain.accountData(market, owner)).healthFactorWad
}

beforeAll(async () => {
  chain = await createLocalChain()
}, 60_000)

afterAll(() => chain.stop())

beforeEach(async () => {
  snapshot = await chain.snapshot()
})

afterEach(() => chain.revert(snapshot))

describe('the deployed markets', () => {
  it('are both listed by the registry, and each provider knows its own parts', async () => {
    const provider = new JsonRpcProvider(chain.url, 143, { staticNetwork: true, cacheTimeout: -1 })
    const { registry, markets } = chain.addresses
    const contract = new Contract(
      registry,
      ['function getAddressesProvidersList() view returns (address[])'],
      provider,
    )
    const list = (await contract.getFunction('getAddressesProvidersList')()) as string[]
    expect([...list]).toEqual([markets.main.provider, markets.isolated.provider])
    for (const market of Object.values(markets)) {
      const abi = ['getPool', 'getPriceOracle', 'getPoolDataProvider'].map(
        (n) => `function ${n}() view returns (address)`,
      )
      const parts = new Contract(market.provider, abi, provider)
      expect(await parts.getFunction('getPool')()).toBe(market.pool)
      expect(await parts.getFunction('getPriceOracle')()).toBe(market.oracle)
      expect(await parts.getFunction('getPoolDataProvider')()).toBe(market.dataProvider)
    }
    provider.destroy()
  })

  it('list their reserves with prices', async () => {
    const { main, isolated } = chain.addresses.markets
    expect(Object.keys(main.reserves)).toEqual(['WMON', 'USDC', 'WBTC', 'sMON'])
    expect(Object.keys(isolated.reserves)).toEqual(['PT-AUSD', 'USDC'])
    expect(await chain.price('WMON')).toBe(400_000_000n)
    expect(await chain.price('WBTC')).toBe(6_000_000_000_000n)
    expect(await chain.price('PT-AUSD')).toBe(97_000_000n)
  })

  it('share a token but not its feed', () => {
    const { main, isolated } = chain.addresses.markets
    expect(main.reserves['USDC']?.token).toBe(isolated.reserves['USDC']?.token)
    expect(main.reserves['USDC']?.aggregator).not.toBe(isolated.reserves['USDC']?.aggregator)
  })

  it('answer for an address that was never seen with zeros and no debt', async () => {
    expect(await chain.accountData('main', chain.newOwner())).toEqual({
      totalCollateralBase: 0n,
      totalDebtBase: 0n,
      availableBorrowsBase: 0n,
      liquidationThresholdBps: 0n,
      ltvBps: 0n,
      healthFactorWad: NO_DEBT,
    })
  })
})

describe('a loan', () => {
  it('has health 1.5 at $4, 1.125 at $3 and 0.975 at $2.60', async () => {
    const owner = await chain.openPosition(LOAN)
    expect(await chain.accountData('main', owner)).toMatchObject({
      totalCollateralBase: 400_000_000_000n,
      totalDebtBase: 200_000_000_000n,
      liquidationThresholdBps: 7500n,
      ltvBps: 7000n,
      healthFactorWad: 1_500_000_000_000_000_000n,
    })
    await chain.setPrice({ asset: 'WMON', usd: 3 })
    expect(await healthOf(owner)).toBe(1_125_000_000_000_000_000n)
    await chain.setPrice({ asset: 'WMON', usd: '2.60' })
    expect(await healthOf(owner)).toBe(975_000_000_000_000_000n)
  })

  it('in one market says nothing about the other', async () => {
    const owner = await chain.openPosition(LOAN)
    const isolated = {
      market: 'isolated',
      owner,
      supply: [{ asset: 'PT-AUSD', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '800' }],
    } as const
    expect(await chain.openPosition(isolated)).toBe(owner)
    expect(await healthOf(owner)).toBe(1_500_000_000_000_000_000n)
    expect(await healthOf(owner, 'isolated')).toBe((970n * 88n * ONE_WAD) / 80_000n)
  })

  it('can have several collaterals and debts, in amounts of the smallest unit too', async () => {
    const owner = await chain.openPosition({
      supply: [
        { asset: 'WBTC', amount: 10_000_000n },
        { asset: 'sMON', amount: '100' },
      ],
      borrow: [
        { asset: 'USDC', amount: '1000' },
        { asset: 'WMON', amount: '250' },
      ],
    })
    expect(await chain.accountData('main', owner)).toMatchObject({
      totalCollateralBase: 642_000_000_000n,
      totalDebtBase: 200_000_000_000n,
    })
  })

  it('opens in one block, and so do many together', async () => {
    const before = Number(await chain.rpc.send('eth_blockNumber'))
    await chain.openPosition(LOAN)
    expect(Number(await chain.rpc.send('eth_blockNumber'))).toBe(before + 1)
    const owners = await chain.openPositions(Array.from({ length: 50 }, () => LOAN))
    expect(new Set(owners).size).toBe(50)
    const healths = await Promise.all(owners.map((owner) => healthOf(owner)))
    expect(new Set(healths)).toEqual(new Set([1_500_000_000_000_000_000n]))
  })

  it('gets healthier by repaying and less healthy by withdrawing', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.repay({ owner, asset: 'USDC', amount: '500' })
    expect(await healthOf(owner)).toBe(2_000_000_000_000_000_000n)
    await chain.withdraw({ owner, asset: 'WMON', amount: '250' })
    expect(await healthOf(owner)).toBe(1_500_000_000_000_000_000n)
    await chain.repay({ owner, asset: 'USDC', amount: 'max' })
    expect(await healthOf(owner)).toBe(NO_DEBT)
  })

  it('leaves nothing behind when it is closed', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.accrueTime(86_400)
    await chain.closePosition({ owner })
    expect(await chain.accountData('main', owner)).toMatchObject({
      totalCollateralBase: 0n,
      totalDebtBase: 0n,
    })
  })

  it('is refused with the reason of the contract when the collateral is too small', async () => {
    // 36 is Aave's code for "collateral cannot cover new borrow".
    const tooMuch = { ...LOAN, borrow: [{ asset: 'USDC', amount: '2801' }] }
    await expect(chain.openPosition(tooMuch)).rejects.toThrow('borrow USDC reverted: 36')
    await expect(chain.openPosition({ supply: [{ asset: 'DOGE', amount: '1' }] })).rejects.toThrow(
      'No reserve DOGE',
    )
  })

  it('grows as time passes', async () => {
    // A large part of what there is to lend, so that the interest rate is worth the name.
    const owner = await chain.openPosition({
      supply: [{ asset: 'WMON', amount: '4000000' }],
      borrow: [{ asset: 'USDC', amount: '8000000' }],
    })
    const before = await chain.accountData('main', owner)
    await chain.accrueTime(365 * 86_400)
    const after = await chain.accountData('main', owner)
    const growthBps = ((after.totalDebtBase - before.totalDebtBase) * 10_000n) / before.totalDebtBase
    expect(growthBps).toBeGreaterThan(400n)
    expect(growthBps).toBeLessThan(410n)
    expect(after.healthFactorWad).toBeLessThan(before.healthFactorWad)
  })
})

describe('a liquidation', () => {
  const half = { collateral: 'WMON', debt: 'USDC', amount: '1000' }

  it('is refused at a health of 1 or more', async () => {
    const owner = await chain.openPosition(LOAN)
    // 45 is Aave's code for "health factor is not below the threshold".
    await expect(chain.liquidate({ owner, ...half })).rejects.toThrow('liquidationCall reverted: 45')
  })

  it('takes collateral for debt below 1', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.setPrice({ asset: 'WMON', usd: 2.6 })
    const outcome = await chain.liquidate({ owner, ...half })
    expect(outcome.debtCoveredRaw).toBe(1_000_000_000n)
    // 1000 / 2.60 and 10 % on top.
    expect(outcome.collateralSeizedRaw / 10n ** 12n).toBe(423_076_923n)
    expect(await chain.accountData('main', owner)).toMatchObject({ totalDebtBase: 100_000_000_000n })
  })

  it('of everything is cut to half of the debt while health is above 0.95', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.setPrice({ asset: 'WMON', usd: 2.6 })
    const { debtCoveredRaw } = await chain.liquidate({ owner, ...half, amount: 'max' })
    expect(debtCoveredRaw).toBe(1_000_000_000n)
  })
})

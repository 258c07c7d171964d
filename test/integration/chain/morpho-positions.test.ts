import { MarketUtils } from '@morpho-org/blue-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLocalChain, type LocalChain } from '../../chain/local-chain.ts'

// 1000 WMON at $4 and 86 % allow 3440 USDC, which is 1.6 times the debt.
const LOAN = { market: 'WMON-USDC', collateral: '1000', borrow: '2150' } as const
// A fifth of all there is to lend, so that the interest rate is worth the name.
const LARGE_LOAN = { market: 'WMON-USDC', collateral: '1000000', borrow: '2150000' } as const
const MONTH_SECONDS = 30 * 86_400
const YEAR_SECONDS = 365n * 86_400n

let chain: LocalChain
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
}, 120_000)

afterAll(() => chain.stop())

beforeEach(async () => {
  snapshot = await chain.snapshot()
})

afterEach(() => chain.revert(snapshot))

async function head(): Promise<number> {
  return Number(await chain.rpc.send('eth_blockNumber'))
}

async function headTimestamp(): Promise<bigint> {
  const { timestamp } = (await chain.rpc.send('eth_getBlockByNumber', ['latest', false])) as {
    timestamp: string
  }
  return BigInt(timestamp)
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor
}

describe('a loan at Morpho', () => {
  it('is kept as shares and collateral, in the market where it was taken only', async () => {
    const owner = await chain.openMorphoPosition(LOAN)
    const position = await chain.morphoPosition({ market: 'WMON-USDC', owner })
    expect(position).toMatchObject({ supplyShares: 0n, collateral: 1000n * 10n ** 18n })
    // One unit is worth a million shares at the start.
    expect(position.borrowShares).toBe(2150n * 10n ** 12n)
    expect(await chain.morphoPosition({ market: 'WBTC-USDC', owner })).toEqual({
      supplyShares: 0n,
      borrowShares: 0n,
      collateral: 0n,
    })
    expect(chain.morphoHolders()).toContainEqual({ market: 'WMON-USDC', owner })
  })

  it.each([
    { market: 'WMON-USDC', collateral: '1000', most: 3_440_000_000n },
    { market: 'WBTC-USDC', collateral: '1', most: 51_600_000_000n },
    { market: 'USDC-WMON', collateral: '1000', most: 192_500_000_000_000_000_000n },
    { market: 'sMON-WMON', collateral: '1000', most: 960_750_000_000_000_000_000n },
  ] as const)('in $market can be as high as the lltv allows and not one unit more', async (plan) => {
    const { market, collateral, most } = plan
    await chain.openMorphoPosition({ market, collateral, borrow: most })
    const tooMuch = { market, collateral, borrow: most + 1n }
    await expect(chain.openMorphoPosition(tooMuch)).rejects.toThrow(
      'borrow reverted: insufficient collateral',
    )
  })

  it('opens in one block, and so do many together', async () => {
    const before = await head()
    await chain.openMorphoPosition(LOAN)
    expect(await head()).toBe(before + 1)
    const owners = await chain.openMorphoPositions(Array.from({ length: 50 }, () => LOAN))
    expect(await head()).toBe(before + 2)
    expect(new Set(owners).size).toBe(50)
  })

  it('can be repaid in part and in whole, and its collateral moved both ways', async () => {
    const owner = await chain.openMorphoPosition(LOAN)
    const holder = { market: 'WMON-USDC', owner } as const
    await chain.repayMorpho({ ...holder, amount: '1075' })
    const half = (await chain.morphoPosition(holder)).borrowShares
    expect(half).toBeGreaterThan(1074n * 10n ** 12n)
    expect(half).toBeLessThan(1076n * 10n ** 12n)
    await chain.supplyMorphoCollateral({ ...holder, amount: '500' })
    await chain.withdrawMorphoCollateral({ ...holder, amount: '250' })
    expect((await chain.morphoPosition(holder)).collateral).toBe(1250n * 10n ** 18n)
    const all = { ...holder, amount: 'max' }
    await expect(chain.withdrawMorphoCollateral(all)).rejects.toThrow('insufficient collateral')
    await chain.accrueTime(MONTH_SECONDS)
    await chain.repayMorpho(all)
    await chain.withdrawMorphoCollateral(all)
    expect(await chain.morphoPosition(holder)).toEqual({ supplyShares: 0n, borrowShares: 0n, collateral: 0n })
  })
})

describe('interest at Morpho', () => {
  it('of 30 days is there for whoever asks the contract, though nothing was sent meanwhile', async () => {
    await chain.openMorphoPosition(LARGE_LOAN)
    const before = await chain.morphoMarket('WMON-USDC')
    await chain.accrueTime(MONTH_SECONDS)
    expect(await chain.morphoMarket('WMON-USDC')).toEqual(before)
    const accrued = await chain.morphoAccruedMarket('WMON-USDC')
    expect(accrued.lastUpdate).toBe(await headTimestamp())
    // 21.5 % a year for 30 days: 1.77 %, and a little more for interest on interest.
    const interest = accrued.totalBorrowAssets - before.totalBorrowAssets
    expect((interest * 10_000n) / before.totalBorrowAssets).toBe(178n)
    // A look leaves nothing behind.
    expect(await chain.morphoMarket('WMON-USDC')).toEqual(before)
  })

  it.each([
    { loan: LARGE_LOAN, fee: 0n },
    { loan: { market: 'WBTC-USDC', collateral: '100', borrow: '2000000' }, fee: 10n ** 17n },
  ] as const)("is what Morpho's own library computes with a fee of $fee", async ({ loan, fee }) => {
    const { market } = loan
    await chain.openMorphoPosition(loan)
    const before = await chain.morphoMarket(market)
    expect(before.fee).toBe(fee)
    await chain.accrueTime(MONTH_SECONDS)
    const accrued = await chain.morphoAccruedMarket(market)
    const ratePerSecond = (before.totalBorrowAssets * 10n ** 18n) / before.totalSupplyAssets / YEAR_SECONDS
    const elapsed = accrued.lastUpdate - before.lastUpdate
    const { interest, feeShares } = MarketUtils.getAccruedInterest(ratePerSecond, before, elapsed)
    expect(accrued).toEqual({
      ...before,
      totalSupplyAssets: before.totalSupplyAssets + interest,
      totalBorrowAssets: before.totalBorrowAssets + interest,
      totalSupplyShares: before.totalSupplyShares + feeShares,
      lastUpdate: accrued.lastUpdate,
    })
    expect(feeShares > 0n).toBe(fee > 0n)
  })

  it('agrees with the state after a transaction that accrues it', async () => {
    const owner = await chain.openMorphoPosition(LARGE_LOAN)
    await chain.accrueTime(MONTH_SECONDS)
    await chain.repayMorpho({ market: 'WMON-USDC', owner, amount: 1n })
    const written = await chain.morphoMarket('WMON-USDC')
    expect(await chain.morphoAccruedMarket('WMON-USDC')).toEqual(written)
  })

  it('does not exist in a market without a model for it', async () => {
    await chain.openMorphoPosition({ market: 'sMON-WMON', collateral: '1000000', borrow: '900000' })
    const before = await chain.morphoMarket('sMON-WMON')
    await chain.accrueTime(MONTH_SECONDS)
    const { totalBorrowAssets } = await chain.morphoAccruedMarket('sMON-WMON')
    expect(totalBorrowAssets).toBe(before.totalBorrowAssets)
  })
})

describe('a liquidation at Morpho', () => {
  it('is refused at the last healthy price and accepted one unit below', async () => {
    // No interest here: the boundary stays where it is while blocks are mined.
    const market = 'sMON-WMON'
    const owner = await chain.openMorphoPosition({ market, collateral: '1000', borrow: '900' })
    const debt = 900n * 10n ** 18n
    // The contract rounds down twice, after the price and after the lltv, so the boundary rounds up twice.
    const collateralValue = divideUp(debt * 10n ** 18n, chain.addresses.morpho.markets[market].lltv)
    const boundary = divideUp(collateralValue * 10n ** 36n, 1000n * 10n ** 18n)
    await chain.setMorphoPriceRaw({ market, priceRaw: boundary })
    const refusal = chain.liquidateMorpho({ market, owner, seizedRaw: 10n ** 18n })
    await expect(refusal).rejects.toThrow('liquidate reverted: position is healthy')
    await chain.setMorphoPriceRaw({ market, priceRaw: boundary - 1n })
    const outcome = await chain.liquidateMorpho({ market, owner, seizedRaw: 10n ** 18n })
    expect(outcome).toMatchObject({ seizedAssetsRaw: 10n ** 18n, badDebtAssetsRaw: 0n })
    const { collateral } = await chain.morphoPosition({ market, owner })
    expect(collateral).toBe(999n * 10n ** 18n)
  })

  it('comes from interest alone when the loan was near enough', async () => {
    const near = { market: 'WMON-USDC', collateral: '1000000', borrow: '3430000' } as const
    const owner = await chain.openMorphoPosition(near)
    await expect(chain.liquidateMorpho({ market: 'WMON-USDC', owner, seizedRaw: 1n })).rejects.toThrow(
      'position is healthy',
    )
    await chain.accrueTime(MONTH_SECONDS)
    const { seizedAssetsRaw } = await chain.liquidateMorpho({ market: 'WMON-USDC', owner, seizedRaw: 1n })
    expect(seizedAssetsRaw).toBe(1n)
  })

  it('takes the whole debt when no part is named', async () => {
    const owner = await chain.openMorphoPosition(LOAN)
    const holder = { market: 'WMON-USDC', owner } as const
    await chain.setMorphoPrice({ market: 'WMON-USDC', price: '2.4' })
    const { borrowShares } = await chain.morphoPosition(holder)
    const { repaidSharesRaw, blockNumber } = await chain.liquidateMorpho(holder)
    expect(repaidSharesRaw).toBe(borrowShares)
    expect(blockNumber).toBe(await head())
    const left = await chain.morphoPosition(holder)
    expect(left.borrowShares).toBe(0n)
    expect(left.collateral).toBeGreaterThan(0n)
  })

  it('writes off what the collateral does not cover', async () => {
    const owner = await chain.openMorphoPosition(LOAN)
    await chain.setMorphoPrice({ market: 'WMON-USDC', price: '1' })
    const seizedRaw = 1000n * 10n ** 18n
    const outcome = await chain.liquidateMorpho({ market: 'WMON-USDC', owner, seizedRaw })
    expect(outcome.badDebtAssetsRaw).toBeGreaterThan(1_000_000_000n)
    const left = await chain.morphoPosition({ market: 'WMON-USDC', owner })
    expect(left).toMatchObject({ borrowShares: 0n, collateral: 0n })
  })

  it('of a part of the debt repays exactly those shares', async () => {
    const owner = await chain.openMorphoPosition(LOAN)
    await chain.setMorphoPrice({ market: 'WMON-USDC', price: '2.4' })
    const repaidSharesRaw = 10n ** 12n
    const outcome = await chain.liquidateMorpho({ market: 'WMON-USDC', owner, repaidSharesRaw })
    expect(outcome.repaidSharesRaw).toBe(repaidSharesRaw)
  })
})

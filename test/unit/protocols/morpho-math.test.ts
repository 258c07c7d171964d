import { MarketUtils } from '@morpho-org/blue-sdk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  collateralFor,
  type Loan,
  liquidationPriceE36,
  loanHealth,
  repayFor,
} from '../../../protocols/morpho/math.ts'

const WAD = 10n ** 18n

/** Loans of every size, in markets with 6, 8 and 18 decimals on either side. */
const loans: fc.Arbitrary<Loan> = fc
  .record({
    loanDecimals: fc.constantFrom(6n, 8n, 18n),
    collateralDecimals: fc.constantFrom(6n, 8n, 18n),
    collateral: fc.bigInt(1n, 10n ** 12n),
    borrowShares: fc.bigInt(1n, 10n ** 12n),
    otherShares: fc.bigInt(0n, 10n ** 14n),
    growthBps: fc.bigInt(10_000n, 30_000n),
    price: fc.bigInt(1n, 10n ** 9n),
    lltvBps: fc.constantFrom(6_250n, 7_700n, 8_600n, 9_150n, 9_650n),
  })
  .map((seed) => {
    const unit = 10n ** seed.loanDecimals
    const totalBorrowShares = (seed.borrowShares + seed.otherShares) * unit * 1_000_000n
    return {
      collateral: seed.collateral * 10n ** seed.collateralDecimals,
      borrowShares: seed.borrowShares * unit * 1_000_000n,
      totalBorrowShares,
      totalBorrowAssets: (totalBorrowShares * seed.growthBps) / 1_000_000n / 10_000n,
      priceE36: seed.price * 10n ** (33n + seed.loanDecimals - seed.collateralDecimals),
      lltvWad: (seed.lltvBps * WAD) / 10_000n,
    }
  })

function forSdk(loan: Loan) {
  return [
    { collateral: loan.collateral, borrowShares: loan.borrowShares },
    {
      totalBorrowAssets: loan.totalBorrowAssets,
      totalBorrowShares: loan.totalBorrowShares,
      price: loan.priceE36,
    },
    { lltv: loan.lltvWad },
  ] as const
}

describe('the arithmetic of a Morpho loan', () => {
  it("equals Morpho's own library: health, predicate, debt and worth", () => {
    fc.assert(
      fc.property(loans, (loan) => {
        const [position, market, params] = forSdk(loan)
        const ours = loanHealth(loan)
        expect(ours?.healthWad).toBe(MarketUtils.getHealthFactor(position, market, params))
        expect(ours?.liquidatable).toBe(!MarketUtils.isHealthy(position, market, params))
        expect(ours?.maxBorrowAssets).toBe(
          MarketUtils.getMaxBorrowAssets(position.collateral, market, params),
        )
        expect(ours?.collateralAssets).toBe(MarketUtils.getCollateralValue(position.collateral, market))
        expect(ours?.debtAssets).toBe(MarketUtils.toBorrowAssets(position.borrowShares, market))
      }),
      { numRuns: 2_000 },
    )
  })

  it('finds the price at which the predicate turns, to the last unit', () => {
    fc.assert(
      fc.property(loans, (loan) => {
        const price = liquidationPriceE36(loan)
        expect(price).not.toBeNull()
        if (price === null) return
        expect(loanHealth({ ...loan, priceE36: price })?.liquidatable).toBe(true)
        expect(loanHealth({ ...loan, priceE36: price + 1n })?.liquidatable).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })

  it('asks for the least repayment and the least collateral that reach the target', () => {
    fc.assert(
      fc.property(loans, fc.bigInt(WAD + 10n ** 15n, 3n * WAD), (loan, targetWad) => {
        const now = loanHealth(loan)
        if (now?.healthWad == null || now.healthWad >= targetWad) return
        const repay = repayFor(loan, targetWad)
        expect(repay).not.toBeNull()
        if (repay?.after.healthWad != null) expect(repay.after.healthWad).toBeGreaterThanOrEqual(targetWad)
        else expect(repay?.amount).toBe(now.debtAssets)
        const add = collateralFor(loan, targetWad)
        if (add === null) return
        expect(
          loanHealth({ ...loan, collateral: loan.collateral + add.amount })?.healthWad,
        ).toBeGreaterThanOrEqual(targetWad)
        const less = loanHealth({ ...loan, collateral: loan.collateral + add.amount - 1n })
        expect(less?.healthWad).toBeLessThan(targetWad)
      }),
      { numRuns: 2_000 },
    )
  })

  it('calls equality healthy and one unit more liquidatable', () => {
    const even: Loan = {
      collateral: 100n,
      borrowShares: 86_000_000n,
      totalBorrowAssets: 86n,
      totalBorrowShares: 86_000_000n,
      priceE36: 10n ** 36n,
      lltvWad: (86n * WAD) / 100n,
    }
    expect(loanHealth(even)).toMatchObject({
      debtAssets: 86n,
      maxBorrowAssets: 86n,
      healthWad: WAD,
      liquidatable: false,
    })
    expect(loanHealth({ ...even, totalBorrowAssets: 87n })).toMatchObject({ liquidatable: true })
  })

  it('gives no number where the contract itself would overflow, and none where there is no debt', () => {
    const loan: Loan = {
      collateral: 2n ** 128n - 1n,
      borrowShares: 1n,
      totalBorrowAssets: 1n,
      totalBorrowShares: 1n,
      priceE36: 2n ** 200n,
      lltvWad: WAD,
    }
    expect(loanHealth(loan)).toBeNull()
    expect(loanHealth({ ...loan, priceE36: 1n, borrowShares: 0n })).toMatchObject({
      healthWad: null,
      liquidatable: false,
    })
    expect(liquidationPriceE36({ ...loan, borrowShares: 0n })).toBeNull()
    expect(liquidationPriceE36({ ...loan, collateral: 0n })).toBeNull()
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  collateralFor,
  type Loan,
  liquidationPriceWad,
  loanHealth,
  repayFor,
} from '../../../protocols/curvance/math.ts'

const WAD = 10n ** 18n
const TARGETS = [105n, 130n, 200n].map((percent) => (percent * WAD) / 100n)

const sides = fc.record({
  decimals: fc.constantFrom(6n, 8n, 18n),
  amount: fc.bigInt(1n, 10n ** 9n),
  milliUsd: fc.bigInt(1n, 10n ** 8n),
})

/** Loans from a thousandth of a token to millions, with one or two kinds of collateral. */
const loans: fc.Arbitrary<Loan> = fc
  .record({
    held: fc.array(sides, { minLength: 1, maxLength: 2 }),
    owed: sides,
    growthBps: fc.bigInt(10_000n, 30_000n),
    reqSoftBps: fc.bigInt(10_400n, 20_000n),
    bufferBps: fc.constantFrom(0n, 9_950n, 9_990n),
  })
  .map(({ held, owed, growthBps, reqSoftBps, bufferBps }) => ({
    bufferBps,
    collateral: held.map(({ decimals, amount, milliUsd }) => ({
      shares: amount * 10n ** (decimals - 3n),
      exchangeRateWad: (growthBps * WAD) / 10_000n + 1n,
      scale: 10n ** decimals,
      priceWad: milliUsd * 10n ** 15n,
      reqSoftBps,
      reqHardBps: reqSoftBps - 200n,
    })),
    debt: [
      {
        balance: owed.amount * 10n ** (owed.decimals - 3n),
        scale: 10n ** owed.decimals,
        priceWad: owed.milliUsd * 10n ** 15n,
      },
    ],
  }))

/** The worked example at a price of WMON. */
function example(priceWad: bigint): Loan {
  return {
    bufferBps: 9_950n,
    collateral: [
      {
        shares: 1000n * WAD,
        exchangeRateWad: (101n * WAD) / 100n,
        scale: WAD,
        priceWad,
        reqSoftBps: 13_000n,
        reqHardBps: 12_000n,
      },
    ],
    debt: [{ balance: 1_500_000_000n, scale: 10n ** 6n, priceWad: WAD }],
  }
}

describe('the formula of Curvance', () => {
  it.each([
    { priceWad: 2n * WAD, healthWad: 1_030_717_948_717_948_717n, factorWad: 0n },
    { priceWad: (19n * WAD) / 10n, healthWad: 979_182_051_282_051_282n, factorWad: 255_126_597_028_917_386n },
    { priceWad: (17n * WAD) / 10n, healthWad: 876_110_256_410_256_410n, factorWad: WAD },
  ])('counts the worked example at $priceWad to the last digit', ({ priceWad, healthWad, factorWad }) => {
    const health = loanHealth(example(priceWad))
    expect(health?.healthWad).toBe(healthWad)
    expect(health?.factorWad).toBe(factorWad)
  })

  it('takes 1.0 itself for the line', () => {
    // 1500 of debt against 1950 of collateral at 130 %.
    const loan = example(WAD)
    const [one] = loan.collateral
    if (!one) throw new Error('no collateral')
    const at = (shares: bigint) =>
      loanHealth({ ...loan, bufferBps: 0n, collateral: [{ ...one, exchangeRateWad: WAD, shares }] })
    expect(at(1950n * WAD)).toMatchObject({ healthWad: WAD, liquidatable: true, factorWad: 0n })
    expect(at(1950n * WAD + 10_000n)).toMatchObject({ healthWad: WAD + 5n, liquidatable: false })
  })

  it('has no health without debt, and none at all where the contracts would divide by zero or overflow', () => {
    expect(loanHealth({ ...example(WAD), debt: [] })).toMatchObject({ healthWad: null, liquidatable: false })
    const [one] = example(WAD).collateral
    if (!one) throw new Error('no collateral')
    expect(loanHealth({ ...example(WAD), collateral: [{ ...one, reqSoftBps: 0n }] })).toBeNull()
    expect(loanHealth({ ...example(WAD), collateral: [{ ...one, priceWad: 2n ** 255n }] })).toBeNull()
  })

  it('puts the liquidation price exactly where the answer turns, for every kind of collateral', () => {
    fc.assert(
      fc.property(loans, (loan) => {
        loan.collateral.forEach((_, index) => {
          const at = (priceWad: bigint) =>
            loanHealth({
              ...loan,
              collateral: loan.collateral.map((one, i) => (i === index ? { ...one, priceWad } : one)),
            })?.liquidatable
          const lineWad = liquidationPriceWad(loan, index)
          if (lineWad === null) {
            // The other collateral carries all of the debt.
            expect(at(1n)).toBe(false)
            return
          }
          expect(at(lineWad)).toBe(true)
          expect(at(lineWad + 1n)).toBe(false)
        })
      }),
    )
  })

  it('finds the least to repay: a unit less does not reach the target', () => {
    fc.assert(
      fc.property(loans, fc.constantFrom(...TARGETS), (loan, targetWad) => {
        const now = loanHealth(loan)
        const change = repayFor(loan, { index: 0, targetWad, smallestUsdWad: 0n })
        const [debt] = loan.debt
        if (!debt) throw new Error('no debt')
        if (change === null) {
          expect(now?.healthWad).toBeGreaterThanOrEqual(targetWad)
          return
        }
        const { amount, after } = change
        if (after.healthWad !== null) expect(after.healthWad).toBeGreaterThanOrEqual(targetWad)
        else expect(amount).toBe(debt.balance)
        if ((now?.healthWad ?? 0n) >= targetWad) return
        const less = { ...loan, debt: [{ ...debt, balance: debt.balance - amount + 1n }] }
        expect(loanHealth(less)?.healthWad).toBeLessThan(targetWad)
      }),
    )
  })

  it('finds the least to add: its shares reach the target and a share less does not', () => {
    fc.assert(
      fc.property(loans, fc.constantFrom(...TARGETS), (loan, targetWad) => {
        const now = loanHealth(loan)
        const change = collateralFor(loan, { index: 0, targetWad, roomShares: null })
        const [one, ...others] = loan.collateral
        if (!one) throw new Error('no collateral')
        if (change === null) {
          expect(now?.healthWad).toBeGreaterThanOrEqual(targetWad)
          return
        }
        const shares = (change.amount * WAD) / one.exchangeRateWad
        const withShares = (more: bigint) =>
          loanHealth({ ...loan, collateral: [{ ...one, shares: one.shares + more }, ...others] })?.healthWad
        expect(withShares(shares)).toBeGreaterThanOrEqual(targetWad)
        // What is needed for the rate's own rounding is a unit or two, or a billionth.
        const spare = shares / 10n ** 9n + 2n
        expect(withShares(shares - spare)).toBeLessThan(targetWad)
      }),
    )
  })
})

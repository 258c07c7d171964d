import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ceilDiv,
  collateralFor,
  liquidationWorth,
  repayFor,
  type Share,
  type Sums,
  worthOf,
} from '../../../protocols/euler/math.ts'

const WAD = 10n ** 18n

/** As the vault weighs: rounded down. */
function weigh(worth: bigint, ltvBps: bigint): bigint {
  return (worth * ltvBps) / 10_000n
}

const share = fc
  .record({
    amountRaw: fc.bigInt({ min: 1n, max: 10n ** 30n }),
    worth: fc.bigInt({ min: 0n, max: 10n ** 32n }),
    ltvBps: fc.bigInt({ min: 1n, max: 10_000n }),
  })
  .map(({ worth, ...rest }): Share & { worth: bigint } => ({
    ...rest,
    worth,
    weighedValue: weigh(worth, rest.ltvBps),
  }))
const others = fc.bigInt({ min: 0n, max: 10n ** 32n })
const liability = fc.bigInt({ min: 1n, max: 10n ** 32n })

function sumsOf(one: Share, parts: { others: bigint; liabilityValue: bigint }): Sums {
  return { weighedValue: one.weighedValue + parts.others, liabilityValue: parts.liabilityValue }
}

describe('the worth of a collateral', () => {
  it('weighs exactly as the vault said, and is never more than the true one', () => {
    fc.assert(
      fc.property(share, (one) => {
        const worth = worthOf(one) ?? -1n
        expect(weigh(worth, one.ltvBps)).toBe(one.weighedValue)
        expect(worth).toBeLessThanOrEqual(one.worth)
      }),
    )
    expect(worthOf({ amountRaw: 1n, weighedValue: 0n, ltvBps: 0n })).toBeNull()
  })
})

describe('the liquidation worth', () => {
  it('is the last at which the vault lets the loan be liquidated', () => {
    fc.assert(
      fc.property(fc.tuple(share, others, liability), ([one, rest, liabilityValue]) => {
        const worth = liquidationWorth(
          { share: one, together: one.weighedValue },
          sumsOf(one, { others: rest, liabilityValue }),
        )
        const liquidatable = (at: bigint) => rest + weigh(at, one.ltvBps) <= liabilityValue
        if (worth === null) {
          expect(liquidatable(0n)).toBe(false)
          return
        }
        expect(liquidatable(worth)).toBe(true)
        expect(liquidatable(worth + 1n)).toBe(false)
      }),
    )
  })
})

describe('the liquidation worth of collateral whose asset is in several vaults', () => {
  it('falls for all of them together: 500 and 500 WMON at 3 with 90 % against 2000 end at 2.222 each', () => {
    const share: Share = { amountRaw: 500n * WAD, weighedValue: 1_350n * WAD, ltvBps: 9_000n }
    const sums = { weighedValue: 2_700n * WAD, liabilityValue: 2_000n * WAD }
    const worth = liquidationWorth({ share, together: 2_700n * WAD }, sums) ?? 0n
    expect(Number(worth / 500n) / 1e18).toBeCloseTo(2.222222, 6)
  })

  it('lets the loan be liquidated when all of them are worth that, and is the last such worth up to rounding', () => {
    const several = fc.array(share, { minLength: 2, maxLength: 9 })
    fc.assert(
      fc.property(fc.tuple(several, others, liability), ([shares, rest, liabilityValue]) => {
        const together = shares.reduce((sum, { weighedValue }) => sum + weighedValue, 0n)
        const sums = { weighedValue: together + rest, liabilityValue }
        const worths = shares.map((one) => liquidationWorth({ share: one, together }, sums))
        if (worths.includes(null)) {
          expect(rest).toBeGreaterThan(liabilityValue)
          return
        }
        fc.pre(shares.every(({ weighedValue }) => weighedValue < together))
        const pairs = shares.map(({ ltvBps }, index) => ({ ltvBps, worth: worths[index] ?? 0n }))
        const weighed = (more: bigint) =>
          pairs.reduce((sum, { ltvBps, worth }) => sum + weigh(worth + more, ltvBps), rest)
        expect(weighed(0n)).toBeLessThanOrEqual(liabilityValue)
        // Each loses less than two units to rounding, and 10,000 units more weigh at least one.
        expect(weighed(20_000n)).toBeGreaterThan(liabilityValue)
      }),
    )
  })
})

describe('the ways out', () => {
  const target = fc.bigInt({ min: WAD, max: 5n * WAD })

  it('repay enough and not a unit too much, if debt is worth the same all along', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 30n }), others, liability, target),
        ([debtRaw, weighedValue, liabilityValue, targetWad]) => {
          fc.pre((weighedValue * WAD) / liabilityValue < targetWad)
          const { amountRaw, healthWad } = repayFor({ debtRaw, weighedValue, liabilityValue }, targetWad)
          expect(amountRaw).toBeGreaterThan(0n)
          expect(amountRaw).toBeLessThanOrEqual(debtRaw)
          const healthAt = (repaid: bigint) =>
            (weighedValue * WAD) / ceilDiv((debtRaw - repaid) * liabilityValue, debtRaw)
          if (healthWad === null) expect(amountRaw).toBe(debtRaw)
          else expect(healthAt(amountRaw)).toBe(healthWad)
          if (healthWad !== null) expect(healthWad).toBeGreaterThanOrEqual(targetWad)
          expect(healthAt(amountRaw - 1n)).toBeLessThan(targetWad)
        },
      ),
    )
  })

  it('add enough collateral and not a unit too much, if it is worth the same all along', () => {
    fc.assert(
      fc.property(fc.tuple(share, others, liability, target), ([one, rest, liabilityValue, targetWad]) => {
        const sums = sumsOf(one, { others: rest, liabilityValue })
        fc.pre((sums.weighedValue * WAD) / liabilityValue < targetWad)
        const added = collateralFor({ share: one, sums }, targetWad)
        if (one.weighedValue === 0n) {
          expect(added).toBeNull()
          return
        }
        if (!added) throw new Error('no way')
        // Two units of account may get lost when the vault rounds.
        const healthAt = (amount: bigint) =>
          ((sums.weighedValue + (amount * one.weighedValue) / one.amountRaw - 2n) * WAD) / liabilityValue
        expect(healthAt(added.amountRaw)).toBe(added.healthWad)
        expect(added.healthWad).toBeGreaterThanOrEqual(targetWad)
        expect(healthAt(added.amountRaw - 1n)).toBeLessThan(targetWad)
      }),
    )
  })
})

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
        const worth = liquidationWorth(one, sumsOf(one, { others: rest, liabilityValue }))
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

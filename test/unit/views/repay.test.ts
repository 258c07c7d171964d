import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_WARNING_WAD, MIN_WARNING_WAD } from '../../../src/domain/thresholds.ts'
import { WAD } from '../../../src/domain/units.ts'
import { repayTo } from '../../../src/views/repay.ts'
import { wad } from '../domain/alerting/series.ts'

function repay(healthWad: bigint, target: { targetWad: bigint; debt: bigint }): bigint | null {
  const health = { noDebt: false as const, healthWad, liquidatable: healthWad < WAD }
  return repayTo(target.targetWad, { health, debt: { amount: target.debt, decimals: 8 } })?.amount ?? null
}

describe('repayTo', () => {
  it('is the part of the debt that must go', () => {
    expect(repay(wad('1.2'), { targetWad: wad('1.5'), debt: 1_000n })).toBe(200n)
    expect(repay(wad('0.75'), { targetWad: wad('1.5'), debt: 1_000n })).toBe(500n)
  })

  it('is all of the debt when there is no collateral left', () => {
    expect(repay(0n, { targetWad: wad('1.5'), debt: 1_000n })).toBe(1_000n)
  })

  it('is nothing on or above the target, or without debt', () => {
    expect(repay(wad('1.5'), { targetWad: wad('1.5'), debt: 1_000n })).toBeNull()
    expect(repay(wad('3'), { targetWad: wad('1.5'), debt: 1_000n })).toBeNull()
    expect(repayTo(wad('1.5'), { health: { noDebt: true }, debt: { amount: 0n, decimals: 8 } })).toBeNull()
  })

  it('keeps the decimals of the debt', () => {
    const health = { noDebt: false as const, healthWad: WAD, liquidatable: false }
    expect(repayTo(2n * WAD, { health, debt: { amount: 10n, decimals: 6 } })).toEqual({
      amount: 5n,
      decimals: 6,
    })
  })

  it('reaches the target, and with one unit less would not', () => {
    const target = fc.bigInt({ min: MIN_WARNING_WAD, max: MAX_WARNING_WAD })
    const debts = fc.bigInt({ min: 1n, max: 10n ** 30n })
    const share = fc.bigInt({ min: 0n, max: WAD - 1n })
    fc.assert(
      fc.property(target, fc.tuple(debts, share), (targetWad, [debt, part]) => {
        const healthWad = (targetWad * part) / WAD
        const amount = repay(healthWad, { targetWad, debt })
        if (amount === null) throw new Error('a health under the target needs a repayment')
        expect(amount).toBeGreaterThan(0n)
        expect(amount).toBeLessThanOrEqual(debt)
        // Health is weighted collateral by debt, and the collateral stays: debt x health.
        const weighted = debt * healthWad
        expect((debt - amount) * targetWad).toBeLessThanOrEqual(weighted)
        expect((debt - amount + 1n) * targetWad).toBeGreaterThan(weighted)
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_WARNING_WAD, MIN_WARNING_WAD, parseThreshold } from '../../../src/domain/thresholds.ts'
import { MAX_UINT256, parseWad, WAD } from '../../../src/domain/units.ts'
import {
  durationText,
  grouped,
  healthText,
  percentToLiquidation,
  thresholdText,
  timeText,
  valueText,
  wadText,
} from '../../../src/views/numbers.ts'
import { wad } from '../domain/alerting/series.ts'

const anyHealth = fc.oneof(
  fc.bigInt({ min: 0n, max: 3n * WAD }),
  fc.bigInt({ min: WAD - 10n ** 16n, max: WAD + 10n ** 16n }),
  fc.bigInt({ min: 0n, max: MAX_UINT256 }),
)

describe('healthText', () => {
  it.each([
    ['1.5', '1.50'],
    ['1.089999', '1.08'],
    ['2.345', '2.34'],
    ['1.02', '1.02'],
    ['1.019999', '1.0199'],
    ['1.000099', '1.0000'],
    ['0.999999', '0.9999'],
    ['0.98', '0.98'],
    ['0.980001', '0.9800'],
    ['0.9', '0.90'],
    ['0', '0.00'],
    ['1000', '1000.00'],
    ['1000.000000000000000001', '> 1000'],
  ])('shows %s as %s', (health, shown) => {
    expect(healthText(wad(health))).toBe(shown)
  })

  it('never rounds up', () => {
    fc.assert(
      fc.property(anyHealth, (healthWad) => {
        const shown = parseWad(healthText(healthWad).replace('> ', ''))
        expect(shown).toBeDefined()
        expect(shown).toBeLessThanOrEqual(healthWad)
      }),
      { numRuns: 1000 },
    )
  })

  it('never shows a health under 1 as 1, nor "no limit" as a number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: WAD - 1n }), (healthWad) => {
        expect(healthText(healthWad)).toMatch(/^0\./)
      }),
    )
    expect(healthText(MAX_UINT256)).toBe('> 1000')
  })
})

describe('wadText', () => {
  it('cuts off what it does not show', () => {
    expect(wadText(wad('1.999999'), 2)).toBe('1.99')
    expect(wadText(wad('1.999999'), 0)).toBe('1')
    expect(wadText(wad('0.000000000000000001'), 18)).toBe('0.000000000000000001')
  })
})

describe('thresholdText', () => {
  it.each([
    ['1.5', '1.50'],
    ['10', '10.00'],
    ['1.001', '1.001'],
    ['1.10', '1.10'],
    ['1.234', '1.234'],
    ['1.000000000000000001', '1.000000000000000001'],
    ['1.0010', '1.001'],
    ['1.1001', '1.1001'],
  ])('shows %s as %s', (threshold, shown) => {
    expect(thresholdText(wad(threshold))).toBe(shown)
  })

  it('shows exactly what is stored: read back, it is the same to the wei', () => {
    const decimals = fc.integer({ min: 0, max: 17 })
    const threshold = fc.bigInt({ min: MIN_WARNING_WAD, max: MAX_WARNING_WAD })
    fc.assert(
      fc.property(threshold, decimals, (exact, zeros) => {
        const warningWad = exact - (exact % 10n ** BigInt(zeros))
        if (warningWad < MIN_WARNING_WAD) return
        const shown = thresholdText(warningWad)
        expect(parseThreshold(shown)).toBe(warningWad)
        expect(shown).toMatch(/^\d+\.\d\d(\d*[1-9])?$/)
      }),
    )
  })
})

describe('percentToLiquidation', () => {
  const percent = (health: string, liquidatable = false): string | null =>
    percentToLiquidation({ noDebt: false, healthWad: wad(health), liquidatable })

  it.each([
    ['1.08', '7.4 %'],
    ['2', '50.0 %'],
    ['1.5', '33.3 %'],
    ['1.0001', '0.0 %'],
    ['1000', '99.9 %'],
  ])('at health %s is %s', (health, shown) => {
    expect(percent(health)).toBe(shown)
  })

  it('has no answer at or under 1, when liquidatable, or without debt', () => {
    expect(percent('1')).toBeNull()
    expect(percent('0.5')).toBeNull()
    expect(percent('0')).toBeNull()
    expect(percent('1.2', true)).toBeNull()
    expect(percentToLiquidation({ noDebt: true })).toBeNull()
  })

  it('never promises more room than there is, and stays under 100 %', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: WAD + 1n, max: MAX_UINT256 }), (healthWad) => {
        const shown = percentToLiquidation({ noDebt: false, healthWad, liquidatable: false }) ?? ''
        const permille = BigInt(shown.replace(/[. %]/g, ''))
        // Prices that fall by this much leave health at 1 or above.
        expect(healthWad * (1000n - permille)).toBeGreaterThanOrEqual(WAD * 1000n)
        expect(permille).toBeLessThan(1000n)
      }),
    )
  })
})

describe('valueText', () => {
  const usd = (amount: bigint, decimals: number): string => valueText({ amount, decimals }, 'USD')

  it('shows dollars with cents and thousands, rounded to the nearest cent', () => {
    expect(usd(123_456n, 2)).toBe('$1,234.56')
    expect(usd(1_234_567_890n, 0)).toBe('$1,234,567,890.00')
    expect(usd(1_004n, 3)).toBe('$1.00')
    expect(usd(1_005n, 3)).toBe('$1.01')
    expect(usd(999_999n, 5)).toBe('$10.00')
    expect(usd(12n, 1)).toBe('$1.20')
    expect(usd(1_500_000_000_000_000_000n, 18)).toBe('$1.50')
  })

  it('shows nothing as zero, and dust not as nothing', () => {
    expect(usd(0n, 8)).toBe('$0.00')
    expect(usd(1n, 8)).toBe('under $0.01')
    expect(usd(499_999n, 8)).toBe('under $0.01')
    expect(usd(500_000n, 8)).toBe('$0.01')
  })

  it('puts no dollar sign on another unit', () => {
    expect(valueText({ amount: 123_456n, decimals: 2 }, 'other:WETH')).not.toContain('$')
    expect(valueText({ amount: 1n, decimals: 18 }, 'other:WETH')).not.toContain('$')
  })

  it('is never off by more than half a cent', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 40n })
    fc.assert(
      fc.property(amount, fc.integer({ min: 0, max: 36 }), (value, decimals) => {
        const shown = usd(value, decimals)
        const cents = shown.startsWith('under') ? 0n : BigInt(shown.replace(/[$,.]/g, ''))
        const unit = 10n ** BigInt(decimals)
        const difference = cents * unit - value * 100n
        expect((difference < 0n ? -difference : difference) * 2n).toBeLessThanOrEqual(unit)
      }),
    )
  })
})

describe('grouped', () => {
  it('separates thousands', () => {
    expect([0, 999, 1_000, 12_345_678].map(grouped)).toEqual(['0', '999', '1,000', '12,345,678'])
    expect(grouped(10n ** 30n)).toBe('1,000,000,000,000,000,000,000,000,000,000')
  })
})

describe('timeText', () => {
  const now = Date.UTC(2026, 2, 1, 0, 5)

  it('gives the time of today, and the day with any other', () => {
    expect(timeText(now - 240_000, now)).toBe('00:01 UTC')
    expect(timeText(now - 600_000, now)).toBe('2026-02-28 23:55 UTC')
    expect(timeText(now + 86_400_000, now)).toBe('2026-03-02 00:05 UTC')
  })
})

describe('durationText', () => {
  it.each([
    [-5_000, '0 s'],
    [0, '0 s'],
    [499, '0 s'],
    [40_000, '40 s'],
    [89_000, '89 s'],
    [120_000, '2 min'],
    [89 * 60_000, '89 min'],
    [90 * 60_000, '1 h 30 min'],
    [180 * 60_000, '3 h'],
    [185 * 60_000, '3 h 5 min'],
    [(35 * 60 + 59) * 60_000, '35 h 59 min'],
    [36 * 3_600_000, '1 d 12 h'],
    [52 * 3_600_000, '2 d 4 h'],
  ])('calls %d ms %s', (ms, shown) => {
    expect(durationText(ms)).toBe(shown)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { amountText, priceText, tokenNames } from '../../../src/views/amounts.ts'
import { aToken, price, value } from './detail-kit.ts'
import { HOSTILE_NAMES } from './kit.ts'

/** What a reader would take the text for, in units of 10^-decimals. */
function readBack(text: string, decimals: number): bigint {
  const [number = '', power] = text.replaceAll(',', '').split(' × 10^')
  const [whole = '', fraction = ''] = number.split('.')
  const digits = decimals + Number(power ?? 0)
  expect(fraction.length).toBeLessThanOrEqual(Math.max(digits, 9))
  const padded = fraction.padEnd(Math.max(digits, 9), '0')
  const scaled = BigInt(whole + padded)
  const extra = 10n ** BigInt(padded.length - digits)
  // Up, so that nothing is lost for tokens with fewer digits than the text may show.
  return (scaled + extra - 1n) / extra
}

describe('an amount of tokens', () => {
  it.each([
    ['1234.565', '1,234.57', '1,234.57', '1,234.56'],
    ['200', '200.00', '200.00', '200.00'],
    ['3.2', '3.2', '3.2', '3.2'],
    ['3.20001', '3.2', '3.2001', '3.2'],
    ['99.99999', '100', '100', '99.9999'],
    ['0.0123456', '0.01235', '0.01235', '0.01234'],
    ['0.000000000000000001', 'under 0.000000001', '0.000000001', 'under 0.000000001'],
    ['0', '0', '0', '0'],
    ['1234567890123456', '1.2346 × 10^15', '1.2346 × 10^15', '1.2345 × 10^15'],
  ])('of %s reads %s, to be paid %s, held %s', (text, ...expected) => {
    const modes = ['nearest', 'up', 'down'] as const
    expect(modes.map((mode) => amountText(value(text), mode))).toEqual(expected)
  })

  it('of a token without decimals has none', () => {
    expect(amountText({ amount: 1_500n, decimals: 0 }, 'up')).toBe('1,500')
    expect(amountText({ amount: 7n, decimals: 0 }, 'up')).toBe('7')
    expect(amountText({ amount: 1_505n, decimals: 1 }, 'up')).toBe('150.5')
  })

  const anyAmount = fc.record({
    amount: fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
      fc.bigInt({ min: 0n, max: 10n ** 24n }),
      fc.bigInt({ min: 0n, max: 2_000_000n }),
    ),
    decimals: fc.oneof(fc.constantFrom(0, 1, 2, 6, 8, 18), fc.nat({ max: 255 })),
  })

  it('to be paid is never shown as less than it is, nor as much more', () => {
    fc.assert(
      fc.property(anyAmount, ({ amount, decimals }) => {
        const shown = readBack(amountText({ amount, decimals }, 'up'), decimals)
        expect(shown).toBeGreaterThanOrEqual(amount)
        const least = 10n ** BigInt(Math.max(0, decimals - 9))
        expect(shown - amount).toBeLessThanOrEqual(amount / 1000n + least)
      }),
      { numRuns: 500 },
    )
  })

  it('held is never shown as more than it is', () => {
    fc.assert(
      fc.property(anyAmount, ({ amount, decimals }) => {
        const text = amountText({ amount, decimals }, 'down')
        if (!text.startsWith('under ')) expect(readBack(text, decimals)).toBeLessThanOrEqual(amount)
      }),
      { numRuns: 500 },
    )
  })

  it('is short, whatever a contract claims', () => {
    fc.assert(
      fc.property(anyAmount, fc.constantFrom('up', 'down', 'nearest'), (amount, rounding) => {
        expect(amountText(amount, rounding).length).toBeLessThanOrEqual(24)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a price', () => {
  it.each([
    ['3.4', '$3.40'],
    ['64123.456', '$64,123.46'],
    ['0.97123', '$0.9712'],
    ['0.5', '$0.50'],
    ['0.0000123456', '$0.00001235'],
    ['0', '$0'],
  ])('of %s dollars reads %s', (text, shown) => {
    expect(priceText(price(text))).toBe(shown)
  })

  it('that is not in dollars names its unit, has no dollar sign and four digits', () => {
    expect(priceText(price('1.02345', 'other:WMON'))).toBe('1.0235 WMON')
    expect(priceText(price('0.5', 'other:$USD\u202e'))).toBe('0.50 $USD')
  })

  it('is rounded up where asked', () => {
    expect(priceText(price('2.3101'), 'up')).toBe('$2.32')
  })

  it('that is too small to show says so', () => {
    expect(priceText({ amount: 1n, decimals: 60, unit: 'USD' })).toBe('under $0.000000000000000001')
  })
})

describe('what tokens are called', () => {
  it('is the symbol, with the address where two are called alike, and the address where there is none', () => {
    const one = aToken('USDC', { address: `0x${'1'.repeat(40)}` })
    const two = aToken('usdc\u200b', { address: `0x${'2'.repeat(40)}` })
    const none = aToken('', { address: `0x${'3'.repeat(40)}` })
    const nameOf = tokenNames([one, two, none, one])
    expect([one, two, none].map(nameOf)).toEqual(['USDC (0x1111…1111)', 'usdc (0x2222…2222)', '0x3333…3333'])
    expect(tokenNames([one, one])(one)).toBe('USDC')
  })

  it.each(HOSTILE_NAMES)('is one short harmless piece of text: %j', (symbol) => {
    const name = tokenNames([])(aToken(symbol))
    expect(name).not.toMatch(/\p{C}/u)
    expect(name).not.toBe('')
    expect([...new Intl.Segmenter().segment(name)].length).toBeLessThanOrEqual(13)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_UINT256, parseWad, WAD } from '../../../src/domain/units.ts'

describe('parseWad', () => {
  it.each([
    ['1', WAD],
    ['1.5', 1_500_000_000_000_000_000n],
    ['1,5', 1_500_000_000_000_000_000n],
    [' 1.5 ', 1_500_000_000_000_000_000n],
    ['0.000000000000000001', 1n],
    ['007', 7n * WAD],
    ['0', 0n],
  ])('reads "%s" exactly', (text, wad) => {
    expect(parseWad(text)).toBe(wad)
  })

  it.each([
    '',
    ' ',
    '.',
    ',',
    '.5',
    '1.',
    '1..5',
    '1.5.5',
    '1,000.5',
    '-1.5',
    '+1.5',
    '1e3',
    '0x10',
    'NaN',
    'Infinity',
    '∞',
    '1 5',
    '1.5%',
    '1.0000000000000000001',
    '１.５',
    '٣',
  ])('refuses %j', (text) => {
    expect(parseWad(text)).toBeUndefined()
  })

  it('refuses numbers of absurd length', () => {
    for (const text of ['1'.repeat(31), '9'.repeat(1_000_000), `1.${'0'.repeat(1_000_000)}`]) {
      expect(parseWad(text) === undefined).toBe(true)
    }
  })

  it('reads back every number of up to 18 decimals to the wei', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 40n }), (wad) => {
        const text = `${wad / WAD}.${(wad % WAD).toString().padStart(18, '0')}`
        expect(parseWad(text)).toBe(wad)
        expect(parseWad(text.replace('.', ','))).toBe(wad)
      }),
    )
  })

  it('never throws, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const wad = parseWad(text)
        if (wad !== undefined) expect(wad).toBeGreaterThanOrEqual(0n)
      }),
    )
  })
})

describe('MAX_UINT256', () => {
  it('is the largest number a contract can return', () => {
    expect(MAX_UINT256).toBe(BigInt(`0x${'f'.repeat(64)}`))
  })
})

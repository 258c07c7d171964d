import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CollateralLine, Price, TokenLine } from '../../../src/domain/detail.ts'
import type { Unit } from '../../../src/domain/position.ts'
import { ratioNotes } from '../../../src/domain/ratio.ts'

const usd = (amount: bigint): Price => ({ amount, decimals: 8, unit: 'USD' })

function debtOf(symbol: string, price: Price): TokenLine {
  const address = `0x${Buffer.from(symbol).toString('hex').padStart(40, '0')}` as const
  const token = { address, symbol, decimals: 18 }
  return { token, amountRaw: 1n, value: { amount: 1n, decimals: 8 }, price, yearlyRateWad: null }
}

function collateralOf(
  symbol: string,
  { price, line, secures = true }: { price: Price; line: Price | null; secures?: boolean },
): CollateralLine {
  return { ...debtOf(symbol, price), secures, thresholdWad: 9n * 10n ** 17n, liquidationPrice: line }
}

const SH_MON = collateralOf('shMON', { price: usd(208_000_000n), line: usd(194_600_000n) })
const W_MON = debtOf('WMON', usd(200_000_000n))

describe('the ratio of a collateral to a debt', () => {
  it('is told now and at liquidation, in the token that is owed', () => {
    expect(ratioNotes({ collateral: [SH_MON], debt: [W_MON] })).toEqual([
      '1 shMON = 1.04 WMON now; liquidation at 0.973 WMON.',
    ])
  })

  it('is told for tokens whose worth is far apart, and across decimals', () => {
    const held = collateralOf('WBTC', {
      price: { amount: 60_000n * 10n ** 18n, decimals: 18, unit: 'USD' },
      line: usd(4_500_012_345_678n),
    })
    expect(ratioNotes({ collateral: [held], debt: [W_MON] })).toEqual([
      '1 WBTC = 30000 WMON now; liquidation at 22500 WMON.',
    ])
    const small = collateralOf('WMON', { price: usd(200_000_000n), line: usd(150_000_000n) })
    expect(ratioNotes({ collateral: [small], debt: [debtOf('WBTC', usd(6_000_000_000_000n))] })).toEqual([
      '1 WMON = 0.00003333 WBTC now; liquidation at 0.000025 WBTC.',
    ])
  })

  it('counts deposits that secure nothing as absent', () => {
    const idle = collateralOf('USDC', { price: usd(100_000_000n), line: null, secures: false })
    expect(ratioNotes({ collateral: [idle, SH_MON], debt: [W_MON] })).toHaveLength(1)
  })

  it.each([98_000_000n, 100_000_000n, 102_000_000n])('is not told of a stable at %s', (price) => {
    expect(ratioNotes({ collateral: [SH_MON], debt: [debtOf('AUSD', usd(price))] })).toEqual([])
  })

  it.each([97_999_999n, 102_000_001n])('is told of what is no stable at %s', (price) => {
    expect(ratioNotes({ collateral: [SH_MON], debt: [debtOf('AUSD', usd(price))] })).toHaveLength(1)
  })

  it('is told in a unit that is not dollars, where one is no stable', () => {
    const inBase = (amount: bigint): Price => ({ amount, decimals: 18, unit: 'other:base' satisfies Unit })
    const held = collateralOf('shMON', { price: inBase(2n * 10n ** 18n), line: inBase(10n ** 18n) })
    expect(ratioNotes({ collateral: [held], debt: [debtOf('WMON', inBase(10n ** 18n))] })).toEqual([
      '1 shMON = 2 WMON now; liquidation at 1 WMON.',
    ])
  })

  it.each([
    {
      what: 'two collaterals',
      collateral: [SH_MON, collateralOf('gMON', { price: usd(1n), line: null })],
      debt: [W_MON],
    },
    { what: 'two debts', collateral: [SH_MON], debt: [W_MON, debtOf('WBTC', usd(6n))] },
    { what: 'no debt', collateral: [SH_MON], debt: [] },
    { what: 'no collateral', collateral: [], debt: [W_MON] },
    {
      what: 'one token on both sides',
      collateral: [collateralOf('WMON', { price: usd(2n), line: usd(1n) })],
      debt: [W_MON],
    },
    { what: 'no line', collateral: [collateralOf('shMON', { price: usd(2n), line: null })], debt: [W_MON] },
    {
      what: 'no price',
      collateral: [collateralOf('shMON', { price: usd(0n), line: usd(1n) })],
      debt: [W_MON],
    },
    { what: 'two units', collateral: [SH_MON], debt: [debtOf('WMON', { ...usd(9n), unit: 'other:base' })] },
  ])('is not told of $what', ({ collateral, debt }) => {
    expect(ratioNotes({ collateral, debt })).toEqual([])
  })

  it('is never told as more than it is, and by less than a thousandth as less', () => {
    const price = fc.bigInt({ min: 1n, max: 10n ** 16n })
    fc.assert(
      fc.property(fc.tuple(price, price, price), ([held, line, owed]) => {
        const collateral = [collateralOf('A', { price: usd(held), line: usd(line) })]
        const [note] = ratioNotes({ collateral, debt: [debtOf('B', usd(owed))] })
        const told = /^1 A = ([\d.]+) B now; liquidation at ([\d.]+) B\.$/.exec(note ?? '')
        if (!told) return
        for (const [text, of] of [
          [told[1] ?? '', held],
          [told[2] ?? '', line],
        ] as const) {
          const [whole = '', fraction = ''] = text.split('.')
          const shown = BigInt(whole + fraction) * owed
          const real = of * 10n ** BigInt(fraction.length)
          expect(shown).toBeLessThanOrEqual(real)
          expect(shown * 1_000n).toBeGreaterThanOrEqual(real * 999n - owed * 1_000n)
        }
      }),
    )
  })
})

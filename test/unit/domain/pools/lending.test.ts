import { describe, expect, it } from 'vitest'
import {
  type LendingRow,
  lendingRow,
  usableRows,
  usdOf,
  utilisationWad,
} from '../../../../src/domain/pools/lending.ts'

const WAD = 10n ** 18n
const ROW: LendingRow = {
  source: 'morpho',
  market: '0x01',
  id: 'morpho:lend:0x01',
  name: 'USDC · Morpho',
  asset: { address: '0x00000000000000000000000000000000000000aa', symbol: 'USDC', decimals: 6 },
  rateWad: WAD / 20n,
  utilisationWad: WAD / 2n,
  suppliedRaw: 2_000_000n,
  liquidityRaw: 1_000_000n,
  open: true,
  priceUsd: 0.5,
  verified: null,
  trust: 'low',
  link: 'https://app.example',
  seenAtMs: 5,
}

describe('a market to lend to', () => {
  it('tells fractions: simple per year, and compounded every second beside it', () => {
    const row = lendingRow(ROW)
    expect(row?.yieldPerYear).toEqual({ base: 0.05, reward: 0, fee: 0, total: 0.05 })
    expect(row?.lending.compoundedPerYear).toBeCloseTo(0.051271096, 7)
    expect(row).toMatchObject({ tvlUsd: 0.5, lending: { utilisation: 0.5, suppliedRaw: 2_000_000n } })
  })

  it.each([
    ['a rate of over 1,000 % a year', { rateWad: 10n * WAD + 1n }],
    ['a negative rate', { rateWad: -1n }],
    ['more lent out than there is', { utilisationWad: WAD + 1n }],
    ['a negative rest', { liquidityRaw: -1n }],
  ])('is left out and counted with %s', (_, change) => {
    expect(usableRows([lendingRow({ ...ROW, ...change }), lendingRow(ROW)])).toMatchObject({
      rows: [{ id: ROW.id }],
      skipped: 1,
    })
  })

  it('is worth nothing that could be told without a price', () => {
    expect(lendingRow({ ...ROW, priceUsd: null })?.tvlUsd).toBeNull()
    expect(usdOf({ amountRaw: 10n ** 400n, asset: { decimals: 0 }, priceUsd: 1 })).toBeNull()
  })

  it('is lent out by the part that is lent of all there is', () => {
    expect(utilisationWad({ lentRaw: 3n, liquidityRaw: 1n })).toBe((3n * WAD) / 4n)
    expect(utilisationWad({ lentRaw: 0n, liquidityRaw: 0n })).toBe(0n)
    expect(utilisationWad({ lentRaw: 1n, liquidityRaw: 0n })).toBe(WAD)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { liquidationPrice } from '../../protocols/neverland/liquidation-price.ts'
import { type Account, type Part, rulesFor, sumUp } from '../../protocols/neverland/model.ts'
import { amountToAdd, amountToRepay } from '../../protocols/neverland/way-amounts.ts'
import type { Address } from '../../src/domain/address.ts'

const WAD = 10n ** 18n
const A: Address = '0x000000000000000000000000000000000000000a'
const B: Address = '0x000000000000000000000000000000000000000b'
const C: Address = '0x000000000000000000000000000000000000000c'
const [classic, hardened, liquid] = [1n, 2n, 11n].map((revision) => {
  const [first] = rulesFor(revision)
  if (!first) throw new Error('no rules')
  return first
}) as [Account['rules'], Account['rules'], Account['rules']]

function part(change: Partial<Part>): Part {
  const { asset = A, thresholdBps = 0n } = change
  return {
    asset,
    pricedAs: asset,
    price: 0n,
    decimals: 0,
    suppliedRaw: 0n,
    owedRaw: 0n,
    enabled: true,
    baseThresholdBps: thresholdBps,
    thresholdBps,
    ...change,
  }
}

// The hardened and the v3.7 pool are on no package registry: these numbers were worked out by hand from their sources.
describe('directional rounding, against numbers worked out by hand', () => {
  it('rounds each debt up to the next unit of base currency, where the classic pool rounds down', () => {
    const parts = [
      part({ asset: A, price: 100_000_000n, suppliedRaw: 1_000n, thresholdBps: 8_000n, decimals: 2 }),
      // 3 millionths at $0.99 are 297 of 1e-8 dollars, exactly.
      part({ asset: B, price: 99_000_000n, owedRaw: 3n, decimals: 6 }),
      // 7 raw of 18 decimals at $4 is next to nothing: 0 below, 1 above.
      part({ asset: C, price: 400_000_000n, owedRaw: 7n, decimals: 18 }),
    ]
    expect(sumUp(parts, classic).debtBase).toBe(297n)
    expect(sumUp(parts, hardened).debtBase).toBe(298n)
    expect(sumUp(parts, liquid).debtBase).toBe(298n)
  })

  it('does not cut the average threshold to basis points', () => {
    // 100 at 80 % and 50 at 75.01 %: the average is 7833.67 bp, cut to 7833; 150 x 7833 is 117.495, rounded half up to 117.
    const parts = [
      part({ asset: A, price: 1n, suppliedRaw: 100n, thresholdBps: 8_000n }),
      part({ asset: B, price: 1n, suppliedRaw: 50n, thresholdBps: 7_501n }),
      part({ asset: C, price: 1n, owedRaw: 100n }),
    ]
    expect(sumUp(parts, classic).healthWad).toBe(1_170_000_000_000_000_000n)
    // 100 x 8000 + 50 x 7501 = 1,175,050 over 100 x 10,000.
    expect(sumUp(parts, hardened).healthWad).toBe(1_175_050_000_000_000_000n)
    expect(sumUp(parts, liquid).healthWad).toBe(1_175_050_000_000_000_000n)
  })

  it('floors the last division, where the classic pool rounds half up', () => {
    // 2 x 10,000 over 3: 6666.6 recurring, rounded half up to ...667 and then floored by 10,000.
    const parts = [
      part({ asset: A, price: 1n, suppliedRaw: 2n, thresholdBps: 10_000n }),
      part({ asset: B, price: 1n, owedRaw: 3n }),
    ]
    expect(sumUp(parts, classic).healthWad).toBe(666_666_666_666_666_667n)
    expect(sumUp(parts, hardened).healthWad).toBe(666_666_666_666_666_666n)
  })

  it('treats collateral without a threshold as each generation does', () => {
    const parts = [
      part({ asset: A, price: 1n, suppliedRaw: 1_000n, thresholdBps: 9_000n, baseThresholdBps: 0n }),
      part({ asset: B, price: 1n, suppliedRaw: 50n, thresholdBps: 0n }),
      part({ asset: C, price: 1n, owedRaw: 900n }),
    ]
    expect(sumUp(parts, classic)).toMatchObject({ collateralBase: 0n, healthWad: 0n })
    expect(sumUp(parts, hardened)).toMatchObject({ collateralBase: 1_050n, healthWad: WAD })
    expect(sumUp(parts, liquid)).toMatchObject({ collateralBase: 1_000n, healthWad: WAD })
  })

  it('is expected of the revisions that have it', () => {
    const first = [undefined, 0n, 1n, 2n, 3n, 9n, 11n].map((revision) => rulesFor(revision)[0]?.name)
    expect(first).toEqual(['classic', 'classic', 'classic', 'hardened', 'hardened', 'liquid', 'liquid'])
    for (const revision of [1n, 2n, 11n]) {
      expect(
        rulesFor(revision)
          .map(({ name }) => name)
          .sort(),
      ).toEqual(['classic', 'hardened', 'liquid'])
    }
  })
})

const rules = fc.constantFrom(classic, hardened, liquid)
const small = (most: number) => fc.bigInt({ min: 0n, max: BigInt(most) })
const collateral = (asset: Address) =>
  fc
    .record({
      price: small(300),
      suppliedRaw: small(3_000),
      thresholdBps: fc.bigInt({ min: 0n, max: 9_800n }),
      enabled: fc.boolean(),
      decimals: fc.constantFrom(0, 1),
    })
    .map((given) => part({ asset, ...given }))
const debt = fc
  .record({ price: small(300), owedRaw: small(4_000), decimals: fc.constantFrom(0, 1) })
  .map((given) => part({ asset: C, ...given }))

describe('the liquidation price', () => {
  it('is the very highest of all prices at which health is below 1, wherever the token is not owed too', () => {
    let found = 0
    fc.assert(
      fc.property(fc.tuple(collateral(A), collateral(B), debt, rules), ([a, b, owed, by]) => {
        const account: Account = { parts: [a, b, owed], rules: by }
        // Beyond this every price is safe, as long as the token secures anything worth a basis point.
        const top = 60_000n
        let highest: bigint | null = null
        for (let price = top; price >= 0n && highest === null; price -= 1n) {
          const { healthWad } = sumUp([{ ...a, price }, b, owed], by)
          if (healthWad !== null && healthWad < WAD) highest = price
        }
        fc.pre(highest === null || highest < top)
        expect(liquidationPrice(account, A)).toBe(highest)
        if (highest !== null) found += 1
      }),
      { numRuns: 200 },
    )
    expect(found).toBeGreaterThan(40)
  }, 120_000)

  it('is the highest one too where cutting the average threshold makes health go up and down with the price', () => {
    let saws = 0
    const cases = fc.tuple(
      fc.bigInt({ min: 100n, max: 900n }),
      fc.bigInt({ min: 5n, max: 40n }),
      fc.bigInt({ min: 79_900n, max: 81_500n }),
    )
    fc.assert(
      fc.property(cases, ([thresholdBps, suppliedRaw, owedRaw]) => {
        const low = part({ asset: A, price: 1n, suppliedRaw, thresholdBps })
        const high = part({ asset: B, price: 1n, suppliedRaw: 100_000n, thresholdBps: 8_000n })
        const owed = part({ asset: C, price: 1n, owedRaw })
        const below = (price: bigint) =>
          (sumUp([{ ...low, price }, high, owed], classic).healthWad ?? WAD) < WAD
        let highest: bigint | null = null
        let crossings = 0
        for (let price = 20_000n; price >= 0n; price -= 1n) {
          if (below(price)) highest ??= price
          if (below(price) !== below(price + 1n)) crossings += 1
        }
        fc.pre(!below(20_000n))
        expect(liquidationPrice({ parts: [low, high, owed], rules: classic }, A)).toBe(highest)
        if (crossings > 1) saws += 1
      }),
      { numRuns: 60 },
    )
    expect(saws).toBeGreaterThan(5)
  }, 120_000)

  it('moves collateral and debt in the same token together: below 1 at it, not one above', () => {
    let found = 0
    fc.assert(
      fc.property(
        fc.tuple(collateral(A), collateral(B), debt, rules, small(2_000)),
        ([a, b, owed, by, both]) => {
          const parts = [{ ...a, owedRaw: both }, b, owed]
          const price = liquidationPrice({ parts, rules: by }, A)
          const healthAt = (at: bigint) => sumUp([{ ...a, owedRaw: both, price: at }, b, owed], by).healthWad
          if (price === null) return
          found += 1
          expect(healthAt(price) ?? WAD).toBeLessThan(WAD)
          expect(healthAt(price + 1n) ?? WAD).toBeGreaterThanOrEqual(WAD)
        },
      ),
      { numRuns: 500 },
    )
    expect(found).toBeGreaterThan(50)
  })

  it('is none without a debt, without collateral, and for a loop in one token', () => {
    const held = part({ asset: A, price: 100n, suppliedRaw: 1_000n, thresholdBps: 8_000n })
    const owed = part({ asset: C, price: 100n, owedRaw: 500n })
    for (const by of [classic, hardened, liquid]) {
      expect(liquidationPrice({ parts: [held], rules: by }, A)).toBeNull()
      expect(liquidationPrice({ parts: [owed], rules: by }, A)).toBeNull()
      expect(liquidationPrice({ parts: [{ ...held, owedRaw: 700n }], rules: by }, A)).toBeNull()
      expect(liquidationPrice({ parts: [held, owed], rules: by }, A)).not.toBeNull()
    }
  })
})

describe('the amount that leads to a target', () => {
  const target = fc.bigInt({ min: WAD + 1n, max: 3n * WAD })
  const health = (parts: readonly Part[], by: Account['rules']) => sumUp(parts, by).healthWad

  it('to repay is enough, and one less is not', () => {
    fc.assert(
      fc.property(fc.tuple(collateral(A), debt, rules, target), ([a, owed, by, targetWad]) => {
        const before = health([a, owed], by)
        fc.pre(before !== null && before < targetWad)
        const way = amountToRepay({ parts: [a, owed], rules: by }, { asset: C, targetWad })
        const after = (amountRaw: bigint) => health([a, { ...owed, owedRaw: owed.owedRaw - amountRaw }], by)
        expect(way.healthAfterWad).toBe(after(way.amountRaw))
        expect(way.reachesTarget).toBe(true)
        if (way.healthAfterWad === null) expect(way.amountRaw).toBe(owed.owedRaw)
        else {
          expect(way.healthAfterWad).toBeGreaterThanOrEqual(targetWad)
          expect(after(way.amountRaw - 1n) ?? 0n).toBeLessThan(targetWad)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('to repay stops at the whole debt when another debt is left', () => {
    const parts = [
      part({ asset: A, price: 1n, suppliedRaw: 100n, thresholdBps: 8_000n }),
      part({ asset: B, price: 1n, owedRaw: 10n }),
      part({ asset: C, price: 1n, owedRaw: 80n }),
    ]
    const way = amountToRepay({ parts, rules: classic }, { asset: B, targetWad: 2n * WAD })
    expect(way).toEqual({ amountRaw: 10n, healthAfterWad: WAD, reachesTarget: false })
  })

  it('to add is enough, and one less is not', () => {
    fc.assert(
      fc.property(
        fc.tuple(collateral(A), collateral(B), debt, rules, target),
        ([a, b, owed, by, targetWad]) => {
          const before = health([a, b, owed], by)
          fc.pre(before !== null && before < targetWad)
          const way = amountToAdd({ parts: [a, b, owed], rules: by }, { asset: A, targetWad, roomRaw: null })
          if (!way) {
            expect(a.price === 0n || a.thresholdBps === 0n || !a.enabled).toBe(true)
            return
          }
          const after = (amountRaw: bigint) =>
            health([{ ...a, suppliedRaw: a.suppliedRaw + amountRaw }, b, owed], by) ?? 0n
          expect(after(way.amountRaw)).toBe(way.healthAfterWad)
          expect(after(way.amountRaw)).toBeGreaterThanOrEqual(targetWad)
          expect(after(way.amountRaw - 1n)).toBeLessThan(targetWad)
        },
      ),
      { numRuns: 500 },
    )
  })
})

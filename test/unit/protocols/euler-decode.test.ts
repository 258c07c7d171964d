import { AbiCoder } from 'ethers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountIdOf, placeOf, positionRef, subAccount } from '../../../protocols/euler/accounts.ts'
import { decodeAddresses, decodeFullLiquidity, decodeLiquidity } from '../../../protocols/euler/decode.ts'
import { faultOf } from '../../../protocols/euler/faults.ts'
import { healthOf } from '../../../protocols/euler/read.ts'
import type { Address } from '../../../src/domain/address.ts'
import { GOLDEN } from '../../chain/euler/golden-vectors.ts'

const coder = AbiCoder.defaultAbiCoder()
const address = fc
  .bigInt({ min: 0n, max: 2n ** 160n - 1n })
  .map((value): Address => `0x${value.toString(16).padStart(40, '0')}`)
const uint = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })

describe('the answers recorded from the real Euler contracts', () => {
  it('decode to the values that were set up, to the last digit', () => {
    const { collateralValue, liabilityValue } = GOLDEN
    expect(decodeLiquidity(GOLDEN.liquidity)).toEqual({ collateralValue, liabilityValue })
    expect(decodeFullLiquidity(GOLDEN.fullLiquidity)).toEqual({
      collateralValue,
      liabilityValue,
      collaterals: [
        { vault: GOLDEN.collaterals[0], value: 1_700_000_000_000_000_000_000n },
        { vault: GOLDEN.collaterals[1], value: 247_500_000_000_000_000_000n },
      ],
    })
    expect(healthOf({ collateralValue, liabilityValue })).toEqual({
      noDebt: false,
      healthWad: 973_749_999_513_125_000n,
      liquidatable: true,
    })
  })
})

describe('health', () => {
  it('can be liquidated when both values are equal, and not when collateral is worth one unit more', () => {
    expect(healthOf({ collateralValue: 7n, liabilityValue: 7n })).toMatchObject({
      healthWad: 10n ** 18n,
      liquidatable: true,
    })
    expect(healthOf({ collateralValue: 8n, liabilityValue: 7n })).toMatchObject({ liquidatable: false })
  })

  it('is no number when there is no debt', () => {
    expect(healthOf({ collateralValue: 0n, liabilityValue: 0n })).toEqual({ noDebt: true })
  })
})

describe('positions of the Ethereum mainnet on 2026-04-23, as they were published', () => {
  it.each([
    { collateralValue: 917981974824367792848n, liabilityValue: 722682235224954840000n, health: 1.27024 },
    { collateralValue: 14214375376133193600n, liabilityValue: 14026810034264780000n, health: 1.01337 },
    {
      collateralValue: 7029916529817536482299900n,
      liabilityValue: 6900197694039510257990000n,
      health: 1.0188,
    },
    { collateralValue: 48000000000000000n, liabilityValue: 89793196310270000n, health: 0.53456 },
    { collateralValue: 2400000000000000000n, liabilityValue: 4128256422861490000n, health: 0.58136 },
    { collateralValue: 0n, liabilityValue: 30307665821390000n, health: 0 },
    { collateralValue: 18532534654664642129700n, liabilityValue: 45807937758480000n, health: 404570.4 },
  ])('have health $health', ({ health: expected, ...values }) => {
    const health = healthOf(values)
    if (health.noDebt) throw new Error('there is debt')
    expect(Number(health.healthWad) / 1e18).toBeCloseTo(expected, expected > 10 ? 0 : 4)
    expect(health.liquidatable).toBe(expected < 1)
  })
})

describe('the decoders', () => {
  it('agree with ethers on every list', () => {
    fc.assert(
      fc.property(fc.array(address, { maxLength: 10 }), (list) => {
        expect(decodeAddresses(coder.encode(['address[]'], [list]), 10)).toEqual(list)
      }),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(address, uint), { maxLength: 10 }), uint, (rows, liabilityValue) => {
        const data = coder.encode(
          ['address[]', 'uint256[]', 'uint256'],
          [rows.map(([vault]) => vault), rows.map(([, value]) => value), liabilityValue],
        )
        expect(decodeFullLiquidity(data)).toEqual({
          collaterals: rows.map(([vault, value]) => ({ vault, value })),
          collateralValue: rows.reduce((sum, [, value]) => sum + value, 0n),
          liabilityValue,
        })
      }),
    )
  })

  it('refuse every answer that is cut, longer, or not hex', () => {
    for (const data of [
      '',
      '0x',
      'not hex',
      GOLDEN.fullLiquidity.slice(0, -64),
      `${GOLDEN.fullLiquidity}00`,
    ]) {
      expect(() => decodeFullLiquidity(data)).toThrow()
      expect(() => decodeAddresses(data, 10)).toThrow()
      expect(() => decodeLiquidity(data)).toThrow()
    }
    fc.assert(
      fc.property(fc.array(address, { maxLength: 10 }), fc.integer({ min: 1, max: 400 }), (list, cut) => {
        const data = coder.encode(['address[]'], [list])
        expect(() => decodeAddresses(data.slice(0, -cut), 10)).toThrow()
        expect(() => decodeAddresses(`${data}${'0'.repeat(cut)}`, 10)).toThrow()
      }),
    )
  })

  it('refuse two lists of different lengths, and lists that lie elsewhere', () => {
    const words = GOLDEN.fullLiquidity.slice(2).match(/.{64}/g) ?? []
    const changed = (at: number, word: bigint) =>
      `0x${words.map((old, index) => (index === at ? word.toString(16).padStart(64, '0') : old)).join('')}`
    expect(decodeFullLiquidity(changed(2, 5n)).liabilityValue).toBe(5n)
    for (const at of [0, 1, 3, 6]) expect(() => decodeFullLiquidity(changed(at, 1n))).toThrow()
  })

  it('refuse more addresses than there can be', () => {
    const eleven = Array.from(
      { length: 11 },
      (_, index): Address => `0x${index.toString(16).padStart(40, '0')}`,
    )
    expect(() => decodeAddresses(coder.encode(['address[]'], [eleven]), 10)).toThrow()
  })
})

describe('accounts', () => {
  it('are the 256 addresses that share 19 bytes, and lead back to their id', () => {
    fc.assert(
      fc.property(address, (owner) => {
        const all = Array.from({ length: 256 }, (_, id) => subAccount(owner, id))
        expect(all[0]).toBe(owner)
        expect(new Set(all).size).toBe(256)
        all.forEach((account, id) => {
          expect(accountIdOf(owner, account)).toBe(id)
          expect(BigInt(account)).toBe(BigInt(owner) ^ BigInt(id))
        })
      }),
      { numRuns: 20 },
    )
  })

  it('are named in the market and, unless they are the main one, to people', () => {
    const owner: Address = '0x00000000000000000000000000000000000000f0'
    const vault = { address: '0x1111111111111111111111111111111111111111', symbol: 'eUSDC-1' } as const
    expect(positionRef({ owner, accountId: 7 }, vault)).toEqual({
      protocol: 'euler',
      key: `euler:${vault.address}/7:${owner}`,
      owner,
      market: `${vault.address}/7`,
      marketName: 'Euler eUSDC-1 · account 7',
    })
    expect(positionRef({ owner, accountId: 0 }, vault).marketName).toBe('Euler eUSDC-1')
    expect(placeOf({ owner, market: `${vault.address}/7` })).toEqual({
      controller: vault.address,
      accountId: 7,
      account: '0x00000000000000000000000000000000000000f7',
    })
    for (const market of [
      '',
      vault.address,
      `${vault.address}/256`,
      `${vault.address}/-1`,
      `${vault.address}/07`,
    ]) {
      expect(placeOf({ owner, market })).toBeNull()
    }
  })
})

describe('why a vault refuses', () => {
  it('is one of two answers about the loan only when it is exactly that error', () => {
    expect(faultOf('0x43855d0f')).toEqual({ kind: 'no-liability' })
    expect(faultOf('0x6d588708')).toEqual({ kind: 'not-controller' })
    for (const data of ['0x43855d0f00', '0x43855d', '0x6d5887080000', '', 'zz', '0x08c379a0']) {
      expect(faultOf(data)).toMatchObject({ kind: 'unreadable', reading: { kind: 'unknown' } })
    }
  })

  it('says how old a price is', () => {
    const data = `0xa6e68d63${coder.encode(['uint256', 'uint256'], [905, 900]).slice(2)}`
    expect(faultOf(data)).toEqual({
      kind: 'unreadable',
      stale: true,
      reading: { kind: 'unknown', reason: 'oracle', detail: "the price oracle's price is 905 s old" },
    })
    expect(faultOf(data.slice(0, -2))).toMatchObject({ stale: false, reading: { reason: 'decode' } })
  })
})

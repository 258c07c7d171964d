import { parseUnits } from 'ethers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Rescue } from '../../protocols/strategy.ts'
import type { PositionDetail, WayOut } from '../../src/domain/detail.ts'
import type { OkReading, PositionRef } from '../../src/domain/position.ts'
import {
  accountOf,
  createEulerDoubles,
  type EulerDoubles,
  type VaultAddresses,
} from '../chain/euler/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { eulerOf, eulerRef } from './euler-kit.ts'
import { type Bench, createBench, lower } from './neverland-kit.ts'

const WAD = 10n ** 18n
/** 10 % a year, per second with 27 decimals. */
const TEN_PERCENT = 10n ** 26n / 31_536_000n

let chain: LocalChain
let euler: EulerDoubles
let usdc: VaultAddresses
let wmon: VaultAddresses
let wbtc: VaultAddresses
let bench: Bench
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
  euler = await createEulerDoubles(chain)
  usdc = euler.vaults['eUSDC-1']
  wmon = euler.vaults['eWMON-1']
  wbtc = euler.vaults['eWBTC-1']
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  bench = await createBench(chain)
})
afterEach(async () => {
  await bench.stop()
  await chain.revert(snapshot)
})

/** 1000 WMON ($4) and 0.1 WBTC ($6000), 85 % each, against 7000 USDC: health 8500 / 7000. */
async function twoCollaterals(accountId = 7): Promise<PositionRef> {
  const owner = await euler.openLoan({
    accountId,
    controller: usdc,
    collateral: [
      { vault: wmon, amount: '1000' },
      { vault: wbtc, amount: '0.1' },
    ],
    debt: '7000',
  })
  return eulerRef({ owner, accountId, controller: usdc })
}

async function inspect(ref: PositionRef): Promise<PositionDetail> {
  const result = await bench.at((at) => eulerOf({ chain, euler }).inspect(ref, at))
  if (result.kind !== 'ok') throw new Error(`not inspected: ${result.kind}`)
  return result.detail
}

function rescue(ref: PositionRef, targetWad: bigint): Promise<Rescue> {
  return bench.at((at) => eulerOf({ chain, euler }).rescue({ ref, targetWad }, at))
}

async function waysOut(ref: PositionRef, targetWad: bigint): Promise<readonly WayOut[]> {
  const result = await rescue(ref, targetWad)
  if (result.kind !== 'ok') throw new Error(`not computed: ${result.kind}`)
  return result.ways
}

async function healthOf(ref: PositionRef): Promise<OkReading['health']> {
  const [reading] = await bench.at((at) => eulerOf({ chain, euler }).read([ref], at))
  if (reading?.kind !== 'ok') throw new Error('not read')
  return reading.health
}

describe('what a loan at Euler consists of', () => {
  it('is told in tokens, with rates, prices and the price at which each collateral alone would end it', async () => {
    await euler.write([
      { to: usdc.vault, double: 'VaultDouble', call: ['setRates', TEN_PERCENT, 1_000, 0n, 0n] },
      {
        to: wmon.vault,
        double: 'VaultDouble',
        call: ['setRates', TEN_PERCENT, 1_000, parseUnits('50', 18), parseUnits('50', 18)],
      },
    ])
    const ref = await twoCollaterals()
    const detail = await inspect(ref)
    expect(detail).toMatchObject({
      ref,
      unit: 'USD',
      exact: false,
      notes: [],
      url: 'https://app.euler.finance/account/7?chainId=143',
      health: { noDebt: false, liquidatable: false },
      debt: [{ token: { symbol: 'USDC' }, amountRaw: 7_000_000_000n }],
      collateral: [
        {
          token: { symbol: 'WMON' },
          amountRaw: parseUnits('1000', 18),
          secures: true,
          thresholdWad: (85n * WAD) / 100n,
        },
        { token: { symbol: 'WBTC' }, amountRaw: 10_000_000n },
      ],
    })
    const [mon, btc] = detail.collateral
    expect(mon?.value).toEqual({ amount: parseUnits('4000', 18), decimals: 18 })
    expect(mon?.price).toEqual({ amount: parseUnits('4', 36), decimals: 36, unit: 'USD' })
    expect(btc?.price.amount).toBe(parseUnits('60000', 36))
    expect(detail.debt[0]?.price.amount).toBe(parseUnits('1', 36))
    expect(Number(detail.debt[0]?.yearlyRateWad) / 1e18).toBeCloseTo(0.1, 8)
    expect(Number(mon?.yearlyRateWad) / 1e18).toBeCloseTo(0.1 * 0.5 * 0.9, 8)
    expect(btc?.yearlyRateWad).toBe(0n)
    // (7000 - 5100) / 0.85 / 1000 and (7000 - 3400) / 0.85 / 0.1.
    expect(Number(mon?.liquidationPrice?.amount) / 1e36).toBeCloseTo(2.235294117647, 9)
    expect(Number(btc?.liquidationPrice?.amount) / 1e36).toBeCloseTo(42_352.9411764, 5)
  })

  it('is liquidatable at the price that was told and not a thousandth above', async () => {
    const ref = await twoCollaterals()
    const [mon] = (await inspect(ref)).collateral
    const price = (mon?.liquidationPrice?.amount ?? 0n) / 10n ** 18n
    for (const [worth, liquidatable] of [
      [price, true],
      [(price * 1_001n) / 1_000n, false],
    ] as const) {
      await euler.write([
        { to: euler.oracle, double: 'PriceOracleDouble', call: ['setPrice', wmon.vault, worth, WAD] },
      ])
      expect(await healthOf(ref)).toMatchObject({ liquidatable })
    }
  })

  it('adds up to the health of the vault', async () => {
    const ref = await twoCollaterals()
    await euler.setPrice({ vault: wmon, price: '3.141592653589793238' })
    const { collateral, debt } = await inspect(ref)
    const weighed = collateral.reduce((sum, line) => sum + (line.value.amount * line.thresholdWad) / WAD, 0n)
    expect(await healthOf(ref)).toMatchObject({ healthWad: (weighed * WAD) / (debt[0]?.value.amount ?? 1n) })
  })

  it('counts shares of a vault as the assets they stand for', async () => {
    const ref = await twoCollaterals()
    await euler.write([{ to: wmon.vault, double: 'VaultDouble', call: ['setAssetsPerShare', 2n * WAD] }])
    expect((await inspect(ref)).collateral[0]?.amountRaw).toBe(parseUnits('2000', 18))
  })

  it('names a liquidation LTV that is being lowered, until when, and a collateral that does not count', async () => {
    const ref = await twoCollaterals()
    await euler.setLtv({ controller: usdc, collateral: wmon, liquidationBps: 7_050, rampSeconds: 86_400 })
    await euler.setLtv({ controller: usdc, collateral: wbtc, liquidationBps: 0 })
    const { notes, collateral, block } = await inspect(ref)
    const until = new Date((block.timestamp + 86_400) * 1000).toISOString()
    expect(collateral.map(({ token }) => token.symbol)).toEqual(['WMON'])
    expect(notes).toEqual([
      'Does not count as collateral in this vault: eWBTC-1.',
      expect.stringContaining('The liquidation LTV of eWMON-1 is being lowered from 85% to 70.5% until '),
    ])
    expect(notes[1]).toContain(until.slice(0, 13).replace('T', ' '))
    expect(notes[1]).toMatch(/ UTC\.$/)
  })

  it('says that a debt without collateral has none', async () => {
    const owner = await euler.openLoan({ controller: usdc, collateral: [], debt: '5' })
    const detail = await inspect(eulerRef({ owner, controller: usdc }))
    expect(detail.notes).toEqual(['There is debt but no collateral that counts.'])
    expect(detail.health).toMatchObject({ healthWad: 0n, liquidatable: true })
  })
})

describe('the ways out of a loan at Euler', () => {
  it.each(['repay', 'WMON', 'WBTC'])(
    'reach the target within a thousandth on the contract: %s',
    async (which) => {
      const ref = await twoCollaterals()
      const account = accountOf(ref.owner, 7)
      await euler.setPrice({ vault: wmon, price: '2.345678901' })
      await euler.setPrice({ vault: wbtc, price: '50123.45' })
      for (const targetWad of [(12n * WAD) / 10n, (15n * WAD) / 10n, 2n * WAD]) {
        const ways = await waysOut(ref, targetWad)
        expect(ways.map(({ kind, token }) => [kind, token.symbol])).toEqual([
          ['repay', 'USDC'],
          ['add-collateral', 'WMON'],
          ['add-collateral', 'WBTC'],
        ])
        const way = ways.find(({ kind, token }) => kind === which || token.symbol === which)
        if (!way) throw new Error('no such way')
        const vault = which === 'repay' ? usdc : which === 'WMON' ? wmon : wbtc
        const method = which === 'repay' ? 'repay' : 'deposit'
        await euler.write([
          { to: vault.vault, double: 'VaultDouble', call: [method, way.amountRaw, account] },
        ])
        const health = await healthOf(ref)
        if (health.noDebt) throw new Error('no debt left')
        expect(health.healthWad).toBeGreaterThanOrEqual(targetWad)
        expect(health.healthWad).toBeLessThan((targetWad * 1_001n) / 1_000n)
        expect(Number(way.healthAfterWad) / Number(health.healthWad)).toBeCloseTo(1, 4)
      }
    },
  )

  it('tell what the wallet of the owner holds, and are empty when nothing is needed', async () => {
    const ref = await twoCollaterals()
    const [repay, add] = await waysOut(ref, 3n * WAD)
    expect(repay?.walletRaw).toBe(0n)
    expect(add?.walletRaw).toBe(0n)
    expect(await waysOut(ref, WAD)).toEqual([])
  })

  it('say what they did not look at', async () => {
    const result = await rescue(await twoCollaterals(), 2n * WAD)
    expect(result.kind === 'ok' && result.detail.notes).toEqual([
      'Supply caps and pauses of the vaults are not checked.',
    ])
  })

  it('repay everything when nothing that counts is left', async () => {
    const owner = await euler.openLoan({ controller: usdc, collateral: [], debt: '5' })
    expect(await waysOut(eulerRef({ owner, controller: usdc }), WAD)).toMatchObject([
      { kind: 'repay', amountRaw: 5_000_000n, healthAfterWad: null, reachesTarget: true },
    ])
  })

  it('say where the debt went when the account borrows elsewhere now', async () => {
    const ref = await twoCollaterals()
    await euler.setController({ owner: ref.owner, accountId: 7, vault: usdc, on: false })
    expect(await rescue(ref, 2n * WAD)).toMatchObject({ kind: 'none' })
    await euler.setController({ owner: ref.owner, accountId: 7, vault: wbtc, on: true })
    expect(await rescue(ref, 2n * WAD)).toMatchObject({
      kind: 'none',
      movedTo: { market: `${lower(wbtc.vault)}/7` },
    })
  })
})

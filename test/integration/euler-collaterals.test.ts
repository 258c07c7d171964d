import { parseUnits } from 'ethers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Rescue } from '../../protocols/strategy.ts'
import type { PositionDetail, WayOut } from '../../src/domain/detail.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import {
  accountOf,
  createEulerDoubles,
  type EulerDoubles,
  type VaultAddresses,
} from '../chain/euler/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { eulerOf, eulerRef } from './euler-kit.ts'
import { type Bench, createBench } from './neverland-kit.ts'

const WAD = 10n ** 18n

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

async function enable(ref: PositionRef, vault: string): Promise<void> {
  await euler.write([
    {
      to: euler.evc,
      double: 'EvcDouble',
      call: ['setCollateral', ref.owner, accountOf(ref.owner, 7), vault, true],
    },
  ])
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

describe('the collateral of a loan at Euler', () => {
  it('lets one price move all vaults of an asset, and names the vault where the token does not tell', async () => {
    const second = await euler.createVault({ symbol: 'eWMON-2', asset: 'WMON' })
    await euler.setPrice({ vault: second, price: '3' })
    await euler.setPrice({ vault: wmon, price: '3' })
    for (const collateral of [wmon, second]) {
      await euler.setLtv({ controller: usdc, collateral, liquidationBps: 9_000 })
    }
    const collateral = [wmon, second].map((vault) => ({ vault, amount: '500' }))
    const owner = await euler.openLoan({ controller: usdc, collateral, debt: '2000' })
    const ref = eulerRef({ owner, controller: usdc })
    const detail = await inspect(ref)
    expect(detail.collateral.map(({ place }) => place)).toEqual(['eWMON-1', 'eWMON-2'])
    for (const { liquidationPrice } of detail.collateral) {
      expect(Number(liquidationPrice?.amount) / 1e36).toBeCloseTo(2.222222222, 8)
    }
    const ways = await waysOut(ref, 2n * WAD)
    expect(ways.map(({ kind, place }) => [kind, place])).toEqual([
      ['repay', undefined],
      ['add-collateral', 'eWMON-1'],
      ['add-collateral', 'eWMON-2'],
    ])
  })

  it('names the addresses of two vaults that call themselves the same', async () => {
    const second = await euler.createVault({ symbol: 'eWMON-1', asset: 'WMON' })
    await euler.setPrice({ vault: second, price: '4' })
    await euler.setLtv({ controller: usdc, collateral: second, liquidationBps: 9_000 })
    const collateral = [wmon, second].map((vault) => ({ vault, amount: '500' }))
    const owner = await euler.openLoan({ controller: usdc, collateral, debt: '2000' })
    const places = (await inspect(eulerRef({ owner, controller: usdc }))).collateral.map(({ place }) => place)
    expect(new Set(places).size).toBe(2)
    expect(places.every((place) => place?.startsWith('0x'))).toBe(true)
  })

  it('knows no price of a token on both sides at which the loan ends, since the debt falls with it', async () => {
    const borrowed = await euler.createVault({ symbol: 'eWMON-2', asset: 'WMON' })
    await euler.setPrice({ vault: borrowed, price: '4' })
    for (const collateral of [wmon, usdc]) {
      await euler.setLtv({ controller: borrowed, collateral, liquidationBps: 9_000 })
    }
    const owner = await euler.openLoan({
      controller: borrowed,
      collateral: [
        { vault: wmon, amount: '1000' },
        { vault: usdc, amount: '1000' },
      ],
      debt: '900',
    })
    const { collateral } = await inspect(eulerRef({ owner, controller: borrowed, symbol: 'eWMON-2' }))
    expect(collateral.map(({ liquidationPrice }) => liquidationPrice !== null)).toEqual([false, true])
  })

  it('reads a collateral that has an asset and neither oracle nor unit of account', async () => {
    const plain = await euler.createDouble('AssetOnlyDouble')
    await euler.write([
      { to: plain, double: 'AssetOnlyDouble', call: ['init', wmon.asset, 18, parseUnits('100', 18)] },
      { to: euler.oracle, double: 'PriceOracleDouble', call: ['setPrice', plain, 4n * WAD, WAD] },
      { to: usdc.vault, double: 'VaultDouble', call: ['setLtv', plain, 8_000, 8_500, 0] },
    ])
    const ref = await twoCollaterals()
    await enable(ref, plain)
    const { collateral, notes } = await inspect(ref)
    expect(collateral.map(({ amountRaw }) => amountRaw)).toEqual([
      parseUnits('1000', 18),
      10_000_000n,
      parseUnits('100', 18),
    ])
    expect(notes).toEqual([])
  })

  it('passes over a collateral that is no vault and counts nothing', async () => {
    const ref = await twoCollaterals()
    await enable(ref, euler.factory)
    const { collateral, notes } = await inspect(ref)
    expect(collateral).toHaveLength(2)
    expect(notes).toEqual([])
  })

  it('leaves out a collateral with worth that does not tell what it holds, says so, and still offers to repay', async () => {
    const odd = await euler.createDouble('AssetOnlyDouble')
    await euler.write([
      { to: odd, double: 'AssetOnlyDouble', call: ['init', euler.factory, 18, parseUnits('100', 18)] },
      { to: euler.oracle, double: 'PriceOracleDouble', call: ['setPrice', odd, 4n * WAD, WAD] },
      { to: usdc.vault, double: 'VaultDouble', call: ['setLtv', odd, 8_000, 8_500, 0] },
    ])
    const ref = await twoCollaterals()
    await enable(ref, odd)
    const detail = await inspect(ref)
    expect(detail.collateral).toHaveLength(2)
    expect(detail.exact).toBe(false)
    expect(detail.notes).toEqual([
      expect.stringMatching(/^Collateral that counts but could not be read is not listed: 0xe0/),
    ])
    expect((await waysOut(ref, 3n * WAD)).map(({ kind }) => kind)).toEqual([
      'repay',
      'add-collateral',
      'add-collateral',
    ])
  })
})

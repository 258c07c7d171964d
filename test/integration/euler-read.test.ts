import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OkReading, PositionRef, Reading } from '../../src/domain/position.ts'
import {
  accountOf,
  createEulerDoubles,
  type EulerDoubles,
  type VaultAddresses,
} from '../chain/euler/doubles.ts'
import { GOLDEN } from '../chain/euler/golden-vectors.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { eulerOf, eulerRef } from './euler-kit.ts'
import { type Bench, createBench } from './neverland-kit.ts'

const WAD = 10n ** 18n

let chain: LocalChain
let euler: EulerDoubles
let wmon: VaultAddresses
let usdc: VaultAddresses
let wbtc: VaultAddresses
let bench: Bench
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
  euler = await createEulerDoubles(chain)
  wmon = euler.vaults['eWMON-1']
  usdc = euler.vaults['eUSDC-1']
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

function readAll(refs: readonly PositionRef[]): Promise<Reading[]> {
  return bench.at((at) => eulerOf({ chain, euler }).read(refs, at))
}

async function read(ref: PositionRef): Promise<Reading | undefined> {
  return (await readAll([ref]))[0]
}

/** 1000 WMON at $4 with 85 %, and 2000 USDC owed: health 1.7. */
async function plainLoan(accountId = 0): Promise<PositionRef> {
  const owner = await euler.openLoan({
    accountId,
    controller: usdc,
    collateral: [{ vault: wmon, amount: '1000' }],
    debt: '2000',
  })
  return eulerRef({ owner, accountId, controller: usdc })
}

describe('the double of a vault', () => {
  it('answers byte for byte what the real vault answered to the same loan', async () => {
    const { account, collaterals } = GOLDEN
    const [first, second] = await Promise.all([
      euler.createVault({ symbol: 'eA', asset: 'WMON', address: collaterals[0] }),
      euler.createVault({ symbol: 'eB', asset: 'WMON', address: collaterals[1] }),
    ])
    const controller = await euler.createVault({ symbol: 'eC', asset: 'USDC', address: GOLDEN.controller })
    await euler.setPrice({ vault: first, price: '2' })
    // Both count in the same token but at prices of their own.
    await euler.write([
      {
        to: euler.oracle,
        double: 'PriceOracleDouble',
        call: ['setPrice', second.vault, 33n * 10n ** 17n, WAD],
      },
    ])
    await euler.setLtv({ controller, collateral: first, liquidationBps: 8_500 })
    await euler.setLtv({ controller, collateral: second, liquidationBps: 7_500 })
    await euler.openLoan({
      owner: account,
      controller,
      collateral: [
        { vault: first, amount: '1000' },
        { vault: second, amount: '100' },
      ],
      debt: 2_000_000_001n,
    })
    const args = `${account.slice(2).padStart(64, '0')}${'1'.padStart(64, '0')}`
    const ask = (selector: string) =>
      chain.rpc.send('eth_call', [{ to: controller.vault, data: `${selector}${args}` }, 'latest'])
    expect(await ask('0xa824bf67')).toBe(GOLDEN.liquidity)
    expect(await ask('0xc7b0e3a3')).toBe(GOLDEN.fullLiquidity)
    expect(await read(eulerRef({ owner: account, controller }))).toMatchObject({
      kind: 'ok',
      unit: 'USD',
      collateral: { amount: GOLDEN.collateralValue, decimals: 18 },
      debt: { amount: GOLDEN.liabilityValue, decimals: 18 },
      health: { noDebt: false, liquidatable: true },
    })
  })
})

describe('reading Euler', () => {
  it('finds the loan of each account of an owner by itself: 0, 7 and 255', async () => {
    const owner = chain.newOwner()
    const ids = [0, 7, 255]
    for (const [index, accountId] of ids.entries()) {
      await euler.openLoan({
        owner,
        accountId,
        controller: usdc,
        collateral: [{ vault: wmon, amount: '1000' }],
        debt: String(1000 * (index + 1)),
      })
    }
    const readings = await readAll(ids.map((accountId) => eulerRef({ owner, accountId, controller: usdc })))
    expect(readings.map((reading) => (reading as OkReading).health)).toEqual([
      { noDebt: false, healthWad: (34n * WAD) / 10n, liquidatable: false },
      { noDebt: false, healthWad: (17n * WAD) / 10n, liquidatable: false },
      { noDebt: false, healthWad: 1_133_333_333_333_333_333n, liquidatable: false },
    ])
  })

  it('is liquidatable at exactly 1.0 and not above', async () => {
    const ref = await plainLoan()
    await euler.setPrice({ vault: wmon, price: '2.352941176470588236' })
    expect(await read(ref)).toMatchObject({ health: { liquidatable: false } })
    const owner = await euler.openLoan({
      controller: usdc,
      collateral: [{ vault: wbtc, amount: '0.2' }],
      debt: '10200',
    })
    expect(await read(eulerRef({ owner, controller: usdc }))).toMatchObject({
      health: { healthWad: WAD, liquidatable: true },
    })
  })

  it('counts ten collaterals together', async () => {
    const vaults = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        euler.createVault({ symbol: `eWMON-${index + 10}`, asset: 'WMON' }),
      ),
    )
    for (const vault of vaults) {
      await euler.setPrice({ vault, price: '1' })
      await euler.setLtv({ controller: usdc, collateral: vault, liquidationBps: 5_000 })
    }
    const owner = await euler.openLoan({
      controller: usdc,
      collateral: vaults.map((vault) => ({ vault, amount: '100' })),
      debt: '400',
    })
    const ref = eulerRef({ owner, controller: usdc })
    expect(await read(ref)).toMatchObject({ health: { healthWad: (125n * WAD) / 100n } })
    const inspection = await bench.at((at) => eulerOf({ chain, euler }).inspect(ref, at))
    expect(inspection.kind === 'ok' && inspection.detail.collateral).toHaveLength(10)
  })

  it('follows a liquidation LTV on its way down with no price change', async () => {
    const ref = await plainLoan()
    await euler.setLtv({ controller: usdc, collateral: wmon, liquidationBps: 4_500, rampSeconds: 86_400 })
    await chain.accrueTime(43_200)
    const half = (await read(ref)) as OkReading
    expect(half.health.noDebt ? 0n : half.health.healthWad / 10n ** 16n).toBe(130n)
    await chain.accrueTime(43_200)
    expect(await read(ref)).toMatchObject({ health: { healthWad: (90n * WAD) / 100n, liquidatable: true } })
  })

  it('knows an account with a lender and without debt, and one without a lender', async () => {
    const ref = await plainLoan(3)
    await euler.write([
      { to: usdc.vault, double: 'VaultDouble', call: ['setDebt', accountOf(ref.owner, 3), 0n] },
    ])
    expect(await read(ref)).toMatchObject({ kind: 'ok', health: { noDebt: true }, debt: { amount: 0n } })
    await euler.setController({ owner: ref.owner, accountId: 3, vault: usdc, on: false })
    const reading = await read(ref)
    expect(reading).toMatchObject({ kind: 'none' })
    expect(reading).not.toHaveProperty('movedTo')
  })

  it('says where a debt moved to when the account borrows from another vault', async () => {
    const ref = await plainLoan(7)
    await euler.setController({ owner: ref.owner, accountId: 7, vault: usdc, on: false })
    await euler.setController({ owner: ref.owner, accountId: 7, vault: wbtc, on: true })
    expect(await read(ref)).toMatchObject({
      kind: 'none',
      movedTo: eulerRef({ owner: ref.owner, accountId: 7, controller: wbtc, symbol: 'eWBTC-1' }),
    })
  })

  it('never shows dollars for a vault that counts in something else', async () => {
    const unreadable = '0x0000000000000000000000000000000000000fff'
    for (const [unitOfAccount, unit, decimals] of [
      [wmon.asset, 'other:WMON', 18],
      [unreadable, 'other:raw 0x000000', 0],
    ] as const) {
      const controller = await euler.createVault({ symbol: 'eUSDC-9', asset: 'USDC', unitOfAccount })
      await euler.setLtv({ controller, collateral: wmon, liquidationBps: 8_000 })
      const owner = await euler.openLoan({
        controller,
        collateral: [{ vault: wmon, amount: '10' }],
        debt: '10',
      })
      expect(await read(eulerRef({ owner, controller }))).toMatchObject({
        kind: 'ok',
        unit,
        collateral: { decimals },
        debt: { decimals },
      })
    }
  })

  it('says unknown for what is no vault and for a ref that cannot be', async () => {
    const ref = await plainLoan()
    const nobody = '0x00000000000000000000000000000000000abcde'
    const readings = await readAll([
      { ...ref, market: `${nobody}/0` },
      { ...ref, market: `${usdc.vault}/256` },
      ref,
    ])
    expect(readings.map(({ kind }) => kind)).toEqual(['unknown', 'unknown', 'ok'])
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LendingStrategy, Rescue } from '../../protocols/strategy.ts'
import type { WayOut } from '../../src/domain/detail.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import type { MarketActs } from '../chain/market-acts.ts'
import { type Bench, createBench, neverlandOf, refIn } from './neverland-kit.ts'
import { createChance, openAccounts, randomAccount, setUpEModes } from './neverland-random.ts'

const WAD = 10n ** 18n

let chain: LocalChain
let bench: Bench
let acts: MarketActs
let strategy: LendingStrategy
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
  acts = await setUpEModes(chain)
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  bench = await createBench(chain)
  strategy = neverlandOf(chain)
})
afterEach(async () => {
  await bench.stop()
  await chain.revert(snapshot)
})

async function rescue(owner: string, targetWad: bigint): Promise<Extract<Rescue, { kind: 'ok' }>> {
  const found = await bench.at((at) => strategy.rescue({ ref: refIn(chain, { owner }), targetWad }, at))
  if (found.kind !== 'ok') throw new Error(JSON.stringify(found))
  return found
}

/** Does exactly what the way says, tells the health that the pool then has, and undoes it. */
async function healthAfterDoing(way: WayOut, owner: string): Promise<bigint> {
  const before = await chain.snapshot()
  const change = { asset: way.token.symbol, amount: way.amountRaw }
  if (way.kind === 'repay') await chain.repay({ owner, ...change })
  else await chain.openPosition({ owner, supply: [change] })
  const { healthFactorWad } = await chain.accountData('main', owner)
  await chain.revert(before)
  return healthFactorWad
}

function within(healthWad: bigint, targetWad: bigint): boolean {
  const gap = healthWad > targetWad ? healthWad - targetWad : targetWad - healthWad
  return gap * 1_000n <= targetWad
}

describe('doing what a way out says', () => {
  it('brings a loan to the target, by repaying or by adding, in the amounts that arithmetic gives', async () => {
    const owner = await chain.openPosition({
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '2000' }],
    })
    await chain.setPrice({ asset: 'WMON', usd: '2.8' })
    // 2800 x 75 % / 2000 = 1.05; 1.5 takes a debt of 1400, or collateral of 4000.
    const { ways, detail } = await rescue(owner, (3n * WAD) / 2n)
    expect(detail.health).toMatchObject({ noDebt: false })
    expect(ways).toMatchObject([
      {
        kind: 'repay',
        token: { symbol: 'USDC', decimals: 6 },
        reachesTarget: true,
        walletRaw: 2_000_000_000n,
      },
      { kind: 'add-collateral', token: { symbol: 'WMON', decimals: 18 }, reachesTarget: true, walletRaw: 0n },
    ])
    const [repay, add] = ways
    expect(Number(repay?.amountRaw) / 1e6).toBeCloseTo(600, 4)
    expect(Number(add?.amountRaw) / 1e18).toBeCloseTo(1_200 / 2.8, 4)
    for (const way of ways) {
      expect(way.healthAfterWad).toBeGreaterThanOrEqual((3n * WAD) / 2n)
      expect(within(await healthAfterDoing(way, owner), (3n * WAD) / 2n)).toBe(true)
    }
  })

  it('brings random loans with several tokens and e-modes there, each way by itself', async () => {
    const chance = createChance(20_261_125)
    const accounts = Array.from({ length: 40 }, () => randomAccount(chance)).filter(
      // A health of a loan of cents moves in steps that are larger than what is allowed here.
      ({ borrow = [] }) => borrow.length > 0 && borrow.every(({ amount }) => Number(amount) > 0.01),
    )
    const owners = await openAccounts(chain, { acts, accounts })
    await chain.movePrice({ asset: 'WMON', percent: -13.7 })
    await chain.movePrice({ asset: 'sMON', percent: -11.3 })
    const done = { repay: 0, 'add-collateral': 0, capped: 0 }
    for (const owner of owners) {
      const { healthFactorWad } = await chain.accountData('main', owner)
      const targetWad = (healthFactorWad * BigInt(Math.round(chance.between(1_020, 2_500)))) / 1_000n
      const { ways } = await rescue(owner, targetWad)
      expect(ways.length).toBeGreaterThan(1)
      for (const way of ways) {
        const afterWad = await healthAfterDoing(way, owner)
        if (way.healthAfterWad !== null) expect(within(afterWad, way.healthAfterWad)).toBe(true)
        if (way.reachesTarget && way.healthAfterWad !== null) {
          expect(within(afterWad, targetWad)).toBe(true)
          done[way.kind] += 1
        } else if (!way.reachesTarget) {
          expect(afterWad).toBeLessThan(targetWad)
          done.capped += 1
        }
      }
    }
    expect(done.repay).toBeGreaterThan(15)
    expect(done['add-collateral']).toBeGreaterThan(25)
    expect(done.capped).toBeGreaterThan(2)
  }, 120_000)
})

describe('ways out', () => {
  it('are none without a debt, and none when the health is already there', async () => {
    const supplier = await chain.openPosition({ supply: [{ asset: 'WMON', amount: '1000' }] })
    expect((await rescue(supplier, 2n * WAD)).ways).toEqual([])
    const owner = await chain.openPosition({
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '2000' }],
    })
    const { healthFactorWad } = await chain.accountData('main', owner)
    expect((await rescue(owner, healthFactorWad)).ways).toEqual([])
    expect((await rescue(owner, healthFactorWad + WAD / 1_000n)).ways).toHaveLength(2)
  })

  it('of a debt without collateral are to repay all of it', async () => {
    const owner = await chain.openPosition({
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '1500' }],
    })
    await chain.setPrice({ asset: 'WMON', usd: '0.5' })
    await chain.liquidate({ owner, collateral: 'WMON', debt: 'USDC', amount: 'max' })
    const { ways, detail } = await rescue(owner, 2n * WAD)
    expect(ways).toMatchObject([
      { kind: 'repay', amountRaw: detail.debt[0]?.amountRaw, healthAfterWad: null, reachesTarget: true },
    ])
  })

  it('leave out what the market refuses now', async () => {
    const owner = await chain.openPosition({
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '2000' }],
    })
    await acts.setFrozen('WMON', true)
    expect((await rescue(owner, 3n * WAD)).ways.map(({ kind }) => kind)).toEqual(['repay'])
    await acts.setPaused('USDC', true)
    expect((await rescue(owner, 3n * WAD)).ways).toEqual([])
  })

  it('add no more than a cap leaves room for, which the pool then takes', async () => {
    const owner = await chain.openPosition({
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '2000' }],
    })
    // The whale has supplied 2,000,000.
    await acts.setSupplyCap('WMON', 2_001_500)
    const [, add] = (await rescue(owner, 3n * WAD)).ways
    expect(add).toMatchObject({ kind: 'add-collateral', reachesTarget: false })
    expect(Number(add?.amountRaw) / 1e18).toBeCloseTo(500 - 200.15, 1)
    if (add) expect(within(await healthAfterDoing(add, owner), add.healthAfterWad ?? 0n)).toBe(true)
    await acts.setSupplyCap('WMON', 2_001_000)
    expect((await rescue(owner, 3n * WAD)).ways.map(({ kind }) => kind)).toEqual(['repay'])
  })

  it('of an unknown or absent position are not there', async () => {
    const ref = refIn(chain, { owner: chain.newOwner() })
    const ask = (market: string) =>
      bench.at((at) => strategy.rescue({ ref: { ...ref, market }, targetWad: 2n * WAD }, at))
    expect(await ask(ref.market)).toMatchObject({ kind: 'none' })
    expect(await ask('0x000000000000000000000000000000000000dead')).toMatchObject({ kind: 'unknown' })
  })
})

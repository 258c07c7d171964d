import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { managerAbi } from '../../protocols/curvance/abi.ts'
import type { PositionDetail, WayOut } from '../../src/domain/detail.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import { type CurvanceDoubles, createCurvanceDoubles } from '../chain/curvance/doubles.ts'
import type { CurvanceMarketName } from '../chain/curvance/market-plan.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { changingReaderDouble } from './changing-reader.ts'
import {
  curvanceOf,
  curvanceRef,
  healthOf,
  openWorkedExample,
  PATHS,
  type Path,
  WAD,
} from './curvance-kit.ts'
import { type Bench, createBench } from './neverland-kit.ts'

const HOLD_SECONDS = 1_200

let chain: LocalChain
let doubles: CurvanceDoubles
let bench: Bench
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
  doubles = await createCurvanceDoubles(chain)
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

async function inspect(ref: PositionRef, path: Path = 'the ProtocolReader'): Promise<PositionDetail> {
  const result = await bench.at((at) => curvanceOf(doubles, { path }).inspect(ref, at))
  if (result.kind !== 'ok') throw new Error(`not inspected: ${JSON.stringify(result)}`)
  return result.detail
}

async function rescue(
  ref: PositionRef,
  { targetWad, path = 'the ProtocolReader' }: { targetWad: bigint; path?: Path },
): Promise<{ ways: readonly WayOut[]; notes: string }> {
  const result = await bench.at((at) => curvanceOf(doubles, { path }).rescue({ ref, targetWad }, at))
  if (result.kind !== 'ok') throw new Error(`not computed: ${JSON.stringify(result)}`)
  return { ways: result.ways, notes: result.detail.notes.join(' ') }
}

interface Loan {
  readonly market: CurvanceMarketName
  readonly collateral: { readonly symbol: string; readonly amount: bigint }
  readonly debt: { readonly symbol: string; readonly amount: bigint }
}

/** Deposits and borrows as a person does, which starts the hold. */
async function open({ market, collateral, debt }: Loan): Promise<{ owner: string; ref: PositionRef }> {
  const owner = chain.newOwner()
  await doubles.deposit({ market, symbol: collateral.symbol, owner, amount: collateral.amount })
  await doubles.borrow({ market, symbol: debt.symbol, owner, amount: debt.amount })
  return { owner, ref: curvanceRef(doubles, { owner, market }) }
}

const MICRO = 10n ** 6n
const LOANS: readonly Loan[] = [
  {
    market: 'WMON/USDC',
    collateral: { symbol: 'WMON', amount: 1000n * WAD },
    debt: { symbol: 'USDC', amount: 1_400n * MICRO },
  },
  {
    market: 'WMON/USDC',
    collateral: { symbol: 'USDC', amount: 1_000n * MICRO + 7n },
    debt: { symbol: 'WMON', amount: 400n * WAD + 13n },
  },
  {
    market: 'sMON/WMON',
    collateral: { symbol: 'sMON', amount: 300n * WAD },
    debt: { symbol: 'WMON', amount: 290n * WAD },
  },
  {
    market: 'WBTC/USDC',
    collateral: { symbol: 'WBTC', amount: 123_456_789n },
    debt: { symbol: 'USDC', amount: 55_000n * MICRO },
  },
]

describe.each(PATHS)('doing on doubles what Buoy says, read through %s', (path) => {
  it.each(LOANS)('brings a loan in $market to the target, by repaying and by adding', async (loan) => {
    const { market } = loan
    const targetWad = (13n * WAD) / 10n
    await doubles.setExchangeRate({
      market,
      symbol: loan.collateral.symbol,
      rateWad: 1_037_512_345_678_901_234n,
    })
    for (const kind of ['repay', 'add-collateral'] as const) {
      const { owner, ref } = await open(loan)
      await chain.accrueTime(HOLD_SECONDS)
      const { ways } = await rescue(ref, { targetWad, path })
      const way = ways.find((one) => one.kind === kind)
      expect(way).toMatchObject({ kind, reachesTarget: true })
      if (!way) continue
      const { symbol } = kind === 'repay' ? loan.debt : loan.collateral
      expect(way.token.symbol).toBe(symbol)
      const change = { market, symbol, owner, amount: way.amountRaw }
      await (kind === 'repay' ? doubles.repay(change) : doubles.deposit(change))
      const [reading] = await bench.at((at) => curvanceOf(doubles, { path }).read([ref], at))
      for (const after of [healthOf(reading), way.healthAfterWad]) {
        expect(after).toBeGreaterThanOrEqual(targetWad)
        expect(after).toBeLessThan((targetWad * 1_001n) / 1_000n)
      }
    }
  })

  it('offers nothing where the target is reached or where there is no debt', async () => {
    const ref = await openWorkedExample(doubles, { owner: chain.newOwner(), wmonUsd: '4' })
    expect((await rescue(ref, { targetWad: (12n * WAD) / 10n, path })).ways).toEqual([])
    const owner = chain.newOwner()
    await doubles.put({
      market: 'WMON/USDC',
      symbol: 'WMON',
      entries: [{ owner, shares: WAD, debt: 0n }],
    })
    const deposit = curvanceRef(doubles, { owner, market: 'WMON/USDC' })
    expect((await rescue(deposit, { targetWad: 2n * WAD, path })).ways).toEqual([])
  })

  it('only offers to add collateral during the 20 minutes in which repaying is refused, and says until when', async () => {
    const [loan] = LOANS
    if (!loan) throw new Error('no loan')
    const { owner, ref } = await open(loan)
    const targetWad = 2n * WAD
    const { ways, notes } = await rescue(ref, { targetWad, path })
    expect(ways.map(({ kind }) => kind)).toEqual(['add-collateral'])
    const until = await bench.at((at) => Promise.resolve(at.block.timestamp + HOLD_SECONDS))
    const text = new Date(Math.ceil(until / 60) * 60_000).toISOString().slice(11, 16)
    expect(notes).toContain(`Until ${text} UTC Curvance only lets you add collateral`)
    await expect(doubles.repay({ ...loan, symbol: 'USDC', owner, amount: MICRO })).rejects.toThrow(
      'minimum hold period',
    )

    await chain.accrueTime(HOLD_SECONDS)
    const later = await rescue(ref, { targetWad, path })
    expect(later.ways.map(({ kind }) => kind)).toEqual(['repay', 'add-collateral'])
    expect(later.notes).not.toContain('only lets you add')
  })

  it('holds nobody back who never acted', async () => {
    const ref = await openWorkedExample(doubles, { owner: chain.newOwner(), wmonUsd: '2' })
    const { ways, notes } = await rescue(ref, { targetWad: 2n * WAD, path })
    expect(ways.map(({ kind }) => kind)).toEqual(['repay', 'add-collateral'])
    expect(notes).not.toContain('refuses')
  })

  it('does not offer to add what Curvance has paused, and says so', async () => {
    const ref = await openWorkedExample(doubles, { owner: chain.newOwner(), wmonUsd: '2' })
    await doubles.pauseAdding({ market: 'WMON/USDC', symbol: 'WMON', on: true })
    const { ways, notes } = await rescue(ref, { targetWad: 2n * WAD, path })
    expect(ways.map(({ kind }) => kind)).toEqual(['repay'])
    expect(notes).toContain('Curvance has paused adding WMON as collateral here.')
  })

  it('offers no more collateral than the cap of the market leaves room for, which the market then takes', async () => {
    const [loan] = LOANS
    if (!loan) throw new Error('no loan')
    const where = { market: loan.market, symbol: 'WMON' }
    await doubles.setExchangeRate({ ...where, rateWad: 1_037_512_345_678_901_234n })
    const { owner, ref } = await open(loan)
    const shares = (loan.collateral.amount * WAD) / 1_037_512_345_678_901_234n
    await doubles.setCollateralCap({ ...where, shares: shares + 10n * WAD })
    const targetWad = 3n * WAD
    const { ways, notes } = await rescue(ref, { targetWad, path })
    expect(ways).toMatchObject([{ kind: 'add-collateral', reachesTarget: false }])
    const amount = ways[0]?.amountRaw ?? 0n
    expect(amount).toBe((10n * WAD * 1_037_512_345_678_901_234n) / WAD)
    expect(notes).not.toContain('cap')
    await expect(doubles.deposit({ ...where, owner, amount: amount + 2n })).rejects.toThrow('cap reached')
    await doubles.deposit({ ...where, owner, amount })
    const [reading] = await bench.at((at) => curvanceOf(doubles, { path }).read([ref], at))
    const { healthAfterWad } = ways[0] ?? {}
    expect(healthOf(reading)).toBeGreaterThanOrEqual(healthAfterWad ?? targetWad)
    expect(healthOf(reading) - (healthAfterWad ?? 0n)).toBeLessThan(1_000n)
  })

  it('offers no collateral where the cap of the market is reached, and says so', async () => {
    const ref = await openWorkedExample(doubles, { owner: chain.newOwner(), wmonUsd: '2' })
    for (const shares of [1000n * WAD, 1n, 0n]) {
      await doubles.setCollateralCap({ market: 'WMON/USDC', symbol: 'WMON', shares })
      const { ways, notes } = await rescue(ref, { targetWad: 2n * WAD, path })
      expect(ways.map(({ kind }) => kind)).toEqual(['repay'])
      expect(notes).toContain('This market takes no more WMON as collateral now: its cap is reached.')
    }
  })

  it('offers collateral where the cap does not answer, and says that it could not be checked', async () => {
    const ref = await openWorkedExample(doubles, { owner: chain.newOwner(), wmonUsd: '2' })
    const capCall = managerAbi.getFunction('collateralCaps')?.selector ?? ''
    const result = await bench.at((at) =>
      curvanceOf(doubles, { path }).rescue(
        { ref, targetWad: 2n * WAD },
        changingReaderDouble(at, { selector: capCall, change: () => ({ ok: false, data: '0x' }) }),
      ),
    )
    if (result.kind !== 'ok') throw new Error('not computed')
    expect(result.ways.map(({ kind }) => kind)).toEqual(['repay', 'add-collateral'])
    expect(result.detail.notes).toContain("The market's cap on WMON as collateral could not be checked.")
  })

  it('pays off everything where less than the smallest loan would be left', async () => {
    const owner = chain.newOwner()
    const market = 'WMON/USDC'
    await doubles.put({ market, symbol: 'WMON', entries: [{ owner, shares: 10n * WAD, debt: 0n }] })
    await doubles.put({ market, symbol: 'USDC', entries: [{ owner, shares: 0n, debt: 14n * MICRO }] })
    const ref = curvanceRef(doubles, { owner, market })
    const { ways } = await rescue(ref, { targetWad: 2n * WAD, path })
    expect(ways[0]).toMatchObject({
      kind: 'repay',
      amountRaw: 14n * MICRO,
      healthAfterWad: null,
      reachesTarget: true,
    })
  })

  it('offers new collateral for bad debt, of the token that is not owed', async () => {
    const owner = chain.newOwner()
    const market = 'WMON/USDC'
    await doubles.put({ market, symbol: 'USDC', entries: [{ owner, shares: 0n, debt: 500n * MICRO }] })
    const ref = curvanceRef(doubles, { owner, market })
    const { ways, notes } = await rescue(ref, { targetWad: (11n * WAD) / 10n, path })
    expect(ways.map(({ kind, token }) => [kind, token.symbol])).toEqual([
      ['repay', 'USDC'],
      ['add-collateral', 'WMON'],
    ])
    expect(notes).toContain('bad debt')
  })
})

describe('the detail of a loan in doubles of Curvance', () => {
  it('names tokens, amounts, both prices, rates and the exact price at which it can be liquidated', async () => {
    const market = 'WMON/USDC'
    const ref = await openWorkedExample(doubles, { owner: chain.newOwner(), wmonUsd: '2' })
    await doubles.setFeed({ symbol: 'USDC', lower: '0.99', upper: '1' })
    await doubles.setRates({ market, symbol: 'WMON', borrowWad: 9n, supplyWad: 634_195_839n })
    await doubles.setRates({ market, symbol: 'USDC', borrowWad: 1_585_489_599n, supplyWad: 9n })
    const detail = await inspect(ref)
    expect(detail.collateral).toMatchObject([
      {
        token: { symbol: 'WMON', decimals: 18 },
        amountRaw: 1010n * WAD,
        value: { amount: 2020n * WAD, decimals: 18 },
        price: { amount: 2n * WAD, decimals: 18, unit: 'USD' },
        yearlyRateWad: 634_195_839n * 31_536_000n,
        secures: true,
        thresholdWad: 769_230_769_230_769_230n,
      },
    ])
    expect(detail.debt).toMatchObject([
      {
        token: { symbol: 'USDC', decimals: 6 },
        amountRaw: 1_500n * MICRO,
        value: { amount: 1500n * WAD },
        price: { amount: WAD, decimals: 18, unit: 'USD' },
        yearlyRateWad: 1_585_489_599n * 31_536_000n,
      },
    ])
    // 1500 / 0.995 * 1.3 / 1010 = 1.94039...
    expect((detail.collateral[0]?.liquidationPrice?.amount ?? 0n) / 10n ** 13n).toBe(194_039n)
    expect(detail).toMatchObject({ exact: true, unit: 'USD', mode: null })
  })

  it('names the ratio of a collateral to a debt that is no stable', async () => {
    const [, , loan] = LOANS
    if (!loan) throw new Error('no loan')
    const { ref } = await open(loan)
    // 290 * 1.06 / 0.999 / 300 = 1.02569...
    expect((await inspect(ref)).notes).toContain('1 sMON = 1.05 WMON now; liquidation at 1.025 WMON.')
    const other = await openWorkedExample(doubles, { owner: chain.newOwner(), wmonUsd: '2' })
    expect((await inspect(other)).notes.join(' ')).not.toContain('1 WMON =')
  })

  it('says what the wallet holds, and no rates where no reader tells them', async () => {
    const [loan] = LOANS
    if (!loan) throw new Error('no loan')
    const { ref } = await open(loan)
    await chain.accrueTime(HOLD_SECONDS)
    const { ways } = await rescue(ref, { targetWad: 2n * WAD })
    // What was borrowed is still in the wallet; the collateral is not.
    expect(ways.map(({ token, walletRaw }) => [token.symbol, walletRaw])).toEqual([
      ['USDC', 1_400n * MICRO],
      ['WMON', 0n],
    ])
    const detail = await inspect(ref, 'no reader')
    expect([...detail.collateral, ...detail.debt].map(({ yearlyRateWad }) => yearlyRateWad)).toEqual([
      null,
      null,
    ])
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LendingOpportunity, LendingYields, Supplies } from '../../src/domain/pools/lending.ts'
import { type CurvanceDoubles, createCurvanceDoubles } from '../chain/curvance/doubles.ts'
import { CURVANCE_MARKET_PLANS } from '../chain/curvance/market-plan.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { cTokenOf, curvanceOf, type Path, WAD } from './curvance-kit.ts'
import { type Bench, createBench, lower } from './neverland-kit.ts'

const USDC = { market: 'WMON/USDC', symbol: 'USDC' } as const
/** 5 % of a year of 365 days, per second with 18 decimals. */
const FIVE_PERCENT_WAD = 1_585_489_599n

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

function read(path?: Path): Promise<LendingYields> {
  const strategy = curvanceOf(doubles, path ? { path } : {})
  return bench.at((at) => strategy.yields(at))
}

async function suppliedBy(owner: string, path?: Path): Promise<Supplies | undefined> {
  const strategy = curvanceOf(doubles, path ? { path } : {})
  const [answer] = await bench.at((at) => strategy.supplies([lower(owner)], at))
  return answer
}

function usdcRow({ rows }: LendingYields): LendingOpportunity {
  const id = `curvance:lend:${cTokenOf(doubles, USDC)}`
  const row = rows.find((one) => one.id === id)
  if (!row) throw new Error(`no ${id}`)
  return row
}

describe("what lending earns at Curvance's doubles", () => {
  it('is the rate of lenders per second, told per year of 365 days without reinvesting', async () => {
    await doubles.setRates({ ...USDC, borrowWad: 9n * FIVE_PERCENT_WAD, supplyWad: FIVE_PERCENT_WAD })
    const row = usdcRow(await read())
    expect(row.yieldPerYear.total).toBeCloseTo(0.05, 9)
    expect(row.lending.compoundedPerYear).toBeCloseTo(Math.expm1(0.05), 6)
  })

  it('comes with what is lent out and what is left, in dollars too', async () => {
    await doubles.setFeed({ symbol: 'USDC', lower: '0.99' })
    await doubles.setTotals({ ...USDC, suppliedRaw: 1_000_000_000n, lentRaw: 900_000_000n })
    const row = usdcRow(await read())
    expect(row.lending).toMatchObject({
      utilisation: 0.9,
      liquidityRaw: 100_000_000n,
      suppliedRaw: 1_000_000_000n,
      open: true,
    })
    expect(row.tvlUsd).toBeCloseTo(99, 6)
  })

  it('has no worth while a feed fails, and is not open while deposits are paused', async () => {
    await doubles.setFeed({ symbol: 'USDC', lower: '1', failing: true })
    await doubles.pauseAdding({ ...USDC, on: true })
    const row = usdcRow(await read())
    expect(row).toMatchObject({ tvlUsd: null, lending: { open: false } })
  })

  it('is told of every token that can be borrowed and of no other, each under an id of its own', async () => {
    const { rows, skipped, gaps } = await read()
    const borrowable = Object.values(CURVANCE_MARKET_PLANS).flatMap(({ tokens }) =>
      tokens.filter((token) => token.borrowable),
    )
    expect(rows.length).toBe(borrowable.length)
    expect(rows.map(({ tokens }) => tokens[0]?.symbol).sort()).toEqual(
      borrowable.map(({ symbol }) => symbol).sort(),
    )
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
    expect({ skipped, gaps }).toEqual({ skipped: 0, gaps: null })
  })

  it('leaves out and counts a token whose numbers cannot be', async () => {
    const before = await read()
    await doubles.setRates({ ...USDC, borrowWad: 0n, supplyWad: WAD })
    const { rows, skipped } = await read()
    expect(skipped).toBe(1)
    expect(rows).toHaveLength(before.rows.length - 1)
  })

  it('is not known without the ProtocolReader', async () => {
    expect(await read('no reader')).toEqual({
      rows: [],
      skipped: 0,
      gaps: "Curvance's ProtocolReader cannot be used",
    })
  })
})

describe("what an owner lends at Curvance's doubles", () => {
  it('is the shares at the exchange rate of the block, posted or not', async () => {
    const owner = chain.newOwner()
    await doubles.setExchangeRate({ ...USDC, rateWad: (11n * WAD) / 10n })
    await doubles.setLent({ ...USDC, owner, shares: 200_000_000n })
    expect(await suppliedBy(owner)).toMatchObject({
      kind: 'complete',
      supplies: [{ amountRaw: 220_000_000n, valueUsd: 220, opportunityId: usdcRow(await read()).id }],
    })
  })

  it('is found without the ProtocolReader too, only without a worth', async () => {
    const owner = chain.newOwner()
    await doubles.setLent({ ...USDC, owner, shares: 5n })
    expect(await suppliedBy(owner, 'no reader')).toMatchObject({
      kind: 'complete',
      supplies: [{ amountRaw: 5n, valueUsd: null }],
    })
  })

  it('may not be all while a market does not answer', async () => {
    await doubles.addBrokenMarket()
    expect(await suppliedBy(chain.newOwner())).toMatchObject({ kind: 'partial', supplies: [] })
  })
})

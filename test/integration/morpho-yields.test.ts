import { Market, MarketParams } from '@morpho-org/blue-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { irmAbi } from '../../protocols/morpho/abi.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import { type Api, createApi } from '../../src/chain/api.ts'
import type { LendingOpportunity, LendingYields, Supplies } from '../../src/domain/pools/lending.ts'
import { giveGas } from '../chain/accounts.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import type { MorphoMarketName } from '../chain/morpho/addresses.ts'
import { fundMorpho, marketCall } from '../chain/morpho/transactions.ts'
import { createFakeMorphoApi, type FakeMorphoApi } from '../fakes/morpho-api/index.ts'
import { memoryCache } from './cache-kit.ts'
import { changingReaderDouble } from './changing-reader.ts'
import { morphoOf } from './morpho-kit.ts'
import { type Bench, createBench, lower } from './neverland-kit.ts'

const YEAR_S = 31_536_000n
const USDC = 1_000_000n

let chain: LocalChain
let fake: FakeMorphoApi
let bench: Bench
let upstream: Api
let lender: string

beforeAll(async () => {
  chain = await createLocalChain()
  fake = await createFakeMorphoApi()
  fake.followChain(chain, { unlisted: ['USDC-WMON'] })
  lender = chain.newOwner()
  await lend({ market: 'WBTC-USDC', owner: lender, amount: 1_000_000n * USDC })
  // Of 11 million nine tenths, where the rate of Morpho's own model is the one at its target.
  await chain.openMorphoPosition({ market: 'WBTC-USDC', collateral: '1000', borrow: '9900000' })
})
afterAll(async () => {
  await Promise.all([chain.stop(), fake.stop()])
})
beforeEach(async () => {
  await fake.set({ kind: 'ok' })
  bench = await createBench(chain)
  upstream = createApi({
    url: fake.url,
    requestsPerSecond: 200,
    timeoutMs: 1_000,
    maxBytes: 1_000_000,
    now: () => performance.now(),
    random: () => 0,
    name: "Morpho's API",
  })
})
afterEach(async () => {
  await Promise.all([bench.stop(), upstream.stop()])
})

async function lend(deposit: { market: MorphoMarketName; owner: string; amount: bigint }): Promise<void> {
  const { address: morpho, markets } = chain.addresses.morpho
  const account = { morpho, market: markets[deposit.market], owner: deposit.owner }
  await giveGas(chain.rpc, [deposit.owner])
  await chain.transactions.send([
    ...fundMorpho(account, { side: 'loan', amount: deposit.amount }),
    marketCall(account, { method: 'supply', args: [deposit.amount, 0n, deposit.owner, '0x'] }),
  ])
}

function morpho(): LendingStrategy {
  return morphoOf(chain, { api: { url: fake.url, upstream }, cache: memoryCache() })
}

function idOf(market: MorphoMarketName): string {
  return `morpho:lend:${chain.addresses.morpho.markets[market].id}`
}

function rowOf({ rows }: LendingYields, market: MorphoMarketName): LendingOpportunity {
  const row = rows.find(({ id }) => id === idOf(market))
  if (!row) throw new Error(`no ${market}`)
  return row
}

function read(): Promise<LendingYields> {
  const strategy = morpho()
  return bench.at((at) => strategy.yields(at))
}

async function suppliedBy(owner: string): Promise<Supplies | undefined> {
  const strategy = morpho()
  const [answer] = await bench.at((at) => strategy.supplies([lower(owner)], at))
  return answer
}

describe('what lending earns at Morpho', () => {
  it("compounds to what Morpho's own library computes, fee included", async () => {
    const { loanToken, collateralToken, oracle, irm, lltv } = chain.addresses.morpho.markets['WBTC-USDC']
    const [row, state] = [rowOf(await read(), 'WBTC-USDC'), await chain.morphoAccruedMarket('WBTC-USDC')]
    const utilisationWad = (state.totalBorrowAssets * 10n ** 18n) / state.totalSupplyAssets
    const market = new Market({
      ...state,
      params: new MarketParams({
        loanToken: lower(loanToken),
        collateralToken: lower(collateralToken),
        oracle: lower(oracle),
        irm: lower(irm),
        lltv,
      }),
      // The model on the chain charges the utilisation per year.
      rateAtTarget: utilisationWad / YEAR_S,
    })
    expect(state.fee).toBe(10n ** 17n)
    expect(row.lending.compoundedPerYear).toBeCloseTo(market.getSupplyApy(state.lastUpdate), 4)
    expect(row.lending.utilisation).toBeCloseTo(Number(market.utilization) / 1e18, 12)
    expect(row.lending.liquidityRaw).toBe(market.liquidity)
    expect(row.yieldPerYear.total).toBeCloseTo(0.9 * 0.9 * 0.9, 4)
  })

  it('is what the deposit of a lender grows by', async () => {
    const snapshot = await chain.snapshot()
    const row = rowOf(await read(), 'WBTC-USDC')
    const [before, hour] = [await suppliedBy(lender), 3_600]
    await chain.accrueTime(hour)
    const after = await suppliedBy(lender)
    await chain.revert(snapshot)
    const [first, second] = [before, after].map((answer) => Number(answer?.supplies[0]?.amountRaw))
    if (!first || !second) throw new Error('nothing lent')
    const perYear = ((second - first) / first) * (Number(YEAR_S) / hour)
    expect(perYear / row.yieldPerYear.total).toBeCloseTo(1, 2)
  })

  it('is nothing where nobody pays, and told of all markets that are known', async () => {
    const yields = await read()
    expect(rowOf(yields, 'sMON-WMON')).toMatchObject({
      yieldPerYear: { total: 0 },
      lending: { utilisation: 0 },
    })
    expect(yields.rows).toHaveLength(5)
    expect(new Set(yields.rows.map(({ id }) => id)).size).toBe(5)
    expect(yields).toMatchObject({ skipped: 0, gaps: null })
  })

  it("trusts and prices only what Morpho's app shows", async () => {
    const yields = await read()
    expect(rowOf(yields, 'WBTC-USDC')).toMatchObject({
      trust: 'high',
      tokens: [{ symbol: 'USDC', verified: true }],
    })
    expect(rowOf(yields, 'WBTC-USDC').tvlUsd).toBeCloseTo(1_100_000, -2)
    expect(rowOf(yields, 'USDC-WMON')).toMatchObject({
      trust: 'low',
      tvlUsd: null,
      tokens: [{ verified: null }],
    })
  })

  it('is read from the chain alone when the API does not answer, and says that there may be more', async () => {
    const strategy = morpho()
    await bench.at((at) => strategy.yields(at))
    await upstream.stop()
    const later = morphoOf(chain)
    await bench.at((at) => later.read([], at))
    const yields = await bench.at((at) => later.yields(at))
    expect(yields.gaps).toBe("Morpho's API is switched off")
    expect(yields.rows.every(({ trust, tvlUsd }) => trust === 'low' && tvlUsd === null)).toBe(true)
  })

  it('leaves out and counts a market whose rate is not told', async () => {
    const selector = irmAbi.getFunction('borrowRateView')?.selector ?? ''
    const strategy = morpho()
    const yields = await bench.at((at) =>
      strategy.yields(changingReaderDouble(at, { selector, change: () => ({ ok: false, data: '0x' }) })),
    )
    expect(yields.skipped).toBe(3)
    expect(yields.rows.every(({ yieldPerYear }) => yieldPerYear.total === 0)).toBe(true)
  })
})

describe('what an owner lends at Morpho', () => {
  it('is what the shares would be paid out with, in dollars too where the API knows them', async () => {
    const answer = await suppliedBy(lender)
    if (answer?.kind !== 'complete') throw new Error(JSON.stringify(answer))
    const [supply] = answer.supplies
    expect(answer.supplies).toHaveLength(1)
    expect(supply).toMatchObject({ opportunityId: idOf('WBTC-USDC'), asset: { symbol: 'USDC' } })
    expect(supply?.amountRaw).toBeGreaterThanOrEqual(1_000_000n * USDC - 1n)
    expect(supply?.valueUsd).toBeCloseTo(Number(supply?.amountRaw) / 1e6, 6)
  })

  it('is nothing for a mere borrower, and said to be all', async () => {
    const owner = await chain.openMorphoPosition({ market: 'WMON-USDC', collateral: '100', borrow: '300' })
    expect(await suppliedBy(owner)).toEqual({ kind: 'complete', supplies: [] })
  })

  it('may not be all when the list of markets is not', async () => {
    const strategy = morphoOf(chain)
    const [answer] = await bench.at((at) => strategy.supplies([lower(lender)], at))
    expect(answer).toMatchObject({ kind: 'partial', supplies: [] })
  })
})

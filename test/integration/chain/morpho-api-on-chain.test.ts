import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createLocalChain, type LocalChain } from '../../chain/local-chain.ts'
import { readMorphoData } from '../../fakes/morpho-api/follow-chain.ts'
import { createFakeMorphoApi, type FakeMorphoApi } from '../../fakes/morpho-api/index.ts'

const LOAN = { market: 'WMON-USDC', collateral: '1000', borrow: '2150' } as const
const QUERY = `
  query ($users: [String!], $first: Int, $skip: Int) {
    marketPositions(
      first: $first, skip: $skip, where: { chainId_in: [143], userAddress_in: $users, borrowShares_gte: "1" }
    ) {
      items { user { address } market { marketId } healthFactor state { collateral borrowShares supplyShares } }
      pageInfo { countTotal }
    }
  }`

interface Row {
  user: { address: string }
  market: { marketId: string }
  healthFactor: number | null
  state: { collateral: string; borrowShares: string; supplyShares: string }
}

let chain: LocalChain
let api: FakeMorphoApi
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
  api = await createFakeMorphoApi({ bigInts: 'text' })
  api.followChain(chain)
}, 120_000)

afterAll(() => Promise.all([api.stop(), chain.stop()]))

beforeEach(async () => {
  snapshot = await chain.snapshot()
})

afterEach(() => chain.revert(snapshot))

async function ask(variables: object) {
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ query: QUERY, variables })
  const response = await fetch(api.url, { method: 'POST', headers, body })
  const answer = (await response.json()) as {
    data: { marketPositions: { items: Row[]; pageInfo: { countTotal: number } } }
  }
  return answer.data.marketPositions
}

describe('the fake API that follows the chain', () => {
  it('tells what the contract tells, and the health that follows from it', async () => {
    const owner = await chain.openMorphoPosition(LOAN)
    const { items } = await ask({ users: [owner] })
    const position = await chain.morphoPosition({ market: 'WMON-USDC', owner })
    expect(items).toEqual([
      {
        user: { address: owner },
        market: { marketId: chain.addresses.morpho.markets['WMON-USDC'].id },
        healthFactor: 1.6,
        state: {
          collateral: String(position.collateral),
          borrowShares: String(position.borrowShares),
          supplyShares: '0',
        },
      },
    ])
  })

  it('sees changes at once, and no position where everything was repaid and withdrawn', async () => {
    const owner = await chain.openMorphoPosition(LOAN)
    const holder = { market: 'WMON-USDC', owner } as const
    await chain.setMorphoPrice({ market: 'WMON-USDC', price: '2' })
    expect((await ask({ users: [owner] })).items[0]?.healthFactor).toBe(0.8)
    await chain.failMorphoOracle({ market: 'WMON-USDC', failing: true })
    expect((await ask({ users: [owner] })).items[0]?.healthFactor).toBeNull()
    await chain.failMorphoOracle({ market: 'WMON-USDC', failing: false })
    await chain.repayMorpho({ ...holder, amount: 'max' })
    await chain.withdrawMorphoCollateral({ ...holder, amount: 'max' })
    expect((await ask({ users: [owner] })).items).toEqual([])
  })

  it('forgets what a revert undid', async () => {
    const before = await chain.snapshot()
    const owner = await chain.openMorphoPosition(LOAN)
    await chain.createPreLiquidation({ market: 'WMON-USDC', preLltv: '0.8' })
    expect((await ask({ users: [owner] })).items).toHaveLength(1)
    await chain.revert(before)
    expect((await ask({ users: [owner] })).items).toEqual([])
    const { markets } = await readMorphoData(chain)
    expect(markets.flatMap(({ preLiquidations = [] }) => preLiquidations)).toEqual([])
  })

  it('pages through a thousand loans', async () => {
    const owners = await chain.openMorphoPositions(Array.from({ length: 1000 }, () => LOAN))
    const rows: Row[] = []
    for (let skip = 0; skip < 1000; skip += 400) {
      const { items, pageInfo } = await ask({ first: 400, skip })
      expect(pageInfo.countTotal).toBe(1000)
      rows.push(...items)
    }
    expect(new Set(rows.map(({ user }) => user.address))).toEqual(new Set(owners))
  })

  it('knows all markets, the idle one, the lender without a loan and pre-liquidations', async () => {
    const made = await chain.createPreLiquidation({ market: 'WBTC-USDC', preLltv: '0.75' })
    const data = await readMorphoData(chain, { unlisted: ['sMON-WMON'] })
    const { markets, idleMarket, lender } = chain.addresses.morpho
    const find = (id: string) => data.markets.find(({ marketId }) => marketId === id)
    expect(data.markets).toHaveLength(5)
    expect(find(idleMarket.id)).toMatchObject({ collateralAsset: null, lltv: 0n })
    expect(find(markets['sMON-WMON'].id)).toMatchObject({ listed: false })
    expect(find(markets['WBTC-USDC'].id)).toMatchObject({
      listed: true,
      loanAsset: { symbol: 'USDC', decimals: 6, priceUsd: 1 },
      collateralAsset: { symbol: 'WBTC', decimals: 8, priceUsd: 60_000 },
      preLiquidations: [{ address: made.address, preLltv: 75n * 10n ** 16n }],
    })
    const lent = data.positions.filter(({ user }) => user === lender)
    expect(lent).toHaveLength(4)
    expect(lent[0]).toMatchObject({ borrowShares: 0n, collateral: 0n, healthFactor: null })
    expect(lent[0]?.supplyShares).toBeGreaterThan(0n)
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeMorphoApi, type FakeMorphoApi } from '../../fakes/morpho-api/index.ts'
import {
  ask,
  dataOf,
  hex,
  itemsIn,
  MARKETS,
  market,
  ownersIn,
  POSITIONS,
  position,
} from './morpho-api-kit.ts'

let api: FakeMorphoApi

beforeEach(async () => {
  api = await createFakeMorphoApi()
})

afterEach(() => api.stop())

function positions(variables: object = {}) {
  return ask(api.url, { query: POSITIONS, variables })
}

describe('positions', () => {
  it('come in the wanted order and page by page', async () => {
    api.serve(dataOf(5))
    const first = await positions({ first: 2, skip: 0 })
    expect(ownersIn(first)).toEqual([5, 4])
    expect(first.body.data?.['marketPositions']?.pageInfo).toEqual({
      countTotal: 5,
      count: 2,
      limit: 2,
      skip: 0,
    })
    expect(ownersIn(await positions({ first: 2, skip: 4 }))).toEqual([1])
  })

  it('are filtered by owner, whatever the letter case, and by size', async () => {
    api.serve({
      markets: [market(1)],
      positions: [position(0xab), position(2), position(3, { borrowShares: 0n })],
    })
    const users = [hex(0xab).toUpperCase().replace('0X', '0x'), hex(3), hex(4)]
    expect(ownersIn(await positions({ users }))).toEqual([0xab, 3])
    expect(ownersIn(await positions({ users, least: '1' }))).toEqual([0xab])
  })

  it('are filtered by market, chain and health', async () => {
    const markets = [market(1), market(2), market(3, { chainId: 1 })]
    const ids = [1, 2, 3].map((number) => hex(number, 32))
    const healths = [1.1, null, 1.2]
    api.serve({
      markets,
      positions: ids.map((marketId, index) =>
        position(index + 1, { marketId, healthFactor: healths[index] ?? null }),
      ),
    })
    const found = async (where: string) => {
      const query = `{ marketPositions(where: ${where}) { items { user { address } } } }`
      return ownersIn(await ask(api.url, { query }))
    }
    expect(await found('{ chainId_in: [143] }')).toEqual([2, 1])
    expect(await found(`{ marketUniqueKey_in: ["${hex(2, 32)}"] }`)).toEqual([2])
    expect(await found('{ healthFactor_lte: 1.15 }')).toEqual([1])
  })

  it('are asked for anew each time when they come from a function', async () => {
    let loans = 1
    api.serve(() => dataOf(loans))
    expect(ownersIn(await positions())).toEqual([1])
    loans = 2
    expect(ownersIn(await positions())).toEqual([2, 1])
  })
})

describe('markets', () => {
  it('tell their tokens, of which an idle one has only one, and their pre-liquidations', async () => {
    const factors = { preLCF1: 1n, preLCF2: 1n, preLIF1: 1n, preLIF2: 1n, preLiquidationOracle: hex(7) }
    const preLiquidations = [{ address: hex(9), preLltv: 800_000_000_000_000_000n, ...factors }]
    api.serve({
      markets: [
        market(1, { preLiquidations }),
        market(2, { collateralAsset: null }),
        market(3, { listed: false }),
      ],
      positions: [],
    })
    const answer = await ask(api.url, { query: MARKETS, variables: { listed: true } })
    expect(itemsIn(answer, 'markets')).toMatchObject([
      { marketId: hex(2, 32), collateralAsset: null, listed: true },
      { marketId: hex(1, 32), preLiquidations: { items: [{ address: hex(9) }] } },
    ])
    expect(itemsIn(await ask(api.url, { query: MARKETS }), 'markets')).toHaveLength(3)
  })
})

describe('a BigInt', () => {
  const shares = 2n ** 127n + 1n

  async function written(): Promise<(string | undefined)[]> {
    const query = '{ marketPositions(first: 3) { items { state { borrowShares } } } }'
    const { text } = await ask(api.url, { query })
    return [...text.matchAll(/"borrowShares":([^}]+)/g)].map(([, value]) => value)
  }

  it('is now text and now a number, with every digit of both', async () => {
    const borrowShares = shares
    api.serve({ markets: [market(1)], positions: [1, 2, 3].map((n) => position(n, { borrowShares })) })
    expect(await written()).toEqual([`"${shares}"`, `${shares}`, `"${shares}"`])
  })

  it.each([
    ['text', `"${shares}"`],
    ['number', `${shares}`],
  ] as const)('is always %s when the fake is told so', async (bigInts, expected) => {
    await api.stop()
    api = await createFakeMorphoApi({
      bigInts,
      data: { markets: [market(1)], positions: [position(1, { borrowShares: shares })] },
    })
    expect(await written()).toEqual([expected])
  })
})

describe('a request that the API would refuse', () => {
  it('is one for more than a hundred owners', async () => {
    api.serve(dataOf(1))
    const users = (count: number) => Array.from({ length: count }, (_, index) => hex(index + 1))
    expect(ownersIn(await positions({ users: users(100) }))).toEqual([1])
    const { status, body } = await positions({ users: users(101) })
    expect(status).toBe(200)
    expect(body).toMatchObject({ data: null, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
  })

  it('is one for a page of more than a thousand rows', async () => {
    api.serve(dataOf(1))
    expect(ownersIn(await positions({ first: 1000 }))).toEqual([1])
    const { body } = await positions({ first: 1001 })
    expect(body).toMatchObject({ data: null, errors: [{ message: 'first must be 0 to 1000' }] })
  })

  it.each([
    {
      what: 'for a field that was removed',
      query: '{ markets { items { uniqueKey } } }',
      reason: 'uniqueKey',
    },
    { what: 'in no GraphQL', query: '{ markets', reason: 'Syntax Error' },
    { what: 'for nothing', query: '', reason: 'Syntax Error' },
  ])('is one $what', async ({ query, reason }) => {
    const { status, body } = await ask(api.url, { query })
    expect(status).toBe(400)
    expect(body.errors?.[0]?.message).toContain(reason)
  })

  it('is one to another path or without a body', async () => {
    expect((await fetch(api.url)).status).toBe(404)
    expect((await fetch(api.url.replace('graphql', 'rest'), { method: 'POST' })).status).toBe(404)
  })
})

describe('the record', () => {
  it('has query, variables, lists, time and what came of it', async () => {
    api.serve(dataOf(1))
    const before = Date.now()
    await positions({ first: 7 })
    await ask(api.url, { query: '{ markets { nothing } }' })
    const [first, second, ...others] = api.requests()
    expect(others).toEqual([])
    const expected = { variables: { first: 7 }, lists: ['marketPositions'], fault: null, status: 200 }
    expect(first).toMatchObject(expected)
    expect(first?.query).toContain('query Positions')
    expect(first?.at).toBeGreaterThanOrEqual(before)
    expect(second).toMatchObject({ lists: ['markets'], status: 400 })
    api.clearRequests()
    expect(api.requests()).toEqual([])
  })

  it('can be waited for', async () => {
    const seen = api.waitForRequests({ count: 2, list: 'markets' })
    for (const query of [MARKETS, POSITIONS, MARKETS]) await ask(api.url, { query })
    expect(await seen).toHaveLength(2)
  })
})

import { describe, expect, it } from 'vitest'
import type { MeteoraFault } from '../fakes/meteora/faults.ts'
import { faultsIn, POOLS_ANSWER, PORTFOLIO_ANSWER, POSITIONS_ANSWER } from '../fakes/meteora/shape.ts'
import { aPool, aToken, aUniverse, mintOf, SOL, USDC } from '../fakes/meteora/universe.ts'
import { NOW_MS, refreshed, snapshotOf, somePools, useMeteora } from './meteora-kit.ts'

const DAY_MS = 86_400_000
const WALLET = mintOf(77, 'W')

describe("Meteora's pools", () => {
  const meteora = useMeteora()

  it('become opportunities with a rate of their own, because the one in the answer is per day or overflows', async () => {
    meteora.fake.serve(somePools(1))
    const { opportunities, skipped, cut } = await snapshotOf(meteora.open())
    const [pool] = opportunities
    expect([opportunities.length, skipped, cut]).toEqual([1, 0, 0])
    expect(pool).toMatchObject({
      source: 'meteora',
      kind: 'pool',
      id: mintOf(1, 'P'),
      name: 'SOL-USDC',
      tokens: [
        { address: SOL, symbol: 'SOL', verified: true },
        { address: USDC, symbol: 'USDC', verified: true },
      ],
      tvlUsd: 10_000,
      ageMs: 30 * DAY_MS,
      trust: 'high',
      link: `https://app.meteora.ag/dlmm/${mintOf(1, 'P')}`,
      seenAtMs: NOW_MS,
      pool: { volumeDayUsd: 50_000, freezable: false, binStep: 10 },
    })
    // 1 % a day.
    expect(pool?.yieldPerYear.fee).toBeCloseTo(3.65, 10)
    expect(pool?.yieldPerYear.total).toBe(pool?.yieldPerYear.fee)
    expect(pool?.windows?.['1h']).toBeCloseTo(0.01 / 24, 12)
  })

  it('are asked for above the lowest limit anybody has, in pages that do not move', async () => {
    meteora.fake.serve([
      ...somePools(2_500),
      aPool({ number: 9_999, tvl: 999, feesPerDay: 1, createdAtMs: NOW_MS }),
    ])
    const { opportunities } = await snapshotOf(meteora.open())
    expect(opportunities).toHaveLength(2_500)
    const asked = meteora.fake.requests().map(({ searchParams }) => Object.fromEntries(searchParams))
    expect(asked.map(({ page }) => page)).toEqual(['1', '2', '3'])
    expect(asked[0]).toEqual({
      page: '1',
      page_size: '1000',
      sort_by: 'pool_created_at:asc',
      filter_by: 'tvl>=1000 && is_blacklisted=false',
    })
  })

  it('cost at most twelve requests however many there are, and then only the smallest are left out', async () => {
    const many = Array.from({ length: 13_000 }, (_, index) =>
      aPool({ number: index + 1, tvl: 2_000 + index, feesPerDay: 0.01, createdAtMs: NOW_MS - DAY_MS }),
    )
    meteora.fake.serve(many)
    const { opportunities, cut } = await snapshotOf(meteora.open())
    expect(meteora.fake.requests()).toHaveLength(12)
    expect([opportunities.length, cut]).toEqual([11_000, 2_000])
    expect(Math.min(...opportunities.map(({ tvlUsd }) => tvlUsd ?? 0))).toBe(4_000)
  })

  it('may be born in milliseconds or in seconds', async () => {
    const [ms, s] = [NOW_MS - DAY_MS, (NOW_MS - DAY_MS) / 1000]
    const pools = [ms, s].map((createdAtMs, index) =>
      aPool({ number: index + 1, tvl: 5_000, feesPerDay: 0.01, createdAtMs }),
    )
    meteora.fake.serve(pools)
    const { opportunities } = await snapshotOf(meteora.open())
    expect(opportunities.map(({ ageMs }) => ageMs)).toEqual([DAY_MS, DAY_MS])
  })

  it('keep what stays of them for a day, while their figures are new every time', async () => {
    let now = NOW_MS
    const pools = somePools(1)
    meteora.fake.serve(pools)
    const reader = meteora.open({ at: () => now })
    await snapshotOf(reader)
    meteora.fake.serve(pools.map((pool) => ({ ...pool, name: 'Renamed', tvl: 20_000 })))
    now += 3_600_000
    expect((await snapshotOf(reader)).opportunities[0]).toMatchObject({ name: 'SOL-USDC', tvlUsd: 20_000 })
    now += DAY_MS
    expect((await snapshotOf(reader)).opportunities[0]).toMatchObject({ name: 'Renamed' })
  })

  it('are trusted by their tokens: a freeze authority counts where nobody vouches for the token', async () => {
    const unknown = aToken({ address: mintOf(5), symbol: 'NEW', is_verified: false })
    const trap = { ...unknown, address: mintOf(6), freeze_authority_disabled: false }
    const pools = [unknown, trap].map((token_x, index) =>
      aPool({
        number: index + 1,
        tvl: 5_000,
        feesPerDay: 0.01,
        createdAtMs: NOW_MS - 2 * DAY_MS - index,
        change: { token_x },
      }),
    )
    meteora.fake.serve(pools)
    const { opportunities } = await snapshotOf(meteora.open())
    expect(opportunities.map(({ id, trust, pool }) => [id, trust, pool?.freezable]).sort()).toEqual([
      [mintOf(1, 'P'), 'medium', false],
      [mintOf(2, 'P'), 'low', true],
    ])
  })

  it('that are unusable are skipped and counted, up to one in twenty', async () => {
    meteora.fake.serve(somePools(100))
    for (const value of [null, -5, 1e13, 'NaN', '10000', undefined]) {
      meteora.fake.set({ kind: 'broken-rows', every: 25, field: 'tvl', value })
      const { opportunities, skipped } = await snapshotOf(meteora.open())
      expect([value, opportunities.length, skipped]).toEqual([value, 96, 4])
    }
  })

  it('that repeat or slip between moving pages are counted once, and a few missing ones do no harm', async () => {
    meteora.fake.serve(somePools(3_000))
    meteora.fake.set({ kind: 'moving', rows: 30 })
    const { opportunities } = await snapshotOf(meteora.open())
    expect(opportunities).toHaveLength(2_940)
    expect(new Set(opportunities.map(({ id }) => id)).size).toBe(2_940)
  })

  const suspects: [string, MeteoraFault, RegExp][] = [
    ['429', { kind: 'rate-limited', retryAfterS: 30 }, /Meteora's API/],
    ['a 503', { kind: 'status', status: 503 }, /HTTP 503/],
    ['a 400', { kind: 'status', status: 400 }, /HTTP 400/],
    ['HTML', { kind: 'html' }, /not JSON/],
    ['silence', { kind: 'hang' }, /Meteora's API/],
    ['more than is read', { kind: 'too-long', bytes: 9_000_000 }, /Meteora's API/],
    ['an empty list', { kind: 'empty' }, /empty list/],
    ['a list that ends early', { kind: 'cut-short' }, /1000 of 2000 rows/],
    ['one bad row in ten', { kind: 'broken-rows', every: 10, field: 'fees', value: -1 }, /200 of 2000 rows/],
    ['rows without tokens', { kind: 'broken-rows', every: 1, field: 'token_x', value: null }, /2000 of 2000/],
    ['NaN where no JSON has it', { kind: 'nan' }, /not JSON/],
    ['pages that moved far', { kind: 'moving', rows: 200 }, /1800 of 2000 rows/],
  ]
  it.each(suspects)(
    'answered with %s are suspect, and nothing is concluded',
    async (...[, fault, reason]) => {
      meteora.fake.serve(somePools(2_000))
      meteora.fake.set(fault)
      const answer = await refreshed(meteora.open())
      expect(answer.kind).toBe('suspect')
      expect(answer.kind === 'suspect' && answer.reason).toMatch(reason)
    },
  )

  it('of which half is gone are suspect, unless fewer were asked for', async () => {
    const reader = meteora.open()
    meteora.fake.serve(somePools(100))
    await snapshotOf(reader)
    meteora.fake.serve(somePools(49))
    const answer = await refreshed(reader)
    expect(answer).toEqual({ kind: 'suspect', reason: "Meteora's API: 49 pools where there were 100" })
    meteora.fake.serve(somePools(50))
    expect((await snapshotOf(reader)).opportunities).toHaveLength(50)
  })

  it('are good again after a suspect answer, measured against the last good one', async () => {
    const reader = meteora.open()
    meteora.fake.serve(somePools(100))
    await snapshotOf(reader)
    meteora.fake.set({ kind: 'half' })
    meteora.fake.serve(somePools(90))
    expect((await refreshed(reader)).kind).toBe('suspect')
    meteora.fake.set({ kind: 'ok' })
    meteora.fake.serve(somePools(95))
    expect((await snapshotOf(reader)).opportunities).toHaveLength(95)
  })

  it('are given up when the signal fires', async () => {
    meteora.fake.set({ kind: 'hang' })
    const stop = new AbortController()
    const given = meteora.open().pools.refresh(stop.signal)
    stop.abort()
    await expect(given).rejects.toThrow()
  })
})

describe('positions in pools', () => {
  const meteora = useMeteora()
  const pool = mintOf(1, 'P')
  const at = (number: number) => mintOf(number, 'Q')

  it('have the bins of the range, the bin of the price and what the source says', async () => {
    meteora.fake.hold(WALLET, [
      { address: at(1), pool, lower: 100, upper: 168, active: 120, outOfRange: false },
      { address: at(2), pool, lower: 100, upper: 110, active: 120, outOfRange: true },
    ])
    const { positions, gaps } = await meteora.open().positions(WALLET, { priority: 'command' })
    expect(gaps).toBeNull()
    expect(positions.map(({ position, bins }) => [position, bins])).toEqual([
      [at(1), { lower: 100, upper: 168, active: 120, outOfRange: false }],
      [at(2), { lower: 100, upper: 110, active: 120, outOfRange: true }],
    ])
    expect(positions[0]).toMatchObject({
      pool,
      name: 'SOL-USDC',
      poolValueUsd: 1234.5,
      poolUnclaimedUsd: 6.7,
    })
  })

  it('whose place the source does not know are unknown, never in range', async () => {
    meteora.fake.hold(WALLET, [{ address: at(1), pool, lower: 1, upper: 9, active: null, outOfRange: null }])
    const { positions } = await meteora.open().positions(WALLET, { priority: 'command' })
    expect(positions[0]?.bins).toMatchObject({ active: null, outOfRange: null })
  })

  it('of a wallet without any are none', async () => {
    const { positions } = await meteora.open().positions(mintOf(5, 'W'), { priority: 'command' })
    expect(positions).toEqual([])
  })
})

describe("the double of Meteora's API", () => {
  const meteora = useMeteora()

  it('answers in the shape of the official description', async () => {
    const agent = { headers: { 'user-agent': 'test' } }
    const get = async (path: string): Promise<unknown> =>
      await (await fetch(`${meteora.fake.url}${path}`, agent)).json()
    meteora.fake.serve(aUniverse({ count: 300, seed: 1, nowMs: NOW_MS }))
    meteora.fake.hold(WALLET, [
      { address: mintOf(1, 'Q'), pool: mintOf(1, 'P'), lower: 1, upper: 9, active: null, outOfRange: null },
    ])
    const pools = await get('/pools?page=1&page_size=1000')
    expect((pools as { data: unknown[] }).data).toHaveLength(300)
    expect(faultsIn(pools, { shape: POOLS_ANSWER })).toEqual([])
    expect(faultsIn(await get(`/portfolio/open?user=${WALLET}`), { shape: PORTFOLIO_ANSWER })).toEqual([])
    const bins = await get(`/positions/${mintOf(1, 'P')}/pnl?user=${WALLET}`)
    expect(faultsIn(bins, { shape: POSITIONS_ANSWER })).toEqual([])
    expect(faultsIn({ ...(pools as object), total: '300', more: 1 }, { shape: POOLS_ANSWER })).toEqual([
      '.more is not described',
      '.total is no whole',
    ])
  })

  it('finds nothing for a filter that it does not know, without an error', async () => {
    meteora.fake.serve(somePools(5))
    const url = `${meteora.fake.url}/pools?page=1&page_size=10&filter_by=liquidity%3E1`
    const answer = await fetch(url, { headers: { 'user-agent': 'test' } })
    expect([answer.status, await answer.json()]).toMatchObject([200, { total: 0, data: [] }])
  })
})

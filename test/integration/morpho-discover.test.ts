import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Discovery, LendingStrategy } from '../../protocols/strategy.ts'
import { type Api, createApi } from '../../src/chain/api.ts'
import { createCache, type MemoryCache, type SavedEntry } from '../../src/chain/memory-cache.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { readMorphoData } from '../fakes/morpho-api/follow-chain.ts'
import { createFakeMorphoApi, type FakeMorphoApi } from '../fakes/morpho-api/index.ts'
import { memoryCache } from './cache-kit.ts'
import { logsOf } from './log-kit.ts'
import { morphoOf, morphoRef } from './morpho-kit.ts'
import { type Bench, createBench, lower } from './neverland-kit.ts'

let chain: LocalChain
let fake: FakeMorphoApi
let bench: Bench
let upstream: Api
let borrower: string
let twice: string
let depositor: string
const nobody = '0x00000000000000000000000000000000000b0b0b'

beforeAll(async () => {
  chain = await createLocalChain()
  fake = await createFakeMorphoApi()
  fake.followChain(chain)
  const [first = '', second = '', third = ''] = await chain.openMorphoPositions([
    { market: 'WMON-USDC', collateral: '100', borrow: '300' },
    { market: 'WBTC-USDC', collateral: '1', borrow: '20000' },
    { market: 'sMON-WMON', collateral: '5' },
  ])
  borrower = first
  twice = second
  depositor = third
  await chain.openMorphoPosition({ market: 'USDC-WMON', owner: twice, collateral: '1000', borrow: '100' })
})
afterAll(async () => {
  await Promise.all([chain.stop(), fake.stop()])
})
beforeEach(async () => {
  await fake.set({ kind: 'ok' })
  bench = await createBench(chain)
  upstream = newUpstream()
})
afterEach(async () => {
  await Promise.all([bench.stop(), upstream.stop()])
})

function newUpstream(): Api {
  return createApi({
    url: fake.url,
    requestsPerSecond: 200,
    timeoutMs: 1_000,
    maxBytes: 1_000_000,
    now: () => performance.now(),
    random: () => 0,
    name: "Morpho's API",
  })
}

function morpho(cache: MemoryCache = memoryCache()): LendingStrategy {
  return morphoOf(chain, { api: { url: fake.url, upstream }, cache })
}

function discover(owners: readonly string[], strategy = morpho()): Promise<Discovery[]> {
  return bench.at((at) => strategy.discover(owners.map(lower), at))
}

function keys(found: Discovery | undefined): string[] {
  return (found?.refs ?? []).map(({ key }) => key).sort()
}

function keyOf(owner: string, market: Parameters<typeof morphoRef>[1]['market']): string {
  return morphoRef(chain, { owner, market }).key
}

describe('finding Morpho positions', () => {
  it('finds every loan and deposit of each owner, and knows that this is all', async () => {
    const found = await discover([borrower, twice, depositor, nobody])
    expect(found.map(({ kind }) => kind)).toEqual(['complete', 'complete', 'complete', 'complete'])
    expect(keys(found[0])).toEqual([keyOf(borrower, 'WMON-USDC')])
    expect(keys(found[1])).toEqual([keyOf(twice, 'USDC-WMON'), keyOf(twice, 'WBTC-USDC')].sort())
    expect(keys(found[2])).toEqual([keyOf(depositor, 'sMON-WMON')])
    expect(keys(found[3])).toEqual([])
    expect(found[0]?.refs[0]?.marketName).toBe('Morpho WMON/USDC 86%')
  })

  it('asks for at most 100 owners at a time', async () => {
    const from = fake.requests().length
    const owners = [...Array.from({ length: 204 }, () => chain.newOwner()), borrower]
    const found = await discover(owners)
    expect(found).toHaveLength(205)
    expect(keys(found.at(-1))).toEqual([keyOf(borrower, 'WMON-USDC')])
    const lists = fake
      .requests()
      .slice(from)
      .flatMap(({ variables }) => (Array.isArray(variables['owners']) ? [variables['owners'].length] : []))
    expect(lists).toEqual([100, 100, 5])
  })

  it.each([
    ['is down', { kind: 'down' } as const],
    ['hangs', { kind: 'hang' } as const],
    ['answers with HTML and 200', { kind: 'html' } as const],
    ['answers with a gateway page and 502', { kind: 'status', status: 502, html: true } as const],
    ['answers 500', { kind: 'status', status: 500 } as const],
    ['answers 429', { kind: 'status', status: 429, retryAfter: 1 } as const],
    ['answers 400 to everything', { kind: 'status', status: 400 } as const],
    ['answers `errors` with 200', { kind: 'errors' } as const],
    ['answers without end', { kind: 'oversized' } as const],
    ['gives null for every list', { kind: 'null-items' } as const],
    ['gives rows of another shape', { kind: 'garbage', everyRow: 1 } as const],
  ])(
    'looks at the chain alone when the API %s, and says that there may be more',
    async (_, fault) => {
      const cache = memoryCache()
      // Seen once before, so that the markets are known.
      await discover([nobody], morpho(cache))
      await upstream.stop()
      upstream = newUpstream()
      await fake.set(fault)
      const [found, other] = await discover([twice, nobody], morpho(cache))
      expect(keys(found)).toEqual([keyOf(twice, 'USDC-WMON'), keyOf(twice, 'WBTC-USDC')].sort())
      expect(other).toMatchObject({ refs: [] })
      for (const one of [found, other]) {
        // The list of markets was complete a moment ago, and every one of them was looked at.
        expect(one?.kind === 'partial' ? one.reason : 'complete').toMatch(/complete|Morpho's API/)
      }
    },
    20_000,
  )

  it('never calls an owner empty when neither API nor market list could be asked', async () => {
    await fake.set({ kind: 'down' })
    const [found] = await discover([borrower])
    expect(found).toMatchObject({ kind: 'partial', refs: [] })
    expect(found?.kind === 'partial' && found.reason).toContain("Morpho's API")
  })

  it('lets the chain win when the API says that there is nothing', async () => {
    const cache = memoryCache()
    await discover([nobody], morpho(cache))
    await fake.set({ kind: 'empty', list: 'marketPositions' })
    const found = await discover([borrower, twice], morpho(cache))
    expect(keys(found[0])).toEqual([keyOf(borrower, 'WMON-USDC')])
    expect(keys(found[1])).toHaveLength(2)
  })

  it('looks at everybody on the chain as soon as one position was missed among many owners', async () => {
    const cache = memoryCache()
    await discover([nobody], morpho(cache))
    await fake.set({ kind: 'empty', list: 'marketPositions' })
    // More than are looked at one by one: a sample is, and any of them gives the API away.
    const owners = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? borrower : twice))
    const found = await discover(owners, morpho(cache))
    expect(found.every(({ refs }) => refs.length > 0)).toBe(true)
  })

  it('takes an API position that the chain does not have for none', async () => {
    const owner = await chain.openMorphoPosition({ market: 'WMON-USDC', collateral: '10', borrow: '5' })
    const data = await readMorphoData(chain)
    await chain.repayMorpho({ market: 'WMON-USDC', owner, amount: 'max' })
    await chain.withdrawMorphoCollateral({ market: 'WMON-USDC', owner, amount: 'max' })
    fake.serve(data)
    try {
      const [found] = await discover([owner])
      expect(found).toEqual({ kind: 'complete', refs: [] })
    } finally {
      fake.followChain(chain)
    }
  })

  it.each([
    ['state', { kind: 'null-state', everyRow: 1 } as const],
    ['health', { kind: 'null-health', everyRow: 1 } as const],
  ])('asks the chain about rows whose %s is null', async (_, fault) => {
    await fake.set(fault)
    const [found] = await discover([borrower])
    expect(keys(found)).toEqual([keyOf(borrower, 'WMON-USDC')])
  })

  it('shrinks its pages when one corrupt row fails the big ones', async () => {
    await fake.set({ kind: 'corrupt-page', above: 30 })
    const found = await discover([borrower, nobody])
    expect(found.map(({ kind }) => kind)).toEqual(['complete', 'complete'])
    expect(keys(found[0])).toEqual([keyOf(borrower, 'WMON-USDC')])
  })

  it('is not misled by rows that come twice', async () => {
    await fake.set({ kind: 'duplicates' })
    const [found] = await discover([twice])
    expect(keys(found)).toHaveLength(2)
  })

  it('knows every market after a restart without the API, also when a read came first', async () => {
    const saved: SavedEntry[] = []
    const before = savingCache(saved)
    await discover([nobody], morpho(before))
    await before.flush()
    await fake.set({ kind: 'down' })
    const after = savingCache(saved)
    await after.start()
    const strategy = morpho(after)
    await bench.at((at) => strategy.read([morphoRef(chain, { owner: borrower, market: 'WMON-USDC' })], at))
    const [found] = await discover([twice], strategy)
    expect(keys(found)).toHaveLength(2)
    await after.flush()
    expect(saved.find(({ key }) => key === 'morpho-known')?.value).toHaveLength(5)
  })

  it('finds a loan in a market that only its own event has told of', async () => {
    await fake.set({ kind: 'down' })
    const strategy = morpho()
    const address = chain.addresses.morpho.address
    for (const log of await logsOf(chain, { address })) {
      if (log.topics[2]?.endsWith(borrower.slice(2).toLowerCase())) strategy.logs.decode(log)
    }
    const [found] = await discover([borrower], strategy)
    expect(keys(found)).toEqual([keyOf(borrower, 'WMON-USDC')])
  })

  it('asks again less often what many searches share, and never for longer than it may', async () => {
    const cache = memoryCache()
    const strategy = morpho(cache)
    await discover([borrower], strategy)
    const from = fake.requests().length
    for (let round = 0; round < 5; round += 1) await discover([borrower], strategy)
    const lists = fake
      .requests()
      .slice(from)
      .map(({ lists: asked }) => asked.join())
    expect(lists.filter((list) => list.includes('markets'))).toEqual([])
    expect(cache.counters().hits).toBeGreaterThan(0)
  })
})

/** A cache over what one before it has saved. */
function savingCache(saved: SavedEntry[]): MemoryCache {
  return createCache({
    now: () => 0,
    maxEntries: 1_000,
    saved: {
      load: () => Promise.resolve([...saved]),
      save: ({ rows, forgotten }) => {
        const kept = saved.filter(
          ({ key }) =>
            !forgotten.some((prefix) => key.startsWith(prefix)) && !rows.some((row) => row.key === key),
        )
        saved.splice(0, saved.length, ...kept, ...rows)
        return Promise.resolve()
      },
    },
    onError: (error) => {
      throw error
    },
  })
}

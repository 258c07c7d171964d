import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createMatrixBed, type MatrixBed, type MatrixTest } from './matrix-bed.ts'
import { expectForAPerson, expectOneStory, listedAs, type Seen, verdictOf } from './matrix-kit.ts'
import { type Indexer, STAGE_NAMES, type StageName } from './matrix-stages.ts'

let bed: MatrixBed
let test: MatrixTest

beforeAll(async () => {
  bed = await createMatrixBed()
})
afterAll(() => bed.stop())
beforeEach(async () => {
  test = await bed.begin()
})
afterEach(async () => {
  const bugs = [...test.bugs]
  await test.stop()
  expect(bugs).toEqual([])
})

const SITUATIONS = ['warning', 'liquidatable', 'debt without collateral', 'nothing'] as const
const EVERYWHERE = STAGE_NAMES.flatMap((stage) => SITUATIONS.map((situation) => [stage, situation] as const))

const WRONG = ['html', 'truncate', 'empty'] as const

function told(seen: Seen, ref: Parameters<typeof listedAs>[1]): [string, string] {
  return [verdictOf(seen.reading), listedAs(seen, ref)]
}

describe('one of two endpoints', () => {
  it.each(EVERYWHERE)(
    '%s: %s, one endpoint down -> the same as before, from the other one',
    async (name, situation) => {
      const { strategy, open } = test.stage(name)
      const ref = await open(situation)
      const before = await test.look(strategy, ref)
      const [down, up] = test.proxies
      await down.set({ kind: 'down' })
      for (let round = 0; round < 2; round += 1) {
        const seen = await test.look(strategy, ref)
        expect(told(seen, ref)).toEqual(told(before, ref))
        expectOneStory(seen)
        expect(seen.reading).toMatchObject({ endpoint: new URL(up.url).host })
      }
    },
  )

  it.each(STAGE_NAMES.flatMap((stage) => WRONG.map((kind) => [stage, kind] as const)))(
    '%s: warning, one endpoint answers "%s" -> warning, from the other one',
    async (name, kind) => {
      const { strategy, open } = test.stage(name)
      const ref = await open('warning')
      const [bad, good] = test.proxies
      await bad.set({ kind })
      for (let round = 0; round < 2; round += 1) {
        const seen = await test.look(strategy, ref)
        expect(told(seen, ref)).toEqual(['warning', 'listed'])
        expectOneStory(seen)
        expect(seen.reading).toMatchObject({ endpoint: new URL(good.url).host })
      }
    },
  )
})

describe('all endpoints', () => {
  const OUTAGES = EVERYWHERE.flatMap(([stage, situation]) => {
    const kinds =
      situation === 'warning' || situation === 'nothing' ? (['down', ...WRONG] as const) : (['down'] as const)
    return kinds.map(
      (kind) => [`${stage}: ${situation}, all endpoints "${kind}"`, { stage, situation, kind }] as const,
    )
  })

  it.each(OUTAGES)(
    '%s -> unknown(rpc), never none and never "no position"',
    async (_, { stage: name, situation, kind }) => {
      const { strategy, open } = test.stage(name)
      const ref = await open(situation)
      const before = await test.look(strategy, ref)
      await Promise.all(test.proxies.map((proxy) => proxy.set({ kind })))
      const seen = await test.look(strategy, ref)
      expect(told(seen, ref)).toEqual(['unknown(rpc)', 'not listed, maybe not all'])
      expectOneStory(seen)
      await Promise.all(test.proxies.map((proxy) => proxy.set({ kind: 'ok' })))
      expect(told(await test.look(strategy, ref), ref)).toEqual(told(before, ref))
    },
  )
})

describe('the indexer', () => {
  const WITHOUT = STAGE_NAMES.filter((name) => /Neverland|Curvance/.test(name))
  const WITH: readonly StageName[] = ['Morpho on real Morpho', 'Euler double']
  const indexerOf = (name: StageName): Indexer => {
    const { indexer } = test.stage(name)
    if (!indexer) throw new Error(`${name} has no indexer`)
    return indexer
  }

  it.each(WITHOUT)(
    '%s: indexers down -> it has none, and what it finds on the chain is all',
    async (name) => {
      await Promise.all(WITH.map((other) => indexerOf(other).goDown()))
      const { strategy, open, indexer } = test.stage(name)
      expect(indexer).toBeNull()
      const ref = await open('warning')
      const seen = await test.look(strategy, ref)
      expect(told(seen, ref)).toEqual(['warning', 'listed'])
      expectOneStory(seen)
    },
  )

  it('Morpho on real Morpho: indexer down from the start -> read all the same, and not called empty', async () => {
    const { strategy, open, indexer } = test.stage('Morpho on real Morpho')
    const ref = await open('warning')
    await indexer?.goDown()
    const seen = await test.look(strategy, ref)
    expect(told(seen, ref)).toEqual(['warning', 'not listed, maybe not all'])
    expectOneStory(seen)
    // The market is known from the position that was read.
    const again = await test.look(strategy, ref)
    expect(told(again, ref)).toEqual(['warning', 'listed, maybe not all'])
    expectOneStory(again)
  })

  it('Morpho on real Morpho: indexer down later -> found in the markets that it listed before', async () => {
    const { strategy, open, indexer } = test.stage('Morpho on real Morpho')
    await test.look(strategy, await open('nothing'))
    const ref = await open('liquidatable')
    await indexer?.goDown()
    const seen = await test.look(strategy, ref)
    expect(told(seen, ref)).toEqual(['liquidatable', 'listed'])
    expectOneStory(seen)
  })

  it('Euler double: indexer down -> found in all 256 accounts on the chain', async () => {
    const { strategy, open, indexer } = test.stage('Euler double')
    const ref = await open('warning')
    await indexer?.goDown()
    const seen = await test.look(strategy, ref)
    expect(told(seen, ref)).toEqual(['warning', 'listed'])
    expectOneStory(seen)
  })

  it.each(WITH)('%s: indexer says nothing although the chain has debt -> listed', async (name) => {
    const { strategy, open, indexer } = test.stage(name)
    const ref = await open('liquidatable')
    await indexer?.hide()
    const seen = await test.look(strategy, ref)
    expect(told(seen, ref)).toEqual(['liquidatable', 'listed'])
    expectOneStory(seen)
  })

  it.each(WITH)(
    '%s: indexer says a position that the chain does not have -> none, not listed',
    async (name) => {
      const { strategy, open, indexer } = test.stage(name)
      const ref = await open('nothing')
      await indexer?.invent(ref)
      const seen = await test.look(strategy, ref)
      expect(told(seen, ref)).toEqual(['none', 'not listed'])
      expectOneStory(seen)
    },
  )

  it.each(WITH)(
    '%s: indexer and all endpoints down -> unknown(rpc), with words for a person',
    async (name) => {
      const { strategy, open, indexer } = test.stage(name)
      const ref = await open('warning')
      await indexer?.goDown()
      await Promise.all(test.proxies.map((proxy) => proxy.set({ kind: 'down' })))
      const seen = await test.look(strategy, ref)
      expect(told(seen, ref)).toEqual(['unknown(rpc)', 'not listed, maybe not all'])
      expectOneStory(seen)
      expectForAPerson(seen.reading.kind === 'unknown' ? seen.reading.detail : '')
    },
  )
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { PositionRef, Reading } from '../../src/domain/position.ts'
import { type CurvanceDoubles, createCurvanceDoubles } from '../chain/curvance/doubles.ts'
import { CURVANCE_MARKET_PLANS, type CurvanceMarketName } from '../chain/curvance/market-plan.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import {
  curvanceOf,
  curvanceRef,
  healthOf,
  okReading,
  openWorkedExample,
  WAD,
  WORKED_HEALTH_WAD,
} from './curvance-kit.ts'
import { type Bench, createBench, lower } from './neverland-kit.ts'

const MARKETS = Object.keys(CURVANCE_MARKET_PLANS) as CurvanceMarketName[]

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

function readWith(strategy: LendingStrategy, refs: readonly PositionRef[]): Promise<Reading[]> {
  return bench.at((at) => strategy.read(refs, at))
}

function workedExample(wmonUsd: string): Promise<PositionRef> {
  return openWorkedExample(doubles, { owner: chain.newOwner(), wmonUsd })
}

describe('the ProtocolReader', () => {
  it('is all that is asked about a loan while it is the one that is known', async () => {
    const ref = await workedExample('2')
    const strategy = curvanceOf(doubles)
    await readWith(strategy, [ref])
    const asked = new Set<string>()
    const [reading] = await bench.at(async (at) => {
      const watched: ChainReader = {
        ...at,
        call: (calls) => {
          for (const { to } of calls) asked.add(to)
          return at.call(calls)
        },
      }
      return await strategy.read([ref], watched)
    })
    expect(healthOf(reading)).toBe(WORKED_HEALTH_WAD)
    expect([...asked]).toEqual([lower(doubles.addresses.reader)])
  })
})

describe("the ProtocolReader's error flag", () => {
  it.each(['WMON', 'USDC'])('decides before any number when the feed of %s is bad', async (symbol) => {
    const ref = await workedExample('2')
    await doubles.setFeed({ symbol, lower: '2', errorCode: 2 })
    const [reading] = await readWith(curvanceOf(doubles), [ref])
    expect(reading).toEqual({
      kind: 'unknown',
      reason: 'oracle',
      detail: 'a price that Curvance needs is missing',
    })
  })
})

describe('a ProtocolReader that was replaced', () => {
  it.each(['grownReader', 'halfGrownReader'] as const)(
    'by one whose structs grew (%s) is done without, with the same number',
    async (name) => {
      const ref = await workedExample('2')
      const strategy = curvanceOf(doubles, { reader: lower(doubles.addresses[name]) })
      const [reading] = await readWith(strategy, [ref])
      expect(healthOf(reading)).toBe(WORKED_HEALTH_WAD)
      expect(okReading(reading).collateral.amount).toBe(2020n * WAD)
    },
  )

  it('while it is in use is done without in the very same read', async () => {
    const ref = await workedExample('2')
    const strategy = curvanceOf(doubles)
    const before = await readWith(strategy, [ref])
    const grown = await chain.rpc.send('eth_getCode', [doubles.addresses.grownReader, 'latest'])
    await chain.rpc.send('anvil_setCode', [doubles.addresses.reader, grown])
    const [after] = await readWith(strategy, [ref])
    expect(healthOf(after)).toBe(healthOf(before[0]))
    await chain.makeCallsRevert(doubles.addresses.reader)
    expect(healthOf((await readWith(strategy, [ref]))[0])).toBe(healthOf(before[0]))
  })

  it('by one of another registry is done without', async () => {
    const ref = await workedExample('2')
    const strategy = curvanceOf(doubles, { reader: lower(doubles.addresses.oracleManager) })
    expect(healthOf((await readWith(strategy, [ref]))[0])).toBe(WORKED_HEALTH_WAD)
  })
})

describe('finding positions in doubles of Curvance', () => {
  it('names every market that an owner is in, and is complete when all answer', async () => {
    const [everywhere, nowhere] = [chain.newOwner(), chain.newOwner()]
    for (const [market, symbol] of [
      ['WMON/USDC', 'WMON'],
      ['sMON/WMON', 'WMON'],
      ['WBTC/USDC', 'USDC'],
    ] as const) {
      await doubles.put({ market, symbol, entries: [{ owner: everywhere, shares: 0n, debt: 5n }] })
    }
    const strategy = curvanceOf(doubles)
    const found = await bench.at((at) => strategy.discover([lower(everywhere), lower(nowhere)], at))
    expect(found).toEqual([
      {
        kind: 'complete',
        refs: MARKETS.map((market) => curvanceRef(doubles, { owner: everywhere, market })),
      },
      { kind: 'complete', refs: [] },
    ])
  })

  it('is partial while one market does not answer, and still finds what is in the others', async () => {
    const owner = chain.newOwner()
    await doubles.put({
      market: 'WMON/USDC',
      symbol: 'USDC',
      entries: [{ owner, shares: 0n, debt: 5n }],
    })
    await doubles.addBrokenMarket()
    const [found] = await bench.at((at) => curvanceOf(doubles).discover([lower(owner)], at))
    expect(found).toMatchObject({ kind: 'partial', refs: [{ marketName: 'Curvance WMON/USDC' }] })
  })
})

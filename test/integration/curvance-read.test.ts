import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { PositionRef, Reading } from '../../src/domain/position.ts'
import { type CurvanceDoubles, createCurvanceDoubles, type Entry } from '../chain/curvance/doubles.ts'
import { CURVANCE_MARKET_PLANS, type CurvanceMarketName } from '../chain/curvance/market-plan.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import {
  curvanceOf,
  curvanceRef,
  okReading,
  openWorkedExample,
  PATHS,
  type Path,
  WAD,
} from './curvance-kit.ts'
import { type Bench, createBench } from './neverland-kit.ts'
import { createRandom } from './random.ts'

const MARKETS = Object.keys(CURVANCE_MARKET_PLANS) as CurvanceMarketName[]
const RANDOM_POSITIONS = 600
const ROUNDS = 3

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

async function read(ref: PositionRef, path: Path): Promise<Reading | undefined> {
  const [reading] = await readWith(curvanceOf(doubles, { path }), [ref])
  return reading
}

function workedExample(wmonUsd: string): Promise<PositionRef> {
  return openWorkedExample(doubles, { owner: chain.newOwner(), wmonUsd })
}

describe.each(PATHS)('reading doubles of Curvance through %s', (path) => {
  it('gives the worked example to the last digit', async () => {
    const ref = await workedExample('2')
    expect(await read(ref, path)).toMatchObject({
      kind: 'ok',
      health: { noDebt: false, healthWad: 1_030_717_948_717_948_717n, liquidatable: false },
      collateral: { amount: 2020n * WAD, decimals: 18 },
      debt: { amount: 1500n * WAD, decimals: 18 },
      unit: 'USD',
    })
  })

  it.each([
    ['1.9', 'A part of it can be liquidated now: it is 25.51 % of the way to a full liquidation.'],
    ['1.7', 'All of it can be liquidated now.'],
  ])('says at $%s how much can be liquidated', async (price, note) => {
    const ref = await workedExample(price)
    expect(await read(ref, path)).toMatchObject({ health: { liquidatable: true } })
    const inspection = await bench.at((at) => curvanceOf(doubles, { path }).inspect(ref, at))
    if (inspection.kind !== 'ok') throw new Error(inspection.kind)
    expect(inspection.detail.notes).toContain(note)
  })

  it('takes 1.0 itself for the line', async () => {
    // 1500 of debt need 1500 / 0.995 of collateral at the soft line.
    const ref = await workedExample('2')
    const inspection = await bench.at((at) => curvanceOf(doubles, { path }).inspect(ref, at))
    if (inspection.kind !== 'ok') throw new Error(inspection.kind)
    const lineWad = inspection.detail.collateral[0]?.liquidationPrice?.amount ?? 0n
    await doubles.setFeed({ symbol: 'WMON', lower: lineWad })
    expect(await read(ref, path)).toMatchObject({ health: { liquidatable: true } })
    await doubles.setFeed({ symbol: 'WMON', lower: lineWad + 1n })
    expect(await read(ref, path)).toMatchObject({ health: { liquidatable: false } })
  })

  it('says unknown(oracle) when the feed of the collateral is bad, and not that it is about to be liquidated', async () => {
    const ref = await workedExample('2')
    await doubles.setFeed({ symbol: 'WMON', lower: '2', errorCode: 2 })
    expect(await read(ref, path)).toMatchObject({ kind: 'unknown', reason: 'oracle' })
  })

  it('says unknown(oracle) when the feed of the debt is bad, and not that the debt is gone', async () => {
    const ref = await workedExample('2')
    await doubles.setFeed({ symbol: 'USDC', lower: '1', errorCode: 2 })
    expect(await read(ref, path)).toMatchObject({ kind: 'unknown', reason: 'oracle' })
  })

  it.each(['WMON', 'USDC'])(
    'says unknown for a %s price of zero without an error, and for a feed that fails',
    async (symbol) => {
      const ref = await workedExample('2')
      await doubles.setFeed({ symbol, lower: '0' })
      expect(await read(ref, path)).toMatchObject({ kind: 'unknown', reason: 'oracle' })
      await doubles.setFeed({ symbol, lower: '1', failing: true })
      expect(await read(ref, path)).toMatchObject({ kind: 'unknown', reason: 'oracle' })
    },
  )

  it('still reads under a mere warning of the oracle', async () => {
    const ref = await workedExample('2')
    await doubles.setFeed({ symbol: 'WMON', lower: '2', errorCode: 1 })
    expect(await read(ref, path)).toMatchObject({ kind: 'ok' })
  })

  it('takes the lower price for collateral and the upper one for debt', async () => {
    const ref = await workedExample('2')
    await doubles.setFeed({ symbol: 'WMON', lower: '2', upper: '2.2' })
    await doubles.setFeed({ symbol: 'USDC', lower: '0.9', upper: '1.1' })
    const reading = okReading(await read(ref, path))
    expect([reading.collateral.amount, reading.debt.amount]).toEqual([2020n * WAD, 1650n * WAD])
  })

  it('tells a deposit without debt, dust, bad debt and nothing at all apart', async () => {
    const market = 'WMON/USDC'
    const [depositor, dust, ruined, nobody] = Array.from({ length: 4 }, () => chain.newOwner()) as [
      string,
      string,
      string,
      string,
    ]
    await doubles.put({
      market,
      symbol: 'WMON',
      entries: [
        { owner: depositor, shares: 5n * WAD, debt: 0n },
        { owner: dust, shares: 1n, debt: 0n },
      ],
    })
    await doubles.setFeed({ symbol: 'WMON', lower: '0.5' })
    await doubles.put({
      market,
      symbol: 'USDC',
      entries: [
        { owner: dust, shares: 0n, debt: 1n },
        { owner: ruined, shares: 0n, debt: 90_000n },
      ],
    })
    const refs = [depositor, dust, ruined, nobody].map((owner) => curvanceRef(doubles, { owner, market }))
    const readings = await readWith(curvanceOf(doubles, { path }), refs)
    expect(readings[0]).toMatchObject({
      health: { noDebt: true },
      collateral: { amount: (5n * WAD) / 2n },
      debt: { amount: 0n },
    })
    expect(readings[1]).toMatchObject({
      health: { noDebt: false, healthWad: 0n, liquidatable: true },
      collateral: { amount: 0n },
      debt: { amount: 10n ** 12n },
    })
    expect(readings[2]).toMatchObject({
      health: { noDebt: false, healthWad: 0n, liquidatable: true },
      debt: { amount: 9n * 10n ** 16n },
    })
    expect(readings[3]).toMatchObject({ kind: 'none' })
  })

  it('says unknown while the registry is down, and that its list may not be all', async () => {
    const ref = await workedExample('2')
    await chain.makeCallsRevert(doubles.addresses.registry)
    const strategy = curvanceOf(doubles, { path })
    expect((await readWith(strategy, [ref]))[0]).toMatchObject({ kind: 'unknown' })
    const [found] = await bench.at((at) => strategy.discover([ref.owner], at))
    expect(found).toMatchObject({ kind: 'partial', refs: [ref] })
    await chain.restoreCode(doubles.addresses.registry)
  })
})

describe('both ways of reading doubles', () => {
  it(`agree to the last digit on ${RANDOM_POSITIONS * ROUNDS} random positions`, async () => {
    const random = createRandom(20_263)
    const refs: PositionRef[] = []
    for (const market of MARKETS) {
      const { tokens } = CURVANCE_MARKET_PLANS[market]
      const entries: Entry[][] = tokens.map(() => [])
      for (let index = 0; index < RANDOM_POSITIONS / MARKETS.length; index += 1) {
        const owner = chain.newOwner()
        refs.push(curvanceRef(doubles, { owner, market }))
        // Either token may be the collateral, where the other one can be borrowed.
        const flipped = tokens[0].borrowable && random.chance(0.3)
        const [held = 0, owed = 1] = flipped ? [1, 0] : [0, 1]
        const shares = random.chance(0.05) ? 0n : amountOf(random, { market, index: held, most: 3_000 })
        const debt = random.chance(0.1) ? 0n : amountOf(random, { market, index: owed, most: 2_000 })
        entries[held]?.push({ owner, shares, debt: 0n })
        entries[owed]?.push({ owner, shares: 0n, debt })
      }
      for (const [index, { symbol }] of tokens.entries()) {
        await doubles.put({ market, symbol, entries: entries[index] ?? [] })
      }
    }
    const seen = { loans: 0, liquidatable: 0, none: 0 }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const symbol of ['WMON', 'sMON', 'WBTC', 'USDC']) {
        const lowerWad = random.bigint(WAD / 3n, 4n * WAD) * (symbol === 'WBTC' ? 20_000n : 1n)
        await doubles.setFeed({
          symbol,
          lower: lowerWad,
          upper: lowerWad + random.bigint(0n, lowerWad / 50n),
        })
      }
      for (const market of MARKETS) {
        for (const { symbol } of CURVANCE_MARKET_PLANS[market].tokens) {
          const rateWad = random.bigint(WAD, (13n * WAD) / 10n)
          await doubles.setExchangeRate({ market, symbol, rateWad })
        }
      }
      await bench.at(async (at) => {
        const [withReader, without] = await Promise.all(
          PATHS.map((path) => curvanceOf(doubles, { path }).read(refs, at)),
        )
        expect(withReader).toEqual(without)
        for (const reading of withReader ?? []) {
          expect(reading.kind).not.toBe('unknown')
          if (reading.kind === 'none') seen.none += 1
          if (reading.kind !== 'ok' || reading.health.noDebt) continue
          seen.loans += 1
          if (reading.health.liquidatable) seen.liquidatable += 1
        }
      })
    }
    expect(seen.loans).toBeGreaterThan(1_000)
    expect(seen.liquidatable).toBeGreaterThan(100)
    expect(seen.loans - seen.liquidatable).toBeGreaterThan(100)
    expect(seen.none).toBeGreaterThan(0)
  }, 120_000)

  it('take few rounds of calls for many positions', async () => {
    const refs = MARKETS.flatMap((market) =>
      Array.from({ length: 50 }, () => curvanceRef(doubles, { market, owner: chain.newOwner() })),
    )
    for (const path of PATHS) {
      const strategy = curvanceOf(doubles, { path })
      await readWith(strategy, refs)
      const rounds = await bench.at(async (at) => {
        let count = 0
        const counting: ChainReader = {
          ...at,
          call: (calls) => {
            count += 1
            return at.call(calls)
          },
        }
        await strategy.read(refs, counting)
        return count
      })
      expect(rounds).toBeLessThanOrEqual(3)
    }
  })
})

function amountOf(
  random: ReturnType<typeof createRandom>,
  { market, index, most }: { market: CurvanceMarketName; index: number; most: number },
): bigint {
  const { symbol = '' } = CURVANCE_MARKET_PLANS[market].tokens[index] ?? {}
  const decimals = doubles.addresses.markets[market].tokens[symbol]?.decimals ?? 18
  const unit = 10n ** BigInt(decimals)
  const whole = symbol === 'WBTC' ? unit / 20_000n : unit
  return random.bigint(1n, BigInt(most) * whole)
}

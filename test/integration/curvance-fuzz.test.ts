import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Inspection } from '../../protocols/strategy.ts'
import type { PositionRef, Reading } from '../../src/domain/position.ts'
import { type CurvanceDoubles, createCurvanceDoubles } from '../chain/curvance/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { corruptingReader } from './corrupting-reader.ts'
import { cTokenOf, curvanceOf, curvanceRef, openWorkedExample, PATHS, WAD } from './curvance-kit.ts'
import { logsOf } from './log-kit.ts'
import { type Bench, createBench, lower } from './neverland-kit.ts'
import { createRandom } from './random.ts'

const ROUNDS = 150
/** Fewer where every round asks for a lot. */
const DETAIL_ROUNDS = 60
const PATIENCE_MS = 120_000

let chain: LocalChain
let doubles: CurvanceDoubles
let bench: Bench
let refs: PositionRef[]

beforeAll(async () => {
  chain = await createLocalChain()
  doubles = await createCurvanceDoubles(chain)
  const [stable, bitcoin, deposit] = Array.from({ length: 3 }, () => chain.newOwner()) as [
    string,
    string,
    string,
  ]
  const worked = await openWorkedExample(doubles, { owner: chain.newOwner(), wmonUsd: '2' })
  await doubles.put({
    market: 'sMON/WMON',
    symbol: 'sMON',
    entries: [{ owner: stable, shares: 100n * WAD, debt: 0n }],
  })
  await doubles.put({
    market: 'sMON/WMON',
    symbol: 'WMON',
    entries: [{ owner: stable, shares: 0n, debt: 90n * WAD }],
  })
  await doubles.put({
    market: 'WBTC/USDC',
    symbol: 'WBTC',
    entries: [
      { owner: bitcoin, shares: 10n ** 8n, debt: 0n },
      { owner: deposit, shares: 10n ** 7n, debt: 0n },
    ],
  })
  await doubles.put({
    market: 'WBTC/USDC',
    symbol: 'USDC',
    entries: [{ owner: bitcoin, shares: 0n, debt: 40_000n * 10n ** 6n }],
  })
  refs = [
    worked,
    curvanceRef(doubles, { owner: stable, market: 'sMON/WMON' }),
    curvanceRef(doubles, { owner: bitcoin, market: 'WBTC/USDC' }),
    curvanceRef(doubles, { owner: deposit, market: 'WBTC/USDC' }),
  ]
})
afterAll(() => chain.stop())
beforeEach(async () => {
  bench = await createBench(chain)
})
afterEach(() => bench.stop())

describe.each(PATHS)('damaged answers of doubles, read through %s', (path) => {
  it(
    'give the true reading or unknown, and never an exception or another number',
    async () => {
      await bench.at(async (at) => {
        const truth = await curvanceOf(doubles, { path }).read(refs, at)
        expect(truth.every(({ kind }) => kind === 'ok')).toBe(true)
        const seen = { same: 0, unknown: 0 }
        for (let seed = 1; seed <= ROUNDS; seed += 1) {
          const share = [0.05, 0.2, 1][seed % 3] ?? 1
          // A new strategy each time, so that nothing right is remembered.
          const damaged = corruptingReader(at, { seed, share })
          const readings: Reading[] = await curvanceOf(doubles, { path }).read(refs, damaged)
          expect(readings).toHaveLength(refs.length)
          readings.forEach((reading, index) => {
            if (reading.kind === 'unknown') {
              seen.unknown += 1
              return
            }
            expect(reading).toEqual(truth[index])
            seen.same += 1
          })
        }
        expect(seen.same).toBeGreaterThan(50)
        expect(seen.unknown).toBeGreaterThan(50)
      })
    },
    PATIENCE_MS,
  )

  it('after a start that was fine change nothing but what is unknown', async () => {
    await bench.at(async (at) => {
      const strategy = curvanceOf(doubles, { path })
      const truth = await strategy.read(refs, at)
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const readings = await strategy.read(refs, corruptingReader(at, { seed, share: 0.3 }))
        readings.forEach((reading, index) => {
          if (reading.kind !== 'unknown') expect(reading).toEqual(truth[index])
        })
      }
    })
  })

  it('never make discovery claim that it is complete when it is not', async () => {
    await bench.at(async (at) => {
      const owners = refs.map(({ owner }) => owner)
      const strategy = curvanceOf(doubles, { path })
      const complete = await strategy.discover(owners, at)
      expect(complete.map((found) => found.refs.map(({ key }) => key))).toEqual(refs.map(({ key }) => [key]))
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const damaged = corruptingReader(at, { seed, share: 0.3 })
        const asked = seed % 2 === 0 ? strategy : curvanceOf(doubles, { path })
        const found = await asked.discover(owners, damaged)
        found.forEach((discovery, index) => {
          for (const ref of discovery.refs) expect(ref.key).toBe(refs[index]?.key)
          if (discovery.refs.length === 0) expect(discovery.kind).toBe('partial')
        })
      }
    })
  })

  it(
    'make details and ways out true or unknown, and the self-check say so instead of failing',
    async () => {
      await bench.at(async (at) => {
        const truth = await Promise.all(refs.map((ref) => curvanceOf(doubles, { path }).inspect(ref, at)))
        for (let seed = 1; seed <= DETAIL_ROUNDS; seed += 1) {
          const damaged = corruptingReader(at, { seed, share: seed % 2 === 0 ? 0.6 : 0.05 })
          const strategy = curvanceOf(doubles, { path })
          const index = seed % refs.length
          const ref = refs[index]
          if (!ref) continue
          const inspection = await strategy.inspect(ref, damaged)
          expect(['ok', 'unknown']).toContain(inspection.kind)
          if (inspection.kind === 'ok') expect(numbersOf(inspection)).toEqual(numbersOf(truth[index]))
          const rescue = await strategy.rescue({ ref, targetWad: 2n * WAD }, damaged)
          expect(['ok', 'unknown']).toContain(rescue.kind)
          expect((await strategy.selfCheck(damaged)).length).toBeGreaterThan(0)
        }
      })
    },
    PATIENCE_MS,
  )
})

/** What a damaged symbol or rate does not change. */
function numbersOf(inspection: Inspection | undefined) {
  if (inspection?.kind !== 'ok') throw new Error('not inspected')
  const { health, collateral, debt, exact } = inspection.detail
  return {
    health,
    exact,
    collateral: collateral.map(({ amountRaw, value, price, thresholdWad, liquidationPrice }) => ({
      amountRaw,
      value,
      price,
      thresholdWad,
      liquidationPrice,
    })),
    debt: debt.map(({ amountRaw, value, price }) => ({ amountRaw, value, price })),
  }
}

describe('the events of doubles of Curvance', () => {
  const market = 'WMON/USDC'

  it('touch the account whoever acts, and tell a liquidation with the shares that were taken', async () => {
    const strategy = curvanceOf(doubles)
    const filter = await bench.at((at) => strategy.logs.filter(at))
    const owner = lower(chain.newOwner())
    async function eventsOf(act: () => Promise<unknown>) {
      const head = Number(await chain.rpc.send('eth_blockNumber'))
      await act()
      const logs = await logsOf(chain, { address: filter.addresses, fromBlock: head + 1 })
      for (const { topics } of logs) expect(filter.topics).toContain(topics[0])
      return logs.flatMap((log) => strategy.logs.decode(log))
    }
    const touched = { kind: 'touched', owner }
    const wmon = { market, symbol: 'WMON', owner } as const
    const usdc = { market, symbol: 'USDC', owner } as const
    // Entering a position and what was done in it are two events.
    expect(await eventsOf(() => doubles.deposit({ ...wmon, amount: 100n * WAD }))).toEqual([touched, touched])
    expect(await eventsOf(() => doubles.borrow({ ...usdc, amount: 50_000_000n }))).toEqual([touched, touched])
    await chain.accrueTime(1_200)
    expect(await eventsOf(() => doubles.repay({ ...usdc, amount: 10_000_000n }))).toEqual([touched])
    expect(await eventsOf(() => doubles.removeCollateral({ ...wmon, shares: WAD }))).toEqual([touched])
    const liquidated = {
      kind: 'liquidated',
      owner,
      key: curvanceRef(doubles, { owner, market }).key,
      repaid: null,
      seized: { token: cTokenOf(doubles, wmon), amountRaw: 5n * WAD },
    } as const
    expect(await eventsOf(() => doubles.seize({ ...wmon, shares: 5n * WAD }))).toEqual([touched, liquidated])
    expect(await bench.at((at) => strategy.describeLiquidation(liquidated, at))).toEqual({
      marketName: `Curvance ${market}`,
      repaid: null,
      // One share of this double is worth 1.01 of what lies behind it.
      seized: { symbol: 'WMON', amount: { amount: (5n * WAD * 101n) / 100n, decimals: 18 } },
    })
    expect(await eventsOf(() => doubles.configure({ ...wmon, soft: 13_000n, hard: 12_000n }))).toEqual([
      { kind: 'configChanged' },
    ])
  })

  it('never tell of an account that is not in the event, however it is cut', async () => {
    const strategy = curvanceOf(doubles)
    const filter = await bench.at((at) => strategy.logs.filter(at))
    const logs = await logsOf(chain, { address: filter.addresses })
    expect(logs.length).toBeGreaterThan(5)
    const random = createRandom(7)
    for (let round = 0; round < 2_000; round += 1) {
      const log = random.pick(logs)
      const topics = random.chance(0.3) ? [] : log.topics
      const data = random.chance(0.5)
        ? log.data.slice(0, Number(random.bigint(0n, BigInt(log.data.length))))
        : `${log.data}00`
      for (const event of strategy.logs.decode({ ...log, topics, data })) {
        expect(['touched', 'configChanged']).toContain(event.kind)
        if (event.kind === 'touched') expect(log.data).toContain(event.owner.slice(2))
      }
    }
  })
})

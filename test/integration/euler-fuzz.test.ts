import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { OkReading, PositionRef } from '../../src/domain/position.ts'
import { createEulerDoubles, type EulerDoubles } from '../chain/euler/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { corruptingReader } from './corrupting-reader.ts'
import { eulerOf, eulerRef } from './euler-kit.ts'
import { type Bench, createBench } from './neverland-kit.ts'

const ROUNDS = 150

let chain: LocalChain
let euler: EulerDoubles
let bench: Bench
let refs: PositionRef[]
/** A loan that moved to another vault, and one that ended. */
let gone: PositionRef[]

beforeAll(async () => {
  chain = await createLocalChain()
  euler = await createEulerDoubles(chain)
  const { 'eWMON-1': wmon, 'eUSDC-1': usdc, 'eWBTC-1': wbtc } = euler.vaults
  const open = async (accountId: number): Promise<PositionRef> => {
    const owner = await euler.openLoan({
      accountId,
      controller: usdc,
      collateral: [
        { vault: wmon, amount: '1000' },
        { vault: wbtc, amount: '0.1' },
      ],
      debt: '2000',
    })
    return eulerRef({ owner, accountId, controller: usdc })
  }
  refs = [await open(0), await open(7), await open(255)]
  gone = [await open(1), await open(2)]
  for (const [index, { owner }] of gone.entries()) {
    await euler.setController({ owner, accountId: index + 1, vault: usdc, on: false })
  }
  await euler.setController({ owner: gone[0]?.owner ?? '', accountId: 1, vault: wbtc, on: true })
})
afterAll(() => chain.stop())
beforeEach(async () => {
  bench = await createBench(chain)
})
afterEach(() => bench.stop())

/** A reading without what a damaged name or number of decimals may change. */
function numbersOf({ health, collateral, debt, block, endpoint }: OkReading): unknown {
  return { health, block, endpoint, collateral: collateral.amount, debt: debt.amount }
}

describe('damaged answers of Euler', () => {
  it('give the true reading or unknown, and never an exception, another number or another end of a loan', async () => {
    await bench.at(async (at) => {
      const asked = [...refs, ...gone]
      const truth = await eulerOf({ chain, euler }).read(asked, at)
      expect(truth.map(({ kind }) => kind)).toEqual(['ok', 'ok', 'ok', 'none', 'none'])
      const seen = { same: 0, unknown: 0 }
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const damaged = corruptingReader(at, { seed, share: seed % 3 === 0 ? 1 : 0.2 })
        // A new strategy each time, so that nothing right is remembered.
        const readings = await eulerOf({ chain, euler }).read(asked, damaged)
        expect(readings).toHaveLength(asked.length)
        readings.forEach((reading, index) => {
          const right = truth[index]
          if (reading.kind === 'unknown') {
            seen.unknown += 1
            return
          }
          expect(reading.kind).toBe(right?.kind)
          if (reading.kind === 'ok') expect(numbersOf(reading)).toEqual(numbersOf(right as OkReading))
          // A name may be damaged, never which position it is.
          else expect(reading.movedTo?.key).toBe(right?.kind === 'none' ? right.movedTo?.key : 'another kind')
          seen.same += 1
        })
      }
      expect(seen.same).toBeGreaterThan(50)
      expect(seen.unknown).toBeGreaterThan(50)
    })
  })

  it('never make discovery claim that it is complete when it is not', async () => {
    await bench.at(async (at) => {
      const owners = refs.map(({ owner }) => owner)
      const strategy = eulerOf({ chain, euler })
      const complete = await strategy.discover(owners, at)
      expect(complete.map((found) => [found.kind, ...found.refs.map(({ key }) => key)])).toEqual(
        refs.map(({ key }) => ['complete', key]),
      )
      for (let seed = 1; seed <= 25; seed += 1) {
        const found = await strategy.discover(owners, corruptingReader(at, { seed, share: 0.02 }))
        found.forEach((discovery, index) => {
          for (const ref of discovery.refs) expect(ref.key).toBe(refs[index]?.key)
          if (discovery.refs.length === 0) expect(discovery.kind).toBe('partial')
        })
      }
    })
  })

  it('give the true amounts or unknown in details and ways out', async () => {
    await bench.at(async (at) => {
      const [ref] = refs
      if (!ref) throw new Error('no loan')
      const request = { ref, targetWad: 10n ** 19n }
      const truth = await eulerOf({ chain, euler }).rescue(request, at)
      if (truth.kind !== 'ok') throw new Error('not computed')
      expect(truth.ways).toHaveLength(3)
      const seen = { ok: 0, unknown: 0 }
      for (let seed = 1; seed <= ROUNDS; seed += 1) {
        const damaged = corruptingReader(at, { seed, share: 0.05 })
        const result = await eulerOf({ chain, euler }).rescue(request, damaged)
        if (result.kind === 'unknown') {
          seen.unknown += 1
          continue
        }
        if (result.kind !== 'ok') throw new Error('a loan that is there became none')
        seen.ok += 1
        expect(result.ways[0]?.kind).toBe('repay')
        // A collateral that cannot be read is left out, never told wrongly, and never in silence.
        if (result.ways.length < truth.ways.length) {
          expect(result.detail.notes.join()).toMatch(/could not be read/)
        }
        for (const { kind, amountRaw, walletRaw } of result.ways) {
          const right = truth.ways.find((way) => way.kind === kind && way.amountRaw === amountRaw)
          expect(right).toBeDefined()
          if (walletRaw !== null) expect(walletRaw).toBe(right?.walletRaw)
        }
      }
      expect(seen.ok).toBeGreaterThan(20)
      expect(seen.unknown).toBeGreaterThan(20)
    })
  })
})

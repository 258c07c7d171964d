import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Discovery, LendingStrategy } from '../../protocols/strategy.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import { type CurvanceDoubles, createCurvanceDoubles } from '../chain/curvance/doubles.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { cTokenOf, curvanceOf, curvanceRef, WAD } from './curvance-kit.ts'
import { type Bench, createBench, lower } from './neverland-kit.ts'

const LATE = 'sMON/WMON'

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

function discover(strategy: LendingStrategy, owners: readonly string[]): Promise<Discovery[]> {
  return bench.at((at) => strategy.discover(owners.map(lower), at))
}

async function openIn(market: 'WMON/USDC' | typeof LATE, owner: string): Promise<PositionRef> {
  const symbol = market === LATE ? 'sMON' : 'WMON'
  await doubles.put({ market, symbol, entries: [{ owner, shares: 100n * WAD, debt: 0n }] })
  return curvanceRef(doubles, { owner, market })
}

describe('discovery on doubles of Curvance', () => {
  it('finds a loan in a market that was listed after the last look, and follows its events from then on', async () => {
    await doubles.list({ market: LATE, on: false })
    const strategy = curvanceOf(doubles)
    const owner = chain.newOwner()
    const old = await openIn('WMON/USDC', owner)
    expect(await discover(strategy, [owner])).toEqual([{ kind: 'complete', refs: [old] }])

    const late = await openIn(LATE, owner)
    await doubles.list({ market: LATE, on: true })
    expect(await discover(strategy, [chain.newOwner(), owner])).toEqual([
      { kind: 'complete', refs: [] },
      { kind: 'complete', refs: [old, late] },
    ])
    const filter = await bench.at((at) => strategy.logs.filter(at))
    expect(filter.addresses).toContain(lower(doubles.addresses.markets[LATE].manager))
    expect(filter.addresses).toContain(cTokenOf(doubles, { market: LATE, symbol: 'sMON' }))
  })

  it('is partial, never complete, when a market that was just listed does not answer', async () => {
    const strategy = curvanceOf(doubles)
    const owner = chain.newOwner()
    const old = await openIn('WMON/USDC', owner)
    expect(await discover(strategy, [owner])).toEqual([{ kind: 'complete', refs: [old] }])
    await doubles.addBrokenMarket()
    for (let times = 0; times < 2; times += 1) {
      expect(await discover(strategy, [owner])).toEqual([
        { kind: 'partial', refs: [old], reason: '1 Curvance market(s) do not answer' },
      ])
    }
  })

  it('is partial when the registry stops to answer, and complete as soon as it answers again', async () => {
    const strategy = curvanceOf(doubles)
    const owner = chain.newOwner()
    const ref = await openIn('WMON/USDC', owner)
    expect(await discover(strategy, [owner])).toEqual([{ kind: 'complete', refs: [ref] }])
    await chain.makeCallsRevert(doubles.addresses.registry)
    expect(await discover(strategy, [owner])).toEqual([
      { kind: 'partial', refs: [ref], reason: 'the list of Curvance markets could not be read' },
    ])
    await chain.restoreCode(doubles.addresses.registry)
    expect(await discover(strategy, [owner])).toEqual([{ kind: 'complete', refs: [ref] }])
  })
})

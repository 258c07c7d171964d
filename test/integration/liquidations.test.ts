import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { alertOf } from '../../db/outbox.ts'
import { positionsOf } from '../../db/positions.ts'
import type { Transition } from '../../src/domain/alerting/transition.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createMonitorBed, type MonitorBed } from './monitor-kit.ts'
import { morphoOf, morphoRef } from './morpho-kit.ts'
import { lower, neverlandOf, refIn } from './neverland-kit.ts'

/** So many blocks later an event is old enough to be followed. */
const SETTLED = 4
const MARKET = 'WMON-USDC'

let chain: LocalChain
let bed: MonitorBed
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  bed = await createMonitorBed({ chain, strategies: [neverlandOf(chain), morphoOf(chain)] })
})
afterEach(async () => {
  await bed.stop()
  await chain.revert(snapshot)
})

async function follow(): Promise<ReturnType<MonitorBed['follower']>> {
  const follower = bed.follower(20)
  follower.start()
  await expect.poll(() => follower.lag().map(({ blocksBehind }) => blocksBehind)).toEqual([3, 3])
  return follower
}

async function settle(): Promise<void> {
  await chain.mine(SETTLED)
  await bed.pass(61)
}

/** Every liquidation told, in the order of its message. */
async function told(): Promise<Transition['liquidation'][]> {
  const rows = await bed.db
    .selectFrom('outbox')
    .selectAll()
    .where('kind', '=', 'liquidated')
    .orderBy('id')
    .execute()
  return rows.map((row) => alertOf(row).transition.liquidation)
}

const usdc = (amount: bigint) => ({ symbol: 'USDC', amount: { amount, decimals: 6 } })
const wmon = (amount: bigint) => ({ symbol: 'WMON', amount: { amount, decimals: 18 } })

async function openAave(): Promise<string> {
  const owner = await chain.openPosition({
    supply: [{ asset: 'WMON', amount: '1000' }],
    borrow: [{ asset: 'USDC', amount: '1500' }],
  })
  await chain.setPrice({ asset: 'WMON', usd: '1.7' })
  return owner
}

describe('a real liquidation', () => {
  it('at Aave is told once with both amounts, also when its block is followed again after a crash', async () => {
    const owner = await openAave()
    await bed.add(owner)
    await bed.turn()
    const follower = await follow()
    const done = await chain.liquidate({ owner, collateral: 'WMON', debt: 'USDC', amount: '100' })
    await settle()
    const expected = {
      block: done.blockNumber,
      logIndex: expect.any(Number) as number,
      repaid: usdc(done.debtCoveredRaw),
      seized: wmon(done.collateralSeizedRaw),
    }
    await expect.poll(told, { timeout: 10_000 }).toEqual([expected])
    const left = async () => (await bed.stateOf(owner))?.last?.block
    await expect.poll(left, { timeout: 10_000 }).toBeGreaterThan(done.blockNumber)
    await follower.stop()
    // As if the process had died before the cursor was stored, but after the alert was.
    const back = { block: done.blockNumber - 1 }
    await bed.db.updateTable('cursors').set(back).where('name', '=', 'logs:neverland').execute()
    bed.events.length = 0
    await follow()
    expect(bed.events).toEqual([`liquidated ${refIn(chain, { owner }).key}`])
    expect([await told(), bed.errors]).toEqual([[expected], []])
  })

  it('at Aave of a wallet whose loan nobody had found yet is told and the loan is read', async () => {
    const owner = await openAave()
    await bed.watch(owner)
    await follow()
    await chain.liquidate({ owner, collateral: 'WMON', debt: 'USDC', amount: '100' })
    await settle()
    await expect.poll(told, { timeout: 10_000 }).toHaveLength(1)
    const stored = await positionsOf(bed.db, lower(owner))
    expect(stored.map(({ ref }) => ref)).toEqual([refIn(chain, { owner })])
    await expect.poll(async () => (await bed.stateOf(owner))?.level).toBe('liquidatable')
  })

  it('at Morpho is told with what the market is made of', async () => {
    const owner = await chain.openMorphoPosition({ market: MARKET, collateral: '100', borrow: '200' })
    await bed.add(owner)
    await follow()
    await chain.setMorphoPrice({ market: MARKET, price: '2' })
    const done = await chain.liquidateMorpho({ market: MARKET, owner, seizedRaw: 10n ** 18n })
    await settle()
    await expect.poll(told, { timeout: 10_000 }).toEqual([
      {
        block: done.blockNumber,
        logIndex: expect.any(Number) as number,
        repaid: usdc(done.repaidAssetsRaw),
        seized: wmon(10n ** 18n),
      },
    ])
    const stored = await positionsOf(bed.db, lower(owner))
    expect(stored.map(({ ref }) => ref)).toEqual([morphoRef(chain, { owner, market: MARKET })])
    expect(bed.errors).toEqual([])
  })
})

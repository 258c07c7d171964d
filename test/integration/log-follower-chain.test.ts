import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readCursor } from '../../db/cursors.ts'
import { positionsOf } from '../../db/positions.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { poolLogs } from './chain-logs.ts'
import { createMonitorBed, type MonitorBed } from './monitor-kit.ts'
import { lower, neverlandOf, refIn } from './neverland-kit.ts'

const LOAN = {
  supply: [{ asset: 'WMON', amount: '1000' }],
  borrow: [{ asset: 'USDC', amount: '1500' }],
} as const

/** So many blocks later an event is old enough to be followed. */
const SETTLED = 4

let chain: LocalChain
let bed: MonitorBed
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  bed = await createMonitorBed({ chain, strategies: [{ ...neverlandOf(chain), logs: poolLogs(chain) }] })
})
afterEach(async () => {
  await bed.stop()
  await chain.revert(snapshot)
})

async function following(): Promise<ReturnType<MonitorBed['follower']>> {
  const follower = bed.follower(20)
  follower.start()
  await expect.poll(() => follower.lag()[0]?.blocksBehind).toBe(3)
  return follower
}

/** Makes what happened old enough to be followed, and lets the monitor see a newer head. */
async function settle(seconds = 1): Promise<void> {
  await chain.mine(SETTLED)
  await bed.pass(seconds)
}

async function positions(owner: string): Promise<unknown[]> {
  return (await positionsOf(bed.db, lower(owner))).map(({ ref }) => ref)
}

describe('following the events of a real market', () => {
  it('finds, reads and tells of a loan that a watched wallet opens, without a sweep or a cycle', async () => {
    const owner = chain.newOwner()
    await bed.watch(owner)
    await following()
    await chain.openPosition({ ...LOAN, owner })
    await chain.setPrice({ asset: 'WMON', usd: '2.2' })
    const stranger = await chain.openPosition({ supply: LOAN.supply })
    await settle()
    await expect.poll(() => bed.told(), { timeout: 10_000 }).toEqual(['critical'])
    expect(await positions(owner)).toEqual([refIn(chain, { owner })])
    expect(await positions(stranger)).toEqual([])
    expect([bed.sweeps, bed.cycles, bed.errors]).toEqual([[], [], []])
  })

  it('sees a liquidation of a watched wallet and reads what is left', async () => {
    const owner = await chain.openPosition(LOAN)
    await bed.add(owner)
    await bed.turn()
    await chain.setPrice({ asset: 'WMON', usd: '1.7' })
    await bed.turn()
    await following()
    const before = await bed.stateOf(owner)
    await chain.liquidate({ owner, collateral: 'WMON', debt: 'USDC', amount: '100' })
    // A state without a change of level is stored once a minute.
    await settle(61)
    await expect.poll(() => bed.events, { timeout: 10_000 }).toEqual([`liquidated ${lower(owner)}`])
    await expect
      .poll(async () => (await bed.stateOf(owner))?.last?.block, { timeout: 10_000 })
      .toBeGreaterThan(before?.last?.block ?? 0)
  })

  it('goes on where it stood, after the endpoint was down and after a restart', async () => {
    const [whileDown, whileStopped] = [chain.newOwner(), chain.newOwner()]
    for (const owner of [whileDown, whileStopped]) await bed.watch(owner)
    const first = await following()
    const cursor = await readCursor(bed.db, 'neverland')
    await bed.proxy.set({ kind: 'down' })
    await bed.pass(1)
    await expect.poll(() => bed.events, { timeout: 10_000 }).toEqual(['neverland in trouble'])
    await chain.openPosition({ ...LOAN, owner: whileDown })
    await settle()
    expect(await readCursor(bed.db, 'neverland')).toBe(cursor)
    await bed.proxy.set({ kind: 'ok' })
    await bed.pass(60)
    await expect.poll(() => positions(whileDown), { timeout: 10_000 }).toHaveLength(1)
    await first.stop()
    await chain.openPosition({ ...LOAN, owner: whileStopped })
    await settle(60)
    await following()
    await expect.poll(() => positions(whileStopped), { timeout: 10_000 }).toHaveLength(1)
    expect([bed.events, bed.errors]).toEqual([['neverland in trouble', 'neverland well again'], []])
  })
})

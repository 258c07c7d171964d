import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { setChatState } from '../../db/chats.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { CHAT, createMonitorBed, type MonitorBed } from './monitor-kit.ts'

const LOAN = {
  supply: [{ asset: 'WMON', amount: '1000' }],
  borrow: [{ asset: 'USDC', amount: '1500' }],
} as const

let chain: LocalChain
let bed: MonitorBed
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  bed = await createMonitorBed({ chain })
})
afterEach(async () => {
  await bed.stop()
  await chain.revert(snapshot)
})

async function healthOf(owner: string): Promise<bigint> {
  return (await chain.accountData('main', owner)).healthFactorWad
}

describe('the cycle on a real market', () => {
  it('turns a price fall into exactly one alert, with the numbers of the contract', async () => {
    const owner = await chain.openPosition(LOAN)
    await bed.add(owner)
    expect(await bed.turn()).toEqual({ positions: 1, unknown: 0, transitions: 0, failedBatches: 0 })
    expect(await bed.told()).toEqual([])
    await chain.setPrice({ asset: 'WMON', usd: '2.8' })
    expect(await bed.turn()).toMatchObject({ transitions: 1 })
    for (let round = 0; round < 5; round += 1) expect(await bed.turn()).toMatchObject({ transitions: 0 })
    expect(await bed.told()).toEqual(['warning'])
    expect(await bed.stateOf(owner)).toMatchObject({
      level: 'warning',
      episode: 1,
      seq: 1,
      last: { health: { healthWad: await healthOf(owner), liquidatable: false } },
    })
    expect(bed.errors).toEqual([])
  })

  it('tells each step down once, and the way back after a minute above the line', async () => {
    const owner = await chain.openPosition(LOAN)
    await bed.add(owner)
    for (const usd of ['4', '2.8', '2.2', '1.9', '1.9']) {
      await chain.setPrice({ asset: 'WMON', usd })
      await bed.turn()
    }
    expect(await bed.told()).toEqual(['warning', 'critical', 'liquidatable'])
    await chain.setPrice({ asset: 'WMON', usd: '4' })
    await bed.turn()
    await bed.pass(70)
    for (let round = 0; round < 3; round += 1) await bed.turn()
    expect((await bed.told()).slice(3)).not.toContain('warning')
    expect((await bed.told()).at(-1)).toBe('recovered')
    expect(await bed.stateOf(owner)).toMatchObject({ level: 'safe' })
  })

  it('rings at once for a first reading under the line', async () => {
    const owner = await chain.openPosition(LOAN)
    await chain.setPrice({ asset: 'WMON', usd: '1.5' })
    await bed.add(owner)
    await bed.turn()
    expect(await bed.told()).toEqual(['liquidatable'])
  })

  it('closes a repaid and withdrawn loan after two reads, once', async () => {
    const owner = await chain.openPosition(LOAN)
    await bed.add(owner)
    await bed.turn()
    await chain.closePosition({ owner })
    await bed.turn()
    expect(await bed.told()).toEqual([])
    await bed.turn()
    expect(await bed.told()).toEqual(['closed'])
    expect(await bed.turn()).toMatchObject({ positions: 0 })
  })

  it('reads nothing for a chat that stopped', async () => {
    await bed.add(await chain.openPosition(LOAN))
    await setChatState(bed.db, { chatId: CHAT, state: 'stopped' })
    bed.proxy.resetRequests()
    expect(await bed.turn()).toMatchObject({ positions: 0 })
    expect(bed.proxy.requests().calls).toBe(0)
  })

  it('reads several hundred positions in few requests', async () => {
    const owners = await chain.openPositions(Array.from({ length: 260 }, () => LOAN))
    for (const owner of owners) await bed.watch(owner)
    bed.sweep(60_000).start()
    await expect.poll(() => bed.sweeps.length, { timeout: 20_000 }).toBe(1)
    expect(bed.sweeps[0]).toEqual({ owners: 260, positions: 260, incomplete: 0 })
    await bed.turn()
    bed.proxy.resetRequests()
    expect(await bed.turn()).toMatchObject({ positions: 260, unknown: 0 })
    expect(bed.proxy.requests().byMethod['eth_call']).toBeLessThanOrEqual(6)
  })
})

describe('while the RPC endpoint is down', () => {
  it('readings are unknown, states stay, nothing closes, and after ten minutes blindness is told once', async () => {
    const owner = await chain.openPosition(LOAN)
    await bed.add(owner)
    await bed.turn()
    const before = await bed.stateOf(owner)
    await bed.proxy.set({ kind: 'down' })
    for (let minute = 0; minute < 9; minute += 1) {
      expect(await bed.turn()).toMatchObject({ positions: 1, unknown: 1, transitions: 0, failedBatches: 0 })
      await bed.pass(59)
    }
    expect(await bed.stateOf(owner)).toMatchObject({
      level: 'safe',
      closed: false,
      blind: false,
      last: before?.last,
    })
    await bed.pass(120)
    await bed.turn()
    for (let round = 0; round < 3; round += 1) {
      await bed.pass(600)
      expect(await bed.turn()).toMatchObject({ unknown: 1, transitions: 0 })
    }
    expect(await bed.told()).toEqual(['blind'])
    expect(await bed.stateOf(owner)).toMatchObject({ blind: true, closed: false, last: before?.last })

    await bed.proxy.set({ kind: 'ok' })
    await bed.pass(60)
    await bed.turn()
    expect(await bed.told()).toEqual(['blind', 'sighted'])
    expect(await bed.stateOf(owner)).toMatchObject({ blind: false, unseen: null, level: 'safe' })
  })

  it.each(['empty', 'truncate', 'html', 'wrong-chain-id'] as const)(
    'or answers "%s", a loan is neither closed nor safe nor told as changed',
    async (kind) => {
      const owner = await chain.openPosition(LOAN)
      await chain.setPrice({ asset: 'WMON', usd: '2.8' })
      await bed.add(owner)
      await bed.turn()
      const before = await bed.stateOf(owner)
      expect(before).toMatchObject({ level: 'warning' })
      await bed.proxy.set({ kind })
      for (let round = 0; round < 3; round += 1) {
        await bed.pass(61)
        const { unknown } = await bed.turn()
        // An endpoint whose chain id was right at the start is not asked for it again.
        expect(unknown).toBe(kind === 'wrong-chain-id' ? 0 : 1)
      }
      expect(await bed.told()).toEqual(['warning'])
      expect(await bed.stateOf(owner)).toMatchObject({ level: 'warning', closed: false, seq: before?.seq })
    },
  )

  it('a failing oracle is told as blindness for its own reason', async () => {
    const owner = await chain.openPosition(LOAN)
    await bed.add(owner)
    await bed.turn()
    await chain.failOracle({ asset: 'WMON', market: 'main', failing: true })
    for (let round = 0; round < 3; round += 1) {
      await bed.turn()
      await bed.pass(400)
    }
    expect(await bed.told()).toEqual(['blind'])
    expect(await bed.stateOf(owner)).toMatchObject({ unseen: { reason: 'oracle' } })
  })
})

describe('the scheduler', () => {
  it('goes around again and again, rings once, and stops for good', async () => {
    const owner = await chain.openPosition(LOAN)
    await bed.add(owner)
    const loop = bed.scheduler(300)
    loop.start()
    await expect.poll(() => bed.cycles.length, { timeout: 10_000 }).toBeGreaterThan(1)
    await chain.setPrice({ asset: 'WMON', usd: '2.2' })
    await expect.poll(() => bed.told(), { timeout: 10_000 }).toEqual(['critical'])
    const sofar = bed.cycles.length
    await expect.poll(() => bed.cycles.length, { timeout: 10_000 }).toBeGreaterThan(sofar + 3)
    expect(await bed.told()).toEqual(['critical'])
    await loop.stop()
    const { calls } = bed.proxy.requests()
    const stopped = bed.cycles.length
    await expect.poll(() => bed.proxy.requests().calls).toBe(calls)
    expect([bed.cycles.length, bed.errors]).toEqual([stopped, []])
    for (const { positions, unknown, failedBatches } of bed.cycles) {
      expect(positions).toBeGreaterThanOrEqual(1)
      expect([unknown, failedBatches]).toEqual([0, 0])
    }
  })
})

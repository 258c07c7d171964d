import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { positionsOf, storeFound } from '../../db/positions.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { ProtocolCheck } from '../../src/domain/check.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { createMonitorBed, type MonitorBed, type MonitorOptions } from './monitor-kit.ts'
import { lower, neverlandOf, refIn } from './neverland-kit.ts'

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
})
afterEach(async () => {
  await bed.stop()
  await chain.revert(snapshot)
})

async function start(options: Partial<MonitorOptions> = {}): Promise<void> {
  bed = await createMonitorBed({ chain, ...options })
}

/** A double, not a protocol: fails in the way it is told to. */
function failingDouble(fail: () => Promise<never>): LendingStrategy {
  return {
    id: 'morpho',
    name: 'Failing double',
    appUrl: 'https://example.org',
    contracts: [],
    selfCheck: fail,
    discover: fail,
    read: fail,
    inspect: fail,
    rescue: fail,
    yields: fail,
    supplies: fail,
    logs: { filter: fail, decode: () => [] },
    describeLiquidation: fail,
  }
}

function foreignRef(owner: string): PositionRef {
  return {
    protocol: 'morpho',
    key: `morpho:double:${lower(owner)}`,
    owner: lower(owner),
    market: 'double',
    marketName: 'Double',
  }
}

async function checkOne(owner: string, known: readonly PositionRef[] = []): Promise<ProtocolCheck[]> {
  const [protocols = []] = await bed.check({ wallets: [{ owner: lower(owner), known }] })
  return protocols
}

describe('a protocol that fails', () => {
  const ways: readonly (readonly [string, () => Promise<never>])[] = [
    ['throws', () => Promise.reject(new TypeError('a bug in the double'))],
    ['never answers', () => new Promise<never>(() => undefined)],
  ]

  it.each(ways)('because its reader %s does not disturb another one', async (way, fail) => {
    await start({ strategies: [failingDouble(fail), neverlandOf(chain)], budgetMs: 2_500 })
    const owner = await chain.openPosition(LOAN)
    await bed.add(owner)
    await storeFound(bed.db, { refs: [foreignRef(owner)], nowMs: 0 })
    await chain.setPrice({ asset: 'WMON', usd: '2.2' })
    expect(await bed.turn()).toMatchObject({ positions: 2, unknown: 1, transitions: 1, failedBatches: 0 })
    expect(await bed.told()).toEqual(['critical'])
    expect(bed.errors.some((error) => error instanceof TypeError)).toBe(way === 'throws')
    const [first, second] = await checkOne(owner)
    expect(first).toMatchObject({ protocol: 'morpho', positions: [] })
    expect(first?.incomplete).not.toBeNull()
    expect(second).toMatchObject({ protocol: 'neverland', incomplete: null })
    expect(second?.positions).toHaveLength(1)
  })

  it('by answering for fewer positions than asked leaves those unknown, and only those', async () => {
    const real = neverlandOf(chain)
    const short: LendingStrategy = {
      ...real,
      read: async (refs, at) => (await real.read(refs, at)).slice(0, -1),
    }
    await start({ strategies: [short] })
    const owners = await chain.openPositions([LOAN, LOAN, LOAN])
    for (const owner of owners) await bed.add(owner)
    expect(await bed.turn()).toMatchObject({ positions: 3, unknown: 1, transitions: 0, failedBatches: 0 })
  })
})

describe('the sweep', () => {
  it('finds a loan that was opened later, which then rings', async () => {
    await start()
    const owner = chain.newOwner()
    await bed.watch(owner)
    const loop = bed.sweep(50)
    loop.start()
    await expect.poll(() => bed.sweeps.length).toBeGreaterThan(1)
    expect(bed.sweeps[0]).toEqual({ owners: 1, positions: 0, incomplete: 0 })
    expect(await positionsOf(bed.db, lower(owner))).toEqual([])
    await chain.openPosition({ ...LOAN, owner })
    await bed.pass(1)
    await expect
      .poll(async () => (await positionsOf(bed.db, lower(owner))).map(({ ref }) => ref), { timeout: 10_000 })
      .toEqual([refIn(chain, { owner })])
    await loop.stop()
    await chain.setPrice({ asset: 'WMON', usd: '2.2' })
    await bed.turn()
    expect(await bed.told()).toEqual(['critical'])
    expect(bed.errors).toEqual([])
  })

  it('removes nothing and says so when the endpoint is down', async () => {
    await start()
    const owner = await chain.openPosition(LOAN)
    await bed.add(owner)
    await bed.turn()
    await bed.proxy.set({ kind: 'down' })
    await bed.pass(2)
    bed.sweep(60_000).start()
    await expect.poll(() => bed.sweeps.length).toBe(1)
    expect(bed.sweeps[0]).toEqual({ owners: 1, positions: 0, incomplete: 1 })
    expect(await positionsOf(bed.db, lower(owner))).toHaveLength(1)
    expect(await bed.stateOf(owner)).toMatchObject({ closed: false, absent: null })
  })
})

describe('a live check', () => {
  it('reads what discovery finds and what was known before, each once', async () => {
    await start()
    const owner = await chain.openPosition(LOAN)
    const known = refIn(chain, { owner })
    const [protocol] = await checkOne(owner, [known])
    expect(protocol).toMatchObject({ protocol: 'neverland', incomplete: null })
    expect(protocol?.positions).toMatchObject([{ ref: known, reading: { kind: 'ok', unit: 'USD' } }])
    expect(protocol?.seenAt?.endpoint).toBe(new URL(bed.proxy.url).host)
  })

  it('keeps a known position of a market that does not answer, as unknown, and is incomplete', async () => {
    await start()
    const owner = await chain.openPosition(LOAN)
    await chain.makeCallsRevert(chain.addresses.markets.main.pool)
    await bed.pass(1)
    const known = refIn(chain, { owner })
    const [with_] = await checkOne(owner, [known])
    expect(with_?.positions).toMatchObject([{ ref: known, reading: { kind: 'unknown' } }])
    expect(with_?.incomplete).toContain('Neverland Main')
    const [without] = await checkOne(owner)
    expect(without?.positions).toEqual([])
    expect(without?.incomplete).toContain('Neverland Main')
    await chain.restoreCode(chain.addresses.markets.main.pool)
  })

  it('is incomplete with the reason, and never empty and complete, when the endpoint is down', async () => {
    await start()
    const owner = await chain.openPosition(LOAN)
    await bed.proxy.set({ kind: 'down' })
    const known = refIn(chain, { owner })
    const [protocol] = await checkOne(owner, [known])
    expect(protocol?.positions).toMatchObject([{ ref: known, reading: { kind: 'unknown', reason: 'rpc' } }])
    expect(protocol?.incomplete).toContain(new URL(bed.proxy.url).host)
    expect(protocol?.seenAt).toBeNull()
  })

  it('leaves out a known position that the chain no longer has, and is complete', async () => {
    await start()
    const owner = await chain.openPosition(LOAN)
    await chain.closePosition({ owner })
    await bed.pass(1)
    expect(await checkOne(owner, [refIn(chain, { owner })])).toMatchObject([
      { positions: [], incomplete: null },
    ])
  })

  it('answers for each wallet in the order asked, with its own positions', async () => {
    await start()
    const [rich, poor] = await chain.openPositions([LOAN, { supply: LOAN.supply }])
    const owners = [poor ?? '', chain.newOwner(), rich ?? ''].map(lower)
    await bed.pass(1)
    const wallets = await bed.check({ wallets: owners.map((owner) => ({ owner, known: [] })) })
    expect(wallets.map(([protocol]) => protocol?.positions.map(({ ref }) => ref.owner))).toEqual([
      [owners[0]],
      [],
      [owners[2]],
    ])
    expect(await bed.check({ wallets: [] })).toEqual([])
    const none = await bed.check({
      wallets: owners.map((owner) => ({ owner, known: [] })),
      protocols: ['euler'],
    })
    expect(none).toEqual([[], [], []])
  })
})

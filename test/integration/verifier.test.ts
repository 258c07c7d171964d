import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fromJson } from '../../db/json.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import type { RpcAnswer } from '../chain/rpc-faults.ts'
import { lower } from './neverland-kit.ts'
import { createVerifierBed, type VerifierBed } from './verifier-kit.ts'

let chain: LocalChain
let bed: VerifierBed
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

/** Health 2 at $4: everything that is worse comes from an endpoint. */
async function open(): Promise<string> {
  return await chain.openPosition({
    supply: [{ asset: 'WMON', amount: '1000' }],
    borrow: [{ asset: 'USDC', amount: '1500' }],
  })
}

/** A health factor of 0.41 instead of the true one, in every answer that carries it. */
function lieAbout(trueHealth: bigint): (answer: RpcAnswer) => string {
  const word = (value: bigint) => value.toString(16).padStart(64, '0')
  return ({ result }) => result.replaceAll(word(trueHealth), word(41n * 10n ** 16n))
}

async function trueHealth(owner: string): Promise<bigint> {
  const health = (await bed.stateOf(owner))?.last?.health
  if (!health || health.noDebt) throw new Error('no health')
  return health.healthWad
}

describe('an endpoint that lies about health', () => {
  it('is contradicted by another one: disputed, and never confirmed as a liquidation', async () => {
    bed = await createVerifierBed({ chain, endpoints: 2 })
    const owner = await open()
    await bed.add(owner)
    await bed.turn()
    const [liar, honest] = bed.proxies
    const rewrite = lieAbout(await trueHealth(owner))
    await liar?.set({ kind: 'lie', rewrite })
    await honest?.set({ kind: 'down' })
    await bed.turn()
    await honest?.set({ kind: 'ok' })
    expect(await bed.rows()).toMatchObject([{ kind: 'liquidatable', state: 'pending', confirm: 'pending' }])
    await bed.wakeEndpoints()
    await bed.verify()
    const [row] = await bed.rows()
    expect(row).toMatchObject({ state: 'pending', confirm: 'disputed' })
    const second = fromJson(row?.second ?? '') as { endpoint: string; health: { healthWad: bigint } }
    expect(second.endpoint).toBe(new URL(honest?.url ?? '').host)
    expect(second.health.healthWad).toBeGreaterThan(19n * 10n ** 17n)
    expect(row?.not_before).toBeLessThanOrEqual(bed.now())
    // The honest reading was decided upon: what was last seen is the truth.
    expect(await trueHealth(owner)).toBe(second.health.healthWad)
  })

  it('once, and it is the only one: it contradicts itself two seconds later', async () => {
    bed = await createVerifierBed({ chain, endpoints: 1 })
    const owner = await open()
    await bed.add(owner)
    await bed.turn()
    const [only] = bed.proxies
    await only?.set({ kind: 'lie', rewrite: lieAbout(await trueHealth(owner)) })
    await bed.turn()
    await only?.set({ kind: 'ok' })
    await bed.verify()
    expect(await bed.rows()).toMatchObject([{ confirm: 'pending' }])
    await bed.pass(3)
    await bed.verify()
    expect(await bed.rows()).toMatchObject([{ kind: 'liquidatable', confirm: 'disputed' }])
  })

  it('twice, and it is the only one: that stays one source', async () => {
    bed = await createVerifierBed({ chain, endpoints: 1 })
    const owner = await open()
    await bed.add(owner)
    await bed.turn()
    await bed.proxies[0]?.set({ kind: 'lie', rewrite: lieAbout(await trueHealth(owner)) })
    await bed.turn()
    await bed.pass(3)
    await bed.verify()
    expect(await bed.rows()).toMatchObject([{ kind: 'liquidatable', confirm: 'unconfirmed' }])
  })
})

describe('a fall that is real', () => {
  it('is confirmed by another endpoint at once, each position read once for all chats', async () => {
    bed = await createVerifierBed({ chain, endpoints: 2, chats: [1, 2, 3] })
    const owners = [await open(), await open()]
    for (const owner of owners) await bed.add(owner)
    await bed.turn()
    await chain.setPrice({ asset: 'WMON', usd: '1.7' })
    await bed.turn()
    expect(await bed.rows()).toHaveLength(6)
    for (const proxy of bed.proxies) proxy.resetRequests()
    await bed.verify()
    const rows = await bed.rows()
    expect(rows.map(({ confirm }) => confirm)).toEqual(Array.from({ length: 6 }, () => 'confirmed'))
    expect(new Set(rows.map(({ chat_id }) => chat_id))).toEqual(new Set([1, 2, 3]))
    const calls = bed.proxies.map((proxy) => proxy.requests().byMethod['eth_call'] ?? 0)
    expect(Math.max(...calls)).toBeLessThanOrEqual(1)
    expect(bed.verdicts).toHaveLength(6)
    expect(rows.every(({ payload }) => owners.some((owner) => payload.includes(lower(owner))))).toBe(true)
  })

  it('waits for an endpoint that is behind, rather than believe what was true before the fall', async () => {
    bed = await createVerifierBed({ chain, endpoints: 2 })
    const owner = await open()
    await bed.add(owner)
    await bed.turn()
    await chain.setPrice({ asset: 'WMON', usd: '1.7' })
    await bed.turn()
    const [row] = await bed.rows()
    const read = fromJson(row?.payload ?? '') as { transition: { reading: { endpoint: string } } }
    const other = bed.proxies.find(({ url }) => new URL(url).host !== read.transition.reading.endpoint)
    await other?.set({ kind: 'stale', blocks: 3, methods: ['eth_getBlockByNumber', 'eth_call'] })
    await bed.verify()
    expect(await bed.rows()).toMatchObject([{ confirm: 'pending' }])
    await other?.set({ kind: 'ok' })
    await bed.verify()
    expect(await bed.rows()).toMatchObject([{ confirm: 'confirmed' }])
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { markDirty } from '../../db/dirty-owners.ts'
import type { LogEvent } from '../../protocols/strategy.ts'
import type { Address } from '../../src/domain/address.ts'
import type { ProtocolId } from '../../src/domain/position.ts'
import { ownerAt, refOf } from '../unit/monitor/kit.ts'
import { createFollowerBed, type FollowerBed } from './follower-kit.ts'

let bed: FollowerBed

async function start(
  protocols: readonly ProtocolId[] = ['neverland'],
  over?: Parameters<typeof createFollowerBed>[1],
): Promise<void> {
  bed = await createFollowerBed(protocols, over)
}

afterEach(() => bed.stop())

const OWNER = ownerAt(1)
const OTHER = ownerAt(2)

function touched(owner: Address): LogEvent {
  return { kind: 'touched', owner }
}

function happens(protocol: ProtocolId, ...logs: { block: number; event: LogEvent }[]): void {
  bed.chain.logs.set(protocol, [...(bed.chain.logs.get(protocol) ?? []), ...logs])
}

/** The first round, after which the cursor stands three blocks behind the head. */
async function underWay(...owners: Address[]): Promise<void> {
  for (const owner of owners) await bed.watch(owner)
  await bed.round()
  bed.chain.asked.length = 0
  bed.events.length = 0
}

describe('the cursor', () => {
  it('starts a little before the head, so that nothing falls between it and the first sweep', async () => {
    await start()
    expect(bed.follower.lag()).toEqual([{ protocol: 'neverland', blocksBehind: null, trouble: null }])
    await bed.round()
    expect(bed.chain.asked).toEqual([{ protocol: 'neverland', fromBlock: 9_978, toBlock: 9_997 }])
    expect(await bed.cursor('neverland')).toBe(9_997)
    expect(bed.follower.lag()).toEqual([{ protocol: 'neverland', blocksBehind: 3, trouble: null }])
    expect(bed.events).toEqual([])
  })

  it('goes on where it stood, three blocks behind the head, and asks for no block twice', async () => {
    await start()
    await underWay()
    for (const head of [10_010, 10_010, 10_009, 10_012]) {
      bed.chain.head = head
      await bed.round()
    }
    expect(bed.chain.asked).toEqual([
      { protocol: 'neverland', fromBlock: 9_998, toBlock: 10_007 },
      { protocol: 'neverland', fromBlock: 10_008, toBlock: 10_009 },
    ])
    expect(await bed.cursor('neverland')).toBe(10_009)
  })

  it('catches up in parts, and goes on behind an answer that ends early', async () => {
    await start()
    await underWay(OWNER)
    bed.chain.head = 10_000 + 250
    bed.chain.blocksPerAnswer = 70
    happens('neverland', { block: 10_240, event: touched(OWNER) })
    await bed.round()
    const asked = bed.chain.asked.map(({ fromBlock, toBlock }) => [fromBlock, toBlock])
    expect(asked).toEqual([
      [9_998, 10_097],
      [10_068, 10_167],
      [10_138, 10_237],
      [10_208, 10_247],
    ])
    expect(bed.readNow).toEqual([{ protocol: 'neverland', owners: [OWNER] }])
  })

  it('jumps over a gap too wide to read, and has everything looked at again', async () => {
    await start()
    await underWay()
    bed.chain.head = 9_997 + 5_003
    await bed.round()
    expect(bed.events).toEqual([])
    expect(await bed.cursor('neverland')).toBe(14_997)
    bed.chain.asked.length = 0
    bed.chain.head = 14_997 + 5_004
    await bed.round()
    expect(bed.events).toEqual(['config neverland', 'sweep'])
    expect(bed.chain.asked).toEqual([{ protocol: 'neverland', fromBlock: 19_979, toBlock: 19_998 }])
    expect(await bed.cursor('neverland')).toBe(19_998)
  })

  it('comes back when the chain is far behind where it was', async () => {
    await start()
    await underWay()
    bed.chain.head = 100
    await bed.round()
    expect(bed.events).toEqual(['config neverland', 'sweep'])
    expect(await bed.cursor('neverland')).toBe(97)
  })

  it('stays when taking in fails, so that the next round reads the same events once more', async () => {
    let broken = false
    await start(['neverland'], ({ store }) => ({
      store: {
        ...store,
        takeEvents: async (taken) => {
          if (broken) throw new Error('the process died here')
          return await store.takeEvents(taken)
        },
      },
    }))
    await underWay(OWNER)
    happens('neverland', { block: 10_001, event: touched(OWNER) })
    bed.chain.head = 10_010
    broken = true
    await bed.round()
    expect([await bed.cursor('neverland'), bed.readNow]).toEqual([9_997, []])
    expect(bed.errors).toHaveLength(1)
    broken = false
    await bed.round()
    expect(await bed.cursor('neverland')).toBe(10_007)
    expect(bed.readNow).toEqual([{ protocol: 'neverland', owners: [OWNER] }])
  })

  it.each([
    ['before what was asked', 9_997],
    ['after what was asked', 10_008],
    ['nowhere', Number.NaN],
  ])('does not believe an answer that ends %s', async (_, toBlock) => {
    let lies = false
    await start(['neverland'], () => ({
      logs: (request) =>
        Promise.resolve({ ok: true, value: { logs: [], toBlock: lies ? toBlock : request.toBlock } }),
    }))
    await underWay()
    lies = true
    bed.chain.head = 10_010
    await bed.round()
    expect(await bed.cursor('neverland')).toBe(9_997)
    expect(bed.follower.lag()[0]?.trouble).toMatch(/asked for blocks 9998 to 10007/)
  })
})

describe('an event', () => {
  it('has its watched owner looked at again: found, read and done', async () => {
    await start()
    await underWay(OWNER)
    const ref = refOf('neverland', OWNER)
    bed.discoveries.set(OWNER, { kind: 'complete', refs: [ref] })
    happens('neverland', { block: 10_001, event: touched(OWNER) })
    bed.chain.head = 10_010
    await bed.round()
    expect(await bed.found(OWNER)).toEqual([ref.key])
    expect(bed.readNow).toEqual([{ protocol: 'neverland', owners: [OWNER] }])
    expect(await bed.marked('neverland')).toEqual([])
    expect(bed.errors).toEqual([])
  })

  it('of an owner whom nobody watches is ignored', async () => {
    await start()
    await underWay(OWNER)
    bed.discoveries.set(OTHER, { kind: 'complete', refs: [refOf('neverland', OTHER)] })
    happens('neverland', { block: 10_001, event: touched(OTHER) })
    bed.chain.head = 10_010
    await bed.round()
    expect([await bed.found(OTHER), bed.readNow, await bed.marked('neverland')]).toEqual([[], [], []])
    expect(await bed.cursor('neverland')).toBe(10_007)
  })

  it('of a liquidation is told for a watched owner, who is looked at again', async () => {
    await start()
    await underWay(OWNER)
    for (const owner of [OWNER, OTHER]) {
      const key = `neverland:0xmarket:${owner}`
      const event = { kind: 'liquidated', owner, key, repaid: null, seized: null } as const
      happens('neverland', { block: 10_002, event })
    }
    bed.chain.head = 10_010
    await bed.round()
    expect(bed.events).toEqual(['liquidated neverland at 10002', 'told liquidated in 7'])
    // At once for the message, and then as everybody whom an event touched.
    const again = { protocol: 'neverland', owners: [OWNER] }
    expect(bed.readNow).toEqual([again, again])
    expect(await bed.found(OWNER)).toEqual([`neverland:0xmarket:${OWNER}`])
    expect(bed.errors).toEqual([])
  })

  it('that changes the configuration is told before the cursor passes it, and again when that failed', async () => {
    const cursors: (number | null)[] = []
    await start(['neverland'], () => ({
      onConfigChanged: async () => {
        cursors.push(await bed.cursor('neverland'))
        if (cursors.length === 1) throw new Error('what was remembered could not be dropped')
      },
    }))
    await underWay()
    happens('neverland', { block: 10_001, event: { kind: 'configChanged' } })
    bed.chain.head = 10_010
    await bed.round()
    expect(await bed.cursor('neverland')).toBe(9_997)
    await bed.round()
    expect(await bed.cursor('neverland')).toBe(10_007)
    expect(cursors).toEqual([9_997, 9_997])
  })

  it('whose decoder throws costs its own log and holds nothing up', async () => {
    await start(['neverland'], ({ chain }) => ({
      logs: ({ toBlock }) => {
        const log = { address: OWNER, topics: [], blockHash: '', transactionHash: '', logIndex: 0 }
        const logs = ['bug', JSON.stringify(touched(OWNER))].map((data) => ({
          ...log,
          data,
          blockNumber: 10_001,
        }))
        return Promise.resolve({ ok: true, value: { logs: chain.head > 10_000 ? logs : [], toBlock } })
      },
    }))
    await underWay(OWNER)
    bed.chain.head = 10_010
    await bed.round()
    expect(bed.errors).toEqual([expect.any(TypeError)])
    expect(bed.readNow).toHaveLength(1)
    expect(await bed.cursor('neverland')).toBe(10_007)
  })
})

describe('a protocol whose events cannot be read', () => {
  it.each(['fails', 'hangs'] as const)('because its endpoint %s holds only its own cursor', async (fault) => {
    await start(['neverland', 'morpho'], () => ({ budgetMs: 100 }))
    await underWay(OWNER)
    bed.chain.failing.set('morpho', fault)
    for (const protocol of ['neverland', 'morpho'] as const) {
      happens(protocol, { block: 10_001, event: touched(OWNER) })
    }
    bed.chain.head = 10_010
    for (let round = 0; round < 3; round += 1) await bed.round()
    expect(await bed.cursor('neverland')).toBe(10_007)
    expect(await bed.cursor('morpho')).toBe(9_997)
    expect(bed.readNow).toEqual([{ protocol: 'neverland', owners: [OWNER] }])
    const reason = fault === 'fails' ? 'rpc.example: down' : 'took too long'
    expect(bed.events).toEqual([`morpho: ${reason}`])
    expect(bed.follower.lag()[1]).toEqual({ protocol: 'morpho', blocksBehind: 13, trouble: reason })

    bed.chain.failing.delete('morpho')
    await bed.round()
    expect(bed.readNow.slice(1)).toEqual([{ protocol: 'morpho', owners: [OWNER] }])
    expect(bed.events.slice(1)).toEqual(['morpho: well again'])
  })

  it('for want of a head waits, and works off the marks it has', async () => {
    await start()
    await underWay(OWNER)
    const touchedBefore = [{ owner: OWNER, block: 9_000 }]
    await markDirty(bed.db, { protocol: 'neverland', touched: touchedBefore, nowMs: bed.clock.ms })
    bed.chain.headFails = 'rpc.example: down'
    await bed.round()
    expect(await bed.cursor('neverland')).toBe(9_997)
    expect(bed.follower.lag()[0]).toMatchObject({ blocksBehind: 3, trouble: 'rpc.example: down' })
    expect(await bed.marked('neverland')).toEqual([])
  })
})

describe('the stop', () => {
  it('ends a round that hangs, and puts nothing off that it cut short', async () => {
    await start(['neverland'])
    await underWay(OWNER)
    bed.chain.failing.set('neverland', 'hangs')
    bed.chain.head = 10_010
    const hanging = bed.round()
    await expect.poll(() => bed.chain.asked.length).toBe(1)
    await bed.follower.stop()
    expect(bed.events).toEqual([])
    expect(await bed.cursor('neverland')).toBe(9_997)
    void hanging
  })
})

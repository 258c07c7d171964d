import { afterEach, describe, expect, it } from 'vitest'
import { dueMarks, markDirty } from '../../db/dirty-owners.ts'
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

describe('a mark', () => {
  async function touchedAt(block: number): Promise<void> {
    happens('neverland', { block, event: touched(OWNER) })
    bed.chain.head = block + 10
    await bed.round()
  }

  it('stays for a minute when the owner was not seen completely, and what was found is kept', async () => {
    await start()
    await underWay(OWNER)
    const ref = refOf('neverland', OWNER)
    bed.discoveries.set(OWNER, { kind: 'partial', refs: [ref], reason: 'one market does not answer' })
    await touchedAt(10_001)
    expect(await bed.found(OWNER)).toEqual([ref.key])
    bed.clock.ms += 59_999
    await bed.round()
    expect(bed.readNow).toHaveLength(1)
    bed.clock.ms += 1
    bed.discoveries.set(OWNER, { kind: 'complete', refs: [ref] })
    await bed.round()
    expect(bed.readNow).toHaveLength(2)
    expect(await bed.marked('neverland')).toEqual([])
  })

  it('stays when discovery was answered from before the event, and is tried in the next round', async () => {
    await start()
    await underWay(OWNER)
    bed.chain.discoveryBlock = 10_000
    await touchedAt(10_001)
    expect(await bed.marked('neverland')).toEqual([OWNER])
    bed.chain.discoveryBlock = 10_001
    await bed.round()
    expect(await bed.marked('neverland')).toEqual([])
  })

  it('that is renewed while its owner is looked at stays, and is due at once', async () => {
    let renew = true
    await start(['neverland'], () => ({
      readNow: async () => {
        if (!renew) return
        renew = false
        const again = [{ owner: OWNER, block: 10_005 }]
        await markDirty(bed.db, { protocol: 'neverland', touched: again, nowMs: bed.clock.ms })
      },
    }))
    await underWay(OWNER)
    await touchedAt(10_001)
    const due = { protocol: 'neverland', nowMs: bed.clock.ms, limit: 10 } as const
    expect(await dueMarks(bed.db, due)).toMatchObject([{ owner: OWNER, sinceBlock: 10_005 }])
    await bed.round()
    expect(await bed.marked('neverland')).toEqual([])
  })

  it('of an owner whom nobody watches any more is dropped without a look', async () => {
    await start()
    await underWay()
    const left = [{ owner: OTHER, block: 9_000 }]
    await markDirty(bed.db, { protocol: 'neverland', touched: left, nowMs: bed.clock.ms })
    await bed.round()
    expect(await bed.marked('neverland')).toEqual([])
    expect(bed.readNow).toEqual([])
  })

  it('of many owners is worked off a hundred at a time', async () => {
    await start()
    const owners = Array.from({ length: 230 }, (_, index) => ownerAt(index + 1))
    await underWay(...owners)
    happens('neverland', ...owners.map((owner) => ({ block: 10_001, event: touched(owner) })))
    bed.chain.head = 10_010
    for (const left of [130, 30, 0]) {
      await bed.round()
      expect(await bed.marked('neverland')).toHaveLength(left)
    }
    expect(new Set(bed.readNow.flatMap(({ owners: read }) => read)).size).toBe(230)
  })
})

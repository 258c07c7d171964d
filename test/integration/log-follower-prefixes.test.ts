import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { setChatState } from '../../db/chats.ts'
import { dueMarks } from '../../db/dirty-owners.ts'
import type { LogEvent } from '../../protocols/strategy.ts'
import type { Address } from '../../src/domain/address.ts'
import { createFollowerBed, type FollowerBed } from './follower-kit.ts'

const PREFIX = `0x${'ab'.repeat(19)}`
const OWNER: Address = `0x${'ab'.repeat(19)}07`
/** Differs in the last byte but one: not an account of the same owner. */
const NEIGHBOUR: Address = `0x${'ab'.repeat(18)}ac07`

let bed: FollowerBed

beforeEach(async () => {
  bed = await createFollowerBed(['euler'])
})
afterEach(() => bed.stop())

function happens(...logs: { block: number; event: LogEvent }[]): void {
  bed.chain.logs.set('euler', logs)
  bed.chain.head = Math.max(...logs.map(({ block }) => block)) + 10
}

async function underWay(...owners: Address[]): Promise<void> {
  for (const owner of owners) await bed.watch(owner)
  await bed.round()
}

function touchedPrefix(prefix: string): LogEvent {
  return { kind: 'touchedPrefix', prefix }
}

/** The block of each mark that is left; discovery is behind, so that no mark is worked off. */
async function marks(): Promise<[owner: string, block: number][]> {
  const all = { protocol: 'euler', nowMs: Number.MAX_SAFE_INTEGER, limit: 10 } as const
  return (await dueMarks(bed.db, all)).map(({ owner, sinceBlock }) => [owner, sinceBlock])
}

describe('an event that names an owner by the first 19 bytes alone', () => {
  it('has the watched owner who begins like that looked at, and nobody else', async () => {
    await underWay(OWNER, NEIGHBOUR)
    happens({ block: 10_001, event: touchedPrefix(PREFIX) })
    await bed.round()
    expect(bed.readNow).toEqual([{ protocol: 'euler', owners: [OWNER] }])
    expect(await bed.marked('euler')).toEqual([])
    expect(bed.errors).toEqual([])
  })

  it('is passed over when nobody watches such an owner, and the cursor moves on', async () => {
    await underWay(NEIGHBOUR)
    happens({ block: 10_001, event: touchedPrefix(PREFIX) })
    await bed.round()
    expect(bed.readNow).toEqual([])
    expect(await bed.cursor('euler')).toBe(10_008)
  })

  it('is passed over when the chat that watches the owner wants no alerts', async () => {
    await underWay(OWNER)
    await setChatState(bed.db, { chatId: 7, state: 'stopped' })
    happens({ block: 10_001, event: touchedPrefix(PREFIX) })
    await bed.round()
    expect(bed.readNow).toEqual([])
  })

  it.each([
    { newest: 'the address', early: touchedPrefix(PREFIX), late: { kind: 'touched', owner: OWNER } },
    { newest: 'the prefix', early: { kind: 'touched', owner: OWNER }, late: touchedPrefix(PREFIX) },
  ] as const)(
    'marks the owner once, at the newest block, where $newest is named',
    async ({ early, late }) => {
      await underWay(OWNER)
      bed.chain.discoveryBlock = 9_000
      happens({ block: 10_003, event: late }, { block: 10_001, event: early })
      await bed.round()
      expect(await marks()).toEqual([[OWNER, 10_003]])
    },
  )

  it('marks the owner at the newest of several, in whatever order they come', async () => {
    await underWay(OWNER)
    bed.chain.discoveryBlock = 9_000
    happens(...[10_002, 10_004, 10_001].map((block) => ({ block, event: touchedPrefix(PREFIX) })))
    await bed.round()
    expect(await marks()).toEqual([[OWNER, 10_004]])
  })

  it('is found among hundreds of strangers', async () => {
    await underWay(OWNER)
    const strangers = Array.from({ length: 300 }, (_, index) => ({
      block: 10_001,
      event: touchedPrefix(`0x${index.toString(16).padStart(38, '0')}`),
    }))
    happens(...strangers, { block: 10_002, event: touchedPrefix(PREFIX) })
    await bed.round()
    expect(bed.readNow).toEqual([{ protocol: 'euler', owners: [OWNER] }])
  })
})

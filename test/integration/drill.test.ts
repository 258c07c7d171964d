import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { drillReport, drillStarts, endDrill, startDrill } from '../../db/drills.ts'
import { claim } from '../../db/outbox-claim.ts'
import { duePositionsOf } from '../../db/positions.ts'
import { transact } from '../../db/transact.ts'
import { drillOwner, isDrill } from '../../src/domain/drill.ts'
import { createDrills, type Drills } from '../../src/monitor/drill.ts'
import { withDrills } from '../../src/monitor/drill-strategy.ts'
import { createLocalChain, type LocalChain } from '../chain/local-chain.ts'
import { neverlandOf } from './neverland-kit.ts'
import { createVerifierBed, type VerifierBed } from './verifier-kit.ts'

const CHAT = 1

let chain: LocalChain
let bed: VerifierBed
let drills: Drills
let snapshot: string

beforeAll(async () => {
  chain = await createLocalChain()
})
afterAll(() => chain.stop())
beforeEach(async () => {
  snapshot = await chain.snapshot()
  const strategy = withDrills(neverlandOf(chain), {
    now: () => bed.now(),
    startsOf: (owners) => drillStarts(bed.db, owners),
  })
  bed = await createVerifierBed({ chain, endpoints: 2, strategy })
  drills = createDrills({
    store: {
      start: (drill) => transact(bed.db, (tx) => startDrill(tx, drill)),
      report: (chatId) => drillReport(bed.db, chatId),
      end: (which) => transact(bed.db, (tx) => endDrill(tx, which)),
      endOld: () => Promise.resolve(),
    },
    protocol: 'neverland',
    readNow: (work) => duePositionsOf(bed.db, work).then(() => bed.turn()),
    now: bed.now,
    onError: (error) => {
      throw error
    },
  })
})
afterEach(async () => {
  await bed.stop()
  await chain.revert(snapshot)
})

const shadowLevel = async () => (await bed.stateOf(drillOwner(CHAT)))?.level

describe('a drill', () => {
  it('goes the way of a real fall, beside a real loan: read, decided, looked at twice, handed out', async () => {
    const owner = await chain.openPosition({
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '1500' }],
    })
    await bed.add(owner)
    const startedAtMs = bed.now()
    expect(await drills.start(CHAT, null)).toBe('started')
    await expect.poll(shadowLevel).toBe('safe')
    await bed.pass(12)
    await bed.turn()
    expect([await shadowLevel(), (await bed.stateOf(owner))?.level]).toEqual(['critical', 'safe'])
    expect(await bed.rows()).toMatchObject([{ kind: 'critical', urgency: 90, confirm: 'pending' }])
    const detectedAtMs = bed.now()
    await bed.verify()
    expect(await bed.rows()).toMatchObject([{ confirm: 'confirmed', not_before: detectedAtMs }])
    const options = { nowMs: bed.now(), newDeliveryId: 'D', exceptChats: [], leaseToken: 1 }
    const content = (await claim(bed.db, options))?.content
    const items = content?.kind === 'alerts' ? content.items : []
    expect(items.map(({ ref, label, confirm }) => [isDrill(ref), label, confirm])).toEqual([
      [true, 'DRILL', 'confirmed'],
    ])
    expect(await drills.start(CHAT, null)).toBe('running')
    expect(await drills.report(CHAT)).toEqual({
      fellAtMs: startedAtMs + 10_000,
      detectedAtMs,
      sentAtMs: null,
      tappedAtMs: null,
    })
  })

  it('is over when it is ended, and what it told stays', async () => {
    await bed.add(await chain.openPosition({ supply: [{ asset: 'WMON', amount: '1000' }] }))
    await drills.start(CHAT, null)
    await expect.poll(shadowLevel).toBe('safe')
    await bed.pass(12)
    await bed.turn()
    await drills.end(CHAT)
    expect(await shadowLevel()).toBeUndefined()
    await bed.pass(1)
    await bed.turn()
    expect(await bed.rows()).toHaveLength(1)
    expect((await drills.report(CHAT))?.detectedAtMs).not.toBeNull()
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { openFourLoans } from '../bed/loans.ts'
import { createPerson, type Person } from '../e2e/person.ts'
import type { SubgraphFault } from '../fakes/euler-subgraph/server.ts'
import type { ApiFault } from '../fakes/morpho-api/faults.ts'
import { aCycleOf, sendAway } from './kit.ts'

const MARKET = 'WMON-USDC'

let bed: Bed
let ada: Person
let wallet: string

beforeAll(async () => {
  bed = await createBed()
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
})
beforeEach(async () => {
  await bed.chain.setMorphoPrice({ market: MARKET, price: '4' })
  ada = await createPerson(bed, 'Ada')
  wallet = await openFourLoans(bed)
})
afterEach(async () => {
  await bed.morphoApi.set({ kind: 'ok' })
  bed.subgraph.fault = 'none'
  await sendAway(bed, [ada])
})

/** A sweep that began after this call has ended. */
async function aSweep(): Promise<void> {
  for (let ended = 0; ended < 2; ended += 1) {
    await bed.buoy.waitForLog(({ msg }) => msg === 'sweep', { what: 'a sweep', from: bed.buoy.logMark() })
  }
}

const MORPHO_FAULTS: readonly { name: string; fault: ApiFault }[] = [
  { name: '5xx', fault: { kind: 'status', status: 502, html: true } },
  { name: 'no connection', fault: { kind: 'down' } },
  { name: 'time-out', fault: { kind: 'hang' } },
  { name: 'an HTML body', fault: { kind: 'html' } },
  { name: 'errors with 200', fault: { kind: 'errors' } },
  { name: 'a missing field', fault: { kind: 'missing-field', field: 'market' } },
]

describe('an indexer in trouble', () => {
  it.each(MORPHO_FAULTS)(
    'F25 GraphQL $name: known positions are kept, chain reads go on',
    async ({ fault }) => {
      await ada.ask(`/add ${wallet} 1.4 Main`, /Morpho/)
      await bed.morphoApi.set(fault)
      await aSweep()
      expect((await ada.ask('/list', /Main/)).text).toContain('Morpho')
      await bed.chain.setMorphoPrice({ market: MARKET, price: '3.4' })
      const alert = await ada.expect(/🟠/)
      expect(alert.text).toMatch(/Morpho WMON\/USDC 86% · health 1\.3\d/)
      expect((await ada.seen()).filter(({ text }) => /⚪|⚫/u.test(text))).toEqual([])
    },
  )

  it.each<SubgraphFault>(['status-500', 'html', 'errors', 'null'])(
    "F25 Euler's subgraph %s: known positions are kept, chain reads go on",
    async (fault) => {
      await ada.ask(`/add ${wallet} 1.4 Main`, /Euler/)
      bed.subgraph.fault = fault
      await aSweep()
      expect((await ada.ask('/check Main', /Euler/)).text).toMatch(/Euler[^\n]*health 1\.6/)
      await aCycleOf(bed.buoy)
      expect((await ada.seen()).filter(({ text }) => /⚪|⚫/u.test(text))).toEqual([])
    },
  )

  it('F26 GraphQL says that there are no markets, the chain says debt: the chain wins', async () => {
    await ada.ask(`/add ${wallet} 1.4 Main`, /Morpho/)
    await bed.morphoApi.set({ kind: 'empty' })
    await aSweep()
    await aCycleOf(bed.buoy)
    expect((await ada.ask('/check Main', /Morpho/)).text).toMatch(/Morpho[^\n]*health 1\.(59|6)/)
    await bed.chain.setMorphoPrice({ market: MARKET, price: '3.4' })
    expect((await ada.expect(/🟠/)).text).toContain('Morpho')
    expect((await ada.seen()).filter(({ text }) => text.startsWith('⚪'))).toEqual([])
  })

  it('F26 the same for a wallet that is added while it says so', async () => {
    await bed.morphoApi.set({ kind: 'empty' })
    expect((await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)).text).toMatch(
      /Morpho[^\n]*health 1\.(59|6)/,
    )
  })
})

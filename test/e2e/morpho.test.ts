import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { createPerson, type Person, personIn } from './person.ts'

let bed: Bed
let ada: Person
let operator: Person

const OPERATOR = 6_000_001

beforeAll(async () => {
  // The sweep comes too seldom to help: what is found here is found on /add or by events.
  bed = await createBed({ env: { BUOY_DISCOVERY_SECONDS: '3600', BUOY_ADMIN_IDS: String(OPERATOR) } })
  await bed.telegram.control.createUser({ id: OPERATOR, firstName: 'Olga' })
  operator = personIn(bed, { user: OPERATOR, chat: OPERATOR })
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
})
beforeEach(async () => {
  await bed.proxy.set({ kind: 'ok' })
  await bed.morphoApi.set({ kind: 'ok' })
  await bed.chain.failMorphoOracle({ market: 'WMON-USDC', failing: false })
  await bed.chain.setMorphoPrice({ market: 'WMON-USDC', price: '4' })
  ada = await createPerson(bed, 'Ada')
})

/** 1000 WMON at 4 USDC with 2150 of debt: 3440 / 2150 = 1.6. */
async function openLoan(owner?: string): Promise<string> {
  return await bed.chain.openMorphoPosition({
    market: 'WMON-USDC',
    collateral: '1000',
    borrow: '2150',
    ...(owner !== undefined && { owner }),
  })
}

describe('a Morpho loan', () => {
  it('is found by /add, told in its own unit, and rings when its health falls', async () => {
    const wallet = await openLoan()
    await ada.type(`/add ${wallet} 1.4 Main`)
    const answer = await ada.expect(/Watching Main/)
    expect(answer.text).toMatch(/Morpho WMON\/USDC 86% · health 1\.(59|60)/)
    expect(answer.text).toContain('collateral 4,000.00 USDC · debt 2,150.')
    expect(answer.text).not.toContain('$')
    await bed.chain.setMorphoPrice({ market: 'WMON-USDC', price: '3.4' })
    const alert = await ada.expect(/🟠/)
    expect(alert.text.split('\n')[0]).toMatch(
      /^🟠 Main · Morpho WMON\/USDC 86% · health 1\.3\d · 26\.\d % to liquidation$/,
    )
    expect(alert.text).toMatch(/Repay about [\d,.]+ USDC/)
    expect(alert.text).not.toContain('$')
  })

  it('is shown with its tokens and its liquidation price by /position, and with exact ways out by /rescue', async () => {
    const wallet = await openLoan()
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    const detail = await ada.ask('/position Main', /WMON/)
    expect(detail.text).toContain('1,000.00 WMON')
    expect(detail.text).toMatch(/liquidation at 2\.50 USDC \(now 4\.00 USDC, -37 %\)/)
    const ways = await ada.ask('/rescue Main 2', /health 2\.0/)
    expect(ways.text).toMatch(/Repay [\d,.]+ USDC/)
    expect(ways.text).toMatch(/Add [\d,.]+ WMON/)
    expect(ways.text).toContain('2,150.00')
  })

  it('that is opened after /add is found by its events, without a sweep, and rings at once when it is in danger', async () => {
    const wallet = bed.chain.newOwner()
    await ada.ask(`/add ${wallet} 1.7 Later`, /Watching Later/)
    await openLoan(wallet)
    const alert = await ada.expect(/🟠 Later · Morpho WMON\/USDC/)
    expect(alert.text).toMatch(/health 1\.(59|60)/)
  })

  it('is still read, found and rung for when the API answers with HTML', async () => {
    const wallet = await openLoan()
    // The markets are known from before.
    await ada.ask(`/check ${wallet}`, /Morpho WMON\/USDC/)
    await bed.morphoApi.set({ kind: 'html' })
    const answer = await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    expect(answer.text).toMatch(/Morpho WMON\/USDC 86% · health 1\.(59|60)/)
    expect(answer.text).not.toMatch(/No loan or deposit on .*Morpho/)
    await bed.chain.setMorphoPrice({ market: 'WMON-USDC', price: '3.4' })
    await ada.expect(/🟠 Main/)
  })

  it('whose oracle reverts is said to be unseen, and the loans of other markets are told as ever', async () => {
    const wallet = await openLoan()
    await bed.chain.openMorphoPosition({
      market: 'WBTC-USDC',
      owner: wallet,
      collateral: '1',
      borrow: '20000',
    })
    await ada.ask(`/add ${wallet} 1.2 Main`, /Watching Main/)
    await bed.chain.failMorphoOracle({ market: 'WMON-USDC', failing: true })
    const answer = await ada.ask('/check Main', /I cannot see it/)
    expect(answer.text).toContain(
      '❔ Morpho WMON/USDC 86% · I cannot see it: the price oracle does not answer',
    )
    expect(answer.text).toContain('Morpho WBTC/USDC 86% · health 2.5')
  })

  it('is counted in /stats with the cache, the API and how far events are followed', async () => {
    const wallet = await openLoan()
    await operator.ask(`/add ${wallet} Main`, /Watching Main/)
    await bed.aCycle()
    const stats = await operator.ask('/stats', /^Buoy/)
    expect(stats.text).toMatch(/Cache: /)
    expect(stats.text).toContain("Morpho's API")
    expect(stats.text).toMatch(/Events/)
  })
})

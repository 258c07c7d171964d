import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { createPerson, openLoan, type Person } from './person.ts'

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
  await bed.chain.setPrice({ asset: 'WMON', usd: '4' })
  ada = await createPerson(bed, 'Ada')
  wallet = await openLoan(bed)
})

async function watch(threshold = ''): Promise<void> {
  await ada.type(`/add ${wallet} ${threshold} Main`)
  await ada.expect(/Watching Main/)
}

describe('from a wallet to an alert', () => {
  it('answers /add with the position, its health and the proposed line', async () => {
    await ada.type(`/add ${wallet} Main`)
    const answer = await ada.expect(/Watching Main/)
    expect(answer.text).toContain('Neverland Main · health 1.60 · 37.5 % to liquidation')
    expect(answer.text).toContain('collateral $4,000.00 · debt $1,875.00 · rings at 1.36')
    expect(answer.buttons.flat().map(({ text }) => text)).toEqual(['Check now', 'My wallets'])
  })

  it('rings once, with sound, when health falls under the line', async () => {
    await watch('1.4')
    await bed.chain.setPrice({ asset: 'WMON', usd: '3.40' })
    const alert = await ada.expect(/🟠/)
    expect(alert.text.split('\n')[0]).toBe('🟠 Main · Neverland Main · health 1.36 · 26.4 % to liquidation')
    expect(alert.silent).toBe(false)
    expect(alert.text.length).toBeLessThan(500)
    expect(alert.text).toMatch(/Block \d+ · \d\d:\d\d UTC · 127\.0\.0\.1:\d+, one source · ref [0-9A-F]{6}/)
    await bed.buoy.waitForLog(({ msg }) => msg === 'cycle', {
      what: 'a later cycle',
      from: bed.buoy.logMark(),
    })
    expect((await ada.seen()).filter(({ text }) => text.startsWith('🟠'))).toHaveLength(1)
  })

  it('tells a recovery silently, after it has held', async () => {
    await watch('1.4')
    await bed.chain.setPrice({ asset: 'WMON', usd: '3.40' })
    await ada.expect(/🟠/)
    await bed.chain.setPrice({ asset: 'WMON', usd: '4' })
    await bed.aCycle()
    await bed.advance(61)
    const note = await ada.expect(/🟢/)
    expect(note.text).toContain('recovered · health 1.60')
    expect(note.silent).toBe(true)
  })

  it('keeps a removed wallet removed after a restart', async () => {
    await watch()
    await ada.type('/remove Main')
    await ada.expect(/no longer watched/)
    expect(await bed.buoy.stop()).toBe(0)
    await bed.chain.setPrice({ asset: 'WMON', usd: '2' })
    await bed.buoy.start()
    const bob = await createPerson(bed, 'Bob')
    await bob.type(`/add ${wallet} 1.4 Same`)
    await bob.expect(/🆘/)
    expect((await ada.seen()).filter(({ text }) => /^[🟠🔴🆘]/u.test(text))).toEqual([])
    await ada.type('/list')
    await ada.expect(/No wallet is watched/)
  })

  it('says that a loan which was repaid and withdrawn is closed, once two reads agree', async () => {
    await watch()
    await bed.chain.closePosition({ owner: wallet })
    const note = await ada.expect(/⚪/)
    expect(note.text).toContain('closed')
    expect(note.silent).toBe(true)
  })

  it('finds a loan that is opened after /add by itself', async () => {
    const later = bed.chain.newOwner()
    await ada.type(`/add ${later} 1.7 Later`)
    await ada.expect(/No loan or deposit on Neverland/)
    await bed.chain.openPosition({
      owner: later,
      supply: [{ asset: 'WMON', amount: '1000' }],
      borrow: [{ asset: 'USDC', amount: '1875' }],
    })
    const alert = await ada.expect(/🟠/)
    expect(alert.text).toContain('Later · Neverland Main · health 1.60')
  })
})

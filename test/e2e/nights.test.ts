import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { answersTo, buttonsOf, createPerson, openLoan, type Person } from './person.ts'

let bed: Bed
let ada: Person

beforeAll(async () => {
  bed = await createBed()
  await bed.buoy.start()
  ada = await createPerson(bed, 'Ada')
})
afterAll(async () => {
  await bed.stop()
})

describe('/example', () => {
  it('shows a marked alert whose buttons say what they are', async () => {
    const example = await ada.ask('/example', /^EXAMPLE/)
    expect(example.text).toContain('🔴 Main · Morpho WMON/USDC · health 1.08')
    expect(await ada.tap('Seen', example.id)).toMatchObject({ text: 'This is only an example.' })
  })
})

describe('/drill', () => {
  it('rings for a loan that does not exist, marked, and reports every step once it was answered', async () => {
    await ada.ask('/drill', /^DRILL · in about ten seconds/)
    await bed.advance(10)
    const alert = await ada.expect(/^🔴 DRILL · DRILL/)
    expect(alert.silent).toBe(false)
    expect(alert.text).toContain('health 1.04')
    expect(buttonsOf(alert)).toEqual(['Seen'])
    expect(await ada.tap('Seen', alert.id)).toMatchObject({ text: 'Well done.' })
    const report = await ada.expect(/^DRILL · how it went/)
    expect(report.text).toMatch(/Noticed and stored after \d+ s\./)
    expect(report.text).toMatch(/Telegram had it \d+ s later, the second look included\./)
    expect(report.text).toMatch(/Somebody pressed Seen \d+ s after that\./)
  })

  it('leaves nothing behind but its history, and comes once in ten minutes', async () => {
    const [list, again, history] = await answersTo(ada, ['/list', '/drill', '/history'])
    expect(list?.text).not.toContain('DRILL')
    expect(again?.text).toMatch(/^One drill in ten minutes, please/)
    expect(history?.text).toMatch(/DRILL · 🔴 critical/)
  })
})

describe('/snooze and /history', () => {
  it('say which loans are quiet, keep them quiet, and tell afterwards what rang', async () => {
    const wallet = await openLoan(bed)
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    expect((await ada.ask('/snooze', /./)).text).toMatch(/^Nothing to snooze/)
    await bed.chain.setPrice({ asset: 'WMON', usd: '3.40' })
    await ada.expect(/^🟠 Main/)
    expect((await ada.ask('/snooze 7 weeks', /./)).text).toMatch(/^I read “7 weeks” as a time/)
    const snoozed = await ada.ask('/snooze 2h', /^😴 Quiet until/)
    expect(snoozed.text).toContain('🟠 Main · Neverland Main: warning')
    await bed.advance(4 * 3_600)
    const repeat = await ada.expect(/^🟠 Main/)
    expect(repeat.text).toContain('Still warning, and nobody has pressed Seen.')
    expect((await ada.tap('No more repeats', repeat.id)).text).toMatch(/^No repeats at warning/)
    const history = await ada.ask('/history', /in the last 30 days/)
    expect(history.text).toMatch(/🟠 still warning\nMain · Neverland Main · health 1\.3[56]/)
  })
})

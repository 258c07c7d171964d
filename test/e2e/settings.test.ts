import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { buttonsOf, createPerson, openLoan, type Person } from './person.ts'

const TEN_MINUTES_S = 600

let bed: Bed
let ada: Person
let bob: Person
let wallet: string

beforeAll(async () => {
  bed = await createBed()
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
})
beforeEach(async () => {
  await price('4')
  ada = await createPerson(bed, 'Ada')
  bob = await createPerson(bed, 'Bob')
  wallet = await openLoan(bed)
})

function price(usd: string): Promise<void> {
  return bed.chain.setPrice({ asset: 'WMON', usd })
}

/** Bob's chat becomes the second one of Ada's. */
async function pairWithBob(): Promise<void> {
  const menu = await ada.ask('/settings', /^Settings of this chat/)
  await ada.tap('Second chat', menu.id)
  await ada.expectEdit(menu.id, /^Second chat/)
  await ada.tap('Make a code', menu.id)
  const { text } = await ada.expectEdit(menu.id, /\/pair/)
  const code = /\/pair (\S+)/.exec(text)?.[1] ?? 'none'
  await bob.ask(`/pair ${code}`, /^✅ Paired/)
  await ada.expect(/^✅ The second chat is paired/)
}

describe('/settings', () => {
  it('is one message: its buttons set quiet hours in place', async () => {
    const menu = await ada.ask('/settings', /^Settings of this chat/)
    await ada.tap('Quiet hours', menu.id)
    await ada.expectEdit(menu.id, /^No quiet hours/)
    await ada.tap('Shanghai', menu.id)
    await ada.expectEdit(menu.id, /^Quiet from 23:00 to 07:00 \(Asia\/Shanghai\)/)
    await ada.tap('from 22:00', menu.id)
    const set = await ada.expectEdit(menu.id, /^Quiet from 22:00 to 07:00/)
    expect(buttonsOf(set).filter((text) => text.startsWith('✓'))).toEqual([
      '✓ from 22:00',
      '✓ to 07:00',
      '✓ Shanghai',
    ])
    await ada.tap('‹ Settings', menu.id)
    const { text } = await ada.expectEdit(menu.id, /^Settings of this chat/)
    expect(text).toContain('🌙 Quiet from 22:00 to 07:00 (Asia/Shanghai): warnings wait until then.')
    expect(await ada.seen()).toHaveLength(1)
  })

  it('with a critical line of its own rings critical there', async () => {
    await ada.ask(`/add ${wallet} 1.4 critical 1.3 Main`, /It rings at 1\.40, critical at 1\.30\./)
    await price('3.20')
    const alert = await ada.expect(/^🔴/)
    expect(alert.text).toContain('health 1.28')
    expect((await ada.ask('/list', /1\. Main/)).text).toContain('rings at 1.40, critical at 1.30')
  })
})

describe('a second chat', () => {
  it('hears after ten minutes of a critical loan that nobody answers', async () => {
    await pairWithBob()
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    await price('2.70')
    await ada.expect(/^🔴/)
    await bed.advance(TEN_MINUTES_S)
    const heard = await bob.expect(/Main/)
    expect(heard.text).toMatch(/^🚨 Nobody answered · Main · Neverland Main · health 1\.0/)
    await bob.tap('Seen', heard.id)
    // Neither chat hears of it again, although a repeat would be due.
    const before = (await ada.seen()).length
    await bed.advance(3 * TEN_MINUTES_S)
    await bed.aCycle()
    expect((await ada.seen()).length).toBe(before)
    expect(await bob.seen()).toHaveLength(2)
  })

  it('that left or switched its alerts off is told of in /status', async () => {
    await pairWithBob()
    await bob.ask('/stop', /No more alerts/)
    expect((await ada.ask('/status', /Alerts are on/)).text).toContain(
      'The second chat has switched its alerts off',
    )
    await bob.ask('/unpair', /One chat sent its unanswered alerts here/)
    await ada.expect(/^⚠️ Your second chat has left/)
    expect((await ada.ask('/status', /Alerts are on/)).text).not.toContain('second chat')
  })
})

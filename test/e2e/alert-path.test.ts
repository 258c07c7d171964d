import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { shortAddress } from '../../src/domain/address.ts'
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
  await bed.proxy.set({ kind: 'ok' })
  await bed.chain.failOracle({ asset: 'WMON', failing: false })
  await bed.chain.setPrice({ asset: 'WMON', usd: '4' })
  ada = await createPerson(bed, 'Ada')
  wallet = await openLoan(bed)
})

async function watch(threshold = ''): Promise<void> {
  await ada.type(`/add ${wallet} ${threshold} Main`)
  await ada.expect(/Watching Main/)
}

/** Resolves when a transition of this kind is committed after `from` for the wallet of this test, with its chat in the log. */
async function committed(kind: string, from: number): Promise<unknown> {
  const name = shortAddress(wallet.toLowerCase())
  const { chat } = await bed.buoy.waitForLog(
    (line) => line.msg === 'transition' && line['kind'] === kind && String(line['position']).endsWith(name),
    { what: `a committed ${kind}`, from },
  )
  return chat
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

  it('sends an alert that was committed before a kill -9 after the restart, once and without a repeat label', async () => {
    await watch()
    await bed.telegram.control.pause()
    const from = bed.buoy.logMark()
    await bed.chain.setPrice({ asset: 'WMON', usd: '2.70' })
    const ours = await committed('critical', from)
    // Between two attempts: killed during one, Buoy could not know that it was refused, and would rightly say so. The wallets of
    // the tests before ring as well.
    await bed.buoy.waitForLog(
      ({ msg, chat, outcome, attempt }) =>
        msg === 'alert attempt' && chat === ours && outcome === 'not-sent' && attempt === 3,
      { what: 'a third refused attempt, four seconds before the next', from },
    )
    await bed.buoy.kill9()
    await bed.telegram.control.resume()
    await bed.buoy.start()
    const alert = await ada.expect(/🔴/)
    expect(alert.text).not.toContain('repeat')
    await bed.buoy.waitForLog(({ msg }) => msg === 'cycle', {
      what: 'a later cycle',
      from: bed.buoy.logMark(),
    })
    expect((await ada.seen()).filter(({ text }) => text.startsWith('🔴'))).toHaveLength(1)
  })

  it('labels a repeat when the process was killed between the send and its answer', async () => {
    await watch()
    await bed.telegram.control.addFault({ kind: 'hang', method: 'sendMessage', chat: ada.chat, text: '🔴' })
    await bed.chain.setPrice({ asset: 'WMON', usd: '2.70' })
    const first = await ada.expect(/🔴/)
    await bed.buoy.kill9()
    await bed.telegram.control.releaseHung()
    await bed.buoy.start()
    const second = await ada.expect(/🔴/)
    expect(first.text).not.toContain('repeat')
    const reference = /ref ([0-9A-F]{6})/.exec(first.text)?.[1] ?? 'none'
    expect(second.text).toContain(`May be a repeat of ${reference}`)
    expect((await ada.seen()).filter(({ text }) => text.startsWith('🔴'))).toHaveLength(2)
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

  it('says that it cannot see a loan whose oracle fails, and never that there is none', async () => {
    await watch()
    await bed.chain.failOracle({ asset: 'WMON', failing: true })
    await ada.type('/check Main')
    const answer = await ada.expect(/Main/)
    expect(answer.text).toContain('❔ Neverland Main · I cannot see it: price oracle of WMON does not answer')
    expect(answer.text).not.toMatch(/no loan or deposit on .*neverland|no position|closed|safe/i)
    await bed.aCycle()
    await bed.advance(11 * 60)
    const alert = await ada.expect(/⚫/)
    expect(alert.text).toContain('Last seen: health 1.60')
    expect(alert.silent).toBe(false)
    await bed.chain.failOracle({ asset: 'WMON', failing: false })
    const back = await ada.expect(/👁/)
    expect(back.silent).toBe(true)
  })

  it('says that it cannot see anything while every endpoint is down', async () => {
    await watch()
    await bed.proxy.set({ kind: 'down' })
    await ada.type('/check')
    const answer = await ada.expect(/cannot see it/)
    expect(answer.text).toContain('Last seen')
    expect(answer.text).toContain('There may be more')
    expect(answer.text).not.toMatch(/no loan|no position|closed/i)
    const stranger = await createPerson(bed, 'Bob')
    await stranger.type(wallet)
    const pasted = await stranger.expect(/cannot see everything/)
    expect(pasted.text).not.toMatch(/no loan|no position/i)
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

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { createPerson, openLoan, type Person } from './person.ts'

let bed: Bed
let ada: Person

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
  await ada.type(`/add ${await openLoan(bed)} 1.4 Main`)
  await ada.expect(/Watching Main/)
})

async function fall(): Promise<void> {
  await bed.chain.setPrice({ asset: 'WMON', usd: '3.40' })
}

async function sendsTo(chat: number): Promise<number> {
  return (await bed.telegram.control.requests({ method: 'sendMessage', chat })).length
}

describe('what comes back from Telegram', () => {
  it('waits as long as a 429 says, keeps the alert and sends nothing else to that chat meanwhile', async () => {
    const { control } = bed.telegram
    const before = await sendsTo(ada.chat)
    await control.addFault({ kind: 'rate-limit', retryAfter: 3, method: 'sendMessage', chat: ada.chat })
    await fall()
    const alert = await ada.expect(/🟠/)
    expect(alert.text).not.toContain('repeat')
    expect(await sendsTo(ada.chat)).toBe(before + 2)
    expect((await control.breaches()).filter(({ chat }) => chat === ada.chat)).toEqual([])
  })

  it('labels the repeat when the connection drops after Telegram accepted the message', async () => {
    await bed.telegram.control.addFault({ kind: 'drop-after', method: 'sendMessage', chat: ada.chat })
    await fall()
    await ada.expect(/🟠/)
    const second = await ada.expect(/🟠/)
    expect(second.text).toContain('May be a repeat')
  })

  it('sends again, labelled, after a 5xx whose effect is unknown', async () => {
    await bed.telegram.control.addFault({ kind: 'server-error', method: 'sendMessage', chat: ada.chat })
    await fall()
    expect((await ada.expect(/🟠/)).text).toContain('May be a repeat')
  })

  it('sends the plain short form when Telegram cannot parse the text', async () => {
    await bed.telegram.control.addFault({ kind: 'cant-parse', method: 'sendMessage', chat: ada.chat })
    await fall()
    const alert = await ada.expect(/🟠/)
    expect(alert.text).not.toContain('Main')
    expect(alert.entities).toEqual([])
    expect(alert.text).toContain('Neverland · health 1.36')
  })

  it('gives up a chat that refuses the bot after one attempt, and /start brings it back with its settings', async () => {
    const { control } = bed.telegram
    await control.addFault({ kind: 'forbidden', method: 'sendMessage', chat: ada.chat })
    const before = await sendsTo(ada.chat)
    await fall()
    await bed.buoy.waitForLog(({ outcome }) => outcome === 'unreachable', { what: 'the refusal' })
    await bed.aCycle()
    expect(await sendsTo(ada.chat)).toBe(before + 1)
    await ada.type('/start')
    await ada.expect(/wakes you/)
    const alert = await ada.expect(/🟠/)
    expect(alert.text).toContain('health 1.36')
    expect(alert.text).toContain('your line of 1.40')
  })

  it('sends nothing to somebody who blocked the bot, and tells them where they stand once they come back', async () => {
    const { control } = bed.telegram
    await control.blockBot(ada.chat)
    await fall()
    await bed.aCycle()
    expect((await ada.seen()).some(({ text }) => text.startsWith('🟠'))).toBe(false)
    await control.unblockBot(ada.chat)
    expect((await ada.expect(/🟠/)).text).toContain('health 1.36')
  })

  it('says how late an alert is that Telegram did not take for more than a minute', async () => {
    const { control } = bed.telegram
    await control.pause()
    const from = bed.buoy.logMark()
    await fall()
    await bed.buoy.waitForLog(({ outcome }) => outcome === 'not-sent', { what: 'a refused connection', from })
    await bed.advance(180)
    await control.resume()
    const alert = await ada.expect(/🟠/)
    expect(alert.text).toMatch(/Late by 3 min/)
    expect(alert.text).not.toContain('repeat')
  })
})

describe('a bot that Telegram refuses', () => {
  it('ends with an exit code and one clear line when another process polls with the same token', async () => {
    const { telegram, buoy } = bed
    const answer = fetch(`${telegram.url}/bot${telegram.token}/getUpdates?timeout=5`)
    expect(await buoy.exited()).toBe(1)
    await answer.then((response) => response.text())
    const line = await buoy.waitForLog(({ level }) => level === 60, { what: 'the fatal line' })
    expect(line.msg).toBe('Telegram refuses this bot: check the token, and that no other process uses it')
    expect(String(line['reason'])).toContain('409')
    await buoy.start()
  })

  it('ends likewise when the token was revoked', async () => {
    const { telegram, buoy } = bed
    await telegram.control.addFault({ kind: 'unauthorized', times: 'always' })
    await telegram.control.addFault({ kind: 'unauthorized', method: 'getUpdates', times: 'always' })
    await ada.type('/list')
    expect(await buoy.exited()).toBe(1)
    await telegram.control.clearFaults()
    await buoy.start()
  })
})

describe('the log', () => {
  it('has held no token, no RPC key and no whole address, through everything above', () => {
    const log = bed.buoy.logText()
    expect(log).toContain('alert attempt')
    expect(log).not.toContain(bed.telegram.token)
    expect(log).not.toContain(bed.telegram.token.split(':')[1])
    expect(log).not.toMatch(/0x[0-9a-fA-F]{40}(?![0-9a-fA-F])/)
  })
})

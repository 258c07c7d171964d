import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { type Person, personIn, rung } from '../e2e/person.ts'
import { aCycleOf, type Borrower, createBorrower, linesWith, price, sendAway, sendsTo } from './kit.ts'

const OPERATOR = 6_000_001

let bed: Bed
let ada: Borrower
let operator: Person
/** Refused so far. */
let texts = 0

beforeAll(async () => {
  bed = await createBed({ env: { BUOY_ADMIN_IDS: String(OPERATOR) } })
  await bed.telegram.control.createUser({ id: OPERATOR, firstName: 'Olga' })
  operator = personIn(bed, { user: OPERATOR, chat: OPERATOR })
  await bed.buoy.start()
})
afterAll(async () => {
  await bed.stop()
})
beforeEach(async () => {
  await price(bed, '4')
  ada = await createBorrower(bed)
})
afterEach(async () => {
  await bed.telegram.control.clearFaults()
  await sendAway(bed, [ada])
})

describe('what comes back from Telegram', () => {
  it('F7 429 with retry_after 7 on one chat: it waits at least that long, its order is kept, others go on', async () => {
    const { control } = bed.telegram
    const bob = await createBorrower(bed, { name: 'Bob' })
    await control.addFault({ kind: 'rate-limit', retryAfter: 7, method: 'sendMessage', chat: ada.chat })
    await price(bed, '3.40')
    await bob.expect(/🟠/)
    const told = { method: 'sendMessage', chat: ada.chat } as const
    await control.waitForRequests({ ...told, where: ({ status }) => status === 429 })
    await price(bed, '2.70')
    await bob.expect(/🔴/)
    // Bob has everything before Ada has anything.
    expect(await rung(ada)).toEqual([])
    const alert = await ada.expect(/🔴/)
    // Of what waited, the worst is told first, and the step before it is in the same message.
    expect(alert.text).toMatch(/🟠.*1\.36/)
    expect(alert.text).not.toContain('repeat')
    const attempts = await control.requests(told)
    const [refused, next] = attempts.slice(attempts.findIndex(({ status }) => status === 429))
    expect((next?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(7_000)
    expect((await control.breaches()).filter(({ chat }) => chat === ada.chat)).toEqual([])
    await sendAway(bed, [bob])
  })

  it.each(['bot was blocked by the user', 'bot was kicked from the group chat', 'user is deactivated'])(
    'F9 403 "%s": one attempt, then unreachable; /start revives with settings',
    async (description) => {
      const { control } = bed.telegram
      await control.addFault({ kind: 'forbidden', description, method: 'sendMessage', chat: ada.chat })
      const before = await sendsTo(bed, ada.chat)
      const from = bed.buoy.logMark()
      await price(bed, '3.40')
      await bed.buoy.waitForLog(({ outcome }) => outcome === 'unreachable', { what: 'the refusal', from })
      await bed.aCycle()
      expect(await sendsTo(bed, ada.chat)).toBe(before + 1)
      await ada.ask('/start', /wakes you/)
      const alert = await ada.expect(/🟠/)
      expect(alert.text).toContain('health 1.36')
      expect(alert.text).toContain('your line of 1.40')
    },
  )

  it('F9 blocked for real: nothing is sent, and whoever comes back is told where they stand', async () => {
    await bed.telegram.control.blockBot(ada.chat)
    await price(bed, '3.40')
    await bed.aCycle()
    expect(await rung(ada)).toEqual([])
    await bed.telegram.control.unblockBot(ada.chat)
    expect((await ada.expect(/🟠/)).text).toContain('health 1.36')
  })

  it('F10 400 migrate: the id is moved, the same alert is delivered to the new id, nothing to the old one', async () => {
    const { control } = bed.telegram
    const { id: old } = await control.createGroup({
      type: 'group',
      bot: 'administrator',
      members: [{ user: ada.user, status: 'creator' }],
    })
    const inOld = personIn(bed, { user: ada.user, chat: old })
    await inOld.ask(`/add ${ada.wallet} 1.4 Team`, /Watching Team/)
    const { id: chat } = await control.createGroup({
      type: 'supergroup',
      members: [{ user: ada.user, status: 'creator' }],
    })
    const inNew = personIn(bed, { user: ada.user, chat })
    await control.addFault({ kind: 'migrate', toChat: chat, method: 'sendMessage', chat: old, text: '🟠' })
    await price(bed, '3.40')
    const alert = await inNew.expect(/^🟠 Team/)
    expect(alert.text).not.toContain('repeat')
    expect((await inNew.ask('/list', /1\. /)).text).toContain('rings at 1.40 (set for this wallet)')
    await price(bed, '2.70')
    await inNew.expect(/^🔴 Team/)
    expect(await rung(inOld)).toEqual([])
    await control.kickBot({ chat })
  })

  it.each(['cant-parse', 'too-long', 'empty-text'] as const)(
    'F11 400 %s: the plain short form is delivered, once, and the bug is counted',
    async (kind) => {
      await bed.telegram.control.addFault({ kind, method: 'sendMessage', chat: ada.chat })
      const from = bed.buoy.logMark()
      await price(bed, '3.40')
      const alert = await ada.expect(/🟠/)
      expect(alert.text).not.toContain('Main')
      expect(alert.entities).toEqual([])
      expect(alert.text).toContain('Neverland · health 1.36')
      expect(alert.text).not.toContain('repeat')
      await bed.buoy.waitForLog(({ outcome }) => outcome === 'refused-text', { what: 'the refusal', from })
      await aCycleOf(bed.buoy)
      expect(await linesWith(ada, '🟠')).toHaveLength(1)
      texts += 1
      expect((await operator.ask('/stats', /texts refused/)).text).toContain(`${texts} texts refused`)
    },
  )

  it('F12 Telegram away for 30 minutes: nothing lost, what is over is merged, said to be late', async () => {
    const { control } = bed.telegram
    await control.pause()
    const from = bed.buoy.logMark()
    await price(bed, '3.40')
    await bed.buoy.waitForLog(({ outcome }) => outcome === 'not-sent', { what: 'a refused connection', from })
    await price(bed, '2.70')
    await bed.buoy.waitForLog(({ msg, kind }) => msg === 'transition' && kind === 'critical', {
      what: 'the deeper level',
      from,
    })
    await bed.advance(30 * 60)
    await control.resume()
    const alert = await ada.expect(/🔴/)
    expect(alert.text).toMatch(/Late by 3\d min/)
    expect(alert.text).toMatch(/🟠.*1\.36/)
    expect(alert.text).not.toContain('repeat')
  })

  it('F12 5xx whose effect is unknown: sent again, labelled', async () => {
    const rule = { kind: 'server-error', code: 502, body: 'html' } as const
    await bed.telegram.control.addFault({ ...rule, method: 'sendMessage', chat: ada.chat })
    await price(bed, '3.40')
    expect((await ada.expect(/🟠/)).text).toContain('May be a repeat')
  })

  it('F12 no answer in time: sent again, labelled', async () => {
    const rule = { kind: 'hang', when: 'before', method: 'sendMessage' } as const
    await bed.telegram.control.addFault({ ...rule, chat: ada.chat })
    await price(bed, '3.40')
    expect((await ada.expect(/🟠/)).text).toContain('May be a repeat')
  })

  it('F13 accepted, then the connection drops: at most two, the second labelled', async () => {
    await bed.telegram.control.addFault({ kind: 'drop-after', method: 'sendMessage', chat: ada.chat })
    await price(bed, '3.40')
    const first = await ada.expect(/🟠/)
    const second = await ada.expect(/🟠/)
    expect(first.text).not.toContain('repeat')
    const reference = /ref ([0-9A-F]{6})/.exec(first.text)?.[1] ?? 'none'
    expect(second.text).toContain(`May be a repeat of ${reference}`)
    await aCycleOf(bed.buoy)
    expect(await linesWith(ada, '🟠')).toHaveLength(2)
  })
})

describe('a bot that Telegram refuses', () => {
  it('F14 401 revoked token: exit code not 0 and one clear line without the token', async () => {
    const { telegram, buoy } = bed
    await telegram.control.addFault({ kind: 'unauthorized', times: 'always' })
    await telegram.control.addFault({ kind: 'unauthorized', method: 'getUpdates', times: 'always' })
    const from = buoy.logMark()
    await ada.type('/list')
    expect(await buoy.exited()).toBe(1)
    const line = await buoy.waitForLog(({ level }) => level === 60, { what: 'the fatal line', from })
    expect(line.msg).toBe('Telegram refuses this bot: check the token, and that no other process uses it')
    expect(String(line['reason'])).toContain('401')
    await telegram.control.clearFaults()
    await buoy.start()
  })

  it('F15 409 second poller with the same token: a clear line, and the whole process stops', async () => {
    const { telegram, buoy } = bed
    const from = buoy.logMark()
    const answer = fetch(`${telegram.url}/bot${telegram.token}/getUpdates?timeout=5`)
    expect(await buoy.exited()).toBe(1)
    await answer.then((response) => response.text())
    const line = await buoy.waitForLog(({ level }) => level === 60, { what: 'the fatal line', from })
    expect(line.msg).toBe('Telegram refuses this bot: check the token, and that no other process uses it')
    expect(String(line['reason'])).toContain('409')
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

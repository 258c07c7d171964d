import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { answersTo, createPerson, openLoan, type Person, personIn } from './person.ts'

const OPERATOR = 7_000_001
const NEWCOMER = 7_000_002
const UNKNOWN = 'I do not know this command. /help shows what I can do.'

async function sendsTo(at: { bed: Bed; chat: number }): Promise<number> {
  return (await at.bed.telegram.control.requests({ method: 'sendMessage', chat: at.chat })).length
}

describe('a bot for everybody', () => {
  let bed: Bed
  let operator: Person
  let ada: Person

  beforeAll(async () => {
    bed = await createBed({ env: { BUOY_ADMIN_IDS: `${OPERATOR},${NEWCOMER}` } })
    await bed.telegram.control.createUser({ id: OPERATOR, firstName: 'Olga', started: true })
    await bed.buoy.start()
    operator = personIn(bed, { user: OPERATOR, chat: OPERATOR })
  })
  afterAll(async () => {
    await bed.stop()
  })
  beforeEach(async () => {
    ada = await createPerson(bed, 'Ada')
  })

  it('answers /stats to an admin in private, with figures and no address, and logs the call', async () => {
    const wallet = await openLoan(bed)
    await ada.ask(`/add ${wallet} 1.4 Main`, /Watching Main/)
    await bed.aCycle()
    const from = bed.buoy.logMark()
    const stats = await operator.ask('/stats', /^Buoy/)
    expect(stats.text).toMatch(/Chats: \d+ active · wallets: 1/)
    expect(stats.text).toContain('neverland safe: 1')
    expect(stats.text).toMatch(/Last cycle \d+ s ago: [12] positions, 0 unread/)
    expect(stats.text).toMatch(/RPC 127\.0\.0\.1:\d+: /)
    expect(stats.text).not.toMatch(/0x[0-9a-f]/i)
    expect(stats.text.toLowerCase()).not.toContain(wallet.slice(2, 8).toLowerCase())
    expect(stats.text).not.toContain('Main')
    const line = await bed.buoy.waitForLog(({ msg }) => msg === 'admin command', { what: 'the call', from })
    expect(line['command']).toBe('stats')
    expect(JSON.stringify(line)).not.toContain(String(OPERATOR))
  })

  it('takes /stats of anybody else for an unknown command and logs no admin call', async () => {
    const from = bed.buoy.logMark()
    const answers = await answersTo(ada, ['/stats', '/stats@fake_test_bot'])
    expect(answers.map(({ text }) => text)).toEqual([UNKNOWN, UNKNOWN])
    expect(bed.buoy.logText().slice(from)).not.toContain('admin command')
  })

  it('does not answer /stats in a group, even to an admin', async () => {
    const { id: chat } = await bed.telegram.control.createGroup({
      members: [{ user: OPERATOR, status: 'creator' }],
    })
    const inGroup = personIn(bed, { user: OPERATOR, chat })
    const answers = await answersTo(inGroup, ['/stats', '/stats@fake_test_bot'])
    expect(answers.map(({ text }) => text)).toEqual([UNKNOWN])
  })

  it('offers /stats in the menu of an admin who has written to it, and of nobody else', async () => {
    const { control } = bed.telegram
    for (const languageCode of ['', 'zh']) {
      const menu = await control.commands({ scope: { type: 'chat', chat_id: OPERATOR }, languageCode })
      expect(menu.map(({ command }) => command)).toContain('stats')
      expect(menu.map(({ command }) => command)).toContain('threshold')
      const everybody = await control.commands({ languageCode })
      expect(everybody.map(({ command }) => command)).not.toContain('stats')
    }
    // Nobody with this id has ever written: refusing that menu must not keep the bot from listening.
    expect(await control.commands({ scope: { type: 'chat', chat_id: NEWCOMER } })).toEqual([])
  })

  it('looks six times a minute for one person, says once that this was often, then is silent', async () => {
    await ada.ask(`/add ${await openLoan(bed)} 1.4 Main`, /Watching Main/)
    for (let look = 2; look <= 6; look += 1) await ada.ask('/check', /health 1\.60/)
    const notice = await ada.ask('/check', /./)
    expect(notice.text).toMatch(/^You have asked often: 6 looks a minute and 60 an hour/)
    const before = await sendsTo({ bed, chat: ada.chat })
    const from = bed.buoy.logMark()
    expect(await answersTo(ada, ['/check', '/check', await openLoan(bed)])).toEqual([])
    expect(await sendsTo({ bed, chat: ada.chat })).toBe(before + 1)
    expect(bed.buoy.logText().slice(from)).not.toContain('command failed')
    await ada.ask('/list', /1\. Main/)

    const bob = await createPerson(bed, 'Bob')
    await bob.ask(`/add ${await openLoan(bed)} Second`, /Watching Second/)

    await bed.advance(61)
    await ada.ask('/check', /health 1\.60/)
  })

  it('answers a tap that is one too many in the tap itself', async () => {
    await ada.ask(`/add ${await openLoan(bed)} 1.4 Main`, /Watching Main/)
    for (let look = 2; look <= 6; look += 1) await ada.ask('/check', /health 1\.60/)
    expect(await ada.tap('Refresh')).toMatchObject({
      text: expect.stringMatching(/^You have asked often/) as string,
      showAlert: true,
    })
    expect(await ada.tap('Refresh')).toMatchObject({ text: null, showAlert: false })
  })

  it('rings although its owner has asked too often', async () => {
    await ada.ask(`/add ${await openLoan(bed)} 1.4 Main`, /Watching Main/)
    for (let look = 2; look <= 6; look += 1) await ada.ask('/check', /health 1\.60/)
    await ada.ask('/check', /asked often/)
    await bed.chain.setPrice({ asset: 'WMON', usd: '3.40' })
    await ada.expect(/^🟠 Main/)
    await bed.chain.setPrice({ asset: 'WMON', usd: '4' })
  })
})

describe('a bot for some chats only', () => {
  const OWNER = 7_000_010
  const TEAM = -1_000_007_000_011
  let bed: Bed

  beforeAll(async () => {
    bed = await createBed({ env: { BUOY_ALLOWED_CHATS: `${OWNER},${TEAM}` } })
    await bed.telegram.control.createUser({ id: OWNER, firstName: 'Olga' })
    await bed.buoy.start()
  })
  afterAll(async () => {
    await bed.stop()
  })

  it('works in a private chat that is allowed', async () => {
    const owner = personIn(bed, { user: OWNER, chat: OWNER })
    await owner.ask(`/add ${await openLoan(bed)} 1.4 Main`, /Watching Main/)
    await bed.chain.setPrice({ asset: 'WMON', usd: '3.40' })
    await owner.expect(/^🟠 Main/)
    await bed.chain.setPrice({ asset: 'WMON', usd: '4' })
  })

  it('works in a group that is allowed, also for people who are not allowed in private', async () => {
    const { control } = bed.telegram
    const user = (await control.createUser({ firstName: 'Ada' })).id
    await control.createGroup({ id: TEAM, type: 'supergroup', members: [{ user, status: 'creator' }] })
    const inTeam = personIn(bed, { user, chat: TEAM })
    await inTeam.ask(`/add ${await openLoan(bed)} 1.4 Team`, /Watching Team/)
  })

  it('tells others in private that it is for other chats, whatever they send', async () => {
    const stranger = await createPerson(bed, 'Eve')
    for (const text of ['/start', `/add ${await openLoan(bed)}`, '/stats', 'hello']) {
      const answer = await stranger.ask(text, /./)
      expect(answer.text).toBe('This bot is for other chats. It is open source: you can run your own.')
    }
  })

  it('is silent in other groups, also when it is added to one', async () => {
    const { control } = bed.telegram
    const user = (await control.createUser({ firstName: 'Eve' })).id
    const { id: chat } = await control.createGroup({
      bot: 'left',
      members: [{ user, status: 'creator' }],
    })
    await control.addBot({ chat, by: user })
    await control.say({ user, chat, text: `/add ${await openLoan(bed)}` })
    await control.say({ user, chat, text: '/help@fake_test_bot' })
    // Updates come in order: once a later one is answered, those were handled.
    const stranger = await createPerson(bed, 'Mallory')
    await stranger.ask('/help', /for other chats/)
    expect(await sendsTo({ bed, chat })).toBe(0)
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Bed, createBed } from '../bed/bed.ts'
import { answersTo, openLoan, type Person, personIn, rung } from './person.ts'

const REFUSAL = 'Only admins of this group can change what I watch here.'

let bed: Bed
let admin: Person
let member: Person
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
  wallet = await openLoan(bed)
})

function price(usd: string): Promise<void> {
  return bed.chain.setPrice({ asset: 'WMON', usd })
}

/** A group that the bot reads in full, with an owner and somebody without rights. */
async function createTeam(
  options: { type?: 'group' | 'supergroup'; forum?: boolean; bot?: 'left' } = {},
): Promise<number> {
  const { control } = bed.telegram
  const owner = await control.createUser({ firstName: 'Ada' })
  const other = await control.createUser({ firstName: 'Bob' })
  const { id: chat } = await control.createGroup({
    bot: 'administrator',
    members: [{ user: owner.id, status: 'creator' }, { user: other.id }],
    ...options,
  })
  admin = personIn(bed, { user: owner.id, chat })
  member = personIn(bed, { user: other.id, chat })
  return chat
}

async function teamThatWatches(options: Parameters<typeof createTeam>[0] = {}): Promise<number> {
  const chat = await createTeam(options)
  await admin.ask(`/add ${wallet} 1.4 Team`, /Watching Team/)
  return chat
}

async function sendsTo(chat: number): Promise<number> {
  return (await bed.telegram.control.requests({ method: 'sendMessage', chat })).length
}

describe('who may change settings in a group', () => {
  it('refuses every change of a member with one clear line and changes nothing', async () => {
    await teamThatWatches()
    const other = bed.chain.newOwner()
    const answers = await answersTo(member, [
      `/add ${other} 1.2 Mine`,
      '/remove Team',
      '/stop',
      '/threshold Team 1.1',
      '/label Team Mine',
      '/settings quiet 23:00 07:00 UTC',
      '/pair K7MQ2XHD',
      '/unpair',
    ])
    expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 8 }, () => REFUSAL))
    const list = await member.ask('/list', /rings at/)
    expect(list.text).toContain('1. Team')
    expect(list.text).toContain('rings at 1.40 (set for this wallet)')
    expect(list.text).not.toContain('2. ')
    await member.ask('/status', /Alerts are on/)
  })

  it('lets an admin do each of them', async () => {
    await teamThatWatches()
    await admin.ask('/threshold Team 1.2', /Team rings at 1\.20; it was 1\.40/)
    await admin.ask('/label Team Crew', /Team is called Crew now/)
    await admin.ask('/stop', /No more alerts/)
    await admin.ask('/resume', /Alerts are on/)
    await admin.ask('/remove Crew', /no longer watched/)
  })

  it('lets an anonymous admin change settings', async () => {
    await teamThatWatches()
    await admin.type('/threshold Team 1.3', { anonymous: true })
    await admin.expect(/Team rings at 1\.30; it was 1\.40/)
  })

  it('counts a right that was taken away at once', async () => {
    const chat = await teamThatWatches()
    const { control } = bed.telegram
    await control.setMember({ chat, user: member.user, status: 'administrator' })
    await member.ask('/threshold Team 1.3', /Team rings at 1\.30/)
    await control.setMember({ chat, user: member.user, status: 'member' })
    await member.type('/threshold Team 1.2')
    expect((await member.expect(/./)).text).toBe(REFUSAL)
  })
})

describe('what is answered in a group', () => {
  it('answers a command with its own name and leaves those of other bots alone', async () => {
    await teamThatWatches()
    await member.ask('/check@fake_test_bot', /Team .*\n.*health 1\.60/)
    expect(await answersTo(member, ['/check@other_bot', '/list@other_bot'])).toEqual([])
  })

  it('answers an unknown command only when it is named', async () => {
    await createTeam()
    const answers = await answersTo(member, ['/weather', '/weather@other_bot', '/weather@fake_test_bot'])
    expect(answers.map(({ text }) => text)).toEqual([
      'I do not know this command. /help shows what I can do.',
    ])
  })

  it('ignores talk and addresses that are not meant for it', async () => {
    await createTeam()
    expect(await answersTo(member, ['good morning', wallet, `look at ${wallet} please`])).toEqual([])
  })

  it('looks at an address in a reply to it or with its name', async () => {
    await createTeam()
    const hello = await member.ask('/help', /watch a wallet/)
    await member.type(wallet, { replyTo: hello.id })
    await member.expect(/Neverland Main · health 1\.60/)
    await member.ask(`@fake_test_bot ${wallet}`, /Neverland Main · health 1\.60/)
    expect(await answersTo(member, ['thanks @fake_test_bot'])).toEqual([])
    await member.ask('/list', /No wallet is watched/)
  })
})

describe('topics', () => {
  it('sends alerts to the topic of the last /add, and says when that moves', async () => {
    const { control } = bed.telegram
    const chat = await createTeam({ forum: true })
    const { topic: first } = await control.createTopic({ chat, name: 'Loans' })
    const { topic: second } = await control.createTopic({ chat, name: 'Alarms' })
    const inFirst = personIn(bed, { user: admin.user, chat, topic: first })
    const inSecond = personIn(bed, { user: admin.user, chat, topic: second })
    const added = await inFirst.ask(`/add ${wallet} 1.4 Team`, /Watching Team/)
    expect(added.topic).toBe(first)
    await price('3.40')
    expect((await inFirst.expect(/🟠/)).topic).toBe(first)
    const moved = await inSecond.ask(`/add ${wallet}`, /already watching Team/)
    expect(moved.text).toContain('Its alerts come to this topic from now on.')
    expect(moved.topic).toBe(second)
    await price('2.70')
    expect((await inSecond.expect(/^🔴/)).topic).toBe(second)
  })

  it('still tells the chat when the topic was deleted', async () => {
    const { control } = bed.telegram
    const chat = await createTeam({ forum: true })
    const { topic } = await control.createTopic({ chat, name: 'Loans' })
    const inTopic = personIn(bed, { user: admin.user, chat, topic })
    await inTopic.ask(`/add ${wallet} 1.4 Team`, /Watching Team/)
    await control.deleteTopic({ chat, topic })
    await price('3.40')
    const alert = await admin.expect(/^🟠/)
    expect(alert.topic).toBeNull()
    expect(alert.text).toContain('Team')
  })
})

describe('coming and going', () => {
  it('greets once when it is added', async () => {
    const chat = await createTeam({ bot: 'left' })
    await bed.telegram.control.addBot({ chat, by: admin.user })
    await admin.expect(/watches loans on Monad/)
    await bed.telegram.control.setMember({ chat, user: bed.telegram.botId, status: 'administrator' })
    expect(await answersTo(admin, ['hello'])).toEqual([])
    expect((await admin.seen()).filter(({ text }) => text.includes('wakes you'))).toHaveLength(1)
  })

  it('sends nothing to a group that threw it out, and rings the present state once it is back', async () => {
    const { control } = bed.telegram
    const chat = await teamThatWatches()
    await control.kickBot({ chat, by: admin.user })
    const before = await sendsTo(chat)
    await price('3.40')
    await bed.aCycle()
    expect(await sendsTo(chat)).toBe(before)
    await control.addBot({ chat, by: admin.user })
    const alert = await admin.expect(/^🟠/)
    expect(alert.text).toContain('Team · Neverland Main · health 1.36')
  })
})

describe('a group that becomes a supergroup', () => {
  it('keeps wallets and thresholds, and rings under the new id', async () => {
    const old = await teamThatWatches({ type: 'group' })
    const { chat } = await bed.telegram.control.upgradeGroup({ chat: old })
    const inNew = personIn(bed, { user: admin.user, chat })
    const list = await inNew.ask('/list', /1\. /)
    expect(list.text).toContain('1. Team')
    expect(list.text).toContain('rings at 1.40 (set for this wallet)')
    const before = await sendsTo(old)
    await price('3.40')
    await inNew.expect(/^🟠 Team/)
    expect(await rung(inNew)).toHaveLength(1)
    expect(await sendsTo(old)).toBe(before)
  })
})

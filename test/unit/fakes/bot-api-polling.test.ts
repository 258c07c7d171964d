import { GrammyError } from 'grammy'
import { describe, expect, it } from 'vitest'
import { createKit, refusalText } from './bot-api-kit.ts'

const kit = createKit()

describe('long polling', () => {
  it('holds an idle poll open instead of answering it', async () => {
    const fake = await kit.startFake()
    const bot = kit.newBot(fake)
    await kit.startBot(bot, fake).polling
    for (let turn = 0; turn < 20; turn += 1) await bot.api.getMe()
    const polls = await fake.control.requests({ method: 'getUpdates' })
    expect(polls).toHaveLength(1)
    expect(polls[0]?.state).toBe('pending')
  })

  it('answers a held poll at once when something happens, once per batch', async () => {
    const fake = await kit.startFake()
    const bot = kit.newBot(fake)
    bot.on('message:text', (context) => context.reply(`heard ${context.message.text}`))
    await kit.startBot(bot, fake).polling
    const user = await fake.control.createUser()
    for (const text of ['one', 'two', 'three']) {
      await fake.control.say({ user: user.id, text })
      await fake.control.waitForMessage({ chat: user.id, text: `heard ${text}` })
    }
    const polls = await fake.control.waitForRequests({ method: 'getUpdates', count: 4, pending: true })
    expect(polls).toHaveLength(4)
  })

  it('answers an idle poll with nothing once its time is up', async () => {
    const fake = await kit.startFake({ maxPollSeconds: 0.02 })
    const bot = kit.newBot(fake)
    expect(await bot.api.getUpdates({ timeout: 30 })).toEqual([])
  })

  it('gives updates again until they are confirmed by a higher offset', async () => {
    const fake = await kit.startFake()
    const { api } = kit.newBot(fake)
    const user = await fake.control.createUser()
    await fake.control.say({ user: user.id, text: 'first' })
    await fake.control.say({ user: user.id, text: 'second' })
    const once = await api.getUpdates()
    const again = await api.getUpdates()
    expect(again).toEqual(once)
    expect(once.map(({ message }) => message?.text)).toEqual(['first', 'second'])
    const rest = await api.getUpdates({ offset: (once[0]?.update_id ?? 0) + 1 })
    expect(rest.map(({ message }) => message?.text)).toEqual(['second'])
    expect(await fake.control.pendingUpdates()).toHaveLength(1)
  })

  it('keeps only the newest updates for a negative offset', async () => {
    const fake = await kit.startFake()
    const { api } = kit.newBot(fake)
    const user = await fake.control.createUser()
    for (const text of ['a', 'b', 'c']) await fake.control.say({ user: user.id, text })
    const newest = await api.getUpdates({ offset: -1 })
    expect(newest.map(({ message }) => message?.text)).toEqual(['c'])
    expect(await fake.control.pendingUpdates()).toHaveLength(1)
  })

  it('honours the limit and forgets updates after a day', async () => {
    const fake = await kit.startFake()
    const { api } = kit.newBot(fake)
    const user = await fake.control.createUser()
    for (const text of ['a', 'b', 'c']) await fake.control.say({ user: user.id, text })
    expect(await api.getUpdates({ limit: 2 })).toHaveLength(2)
    await fake.control.advance(25 * 60 * 60 * 1000)
    expect(await api.getUpdates()).toEqual([])
  })

  it('leaves chat_member out by default and keeps to allowed_updates afterwards', async () => {
    const fake = await kit.startFake()
    const { api } = kit.newBot(fake)
    const guest = await fake.control.createUser()
    const group = await fake.control.createGroup({ bot: 'administrator' })
    const kinds = async () => {
      const updates = await api.getUpdates()
      await api.getUpdates({ offset: (updates.at(-1)?.update_id ?? 0) + 1 })
      return updates.map((update) => Object.keys(update).find((key) => key !== 'update_id'))
    }
    await fake.control.setMember({ chat: group.id, user: guest.id, status: 'member' })
    expect(await kinds()).toEqual(['message'])
    await api.getUpdates({ allowed_updates: ['chat_member'] })
    await fake.control.setMember({ chat: group.id, user: guest.id, status: 'left' })
    await fake.control.say({ user: group.owner, chat: group.id, text: 'hello' })
    expect(await kinds()).toEqual(['chat_member'])
    await api.getUpdates({ allowed_updates: [] })
    expect(await fake.control.say({ user: group.owner, chat: group.id, text: 'hi' })).toMatchObject({
      seenByBot: true,
    })
  })

  it('drops a poll whose caller has hung up', async () => {
    const fake = await kit.startFake()
    const caller = new AbortController()
    const url = `${fake.url}/bot${fake.token}/getUpdates?timeout=5`
    const held = fetch(url, { signal: caller.signal }).catch(() => 'hung up')
    await fake.control.waitForRequests({ method: 'getUpdates', pending: true })
    caller.abort()
    expect(await held).toBe('hung up')
    const [poll] = await fake.control.waitForRequests({ method: 'getUpdates' })
    expect(poll?.state).toBe('gone')
    const user = await fake.control.createUser()
    await fake.control.say({ user: user.id, text: 'still here' })
    expect(await kit.newBot(fake).api.getUpdates({ timeout: 5 })).toHaveLength(1)
  })
})

describe('who may poll', () => {
  it('ends the first poller with 409 when a second one begins', async () => {
    const fake = await kit.startFake()
    const first = kit.startBot(kit.newBot(fake), fake)
    await first.polling
    const second = kit.newBot(fake)
    await kit.startBot(second, fake).polling
    const error: unknown = await first.ended.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(GrammyError)
    expect((error as GrammyError).description).toBe(
      'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    )
    expect(second.isRunning()).toBe(true)
  })

  it('rejects bot.start() with 401 for an unknown token', async () => {
    const fake = await kit.startFake()
    const bot = kit.newBot(fake, '1:unknown')
    await expect(bot.start()).rejects.toMatchObject({ error_code: 401, description: 'Unauthorized' })
  })

  it('ends a running bot with 401 when its token is taken back', async () => {
    const fake = await kit.startFake()
    const { polling, ended } = kit.startBot(kit.newBot(fake), fake)
    await polling
    await fake.control.setToken('4200001:another-token')
    const user = await fake.control.createUser()
    await fake.control.say({ user: user.id, text: 'wake up' })
    await expect(ended).rejects.toMatchObject({ error_code: 401 })
  })

  it('refuses polling while a webhook is set', async () => {
    const fake = await kit.startFake()
    const { api } = kit.newBot(fake)
    expect(await refusalText(api.setWebhook('http://plain.example'))).toBe(
      '400 Bad Request: bad webhook: An HTTPS URL must be provided for webhook',
    )
    await api.setWebhook('https://bot.example/hook', { allowed_updates: ['message'] })
    expect(await api.getWebhookInfo()).toMatchObject({
      url: 'https://bot.example/hook',
      allowed_updates: ['message'],
    })
    expect(await refusalText(api.getUpdates())).toContain("409 Conflict: can't use getUpdates method")
    await api.deleteWebhook()
    expect(await api.getUpdates()).toEqual([])
  })

  it('answers an unknown method with 404', async () => {
    const fake = await kit.startFake()
    const response = await fetch(`${fake.url}/bot${fake.token}/sendPigeon`)
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({
      ok: false,
      error_code: 404,
      description: 'Not Found: method not found',
    })
  })

  it('knows nobody after logOut', async () => {
    const fake = await kit.startFake()
    const { api } = kit.newBot(fake)
    expect(await api.logOut()).toBe(true)
    expect(await refusalText(api.getMe())).toBe('401 Unauthorized')
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { createControlClient, createFakeBotApi } from '../../fakes/bot-api/index.ts'
import { createKit } from './bot-api-kit.ts'

const kit = createKit()
const CLI = new URL('../../fakes/bot-api/cli.ts', import.meta.url).pathname

describe('waiting', () => {
  it('prints what the chat shows when a message does not come', async () => {
    const fake = await kit.startFake()
    const { control } = fake
    const user = await control.createUser({ started: true })
    await control.say({ user: user.id, text: 'anybody there?' })
    await kit.newBot(fake).api.sendMessage(user.id, 'yes')
    await expect(control.waitForMessage({ chat: user.id, text: 'no', timeoutMs: 10 })).rejects.toThrow(
      /with no\.[^]*user \d+: "anybody there\?"[^]*bot: "yes"/,
    )
    await expect(control.waitForMessage({ chat: 999, timeoutMs: 10 })).rejects.toThrow('knows no chat 999')
  })

  it('finds messages by pattern, by condition, by sender and after another one', async () => {
    const fake = await kit.startFake()
    const { control } = fake
    const { api } = kit.newBot(fake)
    const { id: chat } = await control.createUser({ started: true })
    const first = await api.sendMessage(chat, 'price 1')
    const waiting = control.waitForMessage({ chat, text: /price \d/g, after: first.message_id })
    await api.sendMessage(chat, 'price 2')
    expect((await waiting).text).toBe('price 2')
    expect(await control.waitForMessage({ chat, where: ({ text }) => text.endsWith('1') })).toMatchObject({
      id: first.message_id,
    })
    await control.say({ user: chat, text: 'price 3' })
    expect(await control.waitForMessage({ chat, from: 'user' })).toMatchObject({ text: 'price 3' })
    expect(await control.waitFor(async () => (await control.visible(chat)).length === 3)).toBe(true)
  })

  it('says how many requests there were', async () => {
    const fake = await kit.startFake()
    await kit.newBot(fake).api.getMe()
    await expect(fake.control.waitForRequests({ method: 'getMe', count: 2, timeoutMs: 10 })).rejects.toThrow(
      /2 request\(s\)[^]*There were 1/,
    )
  })
})

describe('records', () => {
  it('keeps only the newest above the cap', async () => {
    const fake = await kit.startFake({ recordCap: 10 })
    const { api } = kit.newBot(fake)
    const { id } = await fake.control.createUser({ started: true })
    for (let index = 0; index < 25; index += 1) await api.sendMessage(id, `${index}`)
    expect((await fake.control.requests()).map(({ params }) => params['text'])).toEqual(
      Array.from({ length: 10 }, (_, index) => String(index + 15)),
    )
    expect(await fake.control.visible(id)).toHaveLength(10)
  })
})

describe('control over HTTP', () => {
  it('offers the same functions as in the process', async () => {
    const fake = await kit.startFake()
    const remote = createControlClient(fake.url)
    expect(Object.keys(remote).sort()).toEqual(Object.keys(fake.control).sort())
    const bot = kit.newBot(fake)
    bot.on('callback_query:data', (context) => context.answerCallbackQuery(context.callbackQuery.data))
    bot.command('start', (context) =>
      context.reply('hi', { reply_markup: { inline_keyboard: [[{ text: 'A', callback_data: 'a' }]] } }),
    )
    await kit.startBot(bot, fake).polling
    const user = await remote.createUser()
    await remote.say({ user: user.id, text: '/start' })
    expect(await remote.waitForMessage({ chat: user.id, text: /^hi$/ })).toMatchObject({ from: 'bot' })
    expect(await remote.press({ user: user.id, text: 'A' })).toMatchObject({ text: 'a' })
    expect(await remote.visible(user.id)).toEqual(await fake.control.visible(user.id))
    await remote.advance(1000)
    expect(await remote.now()).toBeGreaterThan(Date.now())
  })

  it('passes errors on and knows its functions', async () => {
    const fake = await kit.startFake()
    const remote = createControlClient(fake.url)
    await expect(remote.visible(5)).rejects.toThrow('knows no chat 5')
    const unknown = await fetch(`${fake.url}/control/constructor`, { method: 'POST' })
    expect(unknown.status).toBe(404)
  })

  it('keeps answering on its own port during a pause', async () => {
    const fake = await kit.startFake({ controlPort: 0 })
    const remote = createControlClient(fake.controlUrl ?? '')
    const { api } = kit.newBot(fake)
    await remote.pause()
    await expect(api.getMe()).rejects.toMatchObject({ error: { code: 'ECONNREFUSED' } })
    await remote.resume()
    expect((await api.getMe()).is_bot).toBe(true)
  })
})

describe('starting', () => {
  it('takes a port, a token and a bot name', async () => {
    const fake = await kit.startFake({ token: '77:own-token', bot: { username: 'buoy_bot' } })
    const me = await kit.newBot(fake).api.getMe()
    expect(me).toMatchObject({ id: 77, username: 'buoy_bot' })
    await expect(createFakeBotApi({ port: fake.port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('runs as a process of its own that prints its addresses', async () => {
    const options = JSON.stringify({ bot: { username: 'apart_bot' } })
    const child = spawn(process.execPath, ['--import', 'tsx', CLI, options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    kit.onCleanup(async () => {
      child.kill()
      await exited
    })
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const started = JSON.parse(line) as { url: string; controlUrl: string; token: string }
    const answer = await fetch(`${started.url}/bot${started.token}/getMe`)
    expect(await answer.json()).toMatchObject({ ok: true, result: { username: 'apart_bot' } })
    const control = createControlClient(started.controlUrl)
    expect(await control.requests()).toMatchObject([{ method: 'getMe', status: 200 }])
    child.kill('SIGTERM')
    expect(await exited).toEqual([0, null])
  }, 20_000)
})

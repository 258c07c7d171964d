import type { Api } from 'grammy'
import { describe, expect, it } from 'vitest'
import type { FakeBotApiOptions } from '../../fakes/bot-api/index.ts'
import { createKit, refusal, refusalText } from './bot-api-kit.ts'

const kit = createKit()

async function start(options: FakeBotApiOptions = {}) {
  const fake = await kit.startFake({ frozenClock: true, ...options })
  const { control } = fake
  const chat = (await control.createUser({ started: true })).id
  const other = (await control.createUser({ started: true })).id
  return { api: kit.newBot(fake).api, control, chat, other }
}

const retryAfter = async (call: Promise<unknown>) => (await refusal(call)).parameters.retry_after

async function outcomes(api: Api, sends: { chat: number; count: number }): Promise<string[]> {
  const results: string[] = []
  for (let index = 0; index < sends.count; index += 1) {
    results.push(
      await api.sendMessage(sends.chat, String(index)).then(
        () => 'ok',
        () => 'refused',
      ),
    )
  }
  return results
}

describe('429', () => {
  it('means silence for that chat: every send there fails with what is left of the time', async () => {
    const { api, control, chat, other } = await start()
    await control.addFault({ kind: 'rate-limit', retryAfter: 30, chat })
    const first = await refusal(api.sendMessage(chat, 'one'))
    expect(first.description).toBe('Too Many Requests: retry after 30')
    expect(first.parameters).toEqual({ retry_after: 30 })
    expect(await control.breaches()).toEqual([])

    await control.advance(10_000)
    expect(await retryAfter(api.sendMessage(chat, 'two'))).toBe(20)
    expect(await retryAfter(api.sendChatAction(chat, 'typing'))).toBe(20)
    expect((await api.sendMessage(other, 'free')).text).toBe('free')
    expect(await control.breaches()).toMatchObject([
      { kind: 'retry-after', chat, method: 'sendMessage', retryAfter: 20, refused: true },
      { kind: 'retry-after', chat, method: 'sendChatAction' },
    ])

    await control.advance(20_000)
    expect((await api.sendMessage(chat, 'three')).text).toBe('three')
    expect((await control.visible(chat)).map(({ text }) => text)).toEqual(['three'])
  })

  it('can silence the whole bot, but not its updates', async () => {
    const { api, control, chat, other } = await start()
    await control.addFault({ kind: 'rate-limit', retryAfter: 5, scope: 'bot', chat })
    expect(await retryAfter(api.sendMessage(chat, 'one'))).toBe(5)
    expect(await retryAfter(api.sendMessage(other, 'two'))).toBe(5)
    expect(await retryAfter(api.getMe())).toBe(5)
    expect(await api.getUpdates()).toEqual([])
    await control.liftFloods()
    expect((await api.sendMessage(other, 'three')).text).toBe('three')
  })

  it('can silence one method', async () => {
    const { api, control, chat } = await start()
    await control.addFault({ kind: 'rate-limit', retryAfter: 5, method: 'getUpdates' })
    expect(await retryAfter(api.getUpdates())).toBe(5)
    expect(await retryAfter(api.getUpdates())).toBe(5)
    expect((await api.sendMessage(chat, 'one')).text).toBe('one')
  })

  it('can begin without a request', async () => {
    const { api, control, chat, other } = await start()
    await control.flood({ chat, seconds: 7 })
    expect(await retryAfter(api.sendMessage(chat, 'one'))).toBe(7)
    expect((await api.sendMessage(other, 'two')).text).toBe('two')
    await control.flood({ seconds: 3 })
    expect(await retryAfter(api.sendMessage(other, 'three'))).toBe(3)
    expect(await control.breaches()).toHaveLength(2)
    await control.clearRecords()
    expect(await control.breaches()).toEqual([])
    expect(await control.requests()).toEqual([])
  })
})

describe('sending limits', () => {
  it('are off unless asked for', async () => {
    const { api, control, chat } = await start()
    expect(await outcomes(api, { chat, count: 5 })).toEqual(Array(5).fill('ok'))
    expect(await control.breaches()).toEqual([])
  })

  it('refuse a second message to a chat within a second', async () => {
    const { api, control, chat, other } = await start({ limits: true })
    await api.sendMessage(chat, 'one')
    expect(await refusalText(api.sendMessage(chat, 'two'))).toBe('429 Too Many Requests: retry after 1')
    await api.sendMessage(other, 'three')
    await control.advance(1000)
    await api.sendMessage(chat, 'four')
    expect(await control.breaches()).toMatchObject([{ kind: 'per-chat-per-second', chat, refused: true }])
  })

  it('refuse more than the total per second, for every chat', async () => {
    const { api, control, chat, other } = await start({ limits: { perSecond: 3, perChatPerSecond: 0 } })
    expect(await outcomes(api, { chat, count: 4 })).toEqual(['ok', 'ok', 'ok', 'refused'])
    expect(await outcomes(api, { chat: other, count: 1 })).toEqual(['refused'])
    expect(await control.breaches()).toMatchObject([
      { kind: 'per-second' },
      { kind: 'retry-after', chat: other },
    ])
  })

  it('refuse more than 20 messages a minute to a group, and count edits apart', async () => {
    const { api, control } = await start({ limits: { perSecond: 0, perChatPerSecond: 0 } })
    const group = await control.createGroup()
    expect(await outcomes(api, { chat: group.id, count: 21 })).toEqual([
      ...Array<string>(20).fill('ok'),
      'refused',
    ])
    await control.liftFloods()
    const sent = await api.sendMessage(group.id, 'start')
    const edit = (text: string) => api.editMessageText(group.id, sent.message_id, text)
    for (let index = 0; index < 20; index += 1) await edit(`edit ${index}`)
    expect(await refusalText(edit('one too many'))).toContain('429')
    expect((await control.breaches()).map(({ kind }) => kind)).toEqual([
      'per-group-per-minute',
      'edits-per-group-per-minute',
    ])
  })

  it('only write breaches down in record mode', async () => {
    const { api, control, chat } = await start({ limits: 'record' })
    expect(await outcomes(api, { chat, count: 3 })).toEqual(['ok', 'ok', 'ok'])
    expect(await control.breaches()).toMatchObject([{ refused: false }, { refused: false }])
    await control.setLimits(false)
    await api.sendMessage(chat, 'more')
    expect(await control.breaches()).toHaveLength(2)
  })
})

import { type Api, HttpError } from 'grammy'
import { beforeEach, describe, expect, it } from 'vitest'
import type { BotApiControl, FakeBotApi, Fault } from '../../fakes/bot-api/index.ts'
import { createKit, refusal, refusalText } from './bot-api-kit.ts'

const kit = createKit()
let fake: FakeBotApi
let api: Api
let control: BotApiControl
let user: number

beforeEach(async () => {
  fake = await kit.startFake()
  api = kit.newBot(fake).api
  control = fake.control
  user = (await control.createUser({ started: true })).id
})

const texts = async () => (await control.visible(user)).map(({ text }) => text)

describe('refusals on demand', () => {
  it.each<[Fault, string]>([
    [{ kind: 'unauthorized' }, '401 Unauthorized'],
    [{ kind: 'forbidden' }, '403 Forbidden: bot was blocked by the user'],
    [
      { kind: 'forbidden', description: 'Forbidden: the group chat was deleted' },
      '403 Forbidden: the group chat was deleted',
    ],
    [{ kind: 'cant-parse' }, "400 Bad Request: can't parse entities: "],
    [{ kind: 'too-long' }, '400 Bad Request: message is too long'],
    [{ kind: 'empty-text' }, '400 Bad Request: message text is empty'],
    [{ kind: 'not-modified' }, '400 Bad Request: message is not modified'],
    [{ kind: 'chat-not-found' }, '400 Bad Request: chat not found'],
    [{ kind: 'error', code: 418, description: 'teapot' }, '418 teapot'],
    [{ kind: 'server-error', code: 502 }, '502 Internal Server Error'],
  ])('%o', async (fault, text) => {
    await control.addFault(fault)
    expect(await refusalText(api.sendMessage(user, 'one'))).toContain(text)
    await api.sendMessage(user, 'two')
    expect(await texts()).toEqual(['two'])
    expect(await control.requests({ method: 'sendMessage' })).toMatchObject([
      { fault: fault.kind, accepted: false, state: 'answered', chat: user },
      { fault: null, accepted: true, status: 200, error: null },
    ])
  })

  it('names the new chat in a migration', async () => {
    await control.addFault({ kind: 'migrate', toChat: -1_000_000_000_077 })
    const error = await refusal(api.sendMessage(user, 'one'))
    expect(error.parameters).toEqual({ migrate_to_chat_id: -1_000_000_000_077 })
  })

  it('can be an HTML page, which is no Bot API answer', async () => {
    await control.addFault({ kind: 'server-error', code: 502, body: 'html' })
    await expect(api.sendMessage(user, 'one')).rejects.toBeInstanceOf(HttpError)
    expect(await control.requests({ method: 'sendMessage' })).toMatchObject([{ status: 502 }])
  })
})

describe('which request is hit', () => {
  it('matches by method, chat and text', async () => {
    const other = await control.createUser({ started: true })
    await control.addFault({ kind: 'too-long', method: 'sendMessage', chat: other.id, text: 'needle' })
    await api.sendMessage(user, 'needle')
    await api.sendMessage(other.id, 'hay')
    await api.sendChatAction(other.id, 'typing')
    expect(await refusalText(api.sendMessage(other.id, 'a needle'))).toContain('too long')
  })

  it('counts from the nth match, for a number of times', async () => {
    await control.addFault({ kind: 'too-long', nth: 2, times: 2 })
    const outcomes: boolean[] = []
    for (const text of ['1', '2', '3', '4']) {
      outcomes.push(
        await api.sendMessage(user, text).then(
          () => true,
          () => false,
        ),
      )
    }
    expect(outcomes).toEqual([true, false, false, true])
    expect(await control.faults()).toMatchObject([{ seen: 4, fired: 2 }])
  })

  it('takes queued faults one after the other, and lasting ones until they are cleared', async () => {
    await control.addFault({ kind: 'too-long' })
    await control.addFault({ kind: 'empty-text', times: 'always' })
    expect(await refusalText(api.sendMessage(user, 'a'))).toContain('too long')
    expect(await refusalText(api.sendMessage(user, 'b'))).toContain('empty')
    expect(await refusalText(api.sendMessage(user, 'c'))).toContain('empty')
    await control.clearFaults()
    expect((await api.sendMessage(user, 'd')).text).toBe('d')
  })

  it('leaves getUpdates alone unless it is named', async () => {
    await control.addFault({ kind: 'server-error', times: 'always' })
    expect(await api.getUpdates()).toEqual([])
    await control.addFault({ kind: 'unauthorized', method: ['getUpdates'] })
    expect(await refusalText(api.getUpdates())).toBe('401 Unauthorized')
  })
})

describe('connections', () => {
  it('drop-before: the caller gets an HttpError and nobody sees the message', async () => {
    await control.addFault({ kind: 'drop-before' })
    await expect(api.sendMessage(user, 'one')).rejects.toBeInstanceOf(HttpError)
    expect(await texts()).toEqual([])
    expect(await control.requests({ method: 'sendMessage' })).toMatchObject([
      { state: 'dropped', accepted: false },
    ])
  })

  it('drop-after: the caller gets an HttpError though the message is visible', async () => {
    await control.addFault({ kind: 'drop-after' })
    await expect(api.sendMessage(user, 'one')).rejects.toBeInstanceOf(HttpError)
    expect(await texts()).toEqual(['one'])
    expect(await control.requests({ method: 'sendMessage' })).toMatchObject([
      { state: 'dropped', accepted: true },
    ])
  })

  it('hang: accepted, and answered only after the release', async () => {
    await control.addFault({ kind: 'hang' })
    const sending = api.sendMessage(user, 'one')
    await control.waitForMessage({ chat: user, text: 'one' })
    expect(await control.requests({ method: 'sendMessage' })).toMatchObject([
      { state: 'pending', accepted: true },
    ])
    expect(await control.releaseHung()).toBe(1)
    expect((await sending).text).toBe('one')
  })

  it('hang before: never carried out when the caller gives up', async () => {
    await control.addFault({ kind: 'hang', when: 'before' })
    const caller = new AbortController()
    const url = `${fake.url}/bot${fake.token}/sendMessage?chat_id=${user}&text=one`
    const sending = fetch(url, { signal: caller.signal }).catch(() => 'gave up')
    await control.waitForRequests({ method: 'sendMessage', pending: true })
    caller.abort()
    expect(await sending).toBe('gave up')
    expect(await control.waitForRequests({ method: 'sendMessage' })).toMatchObject([
      { state: 'gone', accepted: false },
    ])
    expect(await texts()).toEqual([])
  })

  it('slow: carried out at once, answered late', async () => {
    await control.addFault({ kind: 'slow', delayMs: 20 })
    const sending = api.sendMessage(user, 'one')
    await control.waitForMessage({ chat: user, text: 'one' })
    expect((await sending).text).toBe('one')
  })

  it('pause and resume: refused, then as before on the same port', async () => {
    await api.sendMessage(user, 'one')
    await control.pause()
    const error: unknown = await api.sendMessage(user, 'two').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(HttpError)
    expect((error as HttpError).error).toMatchObject({ code: 'ECONNREFUSED' })
    await control.resume()
    await control.resume()
    await api.sendMessage(user, 'three')
    expect(await texts()).toEqual(['one', 'three'])
  })

  it('pause cuts a held poll, and a bot that polls goes on after resume', async () => {
    await control.say({ user, text: 'unconfirmed' })
    const [update] = await api.getUpdates()
    const held = api.getUpdates({ offset: (update?.update_id ?? 0) + 1, timeout: 5 }).catch((e: unknown) => e)
    await control.waitForRequests({ method: 'getUpdates', count: 2, pending: true })
    await control.pause()
    expect(await held).toBeInstanceOf(HttpError)
    await control.say({ user, text: 'while away' })
    await control.resume()
    expect((await api.getUpdates({ timeout: 5 })).map(({ message }) => message?.text)).toEqual(['while away'])
  })
})

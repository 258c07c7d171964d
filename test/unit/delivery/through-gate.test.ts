import { Api } from 'grammy'
import { beforeEach, describe, expect, it } from 'vitest'
import { createGate, type Gate } from '../../../src/delivery/gate.ts'
import { throughGate } from '../../../src/delivery/telegram.ts'
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts'

interface Call {
  readonly method: string
  readonly atMs: number
}

const REFUSED = { ok: false, error_code: 429, description: 'Too Many Requests' }
let clock: VirtualClock
let gate: Gate
let calls: Call[]

beforeEach(() => {
  clock = createVirtualClock()
  gate = createGate(clock)
  calls = []
})

/** grammY's own client through the gate, with the wire cut off: these are the Bot API's answers, then always success. */
function apiWith(answers: readonly object[] = []): Api {
  const left = [...answers]
  const api = new Api('1:token')
  api.config.use((...call) => {
    calls.push({ method: call[1], atMs: clock.now() })
    return Promise.resolve((left.shift() ?? { ok: true, result: { message_id: 1 } }) as never)
  })
  api.config.use(throughGate(gate, clock.pause))
  return api
}

const after = (seconds: number) => ({ ...REFUSED, parameters: { retry_after: seconds } })

describe('a reply', () => {
  it('goes at the pace of its chat', async () => {
    const api = apiWith()
    await clock.run(Promise.all(Array.from({ length: 6 }, () => api.sendMessage(5, 'x'))))
    expect(calls.map(({ atMs }) => atMs)).toEqual([0, 0, 0, 0, 0, 1_000])
  })

  it('counts for the alerts of its chat', async () => {
    await apiWith().editMessageText(5, 1, 'x')
    expect(gate.busyChats()).toEqual([5])
  })

  it.each([
    ['an answer to a button', (api: Api) => api.answerCallbackQuery('1')],
    ['a look at the chat', (api: Api) => api.getChat(5)],
    ['a call without a chat', (api: Api) => api.getMe()],
    ['a channel that is named', (api: Api) => api.sendMessage('@somewhere', 'x')],
  ])('is not what this is: %s passes at once, uncounted', async (_, call) => {
    gate.silence(5, 20_000)
    await call(apiWith())
    expect(calls.map(({ atMs }) => atMs)).toEqual([0])
    expect(gate.busyChats()).toEqual([5])
  })
})

describe('a refusal for the pace', () => {
  it('is waited out once, with no other call to that chat meanwhile', async () => {
    const api = apiWith([after(7)])
    const first = api.sendMessage(5, 'x')
    await clock.advance(1_000)
    const second = api.sendMessage(5, 'y')
    expect(gate.busyChats()).toEqual([5])
    await clock.run(Promise.all([first, second]))
    expect(calls.map(({ atMs }) => atMs)).toEqual([0, 7_000, 7_000])
  })

  it('is not waited out twice', async () => {
    const failed = apiWith([after(1), after(2)]).sendMessage(5, 'x')
    await expect(clock.run(failed)).rejects.toMatchObject({ error_code: 429 })
    expect(calls).toHaveLength(2)
  })

  it('lasts five seconds when Telegram does not say how long', async () => {
    await clock.run(apiWith([REFUSED]).sendMessage(5, 'x'))
    expect(calls.map(({ atMs }) => atMs)).toEqual([0, 5_000])
  })

  it('of more than half a minute is given back at once, and the chat left alone until its end', async () => {
    const api = apiWith([after(31)])
    await expect(api.sendMessage(5, 'x')).rejects.toMatchObject({ error_code: 429 })
    await expect(api.sendMessage(5, 'y')).rejects.toMatchObject({ error_code: 429 })
    expect(calls).toHaveLength(1)
    await clock.advance(31_000)
    await api.sendMessage(5, 'z')
    expect(calls.map(({ atMs }) => atMs)).toEqual([0, 31_000])
  })

  it('leaves every other refusal as it is', async () => {
    const blocked = { ok: false, error_code: 403, description: 'Forbidden: bot was blocked by the user' }
    await expect(apiWith([blocked]).sendMessage(5, 'x')).rejects.toMatchObject({ error_code: 403 })
    expect(calls).toHaveLength(1)
  })
})

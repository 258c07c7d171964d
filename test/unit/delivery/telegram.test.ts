import { Api, GrammyError, HttpError } from 'grammy'
import { describe, expect, it } from 'vitest'
import type { OutgoingMessage } from '../../../src/delivery/sender.ts'
import { createTelegramSender, outcomeOf } from '../../../src/delivery/telegram.ts'
import { alertView } from '../../../src/views/alert.ts'
import { facts } from '../views/kit.ts'

const TOKEN = '110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw'

interface Refusal {
  readonly code: number
  readonly description: string
  readonly parameters?: GrammyError['parameters']
}

/** The outcome of a call that Telegram refused in these words. */
function outcomeAfter({ code, ...said }: Refusal) {
  const answer = { ok: false as const, error_code: code, ...said }
  return outcomeOf(new GrammyError(`Call to 'sendMessage' failed!`, answer, 'sendMessage', {}))
}

const refused = (code: number, description: string) => outcomeAfter({ code, description })

/** What node-fetch makes of a socket error, as grammY passes it on. */
function networkError(code: string): HttpError {
  const cause = Object.assign(
    new Error(`request to https://api.telegram.org/bot${TOKEN}/sendMessage failed`),
    { code },
  )
  return new HttpError(`Network request for 'sendMessage' failed!`, cause)
}

describe('what became of a message that never left', () => {
  it.each(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN'])(
    'is surely not sent after %s',
    (code) => {
      expect(outcomeOf(networkError(code))).toEqual({ kind: 'not-sent', error: code })
    },
  )
})

describe('what became of a message that may have arrived', () => {
  it.each([
    'ECONNRESET',
    'ETIMEDOUT',
    'EPIPE',
    'ECONNABORTED',
    'UND_ERR_SOCKET',
    'ERR_STREAM_PREMATURE_CLOSE',
  ])('is unknown after %s', (code) => {
    expect(outcomeOf(networkError(code))).toEqual({ kind: 'unknown', error: code })
  })

  it('is unknown after a time-out or an abort', () => {
    const timedOut = new HttpError('x', new Error("Request to 'sendMessage' timed out after 15 seconds"))
    expect(outcomeOf(timedOut).kind).toBe('unknown')
    expect(outcomeOf(new HttpError('x', new DOMException('aborted', 'AbortError'))).kind).toBe('unknown')
    expect(outcomeOf(new HttpError('x', 'no error at all')).kind).toBe('unknown')
  })

  it.each([500, 502, 503, 504])('is unknown after %d', (code) => {
    expect(refused(code, 'Internal Server Error')).toEqual({
      kind: 'unknown',
      error: `${code} Internal Server Error`,
    })
  })

  it('is unknown after anything that is not understood', () => {
    expect(outcomeOf(new TypeError('x'))).toEqual({ kind: 'unknown', error: 'TypeError' })
    expect(outcomeOf('x').kind).toBe('unknown')
    expect(outcomeOf(undefined).kind).toBe('unknown')
    expect(refused(418, "I'm a teapot").kind).toBe('unknown')
  })
})

describe('what became of a message over the rate limit', () => {
  it('waits exactly as long as Telegram asks', () => {
    for (const seconds of [1, 7, 3_600]) {
      const description = `Too Many Requests: retry after ${seconds}`
      expect(outcomeAfter({ code: 429, description, parameters: { retry_after: seconds } })).toEqual({
        kind: 'rate-limited',
        retryAfterMs: seconds * 1000,
      })
    }
  })

  it('waits a little when Telegram does not say how long', () => {
    expect(refused(429, 'Too Many Requests')).toEqual({ kind: 'rate-limited', retryAfterMs: 5_000 })
  })
})

describe('what became of a message whose text is refused', () => {
  it.each([
    "Bad Request: can't parse entities: Unsupported start tag",
    "Bad Request: can't parse message text: unexpected end",
    'Bad Request: message is too long',
    'Bad Request: message text is empty',
    'Bad Request: text must be non-empty',
    'Bad Request: text must be encoded in UTF-8',
    'Bad Request: strings must be encoded in UTF-8',
    'Bad Request: entity beyond the end of the text',
    'Bad Request: ENTITY_BOUNDS_INVALID',
    'Bad Request: BUTTON_DATA_INVALID',
    'Bad Request: BUTTON_URL_INVALID',
    'Bad Request: something that nobody has seen yet',
  ])('is to be sent in its short form: %s', (description) => {
    expect(refused(400, description)).toEqual({ kind: 'refused-text', error: `400 ${description}` })
  })
})

describe('what became of a message to a chat that is gone', () => {
  it.each([
    [403, 'Forbidden: bot was blocked by the user'],
    [403, 'Forbidden: user is deactivated'],
    [403, 'Forbidden: bot was kicked from the supergroup chat'],
    [403, 'Forbidden: bot was kicked from the group chat'],
    [403, 'Forbidden: bot is not a member of the channel chat'],
    [403, "Forbidden: bot can't initiate conversation with a user"],
    [403, 'Forbidden: the group chat was deleted'],
    [400, 'Bad Request: chat not found'],
    [400, 'Bad Request: user not found'],
    [400, 'Bad Request: PEER_ID_INVALID'],
    [400, 'Bad Request: group chat was deleted'],
    [400, 'Bad Request: not enough rights to send text messages to the chat'],
    [400, 'Bad Request: have no rights to send a message'],
  ] as const)('is unreachable after %d %s', (code, description) => {
    expect(refused(code, description)).toEqual({ kind: 'unreachable', error: `${code} ${description}` })
  })
})

describe('what became of a message to a group that moved', () => {
  it('names the new chat', () => {
    const description = 'Bad Request: group chat was upgraded to a supergroup chat'
    const parameters = { migrate_to_chat_id: -1001234567890 }
    expect(outcomeAfter({ code: 400, description, parameters })).toEqual({
      kind: 'moved',
      toChatId: -1001234567890,
    })
  })
})

describe('what became of a message from a bot that is refused', () => {
  it.each([
    [401, 'Unauthorized'],
    [404, 'Not Found'],
    [409, 'Conflict: terminated by other getUpdates request'],
  ] as const)('is fatal after %d', (code, description) => {
    expect(refused(code, description)).toEqual({ kind: 'fatal', error: `${code} ${description}` })
  })
})

describe('every outcome', () => {
  it('is free of the token, whatever the error says', () => {
    const errors = [
      networkError('ECONNRESET'),
      networkError('ENOTFOUND'),
      new HttpError(`https://api.telegram.org/bot${TOKEN}/sendMessage`, new Error(`bot${TOKEN}`)),
      new Error(`bot${TOKEN}`),
      `bot${TOKEN}`,
    ]
    for (const error of errors) expect(JSON.stringify(outcomeOf(error))).not.toContain('AAHdq')
  })
})

describe('the Telegram sender', () => {
  const message: OutgoingMessage = { chatId: 42, threadId: null, view: alertView(facts()), silent: false }

  /** grammY's own client with the wire cut off: `answer` stands for the Bot API. */
  function senderWith(answer: (payload: Record<string, unknown>) => unknown) {
    const api = new Api(TOKEN)
    api.config.use((...call) => Promise.resolve(answer({ ...call[2] }) as never))
    return createTelegramSender(api)
  }

  async function payloadOf(sent: OutgoingMessage): Promise<Record<string, unknown>> {
    let seen: Record<string, unknown> = {}
    const sender = senderWith((payload) => {
      seen = payload
      return { ok: true, result: { message_id: 99 } }
    })
    expect(await sender.send(sent)).toEqual({ kind: 'sent', messageId: 99 })
    return seen
  }

  it('sends text, entities and buttons, without a preview', async () => {
    expect(await payloadOf(message)).toEqual({
      chat_id: 42,
      text: message.view.body.text,
      entities: message.view.body.entities,
      link_preview_options: { is_disabled: true },
      disable_notification: false,
      reply_markup: {
        inline_keyboard: [
          [
            { text: 'Seen', callback_data: 'seen:17' },
            { text: 'Snooze 1 h', callback_data: 'snooze:17' },
          ],
          [
            { text: 'Refresh', callback_data: 'now:17' },
            { text: 'Ways out', callback_data: 'ways:17' },
          ],
          [{ text: 'Open Morpho', url: 'https://app.morpho.org/monad' }],
        ],
      },
    })
  })

  it('sends into the topic the chat watches from, and without a sound when asked', async () => {
    const payload = await payloadOf({ ...message, threadId: 5, silent: true })
    expect(payload).toMatchObject({ message_thread_id: 5, disable_notification: true })
  })

  it('never asks for a parse mode: names are text', async () => {
    expect(await payloadOf(message)).not.toHaveProperty('parse_mode')
  })

  it('gives a refusal as an outcome instead of throwing', async () => {
    const sender = senderWith(() => ({
      ok: false,
      error_code: 403,
      description: 'Forbidden: bot was blocked',
    }))
    expect(await sender.send(message)).toEqual({
      kind: 'unreachable',
      error: '403 Forbidden: bot was blocked',
    })
  })

  it('gives a failure of the wire as an outcome instead of throwing', async () => {
    const sender = senderWith(() => {
      throw networkError('ECONNREFUSED')
    })
    expect(await sender.send(message)).toEqual({ kind: 'not-sent', error: 'ECONNREFUSED' })
  })
})

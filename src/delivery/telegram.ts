import { type Api, GrammyError, HttpError, type Transformer } from 'grammy'
import { keyboard } from '../views/keyboard.ts'
import type { Gate } from './gate.ts'
import type { Sender, SendOutcome } from './sender.ts'

/** Descriptions after which this chat cannot be written to until its people come back. */
const UNREACHABLE = [
  'chat not found',
  'user not found',
  'peer_id_invalid',
  'group chat was deleted',
  'not enough rights to send',
  'have no rights to send a message',
  'need administrator rights',
  'chat_write_forbidden',
  'bot is not a member',
]
const TOPIC_GONE = ['message thread not found', 'topic_closed', 'topic_deleted', 'topic_id_invalid']
/** Network failures before a connection existed: nothing can have arrived. */
const NEVER_LEFT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
])
const DEFAULT_RETRY_AFTER_S = 5

/** Telegram as a Sender, through grammY's API client. */
export function createTelegramSender(api: Api): Sender {
  return {
    async send({ chatId, threadId, view, silent }) {
      try {
        const message = await api.sendMessage(chatId, view.body.text, {
          entities: view.body.entities,
          link_preview_options: { is_disabled: true },
          disable_notification: silent,
          ...keyboard(view),
          ...(threadId !== null && { message_thread_id: threadId }),
        })
        return { kind: 'sent', messageId: message.message_id }
      } catch (error) {
        return outcomeOf(error)
      }
    },
    async edit({ chatId, messageId, view }) {
      try {
        await api.editMessageText(chatId, messageId, view.body.text, {
          entities: view.body.entities,
          link_preview_options: { is_disabled: true },
          ...keyboard(view),
        })
        return { kind: 'sent', messageId }
      } catch (error) {
        return outcomeOf(error)
      }
    },
  }
}

/** Calls that put something in front of people, so that Telegram counts them. */
const COUNTED = /^(send|edit|copy|forward)/
/** A person who asked waits this long for Telegram at most. */
const LONGEST_REPLY_WAIT_S = 30
/** What Telegram would say to a call that is not even made. */
const SILENCE = {
  ok: false,
  error_code: 429,
  description: 'Too Many Requests: silence was asked for',
} as const

/** Lets every reply through the same gate as the alerts. A refusal for the pace is waited out once; the person asked for it. */
export function throughGate(gate: Gate, pause: (ms: number) => Promise<void>): Transformer {
  return async (call, ...request) => {
    const [method, payload] = request
    const chatId = 'chat_id' in payload ? Number(payload.chat_id) : Number.NaN
    if (!COUNTED.test(method) || !Number.isSafeInteger(chatId)) return call(...request)
    if (!(await gate.reply(chatId))) return SILENCE
    const answer = await call(...request)
    if (answer.ok || answer.error_code !== 429) return answer
    const seconds = answer.parameters?.retry_after ?? DEFAULT_RETRY_AFTER_S
    gate.silence(chatId, seconds * 1000)
    if (seconds > LONGEST_REPLY_WAIT_S) return answer
    await pause(seconds * 1000)
    return (await gate.reply(chatId)) ? call(...request) : answer
  }
}

/** What a failed call means for the message. Anything not understood counts as unknown: it may have arrived. */
export function outcomeOf(error: unknown): SendOutcome {
  if (error instanceof GrammyError) return refusal(error)
  if (error instanceof HttpError) {
    const code = errorCode(error.error)
    return NEVER_LEFT.has(code) ? { kind: 'not-sent', error: code } : { kind: 'unknown', error: code }
  }
  return { kind: 'unknown', error: error instanceof Error ? error.name : 'unknown error' }
}

function refusal(error: GrammyError): SendOutcome {
  const { error_code: code, description, parameters } = error
  const said = `${code} ${description}`
  if (code === 429) {
    return { kind: 'rate-limited', retryAfterMs: (parameters.retry_after ?? DEFAULT_RETRY_AFTER_S) * 1000 }
  }
  if (parameters.migrate_to_chat_id !== undefined)
    return { kind: 'moved', toChatId: parameters.migrate_to_chat_id }
  if (code === 401 || code === 409) return { kind: 'fatal', error: said }
  // An unknown bot path answers 404: the token is wrong, not the chat.
  if (code === 404) return { kind: 'fatal', error: said }
  if (code === 403 || UNREACHABLE.some((text) => description.toLowerCase().includes(text))) {
    return { kind: 'unreachable', error: said }
  }
  if (TOPIC_GONE.some((text) => description.toLowerCase().includes(text)))
    return { kind: 'topic-gone', error: said }
  if (code === 400) return { kind: 'refused-text', error: said }
  return { kind: 'unknown', error: said }
}

/** `ECONNRESET` and the like; nothing else of the error, which may hold the bot's token in its URL. */
function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'network error'
}

import type { RequestFilter, RequestRecord } from '../record.ts'
import type { VisibleMessage } from '../visible.ts'
import type { CallbackAnswer } from '../world.ts'
import type { ControlCore, Press } from './api.ts'

/** A message to wait for: all given conditions must hold. */
export interface WaitForMessage {
  chat: number
  /** Absent: only messages of the bot count. */
  from?: 'bot' | 'user' | 'anyone'
  /** A part of the text, or a pattern. */
  text?: string | RegExp
  where?: (message: VisibleMessage) => boolean
  /** Only messages with a higher id. */
  after?: number
  timeoutMs?: number
}

/** Requests to wait for: `count` of them (1 when absent) that are no longer pending, unless `pending` is set. */
export interface WaitForRequests extends RequestFilter {
  where?: (request: RequestRecord) => boolean
  count?: number
  pending?: boolean
  timeoutMs?: number
}

/** How long to wait, and what the error calls it. */
export interface WaitOptions {
  timeoutMs?: number
  what?: string
}

/** What waits for things to happen, on top of the control functions. */
export interface ControlWaits {
  /** Tries the check after every change until it gives something other than false, null or undefined. */
  waitFor<T>(check: () => T | Promise<T>, options?: WaitOptions): Promise<NonNullable<Exclude<T, false>>>
  waitForMessage(wait: WaitForMessage): Promise<VisibleMessage>
  waitForRequests(wait: WaitForRequests): Promise<RequestRecord[]>
  /** Presses a button and waits for what the bot answers with answerCallbackQuery. */
  press(press: Press & { timeoutMs?: number }): Promise<CallbackAnswer>
}

const DEFAULT_TIMEOUT_MS = 5000

function describe(message: VisibleMessage): string {
  const who = message.from === 'bot' ? 'bot' : `user ${message.user ?? '(the chat)'}`
  const body = message.service ?? JSON.stringify(message.text)
  const rows = message.buttons.map((row) => `[${row.map(({ text }) => text).join(' | ')}]`).join(' ')
  return `  #${message.id} ${who}: ${body}${message.edited ? ' (edited)' : ''} ${rows}`.trimEnd()
}

function describeAll(messages: readonly VisibleMessage[]): string {
  const lines = messages.slice(-20).map(describe)
  return lines.length === 0 ? '  (nothing)' : lines.join('\n')
}

function fits(message: VisibleMessage, wait: WaitForMessage): boolean {
  const { from = 'bot', text, where, after = 0 } = wait
  if (message.id <= after || (from !== 'anyone' && message.from !== from)) return false
  if (typeof text === 'string' && !message.text.includes(text)) return false
  if (text instanceof RegExp && message.text.search(text) === -1) return false
  return where?.(message) ?? true
}

/** Adds the waiting functions to a control, in the same process or over HTTP. */
export function createWaits(core: ControlCore): ControlWaits {
  const waitFor: ControlWaits['waitFor'] = async (check, options = {}) => {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, what = 'the condition' } = options
    const end = performance.now() + timeoutMs
    for (;;) {
      // The version comes first: a change during the check then ends the next wait at once.
      const since = await core.waitForChange({ since: -1, timeoutMs: 0 })
      const found = await check()
      if (found !== false && found !== null && found !== undefined) {
        return found as NonNullable<Exclude<typeof found, false>>
      }
      const left = end - performance.now()
      if (left <= 0) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`)
      await core.waitForChange({ since, timeoutMs: Math.ceil(left) })
    }
  }
  const explained = async <T>(run: () => Promise<T>, more: () => Promise<string>) => {
    try {
      return await run()
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${await more()}`, {
        cause: error,
      })
    }
  }
  const shows = async (chat: number) => `Chat ${chat} shows:\n${describeAll(await core.visible(chat))}`

  return {
    waitFor,
    waitForMessage: (wait) => {
      const what = `a message in chat ${wait.chat}${wait.text === undefined ? '' : ` with ${String(wait.text)}`}`
      const check = async () => (await core.visible(wait.chat)).find((message) => fits(message, wait))
      return explained(
        () => waitFor(check, { what, timeoutMs: wait.timeoutMs ?? DEFAULT_TIMEOUT_MS }),
        () => shows(wait.chat),
      )
    },
    waitForRequests: ({ where, count = 1, pending = false, timeoutMs = DEFAULT_TIMEOUT_MS, ...filter }) => {
      const list = async () => {
        const done = (await core.requests(filter)).filter(({ state }) => pending || state !== 'pending')
        return where === undefined ? done : done.filter(where)
      }
      const check = async () => {
        const found = await list()
        return found.length >= count ? found : null
      }
      return explained(
        () => waitFor(check, { what: `${count} request(s) ${JSON.stringify(filter)}`, timeoutMs }),
        async () => `There were ${(await list()).length}.`,
      )
    },
    press: async ({ timeoutMs = DEFAULT_TIMEOUT_MS, ...press }) => {
      const { queryId } = await core.tap(press)
      const what = `the bot's answer to the press on "${press.text ?? press.data ?? ''}"`
      return explained(
        () => waitFor(() => core.callbackAnswer(queryId), { what, timeoutMs }),
        () => shows(press.chat ?? press.user),
      )
    },
  }
}

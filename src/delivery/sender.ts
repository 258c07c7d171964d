import type { View } from '../views/view.ts'

export interface OutgoingMessage {
  readonly chatId: number
  readonly threadId: number | null
  readonly view: View
  /** Arrives without a sound. */
  readonly silent: boolean
}

export interface OutgoingEdit {
  readonly chatId: number
  readonly messageId: number
  readonly view: View
}

/**
 * What is known after an attempt. `not-sent`: it surely did not leave. `unknown`: it may have arrived. `refused-text`: this
 * text will never be accepted. `topic-gone`: the topic was deleted or
 * closed, the chat itself is there. `fatal`: Telegram refuses the bot as a whole.
 */
export type SendOutcome =
  | { readonly kind: 'sent'; readonly messageId: number }
  | { readonly kind: 'not-sent'; readonly error: string }
  | { readonly kind: 'unknown'; readonly error: string }
  | { readonly kind: 'rate-limited'; readonly retryAfterMs: number }
  | { readonly kind: 'refused-text'; readonly error: string }
  | { readonly kind: 'topic-gone'; readonly error: string }
  | { readonly kind: 'unreachable'; readonly error: string }
  | { readonly kind: 'moved'; readonly toChatId: number }
  | { readonly kind: 'fatal'; readonly error: string }

/** Hands one message to the messenger. Never throws: every failure is an outcome. No retries of its own. */
export interface Sender {
  send(message: OutgoingMessage): Promise<SendOutcome>
  /** Writes anew what stands in a message that was sent. `sent`: it stands there now. */
  edit(edit: OutgoingEdit): Promise<SendOutcome>
}

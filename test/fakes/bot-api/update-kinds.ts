import type { Update } from 'grammy/types'

/** The kinds of update there are. */
export type UpdateKind = Exclude<keyof Update, 'update_id'>

// Complete by its type: a kind that Telegram adds or drops does not compile until it is added or dropped here.
const KINDS: Readonly<Record<UpdateKind, true>> = {
  message: true,
  edited_message: true,
  channel_post: true,
  edited_channel_post: true,
  business_connection: true,
  business_message: true,
  edited_business_message: true,
  deleted_business_messages: true,
  guest_message: true,
  stopped_message_generation: true,
  message_reaction: true,
  message_reaction_count: true,
  inline_query: true,
  chosen_inline_result: true,
  callback_query: true,
  shipping_query: true,
  pre_checkout_query: true,
  purchased_paid_media: true,
  poll: true,
  poll_answer: true,
  my_chat_member: true,
  chat_member: true,
  chat_join_request: true,
  chat_boost: true,
  removed_chat_boost: true,
  managed_bot: true,
  subscription: true,
}

/** Whether that is a kind of update; others are passed over in `allowed_updates`, as the real server does. */
export function isUpdateKind(kind: unknown): kind is UpdateKind {
  return typeof kind === 'string' && Object.hasOwn(KINDS, kind)
}

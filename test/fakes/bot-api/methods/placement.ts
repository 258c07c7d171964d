import { writableChat } from '../access.ts'
import { badRequest } from '../api-error.ts'
import { isRecord } from '../defined.ts'
import { findMessage } from '../messages.ts'
import { booleanParam, integerParam, jsonParam, type Params } from '../params.ts'
import type { FakeChat, World } from '../world.ts'

/** Where a new message goes. */
export interface Placement {
  chat: FakeChat
  topic: number | null
  replyTo: number | null
  silent: boolean
}

function readReply(chat: FakeChat, params: Params): number | null {
  const reply = jsonParam(params, 'reply_parameters')
  const fields: Params = isRecord(reply) ? reply : {}
  const id = integerParam(fields, 'message_id') ?? integerParam(params, 'reply_to_message_id')
  if (id === undefined) return null
  if (findMessage(chat, id) !== undefined) return id
  const lenient =
    booleanParam(fields, 'allow_sending_without_reply') || booleanParam(params, 'allow_sending_without_reply')
  if (lenient) return null
  throw badRequest('message to be replied not found')
}

/** Reads chat, topic, reply and sound of a send; throws the API's refusals. */
export function readPlacement(world: World, params: Params): Placement {
  const chat = writableChat(world, params)
  const replyTo = readReply(chat, params)
  const thread = integerParam(params, 'message_thread_id')
  if (thread !== undefined && !chat.topics.has(thread)) throw badRequest('message thread not found')
  const answered = replyTo === null ? undefined : findMessage(chat, replyTo)
  return {
    chat,
    topic: thread ?? answered?.topic ?? null,
    replyTo,
    silent: booleanParam(params, 'disable_notification'),
  }
}

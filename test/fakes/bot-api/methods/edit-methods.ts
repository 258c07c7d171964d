import { isDeepStrictEqual } from 'node:util'
import type { Message } from 'grammy/types'
import { writableChat } from '../access.ts'
import { badRequest } from '../api-error.ts'
import { isAdmin, statusIn } from '../chats.ts'
import { readCaption, readText } from '../formatted-text.ts'
import { readKeyboard } from '../keyboard.ts'
import { findMessage, toMessage } from '../messages.ts'
import { integerParam } from '../params.ts'
import type { FakeChat, StoredMessage } from '../world.ts'
import type { Call, Method, MethodTable } from './call.ts'

const DELETABLE_FOR_S = 48 * 60 * 60
const NOT_MODIFIED =
  'message is not modified: specified new message content and reply markup are exactly the same ' +
  'as a current content and reply markup of the message'

function messageToEdit({ world, params }: Call): StoredMessage {
  const message = findMessage(writableChat(world, params), integerParam(params, 'message_id'))
  if (message === undefined) throw badRequest('message to edit not found')
  if (message.from !== world.bot.id || message.service !== null) throw badRequest("message can't be edited")
  return message
}

function applyEdit(
  call: Call,
  edit: { message: StoredMessage; next: Partial<StoredMessage> },
): Message & { edit_date: number } {
  const { world } = call
  const { message, next } = edit
  const same = Object.entries(next).every(([name, value]) =>
    isDeepStrictEqual(message[name as keyof StoredMessage], value),
  )
  if (same) throw badRequest(NOT_MODIFIED)
  const editDate = world.clock.seconds()
  Object.assign(message, next, { editDate })
  world.changes.touch()
  return { ...toMessage(world, message), edit_date: editDate }
}

const editMessageText: Method<'editMessageText'> = (call) => {
  const message = messageToEdit(call)
  const { text, entities } = readText(call.params)
  if (message.text === null) throw badRequest('there is no text in the message to edit')
  const next = { text, entities, keyboard: readKeyboard(call.params) }
  return { ...applyEdit(call, { message, next }), text }
}

const editMessageCaption: Method<'editMessageCaption'> = (call) => {
  const message = messageToEdit(call)
  const { text, entities } = readCaption(call.params)
  if (message.text !== null) throw badRequest('there is no caption in the message to edit')
  const caption = text === '' ? null : text
  return applyEdit(call, { message, next: { caption, entities, keyboard: readKeyboard(call.params) } })
}

const editMessageReplyMarkup: Method<'editMessageReplyMarkup'> = (call) => {
  const message = messageToEdit(call)
  return applyEdit(call, { message, next: { keyboard: readKeyboard(call.params) } })
}

function mayDelete(call: Call, place: { chat: FakeChat; message: StoredMessage }): boolean {
  const { world } = call
  const { chat, message } = place
  if (isAdmin(statusIn(chat, world.bot.id))) return true
  const fresh = world.clock.seconds() - message.date <= DELETABLE_FOR_S
  return fresh && (message.from === world.bot.id || chat.type === 'private')
}

const deleteMessage: Method<'deleteMessage'> = (call) => {
  const { world, params } = call
  const chat = writableChat(world, params)
  const id = integerParam(params, 'message_id')
  if (id === undefined) throw badRequest('message identifier is not specified')
  const message = findMessage(chat, id)
  if (message === undefined) throw badRequest('message to delete not found')
  if (!mayDelete(call, { chat, message })) throw badRequest("message can't be deleted for everyone")
  message.deleted = true
  world.changes.touch()
  return true
}

/** The methods that change or take back what the bot sent. */
export const editMethods = {
  editMessageText,
  editMessageCaption,
  editMessageReplyMarkup,
  deleteMessage,
} satisfies MethodTable

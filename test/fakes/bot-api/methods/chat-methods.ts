import { readableChat, writableChat } from '../access.ts'
import { badRequest } from '../api-error.ts'
import { isAdmin, statusIn, toChat } from '../chats.ts'
import { changeMember, toChatMember } from '../members.ts'
import { integerParam, textParam } from '../params.ts'
import type { Method, MethodTable } from './call.ts'

const ACTIONS = new Set([
  'typing',
  'upload_photo',
  'record_video',
  'upload_video',
  'record_voice',
  'upload_voice',
  'upload_document',
  'choose_sticker',
  'find_location',
  'record_video_note',
  'upload_video_note',
])

const getChat: Method<'getChat'> = ({ world, params }) => {
  const chat = readableChat(world, params)
  return {
    ...toChat(world, chat),
    accent_color_id: 0,
    max_reaction_count: 11,
    accepted_gift_types: {
      unlimited_gifts: false,
      limited_gifts: false,
      unique_gifts: false,
      premium_subscription: false,
      gifts_from_channels: false,
    },
  }
}

const getChatMember: Method<'getChatMember'> = ({ world, params }) => {
  const chat = readableChat(world, params)
  const user = integerParam(params, 'user_id')
  if (user === undefined || !world.users.has(user)) throw badRequest('user not found')
  return toChatMember(world, { user, status: statusIn(chat, user) })
}

const getChatAdministrators: Method<'getChatAdministrators'> = ({ world, params }) => {
  const chat = readableChat(world, params)
  if (chat.type === 'private') throw badRequest('there are no administrators in the private chat')
  return [...chat.members]
    .filter(([, status]) => isAdmin(status))
    .map(([user, status]) => toChatMember(world, { user, status }))
    .filter((member) => member.status === 'administrator' || member.status === 'creator')
}

const sendChatAction: Method<'sendChatAction'> = ({ world, params }) => {
  writableChat(world, params)
  if (!ACTIONS.has(textParam(params, 'action') ?? '')) throw badRequest('wrong parameter action in request')
  return true
}

const leaveChat: Method<'leaveChat'> = ({ world, params }) => {
  const chat = readableChat(world, params)
  if (chat.type === 'private') throw badRequest("chat member status can't be changed in private chats")
  changeMember(world, { chat, user: world.bot.id, status: 'left', by: world.bot.id })
  return true
}

/** The methods about chats and their members. */
export const chatMethods = {
  getChat,
  getChatMember,
  getChatAdministrators,
  sendChatAction,
  leaveChat,
} satisfies MethodTable

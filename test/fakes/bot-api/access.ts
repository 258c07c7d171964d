import { badRequest, forbidden, migrated } from './api-error.ts'
import { isAdmin, statusIn } from './chats.ts'
import { integerParam, type Params, textParam } from './params.ts'
import type { FakeChat, World } from './world.ts'

/** The chat a call names, or undefined. Groups that became supergroups are returned as they are. */
export function namedChat(world: World, params: Params): FakeChat | undefined {
  const name = textParam(params, 'chat_id')
  if (name?.startsWith('@') === true) {
    const handle = name.slice(1).toLowerCase()
    return [...world.chats.values()].find((chat) => chat.username?.toLowerCase() === handle)
  }
  const id = integerParam(params, 'chat_id')
  return id === undefined ? undefined : world.chats.get(id)
}

function kindOf(chat: FakeChat): string {
  return chat.type === 'channel' ? 'channel chat' : `${chat.type} chat`
}

/** The chat a call names, if the bot may look at it; throws the API's refusals. */
export function readableChat(world: World, params: Params): FakeChat {
  if ((textParam(params, 'chat_id') ?? '') === '') throw badRequest('chat_id is empty')
  const chat = namedChat(world, params)
  if (chat === undefined || chat.deleted) throw badRequest('chat not found')
  if (chat.migratedTo !== null) throw migrated(chat.migratedTo)
  if (chat.type === 'private') return chat
  const status = statusIn(chat, world.bot.id)
  if (status === 'kicked') throw forbidden(`bot was kicked from the ${kindOf(chat)}`)
  if (status === 'left') throw forbidden(`bot is not a member of the ${kindOf(chat)}`)
  return chat
}

/** The chat a call names, if the bot may write there; throws the API's refusals. */
export function writableChat(world: World, params: Params): FakeChat {
  const chat = readableChat(world, params)
  if (chat.type === 'channel' && !isAdmin(statusIn(chat, world.bot.id))) {
    throw badRequest('need administrator rights in the channel chat')
  }
  if (chat.type !== 'private') return chat
  const user = world.users.get(chat.id)
  if (user?.deactivated === true) throw forbidden('user is deactivated')
  if (user?.isBot === true) throw forbidden("bot can't send messages to bots")
  if (statusIn(chat, world.bot.id) === 'kicked') throw forbidden('bot was blocked by the user')
  if (!chat.started) throw forbidden("bot can't initiate conversation with a user")
  return chat
}

import type { BotCommand } from 'grammy/types'
import { namedChat } from '../access.ts'
import { badRequest } from '../api-error.ts'
import { isRecord } from '../defined.ts'
import { integerParam, jsonParam, type Params, textParam } from '../params.ts'
import type { World } from '../world.ts'
import type { Method, MethodTable } from './call.ts'

const MOST_COMMANDS = 100
const LONGEST_DESCRIPTION = 256
const WIDE_SCOPES = new Set(['default', 'all_private_chats', 'all_group_chats', 'all_chat_administrators'])
const CHAT_SCOPES = new Set(['chat', 'chat_administrators', 'chat_member'])

/** The name under which the commands of a scope and language are kept. */
export function commandKey(scope: Params, languageCode: string): string {
  return [scope['type'] ?? 'default', scope['chat_id'], scope['user_id'], languageCode].join('/')
}

function readScope(world: World, params: Params): Params {
  const scope = jsonParam(params, 'scope') ?? { type: 'default' }
  if (!isRecord(scope)) throw badRequest("can't parse BotCommandScope: expected an Object")
  const type = textParam(scope, 'type') ?? ''
  if (WIDE_SCOPES.has(type)) return { type }
  if (!CHAT_SCOPES.has(type)) throw badRequest("can't parse BotCommandScope: unsupported type specified")
  const chat = namedChat(world, scope)
  if (chat === undefined || chat.deleted) throw badRequest('chat not found')
  if (chat.type === 'channel') throw badRequest("can't change commands in channel chats")
  if (type !== 'chat' && chat.type === 'private') {
    throw badRequest("can't use specified scope in private chats")
  }
  if (type !== 'chat_member') return { type, chat_id: chat.id }
  const user = integerParam(scope, 'user_id')
  if (user === undefined || !world.users.has(user)) throw badRequest('user not found')
  return { type, chat_id: chat.id, user_id: user }
}

function readKey(world: World, params: Params): string {
  const language = textParam(params, 'language_code') ?? ''
  if (!/^(?:[a-z]{2})?$/.test(language)) throw badRequest('invalid language code specified')
  return commandKey(readScope(world, params), language)
}

function readCommand(value: unknown): BotCommand {
  if (!isRecord(value)) throw badRequest("can't parse BotCommand: expected an Object")
  const command = (textParam(value, 'command') ?? '').replace(/^\//, '')
  const description = (textParam(value, 'description') ?? '').trim()
  if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest('BOT_COMMAND_INVALID')
  if (description.length < 1 || description.length > LONGEST_DESCRIPTION) {
    throw badRequest('BOT_COMMAND_DESCRIPTION_INVALID')
  }
  return { command, description }
}

const setMyCommands: Method<'setMyCommands'> = ({ world, params }) => {
  const key = readKey(world, params)
  const commands = jsonParam(params, 'commands')
  if (!Array.isArray(commands)) throw badRequest("can't parse commands: expected an Array of BotCommand")
  if (commands.length > MOST_COMMANDS) throw badRequest('BOT_COMMANDS_TOO_MUCH')
  world.commands.set(key, commands.map(readCommand))
  world.changes.touch()
  return true
}

const getMyCommands: Method<'getMyCommands'> = ({ world, params }) =>
  world.commands.get(readKey(world, params)) ?? []

const deleteMyCommands: Method<'deleteMyCommands'> = ({ world, params }) => {
  world.commands.delete(readKey(world, params))
  world.changes.touch()
  return true
}

/** The methods that fill the command menu. */
export const commandMethods = { setMyCommands, getMyCommands, deleteMyCommands } satisfies MethodTable

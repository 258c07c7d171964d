import { addChat, isInside, needChat, statusIn } from '../chats.ts'
import { changeMember } from '../members.ts'
import { addMessage, addServiceMessage, pushMessage } from '../messages.ts'
import { needUser, toUser } from '../users.ts'
import type { FakeChat, MemberStatus, World } from '../world.ts'
import type { ChatInfo, MemberChange, NewChannel, NewGroup } from './api.ts'
import { createUser } from './people.ts'

const BASIC_GROUP_ID = -1
const SUPERGROUP_ID_BASE = -1_000_000_000_000

function newChatId(world: World, type: 'group' | 'supergroup'): number {
  const number = world.nextId(type)
  return type === 'group' ? number * BASIC_GROUP_ID : SUPERGROUP_ID_BASE - number
}

/** Who acts in a chat when nobody is named. */
function ownerOf(world: World, chat: FakeChat): number {
  const people = [...chat.members].filter(([id, status]) => id !== world.bot.id && isInside(status))
  const owner = people.find(([, status]) => status === 'creator') ?? people[0]
  if (owner === undefined)
    throw new Error(`Nobody but the bot is in chat ${chat.id}. Name who acts with "by".`)
  return owner[0]
}

function info(world: World, chat: FakeChat): ChatInfo {
  return { id: chat.id, type: chat.type, owner: ownerOf(world, chat) }
}

/** Adds a group; the bot is in it from the start unless told otherwise. */
export function createGroup(world: World, group: NewGroup): ChatInfo {
  const isForum = group.forum ?? false
  const type = isForum ? 'supergroup' : (group.type ?? 'group')
  const given = (group.members ?? []).map(({ user, status }): [number, MemberStatus] => {
    return [needUser(world, user).id, status ?? 'member']
  })
  const members: [number, MemberStatus][] = given.length > 0 ? given : [[createUser(world, {}).id, 'creator']]
  const id = group.id ?? newChatId(world, type)
  const bot: [number, MemberStatus] = [world.bot.id, group.bot ?? 'member']
  const { title = 'Test group', username = null } = group
  return info(world, addChat(world, { id, type, title, username, isForum, members: [...members, bot] }))
}

/** Adds a channel with an owner. */
export function createChannel(world: World, channel: NewChannel): ChatInfo {
  const owner = createUser(world, {}).id
  const members: [number, MemberStatus][] = [
    [owner, 'creator'],
    [world.bot.id, channel.bot ?? 'administrator'],
  ]
  const id = channel.id ?? newChatId(world, 'supergroup')
  const { title = 'Test channel', username = null } = channel
  return info(world, addChat(world, { id, type: 'channel', title, username, members }))
}

/** Opens a topic in a forum. */
export function createTopic(
  world: World,
  topic: { chat: number; name?: string; by?: number },
): { topic: number } {
  const chat = needChat(world, topic.chat)
  if (!chat.isForum) throw new Error(`Chat ${chat.id} is not a forum.`)
  const name = topic.name ?? 'Topic'
  const service = { forum_topic_created: { name, icon_color: 7_322_096 as const } }
  const message = addMessage(world, { chat, draft: { from: topic.by ?? ownerOf(world, chat), service } })
  message.topic = message.id
  chat.topics.set(message.id, name)
  if (isInside(statusIn(chat, world.bot.id))) pushMessage(world, message)
  return { topic: message.id }
}

/** Removes a topic with its messages. */
export function deleteTopic(world: World, { chat: id, topic }: { chat: number; topic: number }): void {
  const chat = needChat(world, id)
  chat.topics.delete(topic)
  for (const message of chat.messages.values()) message.deleted ||= message.topic === topic
  world.changes.touch()
}

/** Changes somebody's standing; joining and leaving also show up as service messages. */
export function setMember(world: World, change: MemberChange): void {
  const chat = needChat(world, change.chat)
  const { user, status } = change
  const by = change.by ?? ownerOf(world, chat)
  const wasInside = isInside(statusIn(chat, user))
  changeMember(world, { chat, user, status, by })
  if (wasInside === isInside(status) || chat.type === 'channel') return
  if (!isInside(statusIn(chat, world.bot.id))) return
  const person = toUser(needUser(world, user))
  const service = wasInside ? { left_chat_member: person } : { new_chat_members: [person] }
  addServiceMessage(world, { chat, from: by, service })
}

/** Turns a basic group into a supergroup with a new id, as Telegram does. */
export function upgradeGroup(world: World, upgrade: { chat: number; by?: number }): { chat: number } {
  const chat = needChat(world, upgrade.chat)
  if (chat.type !== 'group') throw new Error(`Chat ${chat.id} is not a basic group.`)
  const from = upgrade.by ?? ownerOf(world, chat)
  const id = newChatId(world, 'supergroup')
  const next = addChat(world, { id, type: 'supergroup', title: chat.title, members: [...chat.members] })
  const seen = isInside(statusIn(chat, world.bot.id))
  const place = seen ? addServiceMessage : quietService
  place(world, { chat, from, service: { migrate_to_chat_id: next.id } })
  chat.migratedTo = next.id
  place(world, { chat: next, from, service: { migrate_from_chat_id: chat.id } })
  return { chat: next.id }
}

function quietService(world: World, placed: Parameters<typeof addServiceMessage>[1]): void {
  addMessage(world, { chat: placed.chat, draft: { from: placed.from, service: placed.service } })
}

/** Deletes a chat: the bot gets "chat not found" from now on. */
export function deleteChat(world: World, id: number): void {
  needChat(world, id).deleted = true
  world.changes.touch()
}

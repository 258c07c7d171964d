import type { Chat } from 'grammy/types'
import { defined } from './defined.ts'
import type { ChatType, FakeChat, FakeUser, MemberStatus, World } from './world.ts'

/** What a new chat starts with. */
export interface NewChat {
  id: number
  type: ChatType
  title: string
  username?: string | null
  isForum?: boolean
  members: readonly (readonly [number, MemberStatus])[]
}

/** Adds a chat to the world. */
export function addChat(world: World, chat: NewChat): FakeChat {
  const added: FakeChat = {
    id: chat.id,
    type: chat.type,
    title: chat.title,
    username: chat.username ?? null,
    isForum: chat.isForum ?? false,
    started: false,
    deleted: false,
    migratedTo: null,
    members: new Map(chat.members),
    topics: new Map(),
    messages: new Map(),
    nextMessageId: 1,
  }
  world.chats.set(added.id, added)
  return added
}

/** Adds the private chat of a user with the bot. It is not started yet. */
export function addPrivateChat(world: World, user: FakeUser): FakeChat {
  const members = [[user.id, 'member'] as const, [world.bot.id, 'member'] as const]
  return addChat(world, { id: user.id, type: 'private', title: user.firstName, members })
}

/** A known chat; throws for the test's author when there is none. */
export function needChat(world: World, id: number): FakeChat {
  const chat = world.chats.get(id)
  if (chat === undefined) {
    throw new Error(`The fake knows no chat ${id}. Call createUser, createGroup or createChannel first.`)
  }
  return chat
}

/** How a user stands towards a chat; somebody unknown has left. */
export function statusIn(chat: FakeChat, userId: number): MemberStatus {
  return chat.members.get(userId) ?? 'left'
}

/** Whether a status means to be inside the chat. */
export function isInside(status: MemberStatus): boolean {
  return status !== 'left' && status !== 'kicked'
}

/** Whether a status gives administrator rights. */
export function isAdmin(status: MemberStatus): boolean {
  return status === 'administrator' || status === 'creator'
}

/** The chat object as the Bot API shows it. */
export function toChat(world: World, chat: FakeChat): Chat {
  const handle = defined({ username: chat.username ?? undefined })
  switch (chat.type) {
    case 'private': {
      const user = world.users.get(chat.id)
      return {
        id: chat.id,
        type: 'private',
        first_name: user?.firstName ?? chat.title,
        ...defined({ last_name: user?.lastName ?? undefined, username: user?.username ?? undefined }),
      }
    }
    case 'group':
      return { id: chat.id, type: 'group', title: chat.title }
    case 'supergroup':
      return {
        id: chat.id,
        type: 'supergroup',
        title: chat.title,
        ...handle,
        ...(chat.isForum ? { is_forum: true } : {}),
      }
    case 'channel':
      return { id: chat.id, type: 'channel', title: chat.title, ...handle }
  }
}

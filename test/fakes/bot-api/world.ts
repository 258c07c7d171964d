import type { BotCommand, InlineKeyboardButton, Message, MessageEntity } from 'grammy/types'
import { type Changes, createChanges } from './changes.ts'
import { type Clock, createClock } from './clock.ts'
import { createFileStore, type FileStore, type StoredFile } from './files.ts'
import type { ResolvedOptions } from './options.ts'
import { createUpdateQueue, type UpdateQueue } from './updates.ts'

/** The kinds of chat. */
export type ChatType = 'private' | 'group' | 'supergroup' | 'channel'

/** How somebody stands towards a chat. */
export type MemberStatus = 'creator' | 'administrator' | 'member' | 'left' | 'kicked'

/** A person, or a bot. */
export interface FakeUser {
  id: number
  isBot: boolean
  firstName: string
  lastName: string | null
  username: string | null
  languageCode: string | null
  deactivated: boolean
}

/** A chat with everything that was said in it. */
export interface FakeChat {
  id: number
  type: ChatType
  title: string
  username: string | null
  isForum: boolean
  /** In a private chat: whether the user has written to the bot yet. */
  started: boolean
  deleted: boolean
  migratedTo: number | null
  members: Map<number, MemberStatus>
  topics: Map<number, string>
  messages: Map<number, StoredMessage>
  nextMessageId: number
}

/** A message as the fake keeps it. */
export interface StoredMessage {
  id: number
  chat: number
  /** null: written in the name of the chat itself. */
  from: number | null
  date: number
  editDate: number | null
  text: string | null
  caption: string | null
  entities: MessageEntity[]
  photo: { file: StoredFile; width: number; height: number } | null
  document: StoredFile | null
  keyboard: InlineKeyboardButton[][] | null
  replyTo: number | null
  topic: number | null
  silent: boolean
  deleted: boolean
  forwardedFrom: number | null
  service: Partial<Message> | null
}

/** What a person gets to see after a press. */
export interface CallbackAnswer {
  text: string | null
  showAlert: boolean
  url: string | null
  cacheTime: number
}

/** A pressed button and what came of it. */
export interface CallbackState {
  id: string
  user: number
  chat: number
  messageId: number
  data: string
  at: number
  answer: CallbackAnswer | null
}

/** The bot's webhook, when one is set. */
export interface WebhookState {
  url: string
  maxConnections: number
}

/** Everything the fake knows. */
export interface World {
  options: ResolvedOptions
  token: string
  privacy: boolean
  loggedOut: boolean
  bot: FakeUser
  clock: Clock
  changes: Changes
  updates: UpdateQueue
  files: FileStore
  users: Map<number, FakeUser>
  chats: Map<number, FakeChat>
  callbacks: Map<string, CallbackState>
  commands: Map<string, BotCommand[]>
  webhook: WebhookState | null
  nextId(kind: 'user' | 'group' | 'supergroup' | 'message' | 'callback'): number
}

/** Creates a world with only the bot in it. */
export function createWorld(options: ResolvedOptions): World {
  const clock = createClock({ frozen: options.frozenClock })
  const bot: FakeUser = {
    id: options.botId,
    isBot: true,
    firstName: options.firstName,
    lastName: null,
    username: options.username,
    languageCode: null,
    deactivated: false,
  }
  const counters = { user: 5_000_000, group: 40_000_000, supergroup: 1_600_000_000, message: 0, callback: 0 }
  return {
    options,
    token: options.token,
    privacy: options.privacy,
    loggedOut: false,
    bot,
    clock,
    changes: createChanges(),
    updates: createUpdateQueue(clock),
    files: createFileStore(options.recordCap),
    users: new Map([[bot.id, bot]]),
    chats: new Map(),
    callbacks: new Map(),
    commands: new Map(),
    webhook: null,
    nextId: (kind) => {
      counters[kind] += 1
      return counters[kind]
    },
  }
}

/** Puts an entry into a map and drops the oldest ones above the cap. */
export function putBounded<K, V>(map: Map<K, V>, entry: { key: K; value: V; cap: number }): void {
  map.set(entry.key, entry.value)
  for (const key of map.keys()) {
    if (map.size <= entry.cap) return
    map.delete(key)
  }
}

import type { Document, Message, PhotoSize } from 'grammy/types'
import { toChat } from './chats.ts'
import { defined } from './defined.ts'
import { anonymousAdmin, toUser } from './users.ts'
import { type FakeChat, putBounded, type StoredMessage, type World } from './world.ts'

/** The parts of a new message; what is left out is empty. */
export type MessageDraft = Partial<Omit<StoredMessage, 'id' | 'chat' | 'date' | 'from'>> & {
  from: number | null
}

/** Puts a message into a chat. */
export function addMessage(world: World, placed: { chat: FakeChat; draft: MessageDraft }): StoredMessage {
  const { chat, draft } = placed
  // Private chats and basic groups share one number line on Telegram; the others have their own.
  const ownNumbers = chat.type === 'supergroup' || chat.type === 'channel'
  const id = ownNumbers ? chat.nextMessageId++ : world.nextId('message')
  const message: StoredMessage = {
    editDate: null,
    text: null,
    caption: null,
    entities: [],
    photo: null,
    document: null,
    keyboard: null,
    replyTo: null,
    topic: null,
    silent: false,
    deleted: false,
    forwardedFrom: null,
    service: null,
    ...draft,
    id,
    chat: chat.id,
    date: world.clock.seconds(),
  }
  putBounded(chat.messages, { key: id, value: message, cap: world.options.recordCap })
  world.changes.touch()
  return message
}

/** A message that is still there, or undefined. */
export function findMessage(chat: FakeChat, id: number | undefined): StoredMessage | undefined {
  const message = id === undefined ? undefined : chat.messages.get(id)
  return message?.deleted === false ? message : undefined
}

function sender(world: World, placed: { chat: FakeChat; message: StoredMessage }): Partial<Message> {
  const { chat, message } = placed
  const user = message.from === null ? undefined : world.users.get(message.from)
  if (chat.type === 'channel') return { sender_chat: toChat(world, chat) }
  if (user === undefined) return { from: anonymousAdmin(), sender_chat: toChat(world, chat) }
  return { from: toUser(user) }
}

/** A picture as the Bot API shows it; the fake keeps one size of each. */
export function toPhotoSizes({ file, width, height }: NonNullable<StoredMessage['photo']>): PhotoSize[] {
  const { id, uniqueId, bytes } = file
  return [{ file_id: id, file_unique_id: uniqueId, file_size: bytes.length, width, height }]
}

/** A file as the Bot API shows it. */
export function toDocument(file: NonNullable<StoredMessage['document']>): Document {
  return {
    file_id: file.id,
    file_unique_id: file.uniqueId,
    file_name: file.name,
    mime_type: file.type,
    file_size: file.bytes.length,
  }
}

function content(message: StoredMessage): Partial<Message> {
  const hasText = message.text !== null
  const marks = message.entities.length === 0 ? undefined : message.entities
  const { photo, document } = message
  return defined({
    text: message.text ?? undefined,
    entities: hasText ? marks : undefined,
    caption: message.caption ?? undefined,
    caption_entities: hasText ? undefined : marks,
    photo: photo === null ? undefined : toPhotoSizes(photo),
    document: document === null ? undefined : toDocument(document),
    reply_markup: message.keyboard === null ? undefined : { inline_keyboard: message.keyboard },
  })
}

function withoutReply(world: World, placed: { chat: FakeChat; message: StoredMessage }): Message {
  const { chat, message } = placed
  const origin = message.forwardedFrom === null ? undefined : world.users.get(message.forwardedFrom)
  return {
    message_id: message.id,
    date: message.date,
    chat: toChat(world, chat),
    ...sender(world, placed),
    ...defined({
      edit_date: message.editDate ?? undefined,
      message_thread_id: message.topic ?? undefined,
      is_topic_message: message.topic === null ? undefined : (true as const),
      forward_origin:
        origin === undefined
          ? undefined
          : { type: 'user' as const, date: message.date, sender_user: toUser(origin) },
    }),
    ...content(message),
    ...message.service,
  }
}

/** The message object as the Bot API shows it. */
export function toMessage(world: World, message: StoredMessage): Message {
  const chat = world.chats.get(message.chat)
  if (chat === undefined) throw new Error(`No chat ${message.chat} for message ${message.id}.`)
  // In a topic, a message without an explicit reply answers the message that opened the topic.
  const answered = message.replyTo ?? (message.topic === message.id ? null : message.topic)
  const reply = answered === null ? undefined : findMessage(chat, answered)
  const shown = withoutReply(world, { chat, message })
  if (reply === undefined) return shown
  // The official type demands a member that is there and undefined, which JSON cannot say.
  const answer = withoutReply(world, { chat, message: reply }) as NonNullable<Message['reply_to_message']>
  return { ...shown, reply_to_message: answer }
}

/** Puts a service message into a chat and tells the bot if it is in there. */
export function addServiceMessage(
  world: World,
  placed: { chat: FakeChat; from: number; service: Partial<Message>; topic?: number },
): StoredMessage {
  const { chat, from, service } = placed
  const message = addMessage(world, { chat, draft: { from, service, topic: placed.topic ?? null } })
  pushMessage(world, message)
  return message
}

/** Queues a message for the bot. Returns the update id, or null when the bot does not get it. */
export function pushMessage(world: World, message: StoredMessage): number | null {
  const payload = toMessage(world, message)
  const kind = payload.chat.type === 'channel' ? 'channel_post' : 'message'
  return world.updates.push({ kind, payload } as Parameters<World['updates']['push']>[0])
}

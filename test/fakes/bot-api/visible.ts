import type { MessageEntity } from 'grammy/types'
import type { FakeChat, StoredMessage, World } from './world.ts'

/** A button as a person sees it. */
export interface VisibleButton {
  text: string
  data?: string
  url?: string
  style?: string
  disabled?: true
}

/** A message as a person sees it. */
export interface VisibleMessage {
  id: number
  from: 'bot' | 'user'
  /** The user who wrote it; null for the bot and for messages in the name of the chat. */
  user: number | null
  kind: 'text' | 'photo' | 'document' | 'service'
  /** The text or the caption; empty when there is neither. */
  text: string
  entities: MessageEntity[]
  buttons: VisibleButton[][]
  /** Seconds, as in the Bot API. */
  date: number
  edited: boolean
  editDate: number | null
  deleted: boolean
  silent: boolean
  topic: number | null
  replyTo: number | null
  photo: { fileId: string; size: number; width: number; height: number } | null
  document: { fileId: string; size: number; name: string } | null
  /** For service messages: what happened, as the Bot API names it, such as `new_chat_members`. */
  service: string | null
}

type Keyboard = NonNullable<StoredMessage['keyboard']>

function toButton(button: Keyboard[number][number]): VisibleButton {
  return {
    text: button.text,
    ...('callback_data' in button ? { data: button.callback_data } : {}),
    ...('url' in button ? { url: button.url } : {}),
    ...('disabled' in button ? { disabled: true as const } : {}),
    ...(button.style === undefined ? {} : { style: button.style }),
  }
}

function kindOf(message: StoredMessage): VisibleMessage['kind'] {
  if (message.service !== null) return 'service'
  if (message.photo !== null) return 'photo'
  return message.document === null ? 'text' : 'document'
}

/** A message as a person sees it. */
export function toVisible(world: World, message: StoredMessage): VisibleMessage {
  const { photo, document } = message
  const isBot = message.from === world.bot.id
  return {
    id: message.id,
    from: isBot ? 'bot' : 'user',
    user: isBot ? null : message.from,
    kind: kindOf(message),
    text: message.text ?? message.caption ?? '',
    entities: message.entities,
    buttons: (message.keyboard ?? []).map((row) => row.map(toButton)),
    date: message.date,
    edited: message.editDate !== null,
    editDate: message.editDate,
    deleted: message.deleted,
    silent: message.silent,
    topic: message.topic,
    replyTo: message.replyTo,
    photo:
      photo === null
        ? null
        : { fileId: photo.file.id, size: photo.file.bytes.length, width: photo.width, height: photo.height },
    document:
      document === null ? null : { fileId: document.id, size: document.bytes.length, name: document.name },
    service: message.service === null ? null : (Object.keys(message.service)[0] ?? null),
  }
}

/** All messages of a chat in order, the deleted ones too. */
export function historyOf(world: World, chat: FakeChat): VisibleMessage[] {
  return [...chat.messages.values()].map((message) => toVisible(world, message))
}

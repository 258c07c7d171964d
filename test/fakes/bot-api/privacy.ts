import { isAdmin, isInside, needChat, statusIn } from './chats.ts'
import { entityText } from './entities.ts'
import { findMessage } from './messages.ts'
import type { StoredMessage, World } from './world.ts'

function isAddressed(world: World, message: StoredMessage): boolean {
  const handle = `@${world.options.username}`.toLowerCase()
  const text = message.text ?? ''
  return message.entities.some((entity) => {
    const part = entityText(text, entity).toLowerCase()
    if (entity.type === 'mention') return part === handle
    if (entity.type === 'text_mention') return entity.user.id === world.bot.id
    if (entity.type !== 'bot_command') return false
    return part.includes('@') ? part.endsWith(handle) : entity.offset === 0
  })
}

/** Whether the bot gets a user's message: in groups, privacy mode keeps most of them from it. */
export function botSees(world: World, message: StoredMessage): boolean {
  const chat = needChat(world, message.chat)
  const status = statusIn(chat, world.bot.id)
  if (!isInside(status)) return false
  if (chat.type === 'private' || isAdmin(status)) return true
  if (chat.type === 'channel') return false
  if (!world.privacy || isAddressed(world, message)) return true
  return findMessage(chat, message.replyTo ?? undefined)?.from === world.bot.id
}

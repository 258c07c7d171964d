import { addPrivateChat, isInside, needChat, statusIn } from '../chats.ts'
import { detectEntities } from '../entities.ts'
import { changeMember } from '../members.ts'
import { addMessage, findMessage, pushMessage, toMessage } from '../messages.ts'
import { botSees } from '../privacy.ts'
import { needUser, toUser } from '../users.ts'
import { toVisible, type VisibleButton } from '../visible.ts'
import { type FakeChat, putBounded, type StoredMessage, type World } from '../world.ts'
import type { NewUser, Press, Saying, UserInfo } from './api.ts'

/** Adds a person and the private chat with the bot. */
export function createUser(world: World, user: NewUser): UserInfo {
  const id = user.id ?? world.nextId('user')
  if (world.users.has(id)) throw new Error(`There is already a user ${id}.`)
  const firstName = user.firstName ?? `User ${id}`
  const username = user.username ?? null
  const added = {
    id,
    isBot: user.isBot ?? false,
    firstName,
    lastName: user.lastName ?? null,
    username,
    languageCode: user.languageCode ?? null,
    deactivated: false,
  }
  world.users.set(id, added)
  addPrivateChat(world, added).started = user.started ?? false
  world.changes.touch()
  return { id, firstName, username }
}

/** Changes whether a user has blocked the bot and tells the bot. */
export function setBlocked(world: World, block: { user: number; blocked: boolean }): void {
  const { user, blocked } = block
  const status = blocked ? 'kicked' : 'member'
  changeMember(world, { chat: needChat(world, user), user: world.bot.id, status, by: user })
}

function mayWrite(world: World, place: { chat: FakeChat; user: number }): void {
  const { chat, user } = place
  if (chat.deleted || chat.migratedTo !== null)
    throw new Error(`Nobody can write in chat ${chat.id} any more.`)
  if (needUser(world, user).deactivated) throw new Error(`User ${user} is deactivated.`)
  if (!isInside(statusIn(chat, user))) throw new Error(`User ${user} is not in chat ${chat.id}.`)
  if (chat.type === 'private' && statusIn(chat, world.bot.id) === 'kicked') {
    throw new Error(`User ${user} has blocked the bot. Call unblockBot first.`)
  }
}

/** A user writes something; the bot gets an update if it may see the message. */
export function say(world: World, saying: Saying): { messageId: number; seenByBot: boolean } {
  const { user, text, replyTo = null, topic = null } = saying
  const chat = needChat(world, saying.chat ?? user)
  mayWrite(world, { chat, user })
  if (topic !== null && !chat.topics.has(topic)) throw new Error(`Chat ${chat.id} has no topic ${topic}.`)
  const answered = replyTo === null ? undefined : findMessage(chat, replyTo)
  if (replyTo !== null && answered === undefined) throw new Error(`No message ${replyTo} to reply to.`)
  if (chat.type === 'private') chat.started = true
  const message = addMessage(world, {
    chat,
    draft: {
      from: saying.anonymous === true || chat.type === 'channel' ? null : user,
      text,
      entities: detectEntities(text, saying.entities ?? []),
      replyTo,
      topic: topic ?? answered?.topic ?? null,
      forwardedFrom: saying.forwardedFrom ?? null,
    },
  })
  const seenByBot = botSees(world, message) && pushMessage(world, message) !== null
  return { messageId: message.id, seenByBot }
}

function fits(button: VisibleButton, press: Press): boolean {
  return press.text === undefined ? button.data === press.data : button.text === press.text
}

function findButton(
  world: World,
  place: { chat: FakeChat; press: Press },
): { message: StoredMessage; data: string } {
  const { chat, press } = place
  const newestFirst = [...chat.messages.values()].reverse().filter(({ deleted }) => !deleted)
  const candidates = newestFirst.filter(({ id }) => press.messageId === undefined || id === press.messageId)
  const wanted = press.text ?? press.data ?? ''
  for (const message of candidates) {
    const button = toVisible(world, message)
      .buttons.flat()
      .find((each) => fits(each, press))
    if (button === undefined) continue
    if (button.data === undefined)
      throw new Error(`The button "${wanted}" cannot be pressed: it has no data.`)
    return { message, data: button.data }
  }
  const shown = candidates.flatMap((message) => toVisible(world, message).buttons.flat())
  const names = shown.map(({ text, data }) => `"${text}" (${data ?? 'no data'})`).join(', ')
  throw new Error(
    `No button "${wanted}" in chat ${chat.id}. Buttons there: ${names === '' ? 'none' : names}.`,
  )
}

function findForced(chat: FakeChat, press: Press): { message: StoredMessage; data: string } {
  const message =
    press.messageId === undefined ? [...chat.messages.values()].at(-1) : chat.messages.get(press.messageId)
  if (message === undefined || press.data === undefined) {
    throw new Error('A forced press needs data and a chat with that message.')
  }
  return { message, data: press.data }
}

/** A user presses a button; the bot gets a callback query. */
export function tap(world: World, press: Press): { queryId: string; messageId: number } {
  const chat = needChat(world, press.chat ?? press.user)
  const { message, data } =
    press.force === true ? findForced(chat, press) : findButton(world, { chat, press })
  const id = `${world.bot.id}${String(world.nextId('callback')).padStart(9, '0')}`
  const state = {
    id,
    user: press.user,
    chat: chat.id,
    messageId: message.id,
    data,
    at: world.clock.now(),
    answer: null,
  }
  putBounded(world.callbacks, { key: id, value: state, cap: world.options.recordCap })
  const full = toMessage(world, message)
  world.updates.push({
    kind: 'callback_query',
    payload: {
      id,
      from: toUser(needUser(world, press.user)),
      message: message.deleted ? { chat: full.chat, message_id: full.message_id, date: 0 } : full,
      chat_instance: String(chat.id),
      data,
    },
  })
  world.changes.touch()
  return { queryId: id, messageId: message.id }
}

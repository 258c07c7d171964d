import type { Api } from 'grammy'
import type { Update } from 'grammy/types'
import { beforeEach, describe, expect, it } from 'vitest'
import type { BotApiControl } from '../../fakes/bot-api/index.ts'
import { createKit, refusal, refusalText } from './bot-api-kit.ts'

const kit = createKit()
let api: Api
let control: BotApiControl

beforeEach(async () => {
  const fake = await kit.startFake()
  api = kit.newBot(fake).api
  control = fake.control
})

const newUpdates = async (): Promise<Update[]> => {
  const updates = await api.getUpdates()
  const last = updates.at(-1)
  if (last !== undefined) await api.getUpdates({ offset: last.update_id + 1 })
  return updates
}

describe('private chats', () => {
  it('opens for the bot when the user writes first', async () => {
    const user = await control.createUser({ languageCode: 'de', username: 'ada' })
    expect(await refusalText(api.sendMessage(user.id, 'hi'))).toBe(
      "403 Forbidden: bot can't initiate conversation with a user",
    )
    await control.say({ user: user.id, text: '/start deep_link' })
    expect(await newUpdates()).toMatchObject([
      {
        message: {
          text: '/start deep_link',
          entities: [{ type: 'bot_command', offset: 0, length: 6 }],
          chat: { id: user.id, type: 'private', username: 'ada' },
          from: { id: user.id, is_bot: false, language_code: 'de' },
        },
      },
    ])
    expect((await api.sendMessage(user.id, 'hi')).text).toBe('hi')
  })

  it('tells of a block and of its end, and refuses sends in between', async () => {
    const { id } = await control.createUser({ started: true })
    await control.blockBot(id)
    expect(await refusalText(api.sendMessage(id, 'hi'))).toBe('403 Forbidden: bot was blocked by the user')
    await expect(control.say({ user: id, text: 'x' })).rejects.toThrow('unblockBot')
    await control.unblockBot(id)
    expect(await newUpdates()).toMatchObject([
      { my_chat_member: { old_chat_member: { status: 'member' }, new_chat_member: { status: 'kicked' } } },
      { my_chat_member: { old_chat_member: { status: 'kicked' }, new_chat_member: { status: 'member' } } },
    ])
    expect((await api.sendMessage(id, 'hi')).text).toBe('hi')
  })

  it('refuses sends to deactivated users, bots, deleted and unknown chats', async () => {
    const gone = await control.createUser({ started: true })
    const robot = await control.createUser({ started: true, isBot: true })
    const lost = await control.createUser({ started: true })
    await control.deactivateUser(gone.id)
    await control.deleteChat(lost.id)
    expect(await refusalText(api.sendMessage(gone.id, 'x'))).toBe('403 Forbidden: user is deactivated')
    expect(await refusalText(api.sendMessage(robot.id, 'x'))).toContain(
      "403 Forbidden: bot can't send messages",
    )
    expect(await refusalText(api.sendMessage(lost.id, 'x'))).toBe('400 Bad Request: chat not found')
    expect(await refusalText(api.sendMessage(12_345, 'x'))).toBe('400 Bad Request: chat not found')
    expect(await refusalText(api.sendMessage('', 'x'))).toBe('400 Bad Request: chat_id is empty')
  })
})

describe('groups', () => {
  it('shows the bot only what is meant for it while privacy mode is on', async () => {
    const group = await control.createGroup()
    const say = async (text: string, replyTo?: number) => {
      const reply = replyTo === undefined ? {} : { replyTo }
      return (await control.say({ user: group.owner, chat: group.id, text, ...reply })).seenByBot
    }
    const own = await api.sendMessage(group.id, 'I am here')
    const other = await control.say({ user: group.owner, chat: group.id, text: 'hello all' })
    expect(other.seenByBot).toBe(false)
    expect(await say('/check')).toBe(true)
    expect(await say('/check@fake_test_bot 1')).toBe(true)
    expect(await say('/check@another_bot')).toBe(false)
    expect(await say('what about /check')).toBe(false)
    expect(await say('hey @fake_test_bot')).toBe(true)
    expect(await say('hey @another_bot')).toBe(false)
    expect(await say('reply to you', own.message_id)).toBe(true)
    expect(await say('reply to others', other.messageId)).toBe(false)
    await control.setPrivacy(false)
    expect(await say('now you hear me')).toBe(true)
    expect((await api.getMe()).can_read_all_group_messages).toBe(true)
  })

  it('shows an administrator bot everything, and service messages to everybody', async () => {
    const group = await control.createGroup({ bot: 'administrator' })
    expect(await control.say({ user: group.owner, chat: group.id, text: 'anything' })).toMatchObject({
      seenByBot: true,
    })
    const plain = await control.createGroup()
    const guest = await control.createUser({ firstName: 'Guest' })
    await newUpdates()
    await control.setMember({ chat: plain.id, user: guest.id, status: 'member' })
    expect(await newUpdates()).toMatchObject([{ message: { new_chat_members: [{ first_name: 'Guest' }] } }])
  })

  it('tells the bot when it is added and when it is kicked', async () => {
    const group = await control.createGroup({ bot: 'left' })
    expect(await refusalText(api.sendMessage(group.id, 'x'))).toBe(
      '403 Forbidden: bot is not a member of the group chat',
    )
    await control.addBot({ chat: group.id })
    await api.sendMessage(group.id, 'hello')
    await control.kickBot({ chat: group.id })
    expect(await newUpdates()).toMatchObject([
      { my_chat_member: { from: { id: group.owner }, new_chat_member: { status: 'member' } } },
      { message: { new_chat_members: [{ is_bot: true }] } },
      { my_chat_member: { new_chat_member: { status: 'kicked' } } },
    ])
    expect(await refusalText(api.sendMessage(group.id, 'x'))).toBe(
      '403 Forbidden: bot was kicked from the group chat',
    )
  })

  it('moves to a supergroup: the old id tells the new one', async () => {
    const group = await control.createGroup()
    const { chat } = await control.upgradeGroup({ chat: group.id })
    const error = await refusal(api.sendMessage(group.id, 'x'))
    expect(error.description).toBe('Bad Request: group chat was upgraded to a supergroup chat')
    expect(error.parameters).toEqual({ migrate_to_chat_id: chat })
    expect((await api.sendMessage(chat, 'here')).chat.type).toBe('supergroup')
    expect(await newUpdates()).toMatchObject([
      { message: { chat: { id: group.id, type: 'group' }, migrate_to_chat_id: chat } },
      { message: { chat: { id: chat, type: 'supergroup' }, migrate_from_chat_id: group.id } },
    ])
  })

  it('shows members and administrators', async () => {
    const guest = await control.createUser()
    const owner = await control.createUser()
    const stranger = await control.createUser()
    const { id } = await control.createGroup({
      type: 'supergroup',
      members: [{ user: owner.id, status: 'creator' }, { user: guest.id }],
      bot: 'administrator',
    })
    expect((await api.getChatMember(id, owner.id)).status).toBe('creator')
    expect((await api.getChatMember(id, guest.id)).status).toBe('member')
    expect((await api.getChatMember(id, stranger.id)).status).toBe('left')
    expect(await refusalText(api.getChatMember(id, 1))).toBe('400 Bad Request: user not found')
    const admins = await api.getChatAdministrators(id)
    expect(admins.map(({ user }) => user.id)).toEqual([owner.id, 4_200_001])
    expect(await api.getChat(id)).toMatchObject({ id, type: 'supergroup', title: 'Test group' })
    await control.kickBot({ chat: id })
    expect(await refusalText(api.getChat(id))).toBe('403 Forbidden: bot was kicked from the supergroup chat')
  })

  it('lets an administrator write in the name of the group, and people forward', async () => {
    const friend = await control.createUser({ firstName: 'Friend' })
    const group = await control.createGroup({ type: 'supergroup' })
    await control.say({ user: group.owner, chat: group.id, text: '/a', anonymous: true })
    await control.say({ user: group.owner, chat: group.id, text: '/b', forwardedFrom: friend.id })
    expect(await newUpdates()).toMatchObject([
      { message: { from: { username: 'GroupAnonymousBot' }, sender_chat: { id: group.id } } },
      { message: { forward_origin: { type: 'user', sender_user: { first_name: 'Friend' } } } },
    ])
  })

  it('refuses a chat action it does not know and leaves when told', async () => {
    const group = await control.createGroup()
    expect(await api.sendChatAction(group.id, 'typing')).toBe(true)
    expect(await refusalText(api.sendChatAction(group.id, 'dance' as never))).toContain(
      'wrong parameter action',
    )
    expect(await api.leaveChat(group.id)).toBe(true)
    expect(await refusalText(api.sendMessage(group.id, 'x'))).toContain('bot is not a member')
  })
})

describe('topics and channels', () => {
  it('keeps messages of a topic together', async () => {
    const group = await control.createGroup({ forum: true })
    const { topic } = await control.createTopic({ chat: group.id, name: 'Loans' })
    const asked = await control.say({ user: group.owner, chat: group.id, text: '/check', topic })
    const [created, question] = await newUpdates()
    expect(created).toMatchObject({
      message: { forum_topic_created: { name: 'Loans' }, message_thread_id: topic },
    })
    expect(question).toMatchObject({
      message: {
        chat: { is_forum: true },
        message_thread_id: topic,
        is_topic_message: true,
        reply_to_message: { message_id: topic },
      },
    })
    await api.sendMessage(group.id, 'direct', { message_thread_id: topic })
    await api.sendMessage(group.id, 'reply', { reply_parameters: { message_id: asked.messageId } })
    await api.sendMessage(group.id, 'general')
    const shown = await control.visible(group.id)
    expect(shown.slice(-3).map(({ text, topic: where }) => [text, where])).toEqual([
      ['direct', topic],
      ['reply', topic],
      ['general', null],
    ])
    await control.deleteTopic({ chat: group.id, topic })
    expect(await refusalText(api.sendMessage(group.id, 'x', { message_thread_id: topic }))).toBe(
      '400 Bad Request: message thread not found',
    )
    expect((await control.visible(group.id)).map(({ text }) => text)).toEqual(['general'])
  })

  it('posts to a channel only as an administrator', async () => {
    const channel = await control.createChannel({ username: 'news' })
    expect(await api.sendMessage('@news', 'post')).toMatchObject({
      chat: { id: channel.id, type: 'channel' },
      sender_chat: { id: channel.id },
    })
    await control.say({ user: channel.owner, chat: channel.id, text: 'from the owner' })
    expect(await newUpdates()).toMatchObject([{ channel_post: { text: 'from the owner' } }])
    await control.setMember({ chat: channel.id, user: 4_200_001, status: 'member' })
    expect(await refusalText(api.sendMessage(channel.id, 'x'))).toBe(
      '400 Bad Request: need administrator rights in the channel chat',
    )
  })
})

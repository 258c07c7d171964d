import type { ChatMember } from 'grammy/types'
import { statusIn, toChat } from './chats.ts'
import { needUser, toUser } from './users.ts'
import type { FakeChat, MemberStatus, World } from './world.ts'

/** The member object as the Bot API shows it. */
export function toChatMember(world: World, member: { user: number; status: MemberStatus }): ChatMember {
  const user = toUser(needUser(world, member.user))
  switch (member.status) {
    case 'creator':
      return { status: 'creator', user, is_anonymous: false }
    case 'administrator':
      return {
        status: 'administrator',
        user,
        can_be_edited: false,
        is_anonymous: false,
        can_manage_chat: true,
        can_delete_messages: true,
        can_manage_video_chats: true,
        can_restrict_members: true,
        can_promote_members: false,
        can_change_info: true,
        can_invite_users: true,
        can_post_stories: false,
        can_edit_stories: false,
        can_delete_stories: false,
        can_send_welcome_messages: false,
      }
    case 'member':
      return { status: 'member', user }
    case 'left':
      return { status: 'left', user }
    case 'kicked':
      return { status: 'kicked', user, until_date: 0 }
  }
}

/** Changes how somebody stands towards a chat and tells the bot, as far as it may know. */
export function changeMember(
  world: World,
  change: { chat: FakeChat; user: number; status: MemberStatus; by: number },
): void {
  const { chat, user, status, by } = change
  const before = statusIn(chat, user)
  chat.members.set(user, status)
  const isBot = user === world.bot.id
  const botRights = statusIn(chat, world.bot.id)
  world.changes.touch()
  if (before === status || (!isBot && botRights !== 'administrator')) return
  world.updates.push({
    kind: isBot ? 'my_chat_member' : 'chat_member',
    payload: {
      chat: toChat(world, chat),
      from: toUser(needUser(world, by)),
      date: world.clock.seconds(),
      old_chat_member: toChatMember(world, { user, status: before }),
      new_chat_member: toChatMember(world, { user, status }),
    },
  })
}

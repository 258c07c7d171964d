import type { UserFromGetMe } from 'grammy/types'
import { unauthorized } from '../api-error.ts'
import { toUser } from '../users.ts'
import type { Method, MethodTable } from './call.ts'

const getMe: Method<'getMe'> = ({ world }): UserFromGetMe => ({
  ...toUser(world.bot),
  is_bot: true,
  username: world.options.username,
  can_join_groups: true,
  can_read_all_group_messages: !world.privacy,
  supports_guest_queries: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
  has_topics_enabled: false,
  allows_users_to_create_topics: false,
  can_manage_bots: false,
  supports_join_request_queries: false,
})

const logOut: Method<'logOut'> = ({ world }) => {
  if (world.loggedOut) throw unauthorized()
  world.loggedOut = true
  world.updates.terminatePoll('terminated by log out')
  return true
}

const close: Method<'close'> = () => true

/** The methods about the bot itself. */
export const botMethods = { getMe, logOut, close } satisfies MethodTable

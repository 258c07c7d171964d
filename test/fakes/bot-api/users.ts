import type { User } from 'grammy/types'
import { defined } from './defined.ts'
import type { FakeUser, World } from './world.ts'

const ANONYMOUS_ADMIN_ID = 1_087_968_824

/** The user object as the Bot API shows it. */
export function toUser(user: FakeUser): User {
  return {
    id: user.id,
    is_bot: user.isBot,
    first_name: user.firstName,
    ...defined({
      last_name: user.lastName ?? undefined,
      username: user.username ?? undefined,
      language_code: user.languageCode ?? undefined,
    }),
  }
}

/** A known user; throws for the test's author when there is none. */
export function needUser(world: World, id: number): FakeUser {
  const user = world.users.get(id)
  if (user === undefined) throw new Error(`The fake knows no user ${id}. Call createUser first.`)
  return user
}

/** The sender Telegram shows for an administrator who writes in the name of the group. */
export function anonymousAdmin(): User {
  return { id: ANONYMOUS_ADMIN_ID, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' }
}

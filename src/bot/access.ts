import type { Context } from 'grammy'

export interface AccessDeps {
  readonly onError: (error: unknown) => void
}

export type Access = 'allowed' | 'not-an-admin' | 'unknown'

/** Whether this chat may use the bot at all. */
export function isAllowedChat(allowedChats: readonly number[], chatId: number): boolean {
  return allowedChats.length === 0 || allowedChats.includes(chatId)
}

/** Telegram's own bot that posts for anonymous admins. */
const ANONYMOUS_ADMIN_ID = 1087968824

/**
 * Whether the sender may change settings of this chat: anybody in a private chat, the people who write in a channel, and
 * admins in groups. Asked of Telegram each time: a right that was taken away must count at once.
 */
export async function mayChangeSettings(ctx: Context, deps: AccessDeps): Promise<Access> {
  const { chat, from } = ctx
  if (!chat) return 'unknown'
  if (chat.type === 'private' || chat.type === 'channel') return 'allowed'
  if (from?.id === ANONYMOUS_ADMIN_ID && ctx.msg?.sender_chat?.id === chat.id) return 'allowed'
  if (!from) return 'unknown'
  try {
    const member = await ctx.api.getChatMember(chat.id, from.id)
    return member.status === 'creator' || member.status === 'administrator' ? 'allowed' : 'not-an-admin'
  } catch (error) {
    deps.onError(error)
    return 'unknown'
  }
}

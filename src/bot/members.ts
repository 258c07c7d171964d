import type { Bot } from 'grammy'
import type { BotStore } from '../../db/bot-store.ts'
import { keyboard } from '../views/keyboard.ts'
import type { View } from '../views/view.ts'

export interface MembersDeps {
  readonly store: BotStore
  /** What the bot says when it is added to a group. */
  readonly welcome: View
  readonly isAllowed: (chatId: number) => boolean
}

const GONE = new Set(['left', 'kicked'])

/** Blocked, unblocked, added, thrown out, and groups that become supergroups. */
export function registerMembers(bot: Bot, { store, welcome, isAllowed }: MembersDeps): void {
  bot.on('my_chat_member', async (ctx) => {
    const { old_chat_member: before, new_chat_member: after, chat } = ctx.myChatMember
    if (GONE.has(after.status)) {
      await store.unreachable(chat.id)
      return
    }
    const mayWrite = after.status !== 'restricted' || after.can_send_messages
    if (!mayWrite || !isAllowed(chat.id)) return
    // Also when only its rights came back: it may have been given up for the lack of them.
    await store.meet({ id: chat.id, kind: chat.type })
    if (!GONE.has(before.status)) return
    if (chat.type !== 'private' && chat.type !== 'channel') {
      await ctx.api.sendMessage(chat.id, welcome.body.text, {
        entities: welcome.body.entities,
        ...keyboard(welcome),
      })
    }
  })
  bot.on('message:migrate_to_chat_id', async (ctx) => {
    await store.move(ctx.chat.id, ctx.msg.migrate_to_chat_id)
  })
}

import { FormattedString } from '@grammyjs/parse-mode'
import { Bot, type Context, type Transformer } from 'grammy'
import type { Finding } from '../domain/finding.ts'
import { doctorView } from '../views/doctor.ts'
import { keyboard } from '../views/keyboard.ts'
import { poolsOffView, poolsPausedView } from '../views/pools/switched-off.ts'
import { type Stats, statsView } from '../views/stats.ts'
import { type View, view } from '../views/view.ts'
import { startView } from '../views/welcome.ts'
import { isAllowedChat } from './access.ts'
import { registerAlertButtons } from './alert-buttons.ts'
import { createAnswering } from './answering.ts'
import { createChatQueue } from './chat-queue.ts'
import type { CommandDeps, CommandEntry } from './command.ts'
import { buttonTable, commandTable } from './command-table.ts'
import { pasteCommand } from './commands/check.ts'
import { registerMembers } from './members.ts'
import { createPoolFilters } from './pool-filters.ts'
import type { Quota } from './quota.ts'

export interface BotDeps extends Omit<CommandDeps, 'say' | 'poolFilters'> {
  readonly token: string
  readonly apiRoot: string
  readonly adminIds: readonly number[]
  /** Chats that may use the bot; empty = everybody. */
  readonly allowedChats: readonly number[]
  readonly quota: Quota
  readonly stats: () => Promise<Stats>
  /** The operator's self-check. */
  readonly doctor: () => Promise<readonly Finding[]>
  readonly newReference: () => string
  readonly onError: (error: unknown, reference: string) => void
  readonly onAdminCall: (userId: number, command: string) => void
  readonly onLook: (ms: number) => void
  /** Lets what is said in chats out at Telegram's pace. */
  readonly pace: Transformer
}

const POLL_TIMEOUT_S = 40
const ADDRESS_INSIDE = /0x[0-9a-f]{40}/i

/** The Telegram side of the commands: updates in, views out. It decides nothing about loans. */
export function createBot(given: BotDeps): { bot: Bot; idle: () => Promise<void> } {
  const bot = new Bot(given.token, { client: { apiRoot: given.apiRoot, timeoutSeconds: POLL_TIMEOUT_S } })
  bot.api.config.use(given.pace)
  const queue = createChatQueue()
  const deps: BotDeps & CommandDeps = { ...given, say, poolFilters: createPoolFilters() }
  const onError = (error: unknown): void => {
    deps.onError(error, deps.newReference())
  }
  const access = { onError }
  const answer = createAnswering({ ...deps, queue, access })
  const isAllowed = (chatId: number): boolean => isAllowedChat(deps.allowedChats, chatId)

  bot.use(async (ctx, next) => {
    if (!ctx.chat || isAllowed(ctx.chat.id)) {
      // Whoever speaks can be reached again, whatever they say.
      if (ctx.chat && ctx.message)
        await deps.store.meet({ id: ctx.chat.id, kind: ctx.chat.type }).catch(onError)
      await next()
    } else if (ctx.chat.type === 'private' && ctx.message) await ctx.reply(PRIVATE_BOT)
  })
  registerMembers(bot, { store: deps.store, welcome: startView(deps.protocols, false), isAllowed })

  for (const [name, entry] of Object.entries(commandTable(deps))) {
    bot.command(name, (ctx) => answer(ctx, { entry, text: ctx.match }))
  }
  registerAdminCommand('stats', async () => statsView(await deps.stats()))
  registerAdminCommand('doctor', async () => doctorView(await deps.doctor()))
  registerAdminCommand('poolpause', () => pausePools(true))
  registerAdminCommand('poolresume', () => pausePools(false))
  bot.on(['message::bot_command', 'channel_post::bot_command'], async (ctx, next) => {
    // In a group a command without our name may well be for another bot.
    if (ctx.chat.type === 'private' || isNamed(ctx)) await answer(ctx, { entry: UNKNOWN_COMMAND, text: '' })
    else await next()
  })
  const paste: CommandEntry = { command: pasteCommand(deps), looks: true }
  bot.on('message:text', async (ctx) => {
    const { text } = ctx.msg
    const addressed = ctx.msg.reply_to_message?.from?.id === ctx.me.id || isNamed(ctx)
    if (ctx.chat.type === 'private') await answer(ctx, { entry: paste, text })
    else if (addressed && ADDRESS_INSIDE.test(text)) {
      await answer(ctx, { entry: paste, text: text.replaceAll(`@${ctx.me.username}`, ' ') })
    }
  })

  registerButtons()
  bot.catch(({ error }) => {
    onError(error)
  })
  return { bot, idle: () => queue.idle() }

  async function pausePools(paused: boolean): Promise<View> {
    if (!deps.pools) return poolsOffView()
    await deps.pools.pause(paused)
    return poolsPausedView(paused)
  }

  async function say(chatId: number, shown: View): Promise<void> {
    const { text, entities } = shown.body
    await bot.api.sendMessage(chatId, text, { entities, ...keyboard(shown) }).catch(onError)
  }

  /** For anybody else, and in groups, there is no such command. */
  function registerAdminCommand(name: string, show: () => Promise<View>): void {
    const entry: CommandEntry = { command: () => Promise.resolve(show) }
    bot.command(name, async (ctx, next) => {
      const userId = ctx.from?.id
      if (ctx.chat.type !== 'private' || userId === undefined || !deps.adminIds.includes(userId)) {
        await next()
        return
      }
      deps.onAdminCall(userId, name)
      await answer(ctx, { entry, text: '' })
    })
  }

  function registerButtons(): void {
    const buttons = buttonTable(deps)
    registerAlertButtons(bot, { ...deps, queue, access })
    bot.callbackQuery('example', (ctx) => ctx.answerCallbackQuery({ text: 'This is only an example.' }))
    bot.on('callback_query:data', async (ctx) => {
      const [, action = '', text = ''] = /^([^:]*):?(.*)$/s.exec(ctx.callbackQuery.data) ?? []
      const entry = Object.hasOwn(buttons, action) ? buttons[action] : undefined
      if (entry) await answer(ctx, { entry, text, tapped: true })
      else await ctx.answerCallbackQuery({ text: 'This button has expired.' })
    })
    bot.on('callback_query', (ctx) => ctx.answerCallbackQuery({ text: 'This button has expired.' }))
  }
}

const PRIVATE_BOT = 'This bot is for other chats. It is open source: you can run your own.'

const UNKNOWN_COMMAND: CommandEntry = {
  command: () =>
    Promise.resolve(
      view(new FormattedString('I do not know this command. /help shows what I can do.'), [
        [{ text: 'Help', data: 'help' }],
      ]),
    ),
}

/** Whether the text names this bot: `@name`, alone or behind a command. */
function isNamed(ctx: Context): boolean {
  return ctx.msg?.text?.toLowerCase().includes(`@${ctx.me.username.toLowerCase()}`) ?? false
}

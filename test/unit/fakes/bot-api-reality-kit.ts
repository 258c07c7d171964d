// One bot and two stages to put it on: the npm package telegram-test-api, and our fake.
import { Bot, type Context, InlineKeyboard } from 'grammy'
import type { Update } from 'grammy/types'
import { TelegramServer } from 'telegram-test-api/lib/telegramServer.js'
import { findFreePort } from '../../chain/free-port.ts'
import { createFakeBotApi } from '../../fakes/bot-api/index.ts'

export const ADA = { id: 1001, firstName: 'Ada', username: 'ada_l' }

/** A message of the bot as a person sees it. */
export interface Shown {
  readonly text: string
  readonly buttons: readonly (readonly {
    readonly text: string
    readonly data?: string
    readonly url?: string
  }[])[]
}

/** Where a bot can be put on: a Bot API server, and the person in front of it. */
export interface Stage {
  readonly apiRoot: string
  readonly token: string
  /** Ada writes plain words. */
  say(text: string): Promise<void>
  /** Ada sends a command as a client of Telegram does, with its entity. */
  command(text: string): Promise<void>
  /** Ada presses a button under a message of the bot. */
  press(button: { messageId: number; data: string }): Promise<void>
  /** What the bot has written and what is still there. */
  shown(): Promise<Shown[]>
  stop(): Promise<unknown>
}

interface PackageMessage {
  readonly text?: string
  readonly reply_markup?: { readonly inline_keyboard?: readonly Shown['buttons'][number][] }
}

/** The npm package; it has no port of its own choosing, and the one that was found free may be gone. */
export async function createPackageStage(): Promise<Stage> {
  const token = '666:a-token-for-the-package'
  const server = await startPackage()
  const client = server.getClient(token, {
    userId: ADA.id,
    chatId: ADA.id,
    firstName: ADA.firstName,
    userName: ADA.username,
  })
  return {
    apiRoot: server.config.apiURL,
    token,
    say: async (text) => {
      await client.sendMessage(client.makeMessage(text))
    },
    command: async (text) => {
      await client.sendCommand(client.makeCommand(text))
    },
    press: async ({ messageId, data }) => {
      await client.sendCallback(client.makeCallbackQuery(data, { message: { message_id: messageId } }))
    },
    shown: () =>
      Promise.resolve(
        server.storage.botMessages.map(({ message }) => {
          const { text = '', reply_markup } = message as PackageMessage
          const rows = reply_markup?.inline_keyboard ?? []
          return { text, buttons: rows.map((row) => row.map(toButton)) }
        }),
      ),
    stop: () => server.stop(),
  }
}

async function startPackage(): Promise<TelegramServer> {
  for (let attempt = 1; ; attempt += 1) {
    const server = new TelegramServer({ host: '127.0.0.1', port: await findFreePort() })
    try {
      await server.start()
      return server
    } catch (error) {
      if (attempt === 5) throw error
    }
  }
}

function toButton(button: unknown): Shown['buttons'][number][number] {
  const { text, callback_data, url } = button as { text: string; callback_data?: string; url?: string }
  return {
    text,
    ...(callback_data !== undefined && { data: callback_data }),
    ...(url !== undefined && { url }),
  }
}

export async function createFakeStage(): Promise<Stage> {
  const fake = await createFakeBotApi()
  await fake.control.createUser({ ...ADA, started: true })
  const say = async (text: string) => {
    await fake.control.say({ user: ADA.id, text })
  }
  return {
    apiRoot: fake.url,
    token: fake.token,
    say,
    command: say,
    press: async ({ messageId, data }) => {
      await fake.control.tap({ user: ADA.id, messageId, data })
    },
    shown: async () =>
      (await fake.control.visible(ADA.id))
        .filter(({ from }) => from === 'bot')
        .map(({ text, buttons }) => ({ text, buttons })),
    stop: () => fake.stop(),
  }
}

/** An answer of the Bot API. */
export interface Heard {
  readonly method: string
  readonly result: unknown
}

/** The bot on its stage, one step at a time: nothing here waits for a clock. */
export interface Play {
  readonly stage: Stage
  readonly bot: Bot
  /** Lets the bot handle what came in; answers with the updates. */
  readonly turn: () => Promise<Update[]>
  /** Every answer but those to getUpdates. */
  readonly answers: readonly Heard[]
}

export async function createPlay(stage: Stage): Promise<Play> {
  const answers: Heard[] = []
  const bot = new Bot(stage.token, { client: { apiRoot: stage.apiRoot, timeoutSeconds: 10 } })
  bot.api.config.use(async (call, ...request) => {
    const [method] = request
    const answer = await call(...request)
    if (answer.ok && method !== 'getUpdates') answers.push({ method, result: answer.result })
    return answer
  })
  addHandlers(bot)
  await bot.init()
  let offset = 0
  return {
    stage,
    bot,
    answers,
    async turn() {
      const updates = await bot.api.getUpdates({ offset })
      for (const update of updates) {
        offset = update.update_id + 1
        await bot.handleUpdate(update)
      }
      return updates
    },
  }
}

function addHandlers(bot: Bot): void {
  const closed = new InlineKeyboard().text('More', 'open:1').url('Site', 'https://buoy.example')
  const open = new InlineKeyboard().text('Less', 'close:1').row().text('Away', 'away:1')
  bot.command('start', (context) => context.reply(`Hello, ${nameOf(context)}`, { reply_markup: closed }))
  bot.callbackQuery('open:1', async (context) => {
    await context.answerCallbackQuery({ text: 'opened' })
    await context.editMessageText('All of it', { reply_markup: open })
  })
  bot.callbackQuery('close:1', async (context) => {
    await context.answerCallbackQuery()
    await context.editMessageText('Some of it', { reply_markup: closed })
  })
  bot.callbackQuery('away:1', async (context) => {
    await context.answerCallbackQuery()
    await context.deleteMessage()
  })
  bot.on('message:text', (context) => context.reply(`You said: ${context.message.text}`))
}

function nameOf(context: Context): string {
  return context.from?.first_name ?? 'nobody'
}

import type { Bot } from 'grammy'
import { beforeEach, describe, expect, it } from 'vitest'
import type { FakeBotApi } from '../../fakes/bot-api/index.ts'
import { createKit, refusalText } from './bot-api-kit.ts'

const kit = createKit()
let fake: FakeBotApi
let bot: Bot
let user: number

beforeEach(async () => {
  fake = await kit.startFake()
  bot = kit.newBot(fake)
  user = (await fake.control.createUser({ started: true })).id
})

const sendButtons = () =>
  bot.api.sendMessage(user, 'pick', {
    reply_markup: {
      inline_keyboard: [
        [
          { text: 'Seen', callback_data: 'seen:1' },
          { text: 'Site', url: 'https://a.example' },
        ],
      ],
    },
  })

describe('presses', () => {
  it('reach the bot, and the person sees its answer and its edit', async () => {
    bot.callbackQuery(/^seen:(\d+)$/, async (context) => {
      await context.editMessageText(`seen ${context.match[1] ?? ''}`)
      await context.answerCallbackQuery({ text: 'noted', show_alert: true })
    })
    await kit.startBot(bot, fake).polling
    const sent = await sendButtons()
    const answer = await fake.control.press({ user, text: 'Seen' })
    expect(answer).toEqual({ text: 'noted', showAlert: true, url: null, cacheTime: 0 })
    const [message] = await fake.control.visible(user)
    expect(message).toMatchObject({ id: sent.message_id, text: 'seen 1', edited: true, buttons: [] })
  })

  it('carry the message, the person and the data', async () => {
    const sent = await sendButtons()
    const { queryId } = await fake.control.tap({ user, messageId: sent.message_id, data: 'seen:1' })
    expect(await bot.api.getUpdates()).toMatchObject([
      {
        callback_query: {
          id: queryId,
          from: { id: user },
          data: 'seen:1',
          chat_instance: String(user),
          message: { message_id: sent.message_id, text: 'pick' },
        },
      },
    ])
  })

  it('work only on buttons that are there and have data', async () => {
    await sendButtons()
    await expect(fake.control.tap({ user, text: 'Sight' })).rejects.toThrow('Buttons there: "Seen" (seen:1)')
    await expect(fake.control.tap({ user, text: 'Site' })).rejects.toThrow('cannot be pressed')
  })

  it('can be forced on an outdated screen', async () => {
    const sent = await sendButtons()
    await bot.api.deleteMessage(user, sent.message_id)
    await fake.control.tap({ user, messageId: sent.message_id, data: 'seen:0', force: true })
    expect(await bot.api.getUpdates()).toMatchObject([
      { callback_query: { data: 'seen:0', message: { message_id: sent.message_id, date: 0 } } },
    ])
  })

  it('explain themselves when the bot does not answer', async () => {
    await sendButtons()
    await expect(fake.control.press({ user, text: 'Seen', timeoutMs: 10 })).rejects.toThrow(
      /answer to the press on "Seen"[^]*#\d+ bot: "pick" \[Seen \| Site\]/,
    )
  })

  it('cannot be answered too late or for an unknown query', async () => {
    const tooOld = '400 Bad Request: query is too old and response timeout expired or query ID is invalid'
    await sendButtons()
    const { queryId } = await fake.control.tap({ user, text: 'Seen' })
    expect(await refusalText(bot.api.answerCallbackQuery('123'))).toBe(tooOld)
    await fake.control.advance(61_000)
    expect(await refusalText(bot.api.answerCallbackQuery(queryId))).toBe(tooOld)
    expect(await fake.control.callbackAnswer(queryId)).toBeNull()
  })

  it('keep their first answer, and refuse one that is too long', async () => {
    await sendButtons()
    const { queryId } = await fake.control.tap({ user, text: 'Seen' })
    const long = bot.api.answerCallbackQuery(queryId, { text: 'x'.repeat(201) })
    expect(await refusalText(long)).toBe('400 Bad Request: MESSAGE_TOO_LONG')
    await bot.api.answerCallbackQuery(queryId, { text: 'one' })
    await bot.api.answerCallbackQuery(queryId, { text: 'two' })
    expect(await fake.control.callbackAnswer(queryId)).toMatchObject({ text: 'one' })
  })
})

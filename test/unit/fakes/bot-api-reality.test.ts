import type { Update } from 'grammy/types'
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest'
import type { Answer, MethodName } from '../../fakes/bot-api/methods/call.ts'
import { METHODS } from '../../fakes/bot-api/methods/table.ts'
import { createKit, refusal, refusalText } from './bot-api-kit.ts'
import {
  ADA,
  createFakeStage,
  createPackageStage,
  createPlay,
  type Heard,
  type Play,
  type Shown,
} from './bot-api-reality-kit.ts'

const plays: Play[] = []

afterEach(async () => {
  for (const { stage } of plays.splice(0)) await stage.stop()
})

async function open() {
  const [byPackage, byFake] = [
    await createPlay(await createPackageStage()),
    await createPlay(await createFakeStage()),
  ]
  plays.push(byPackage, byFake)
  return { byPackage, byFake }
}

/** Every screen Ada sees, and every update the bot gets, from the first command to the last press. */
async function perform(play: Play): Promise<{ screens: Shown[][]; updates: Update[] }> {
  const { stage, turn } = play
  const screens: Shown[][] = []
  const updates: Update[] = []
  const scenes = [
    () => stage.command('/start'),
    () => stage.press({ messageId: lastSent(play), data: 'open:1' }),
    () => stage.press({ messageId: lastSent(play), data: 'close:1' }),
    () => stage.press({ messageId: lastSent(play), data: 'open:1' }),
    () => stage.press({ messageId: lastSent(play), data: 'away:1' }),
    () => stage.say('good night'),
    () => stage.command('/start again with words'),
  ]
  for (const scene of scenes) {
    await scene()
    updates.push(...(await turn()))
    screens.push(await stage.shown())
  }
  return { screens, updates }
}

function lastSent({ answers }: Play): number {
  const sent = answers.findLast(({ method }) => method === 'sendMessage')?.result
  return (sent as { message_id: number }).message_id
}

/** What both must agree on; ids of updates and messages and times are each server's own. */
function essence(update: Update): unknown {
  const { message, callback_query: query } = update
  const from = message?.from ?? query?.from
  const chat = message?.chat ?? query?.message?.chat
  return {
    kind: Object.keys(update).filter((key) => key !== 'update_id'),
    text: message?.text,
    commands: message?.entities?.filter(({ type }) => type === 'bot_command'),
    data: query?.data,
    from: from && { id: from.id, name: from.first_name, username: from.username, isBot: from.is_bot },
    chat: chat && { id: chat.id, type: chat.type },
  }
}

/** Where a result is the same as another, member by member: their types. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shape(member)]))
}

function resultsOf(answers: readonly Heard[], method: string): unknown[] {
  return answers.filter((answer) => answer.method === method).map(({ result }) => result)
}

describe('the same bot over telegram-test-api and over the fake', () => {
  it('shows a person the same messages, keyboards, edits and deletions', async () => {
    const { byPackage, byFake } = await open()
    const [package_, fake] = [await perform(byPackage), await perform(byFake)]
    expect(fake.screens).toEqual(package_.screens)
    const closed = [
      [
        { text: 'More', data: 'open:1' },
        { text: 'Site', url: 'https://buoy.example' },
      ],
    ]
    const opened = [[{ text: 'Less', data: 'close:1' }], [{ text: 'Away', data: 'away:1' }]]
    expect(fake.screens).toEqual([
      [{ text: 'Hello, Ada', buttons: closed }],
      [{ text: 'All of it', buttons: opened }],
      [{ text: 'Some of it', buttons: closed }],
      [{ text: 'All of it', buttons: opened }],
      [],
      [{ text: 'You said: good night', buttons: [] }],
      [
        { text: 'You said: good night', buttons: [] },
        { text: 'Hello, Ada', buttons: closed },
      ],
    ])
  })

  it('gets the same updates: text, command, data, person and chat', async () => {
    const { byPackage, byFake } = await open()
    const [package_, fake] = [await perform(byPackage), await perform(byFake)]
    expect(fake.updates.map(essence)).toEqual(package_.updates.map(essence))
    expect(fake.updates.map(essence)[0]).toEqual({
      kind: ['message'],
      text: '/start',
      commands: [{ type: 'bot_command', offset: 0, length: 6 }],
      data: undefined,
      from: { id: ADA.id, name: 'Ada', username: 'ada_l', isBot: false },
      chat: { id: ADA.id, type: 'private' },
    })
  })

  it('hears answers of the same shape where both of them answer', async () => {
    const { byPackage, byFake } = await open()
    await perform(byPackage)
    await perform(byFake)
    const methods = ({ answers }: Play) => answers.map(({ method }) => method)
    expect(methods(byFake)).toEqual(methods(byPackage))
    const [one, other] = [
      resultsOf(byPackage.answers, 'sendMessage'),
      resultsOf(byFake.answers, 'sendMessage'),
    ]
    for (const [index, sent] of one.entries()) {
      const { message_id, date, text, reply_markup, chat } = sent as Record<string, object>
      const { id, type } = chat as Record<string, unknown>
      const common = { message_id, date, text, chat: { id, type }, ...(reply_markup && { reply_markup }) }
      expect(other[index]).toMatchObject({ text, ...(reply_markup && { reply_markup }), chat: { id, type } })
      expect(shape(other[index])).toMatchObject(shape(common) as object)
    }
  })
})

describe('where the package is known to differ from Telegram, the fake', () => {
  async function performBoth() {
    const { byPackage, byFake } = await open()
    return { byPackage, byFake, package_: await perform(byPackage), fake: await perform(byFake) }
  }

  it('answers an edit with the message and everything else with true, not with null', async () => {
    const { byPackage, byFake } = await performBoth()
    for (const method of ['editMessageText', 'deleteMessage', 'answerCallbackQuery']) {
      expect(new Set(resultsOf(byPackage.answers, method))).toEqual(new Set([null]))
    }
    const edit = { text: 'All of it', edit_date: expect.any(Number) as number, chat: { id: ADA.id } }
    expect(resultsOf(byFake.answers, 'editMessageText')[0]).toMatchObject(edit)
    for (const method of ['deleteMessage', 'answerCallbackQuery']) {
      expect(new Set(resultsOf(byFake.answers, method))).toEqual(new Set([true]))
    }
  })

  it('has the whole of getMe, dates in seconds, and a sender in what the bot sent', async () => {
    const { byPackage, byFake } = await performBoth()
    expect(resultsOf(byPackage.answers, 'getMe')[0]).not.toHaveProperty('is_bot')
    expect(resultsOf(byFake.answers, 'getMe')[0]).toMatchObject({ is_bot: true, can_join_groups: true })
    const sent = ({ answers }: Play) => resultsOf(answers, 'sendMessage')[0] as Record<string, unknown>
    const [one, other] = [sent(byPackage), sent(byFake)]
    expect(String(one['date'])).toHaveLength(13)
    expect(String(other['date'])).toHaveLength(10)
    expect(one).not.toHaveProperty('from')
    expect(one).toHaveProperty('chat_id')
    expect(other).toMatchObject({ from: { is_bot: true } })
    expect(other).not.toHaveProperty('chat_id')
  })

  it('gives a press its chat_instance and the message with its text and keyboard', async () => {
    const { package_, fake } = await performBoth()
    const press = (updates: readonly Update[]) =>
      updates.find(({ callback_query }) => callback_query)?.callback_query
    expect(press(package_.updates)).not.toHaveProperty('chat_instance')
    expect(press(package_.updates)?.message).not.toHaveProperty('text')
    expect(press(fake.updates)).toMatchObject({
      chat_instance: expect.any(String) as string,
      message: { text: 'Hello, Ada', from: { is_bot: true }, reply_markup: { inline_keyboard: [[{}, {}]] } },
    })
  })

  it('finds the command in a text by itself', async () => {
    const { byPackage, byFake } = await open()
    for (const { stage } of [byPackage, byFake]) await stage.say('/start')
    expect((await byPackage.turn())[0]?.message).not.toHaveProperty('entities')
    expect((await byFake.turn())[0]?.message?.entities).toEqual([
      { type: 'bot_command', offset: 0, length: 6 },
    ])
  })

  it('gives an update again until it is confirmed', async () => {
    const { byPackage, byFake } = await open()
    for (const { stage, bot } of [byPackage, byFake]) {
      await stage.say('x')
      expect(await bot.api.getUpdates()).toHaveLength(1)
    }
    expect(await byPackage.bot.api.getUpdates()).toHaveLength(0)
    expect(await byFake.bot.api.getUpdates()).toHaveLength(1)
  })

  it('takes the keyboard away with an edit that brings none, and knows what was deleted', async () => {
    const { byPackage, byFake } = await open()
    for (const play of [byPackage, byFake]) {
      await play.stage.command('/start')
      await play.turn()
      await play.bot.api.editMessageText(ADA.id, lastSent(play), 'bare')
    }
    expect((await byPackage.stage.shown())[0]).toMatchObject({ text: 'bare', buttons: [[{}, {}]] })
    expect((await byFake.stage.shown())[0]).toEqual({ text: 'bare', buttons: [] })
    const missing = { text: 'x', chat: ADA.id, id: 123_456 }
    expect(await byPackage.bot.api.editMessageText(missing.chat, missing.id, missing.text)).toBeNull()
    expect(await refusalText(byFake.bot.api.editMessageText(missing.chat, missing.id, missing.text))).toBe(
      '400 Bad Request: message to edit not found',
    )
  })

  it('refuses what Telegram refuses, and has the methods the package lacks', async () => {
    const { byPackage, byFake } = await open()
    const [packageApi, api] = [byPackage.bot.api, byFake.bot.api]
    const long = 'x'.repeat(5_000)
    expect(await packageApi.sendMessage(ADA.id, long)).toMatchObject({ text: long })
    expect(await refusalText(api.sendMessage(ADA.id, long))).toBe('400 Bad Request: message is too long')
    expect(await packageApi.sendMessage(ADA.id, '')).toMatchObject({ text: '' })
    expect(await refusalText(api.sendMessage(ADA.id, ''))).toBe('400 Bad Request: message text is empty')
    const commands = [{ command: 'start', description: 'Begin' }]
    expect(await refusal(packageApi.setMyCommands(commands))).toMatchObject({ error_code: undefined })
    expect(await api.setMyCommands(commands)).toBe(true)
  })
})

describe('the words of refusals', () => {
  const kit = createKit()

  // As in the source of Telegram's own server (tdlib/telegram-bot-api, Client.cpp), read on 2026-11-22.
  it('are those of the server', async () => {
    const fake = await kit.startFake()
    const { api } = kit.newBot(fake)
    const { control } = fake
    await control.createUser({ ...ADA, started: true })
    const ids = { kicked: -5, left: -6, upgraded: -7, channel: -8, gone: 9 }
    await control.createGroup({ id: ids.kicked, bot: 'kicked' })
    await control.createGroup({ id: ids.left, bot: 'left' })
    await control.createGroup({ id: ids.upgraded })
    const { chat: supergroup } = await control.upgradeGroup({ chat: ids.upgraded })
    await control.createChannel({ id: ids.channel, bot: 'left' })
    await control.createUser({ id: ids.gone, started: true })
    await control.deactivateUser(ids.gone)
    const said = await Promise.all([
      refusalText(api.sendMessage('', 'x')),
      refusalText(api.sendMessage(404, 'x')),
      refusalText(api.sendMessage(ids.kicked, 'x')),
      refusalText(api.sendMessage(ids.left, 'x')),
      refusalText(api.sendMessage(ids.upgraded, 'x')),
      refusalText(api.sendMessage(ids.channel, 'x')),
      refusalText(api.sendMessage(ids.gone, 'x')),
      refusalText(api.deleteMessage(ADA.id, 404)),
      refusalText(api.raw.deleteMessage({ chat_id: ADA.id, message_id: Number.NaN })),
      refusalText(api.answerCallbackQuery('1')),
      refusalText(api.getFile('')),
      refusalText(api.sendMessage(ADA.id, 'x', { reply_markup: { inline_keyboard: [{}] as never } })),
    ])
    expect(said).toEqual([
      '400 Bad Request: chat_id is empty',
      '400 Bad Request: chat not found',
      '403 Forbidden: bot was kicked from the group chat',
      '403 Forbidden: bot is not a member of the group chat',
      '400 Bad Request: group chat was upgraded to a supergroup chat',
      '403 Forbidden: bot is not a member of the channel chat',
      '403 Forbidden: user is deactivated',
      '400 Bad Request: message to delete not found',
      '400 Bad Request: message identifier is not specified',
      '400 Bad Request: query is too old and response timeout expired or query ID is invalid',
      '400 Bad Request: file_id not specified',
      '400 Bad Request: field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays',
    ])
    const moved = await refusal(api.sendMessage(ids.upgraded, 'x'))
    expect(moved.parameters).toEqual({ migrate_to_chat_id: supergroup })
  })
})

describe('every method of the fake', () => {
  it('is one of Telegram’s, and answers with the type that Telegram answers with', () => {
    type Fake = typeof METHODS
    type Answers = { [M in keyof Fake & MethodName]: Awaited<ReturnType<Fake[M]>> }
    expectTypeOf<keyof Fake>().toExtend<MethodName>()
    expectTypeOf<Answers>().toExtend<{ [M in keyof Answers]: Answer<M> }>()
    expect(Object.keys(METHODS)).toContain('sendMessage')
  })
})

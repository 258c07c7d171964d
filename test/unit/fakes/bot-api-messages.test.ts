import type { Api } from 'grammy'
import { beforeEach, describe, expect, it } from 'vitest'
import type { BotApiControl } from '../../fakes/bot-api/index.ts'
import { createKit, refusal, refusalText } from './bot-api-kit.ts'

const kit = createKit()
let api: Api
let control: BotApiControl
let chat: number

beforeEach(async () => {
  const fake = await kit.startFake()
  api = kit.newBot(fake).api
  control = fake.control
  chat = (await control.createUser({ started: true, firstName: 'Ada' })).id
})

describe('sending text', () => {
  it('answers with a message shaped as on Telegram', async () => {
    const sent = await api.sendMessage(chat, 'see /help', { disable_notification: true })
    expect(sent).toMatchObject({
      message_id: 1,
      chat: { id: chat, type: 'private', first_name: 'Ada' },
      from: { id: 4_200_001, is_bot: true, username: 'fake_test_bot' },
      text: 'see /help',
      entities: [{ type: 'bot_command', offset: 4, length: 5 }],
    })
    expect(String(sent.date)).toHaveLength(10)
    expect(await control.visible(chat)).toMatchObject([
      { id: 1, from: 'bot', user: null, kind: 'text', text: 'see /help', silent: true, edited: false },
    ])
  })

  it('takes text of 4096 UTF-16 units and no more, after the marks are gone', async () => {
    expect((await api.sendMessage(chat, 'x'.repeat(4096))).text).toHaveLength(4096)
    expect(
      (await api.sendMessage(chat, `<b>${'x'.repeat(4096)}</b>`, { parse_mode: 'HTML' })).text,
    ).toHaveLength(4096)
    expect(await refusalText(api.sendMessage(chat, 'x'.repeat(4097)))).toBe(
      '400 Bad Request: message is too long',
    )
    expect(await refusalText(api.sendMessage(chat, '😀'.repeat(2049)))).toBe(
      '400 Bad Request: message is too long',
    )
  })

  it('refuses empty text', async () => {
    expect(await refusalText(api.sendMessage(chat, ''))).toBe('400 Bad Request: message text is empty')
    expect(await refusalText(api.sendMessage(chat, ' \n '))).toBe('400 Bad Request: text must be non-empty')
    expect(await control.visible(chat)).toEqual([])
  })

  it('trims the text and moves the entities with it', async () => {
    const sent = await api.sendMessage(chat, '\n bold \n', {
      entities: [{ type: 'bold', offset: 2, length: 5 }],
    })
    expect(sent).toMatchObject({ text: 'bold', entities: [{ type: 'bold', offset: 0, length: 4 }] })
  })
})

describe('entities', () => {
  const send = (text: string, entity: { offset: number; length: number }) =>
    api.sendMessage(chat, text, { entities: [{ type: 'bold', ...entity }] })

  it('counts UTF-16 units: an emoji is two', async () => {
    const sent = await send('😀 ok', { offset: 3, length: 2 })
    expect(sent.entities).toEqual([{ type: 'bold', offset: 3, length: 2 }])
    expect((await send('😀', { offset: 0, length: 2 })).entities).toHaveLength(1)
  })

  it.each([
    { what: 'ends after the text', text: 'abc', at: [1, 3], reason: 'ends after the end of the text' },
    { what: 'begins after the text', text: 'abc', at: [4, 1], reason: 'begins after the end of the text' },
    { what: 'has a negative place', text: 'abc', at: [-1, 1], reason: 'negative place' },
    {
      what: 'begins inside an emoji',
      text: '😀a',
      at: [1, 2],
      reason: 'begins in a middle of a UTF-16 symbol',
    },
    { what: 'ends inside an emoji', text: 'a😀', at: [0, 2], reason: 'ends in a middle of a UTF-16 symbol' },
  ] as const)('refuses one that $what', async ({ text, at: [offset, length], reason }) => {
    const said = await refusalText(send(text, { offset, length }))
    expect(said).toContain("400 Bad Request: can't parse entities: ")
    expect(said).toContain(reason)
  })

  it('refuses unknown kinds and missing fields', async () => {
    const raw = (entity: object) => api.sendMessage(chat, 'abc', { entities: [entity as never] })
    expect(await refusalText(raw({ type: 'glitter', offset: 0, length: 1 }))).toContain(
      "can't parse entities",
    )
    expect(await refusalText(raw({ type: 'text_link', offset: 0, length: 1 }))).toContain('"url"')
  })

  it('finds commands, mentions, links and tags itself, but not inside code', async () => {
    const sent = await api.sendMessage(
      chat,
      '/go@fake_test_bot @ada https://a.example/x. #tag $MON a@b.example',
    )
    expect(
      sent.entities?.map(({ type, offset, length }) => [type, sent.text.slice(offset, offset + length)]),
    ).toEqual([
      ['bot_command', '/go@fake_test_bot'],
      ['mention', '@ada'],
      ['url', 'https://a.example/x'],
      ['hashtag', '#tag'],
      ['cashtag', '$MON'],
      ['email', 'a@b.example'],
    ])
    const code = await api.sendMessage(chat, '<code>@ada</code>', { parse_mode: 'HTML' })
    expect(code.entities).toEqual([{ type: 'code', offset: 0, length: 4 }])
  })
})

describe('HTML', () => {
  const html = (text: string) => api.sendMessage(chat, text, { parse_mode: 'HTML' })

  it('reads tags, nesting and character references', async () => {
    const sent = await html(
      '<b>A<i>😀</i></b> &lt;&#33;&amp; <a href="https://a.example/?a=1&amp;b=2">link</a>',
    )
    expect(sent.text).toBe('A😀 <!& link')
    expect(sent.entities).toEqual([
      { type: 'bold', offset: 0, length: 3 },
      { type: 'italic', offset: 1, length: 2 },
      { type: 'text_link', offset: 8, length: 4, url: 'https://a.example/?a=1&b=2' },
    ])
  })

  it('reads the remaining kinds', async () => {
    const sent = await html(
      '<u>1</u><s>2</s><tg-spoiler>3</tg-spoiler><span class="tg-spoiler">4</span>' +
        '<blockquote>5</blockquote><blockquote expandable>6</blockquote>' +
        '<pre><code class="language-ts">7</code></pre>',
    )
    expect(sent.text).toBe('1234567')
    expect(sent.entities?.map(({ type }) => type)).toEqual([
      'underline',
      'strikethrough',
      'spoiler',
      'spoiler',
      'blockquote',
      'expandable_blockquote',
      'pre',
    ])
    expect(sent.entities?.at(-1)).toMatchObject({ language: 'ts' })
  })

  it.each([
    ['<x>a</x>', 'Unsupported start tag "x" at byte offset 0'],
    ['é a < b', 'Unsupported start tag "" at byte offset 5'],
    ['<b>a', 'Can\'t find end tag corresponding to start tag "b"'],
    ['a</b>', 'Unexpected end tag at byte offset 1'],
    ['<b>a</i>', 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
    ['<b', 'Unclosed start tag at byte offset 0'],
    ['<b>a</b', 'Unclosed end tag at byte offset 4'],
    ['<span>a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
  ])('refuses %s', async (text, reason) => {
    expect(await refusalText(html(text))).toBe(`400 Bad Request: can't parse entities: ${reason}`)
  })

  it('says that it does not read the other styles', async () => {
    expect(await refusalText(api.sendMessage(chat, 'a', { parse_mode: 'MarkdownV2' }))).toContain(
      'parse_mode',
    )
  })
})

describe('inline keyboards', () => {
  const withButton = (button: object) =>
    api.sendMessage(chat, 'pick', { reply_markup: { inline_keyboard: [[button as never]] } })

  it('shows rows of buttons', async () => {
    await api.sendMessage(chat, 'pick', {
      reply_markup: {
        inline_keyboard: [
          [{ text: 'Yes', callback_data: 'y'.repeat(64), style: 'danger' }],
          [{ text: 'Site', url: 'https://a.example' }],
        ],
      },
    })
    const [message] = await control.visible(chat)
    expect(message?.buttons).toEqual([
      [{ text: 'Yes', data: 'y'.repeat(64), style: 'danger' }],
      [{ text: 'Site', url: 'https://a.example' }],
    ])
  })

  it.each([
    [{ text: 'a', callback_data: 'é'.repeat(33) }, 'BUTTON_DATA_INVALID'],
    [{ text: 'a', callback_data: '' }, 'BUTTON_DATA_INVALID'],
    [{ text: ' ', callback_data: 'a' }, 'inline keyboard button text must be non-empty'],
    [{ callback_data: 'a' }, 'Field "text" must be of type String'],
    [{ text: 'a' }, 'Text buttons are unallowed in the inline keyboard'],
    [{ text: 'a', url: 'not a link' }, 'is invalid: Wrong HTTP URL'],
  ])('refuses %o', async (button, reason) => {
    expect(await refusalText(withButton(button))).toContain(reason)
  })
})

describe('editing and deleting', () => {
  const keyboard = { inline_keyboard: [[{ text: 'A', callback_data: 'a' }]] }

  it('changes text and keyboard, and drops a keyboard that is not given again', async () => {
    const sent = await api.sendMessage(chat, 'one', { reply_markup: keyboard })
    expect(await api.editMessageText(chat, sent.message_id, 'two')).toMatchObject({ text: 'two' })
    expect(await control.visible(chat)).toMatchObject([{ text: 'two', edited: true, buttons: [] }])
    await api.editMessageReplyMarkup(chat, sent.message_id, { reply_markup: keyboard })
    expect(await control.visible(chat)).toMatchObject([{ buttons: [[{ text: 'A', data: 'a' }]] }])
  })

  it('refuses an edit that changes nothing', async () => {
    const sent = await api.sendMessage(chat, '<b>one</b>', { reply_markup: keyboard, parse_mode: 'HTML' })
    const same = await refusal(
      api.editMessageText(chat, sent.message_id, '<b>one</b>', {
        reply_markup: keyboard,
        parse_mode: 'HTML',
      }),
    )
    expect(same.description).toBe(
      'Bad Request: message is not modified: specified new message content and reply markup are exactly ' +
        'the same as a current content and reply markup of the message',
    )
    await api.editMessageText(chat, sent.message_id, 'one', { reply_markup: keyboard })
    expect(await control.visible(chat)).toMatchObject([{ entities: [] }])
  })

  it('refuses to edit or delete what is not there or not its own', async () => {
    const { messageId } = await control.say({ user: chat, text: 'mine' })
    const sent = await api.sendMessage(chat, 'one')
    expect(await refusalText(api.editMessageText(chat, 99, 'x'))).toBe(
      '400 Bad Request: message to edit not found',
    )
    expect(await refusalText(api.editMessageText(chat, messageId, 'x'))).toBe(
      "400 Bad Request: message can't be edited",
    )
    expect(await refusalText(api.deleteMessage(chat, 99))).toBe(
      '400 Bad Request: message to delete not found',
    )
    expect(await api.deleteMessage(chat, sent.message_id)).toBe(true)
    expect(await refusalText(api.editMessageText(chat, sent.message_id, 'x'))).toContain(
      'message to edit not found',
    )
    expect(await control.visible(chat)).toMatchObject([{ text: 'mine', user: chat }])
    expect(await control.history(chat)).toMatchObject([{ deleted: false }, { text: 'one', deleted: true }])
  })

  it('cannot delete after 48 hours', async () => {
    const sent = await api.sendMessage(chat, 'old')
    await control.advance(49 * 60 * 60 * 1000)
    expect(await refusalText(api.deleteMessage(chat, sent.message_id))).toContain("message can't be deleted")
  })

  it('links a reply and refuses one to nothing', async () => {
    const { messageId } = await control.say({ user: chat, text: 'question' })
    const sent = await api.sendMessage(chat, 'answer', { reply_parameters: { message_id: messageId } })
    expect(sent.reply_to_message).toMatchObject({ text: 'question' })
    const lost = api.sendMessage(chat, 'x', { reply_parameters: { message_id: 99 } })
    expect(await refusalText(lost)).toBe('400 Bad Request: message to be replied not found')
    await api.sendMessage(chat, 'x', {
      reply_parameters: { message_id: 99, allow_sending_without_reply: true },
    })
    expect(await control.visible(chat)).toMatchObject([{}, { replyTo: messageId }, { replyTo: null }])
  })
})

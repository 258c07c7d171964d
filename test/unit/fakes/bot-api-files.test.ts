import { type Api, InputFile } from 'grammy'
import { beforeEach, describe, expect, it } from 'vitest'
import type { FakeBotApi } from '../../fakes/bot-api/index.ts'
import { createKit, refusalText } from './bot-api-kit.ts'

const kit = createKit()
let fake: FakeBotApi
let api: Api
let user: number

const PNG_3X2 = Buffer.concat([
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]),
  Buffer.from('IHDR'),
  Buffer.from([0, 0, 0, 3, 0, 0, 0, 2, 0x0d, 0x0a, 0x2d, 0x2d]),
])

beforeEach(async () => {
  fake = await kit.startFake()
  api = kit.newBot(fake).api
  user = (await fake.control.createUser({ started: true })).id
})

describe('photos and documents', () => {
  it('keeps the bytes of an uploaded photo, its caption and its buttons', async () => {
    const sent = await api.sendPhoto(user, new InputFile(PNG_3X2, 'chart "1".png'), {
      caption: '<b>chart</b>',
      parse_mode: 'HTML',
      reply_markup: { inline_keyboard: [[{ text: 'A', callback_data: 'a' }]] },
    })
    expect(sent).toMatchObject({
      caption: 'chart',
      caption_entities: [{ type: 'bold', offset: 0, length: 5 }],
      photo: [{ width: 3, height: 2, file_size: PNG_3X2.length }],
    })
    const [shown] = await fake.control.visible(user)
    expect(shown).toMatchObject({
      kind: 'photo',
      text: 'chart',
      photo: { size: PNG_3X2.length, width: 3, height: 2 },
      buttons: [[{ text: 'A', data: 'a' }]],
    })
    const kept = await fake.control.file(shown?.photo?.fileId ?? '')
    expect(Buffer.from(kept?.base64 ?? '', 'base64').equals(PNG_3X2)).toBe(true)
    expect(await fake.control.requests({ method: 'sendPhoto' })).toMatchObject([
      { files: [{ name: 'chart "1".png', size: PNG_3X2.length }] },
    ])
  })

  it('gives a file back for download, and takes its id for another send', async () => {
    const bytes = Buffer.from('a,b\r\n1,2\r\n')
    const sent = await api.sendDocument(user, new InputFile(bytes, 'loans.csv'), { caption: 'report' })
    expect(sent.document).toMatchObject({ file_name: 'loans.csv', file_size: bytes.length })
    const file = await api.getFile(sent.document.file_id)
    const download = await fetch(`${fake.url}/file/bot${fake.token}/${file.file_path ?? ''}`)
    expect(Buffer.from(await download.arrayBuffer()).equals(bytes)).toBe(true)
    const again = await api.sendDocument(user, sent.document.file_id)
    expect(again.document.file_unique_id).toBe(sent.document.file_unique_id)
    expect((await fetch(`${fake.url}/file/bot${fake.token}/nothing`)).status).toBe(404)
    expect((await fetch(`${fake.url}/file/bot1:x/${file.file_path ?? ''}`)).status).toBe(404)
    expect(await refusalText(api.getFile('nothing'))).toBe('400 Bad Request: invalid file_id')
  })

  it('takes a link without fetching it', async () => {
    const sent = await api.sendPhoto(user, 'https://a.example/chart.png')
    expect(sent.photo).toHaveLength(1)
  })

  it('refuses captions over 1024, empty and oversized files, and unknown ids', async () => {
    const photo = (bytes: number) => api.sendPhoto(user, new InputFile(Buffer.alloc(bytes), 'a.png'))
    const caption = 'x'.repeat(1025)
    expect(await refusalText(api.sendPhoto(user, new InputFile(PNG_3X2), { caption }))).toBe(
      '400 Bad Request: message caption is too long',
    )
    expect(await refusalText(photo(0))).toBe('400 Bad Request: file must be non-empty')
    expect(await refusalText(photo(10 * 1024 * 1024 + 1))).toBe('400 Bad Request: too big for a photo')
    expect(await refusalText(api.sendPhoto(user, 'no-such-file'))).toContain('400 Bad Request: wrong file')
    expect(await refusalText(api.sendDocument(user, ''))).toContain('there is no document in the request')
    expect(await fake.control.visible(user)).toEqual([])
  })

  it('refuses a document over 50 MB', async () => {
    const huge = new InputFile(Buffer.alloc(50 * 1024 * 1024 + 1), 'a.bin')
    expect(await refusalText(api.sendDocument(user, huge))).toBe('413 Request Entity Too Large')
  })

  it('edits captions, not texts, of photos', async () => {
    const sent = await api.sendPhoto(user, new InputFile(PNG_3X2), { caption: 'one' })
    const edited = await api.editMessageCaption(user, sent.message_id, { caption: 'two' })
    expect(edited).toMatchObject({ caption: 'two' })
    expect(await refusalText(api.editMessageText(user, sent.message_id, 'x'))).toBe(
      '400 Bad Request: there is no text in the message to edit',
    )
  })
})

describe('ways to pass parameters', () => {
  const call = async (method: string, init?: RequestInit) => {
    const response = await fetch(`${fake.url}/bot${fake.token}/${method}`, init)
    return (await response.json()) as { ok: boolean; result?: { text?: string }; description?: string }
  }

  it('reads the query, forms, JSON and multipart', async () => {
    const markup = JSON.stringify({ inline_keyboard: [[{ text: 'A', callback_data: 'a' }]] })
    const fields = { chat_id: String(user), text: 'a & b', reply_markup: markup }
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.set(name, value)
    const post = (body: RequestInit['body'], type?: string) =>
      call('sendMessage', {
        method: 'POST',
        body: body ?? null,
        ...(type === undefined ? {} : { headers: { 'content-type': type } }),
      })
    await call(`sendMessage?${new URLSearchParams(fields).toString()}`)
    await call(`SENDMESSAGE?${new URLSearchParams(fields).toString()}`)
    await post(new URLSearchParams(fields))
    await post(JSON.stringify(fields), 'application/json')
    await post(form)
    const shown = await fake.control.visible(user)
    expect(shown.map(({ text, buttons }) => [text, buttons.length])).toEqual(Array(5).fill(['a & b', 1]))
  })

  it('refuses a body that cannot be read', async () => {
    const headers = { 'content-type': 'application/json' }
    const broken = await call('sendMessage', { method: 'POST', body: '{', headers })
    expect(broken).toMatchObject({ ok: false, description: "Bad Request: can't parse request JSON object" })
    const markup = await call(`sendMessage?chat_id=${user}&text=a&reply_markup=%7B`)
    expect(markup).toMatchObject({
      ok: false,
      description: "Bad Request: can't parse reply_markup JSON object",
    })
  })

  it('keeps the token out of the records', async () => {
    await api.sendMessage(user, 'one')
    expect(JSON.stringify(await fake.control.requests())).not.toContain(fake.token)
  })
})

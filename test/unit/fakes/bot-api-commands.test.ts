import type { Api } from 'grammy'
import { beforeEach, describe, expect, it } from 'vitest'
import type { BotApiControl } from '../../fakes/bot-api/index.ts'
import { createKit, refusalText } from './bot-api-kit.ts'

const kit = createKit()
let api: Api
let control: BotApiControl

beforeEach(async () => {
  const fake = await kit.startFake()
  api = kit.newBot(fake).api
  control = fake.control
})

const help = { command: 'help', description: 'What I can do' }

describe('the command menu', () => {
  it('is kept per scope and language', async () => {
    const { id } = await control.createUser()
    const scope = { type: 'chat', chat_id: id } as const
    await api.setMyCommands([help])
    await api.setMyCommands([{ ...help, description: 'Hilfe' }], { language_code: 'de' })
    await api.setMyCommands([{ command: 'stats', description: 'Numbers' }], { scope })
    expect(await api.getMyCommands()).toEqual([help])
    expect(await control.commands()).toEqual([help])
    expect(await control.commands({ languageCode: 'de' })).toMatchObject([{ description: 'Hilfe' }])
    expect(await control.commands({ scope })).toMatchObject([{ command: 'stats' }])
    await api.deleteMyCommands({ scope })
    expect(await api.getMyCommands({ scope })).toEqual([])
  })

  it.each([
    { what: 'a name with capitals', command: 'Help', description: 'x', said: 'BOT_COMMAND_INVALID' },
    { what: 'a name over 32', command: 'a'.repeat(33), description: 'x', said: 'BOT_COMMAND_INVALID' },
    { what: 'no description', command: 'help', description: '', said: 'BOT_COMMAND_DESCRIPTION_INVALID' },
    {
      what: 'a description over 256',
      command: 'help',
      description: 'x'.repeat(257),
      said: 'BOT_COMMAND_DESCRIPTION_INVALID',
    },
  ])('refuses $what', async ({ command, description, said }) => {
    const call = api.setMyCommands([{ command, description }])
    expect(await refusalText(call)).toBe(`400 Bad Request: ${said}`)
  })

  it('refuses too many commands, unknown scopes, chats and languages', async () => {
    const many = Array.from({ length: 101 }, (_, index) => ({ command: `c${index}`, description: 'x' }))
    const scoped = (scope: object) => api.setMyCommands([help], { scope: scope as never })
    expect(await refusalText(api.setMyCommands(many))).toContain('BOT_COMMANDS_TOO_MUCH')
    expect(await refusalText(scoped({ type: 'moon' }))).toContain("can't parse BotCommandScope")
    expect(await refusalText(scoped({ type: 'chat', chat_id: 5 }))).toContain('chat not found')
    const language = api.setMyCommands([help], { language_code: 'english' as never })
    expect(await refusalText(language)).toBe('400 Bad Request: invalid language code specified')
    expect(await control.commands()).toEqual([])
  })
})

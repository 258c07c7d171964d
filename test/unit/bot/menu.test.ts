import { Bot, GrammyError } from 'grammy'
import { beforeEach, describe, expect, it } from 'vitest'
import { publishCommands } from '../../../src/bot/menu.ts'

interface Published {
  readonly commands: readonly { command: string; description: string }[]
  readonly scope: { type: string; chat_id?: number }
  readonly language_code?: string
}

/** Publishes to a Telegram that writes everything down; chats in `unknown` are refused. */
async function publish(options: {
  admins: readonly number[]
  unknown?: readonly number[]
}): Promise<Published[]> {
  const published: Published[] = []
  const bot = new Bot('1:token')
  bot.api.config.use((...[, method, payload]) => {
    expect(method).toBe('setMyCommands')
    const list = payload as unknown as Published
    const chatId = list.scope.chat_id
    if (chatId !== undefined && options.unknown?.includes(chatId)) {
      const refusal = { ok: false, error_code: 400, description: 'Bad Request: chat not found' } as const
      return Promise.reject(new GrammyError('refused', refusal, method, payload))
    }
    published.push(list)
    return Promise.resolve({ ok: true, result: true as never })
  })
  await publishCommands(bot, options.admins)
  return published
}

function names(list: Published | undefined): string[] {
  return list?.commands.map(({ command }) => command) ?? []
}

describe('the menu of commands', () => {
  let published: Published[] = []
  beforeEach(async () => {
    published = await publish({ admins: [77] })
  })

  function listFor(type: string, language?: string): Published | undefined {
    return published.find((list) => list.scope.type === type && list.language_code === language)
  }

  it('is published for every kind of chat, in English for all and in Chinese', () => {
    expect(
      published.map(({ scope, language_code }) => `${scope.type} ${language_code ?? 'all'}`).sort(),
    ).toEqual(
      ['all_chat_administrators', 'all_group_chats', 'all_private_chats', 'chat', 'default']
        .flatMap((type) => [`${type} all`, `${type} zh`])
        .sort(),
    )
  })

  it('keeps to the rules of Telegram in every list', () => {
    for (const { commands } of published) {
      expect(commands.length).toBeGreaterThan(0)
      expect(commands.length).toBeLessThanOrEqual(100)
      for (const { command, description } of commands) {
        expect(command).toMatch(/^[a-z0-9_]{1,32}$/)
        expect(description.trim()).toBe(description)
        expect(description.length).toBeGreaterThanOrEqual(1)
        expect(description.length).toBeLessThanOrEqual(256)
      }
      expect(new Set(commands.map(({ command }) => command)).size).toBe(commands.length)
    }
  })

  it('offers everybody in a group a part of what admins are offered, and nothing that changes settings', () => {
    const everybody = names(listFor('all_group_chats'))
    const all = names(listFor('all_chat_administrators'))
    expect(all).toEqual(expect.arrayContaining(everybody))
    expect(everybody.length).toBeLessThan(all.length)
    for (const command of [
      'add',
      'threshold',
      'settings',
      'pair',
      'unpair',
      'label',
      'remove',
      'stop',
      'resume',
    ]) {
      expect(all).toContain(command)
      expect(everybody).not.toContain(command)
    }
  })

  it('has the same commands in the same order in both languages', () => {
    for (const type of [
      'default',
      'all_private_chats',
      'all_chat_administrators',
      'all_group_chats',
      'chat',
    ]) {
      expect(names(listFor(type, 'zh'))).toEqual(names(listFor(type)))
    }
  })

  it('describes every command in Chinese with Chinese words', () => {
    for (const { description } of listFor('chat', 'zh')?.commands ?? []) {
      expect(description).toMatch(/\p{Script=Han}/u)
    }
  })

  it('offers the figures of the bot to the operator alone', () => {
    expect(listFor('chat')?.scope.chat_id).toBe(77)
    const withStats = published.filter((list) => names(list).includes('stats'))
    expect(withStats.map(({ scope }) => scope.type)).toEqual(['chat', 'chat'])
    expect(published.filter((list) => names(list).includes('doctor'))).toEqual(withStats)
  })

  it('goes on when an operator has never written to the bot', async () => {
    const rest = await publish({ admins: [66, 77], unknown: [66] })
    expect(rest).toEqual(published)
  })
})

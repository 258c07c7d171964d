import type { Context } from 'grammy'
import type { ChatMember } from 'grammy/types'
import { describe, expect, it } from 'vitest'
import { isAllowedChat, mayChangeSettings } from '../../../src/bot/access.ts'

const GROUP = -1_001_234_567_890
const ANONYMOUS_ADMIN = 1_087_968_824

interface Situation {
  readonly type?: 'private' | 'group' | 'supergroup' | 'channel'
  readonly from?: number
  readonly senderChat?: number
  /** What Telegram answers about the sender; an error is thrown. */
  readonly member?: ChatMember['status'] | Error
}

/** A double of grammy's Context: as much of it as a decision about rights looks at, and who was asked about. */
function contextDouble(situation: Situation): { ctx: Context; asked: number[][] } {
  const { type, from, senderChat, member } = situation
  const asked: number[][] = []
  const double = {
    chat: type && { id: GROUP, type },
    from: from === undefined ? undefined : { id: from },
    msg: { sender_chat: senderChat === undefined ? undefined : { id: senderChat } },
    api: {
      getChatMember(chatId: number, userId: number) {
        asked.push([chatId, userId])
        if (member === undefined) return Promise.reject(new Error('nobody was to be asked'))
        return member instanceof Error ? Promise.reject(member) : Promise.resolve({ status: member })
      },
    },
  }
  return { ctx: double as unknown as Context, asked }
}

async function decide(situation: Situation) {
  const errors: unknown[] = []
  const { ctx, asked } = contextDouble(situation)
  const access = await mayChangeSettings(ctx, {
    onError: (error) => {
      errors.push(error)
    },
  })
  return { access, asked, errors }
}

describe('who may change the settings of a chat', () => {
  it.each(['private', 'channel'] as const)(
    'anybody who writes in a %s chat, without asking',
    async (type) => {
      expect(await decide({ type, from: 5 })).toEqual({ access: 'allowed', asked: [], errors: [] })
      expect(await decide({ type })).toMatchObject({ access: 'allowed' })
    },
  )

  describe.each(['group', 'supergroup'] as const)('in a %s', (type) => {
    it.each([
      ['creator', 'allowed'],
      ['administrator', 'allowed'],
      ['member', 'not-an-admin'],
      ['restricted', 'not-an-admin'],
      ['left', 'not-an-admin'],
      ['kicked', 'not-an-admin'],
    ] as const)('a %s is %s, as Telegram says at this moment', async (member, access) => {
      expect(await decide({ type, from: 5, member })).toEqual({ access, asked: [[GROUP, 5]], errors: [] })
    })

    it('an anonymous admin of this very group is allowed', async () => {
      const situation = { type, from: ANONYMOUS_ADMIN, senderChat: GROUP }
      expect(await decide(situation)).toEqual({ access: 'allowed', asked: [], errors: [] })
    })

    it('a post in the name of another chat is not one of an anonymous admin', async () => {
      const other = { type, from: ANONYMOUS_ADMIN, senderChat: GROUP - 1, member: 'left' as const }
      expect(await decide(other)).toMatchObject({ access: 'not-an-admin' })
      const pretender = { type, from: 5, senderChat: GROUP, member: 'member' as const }
      expect(await decide(pretender)).toMatchObject({ access: 'not-an-admin' })
    })

    it('it stays unknown when Telegram does not answer, and that is reported', async () => {
      const error = new Error('HTTP 502')
      expect(await decide({ type, from: 5, member: error })).toEqual({
        access: 'unknown',
        asked: [[GROUP, 5]],
        errors: [error],
      })
    })

    it('it stays unknown without a sender', async () => {
      expect(await decide({ type })).toEqual({ access: 'unknown', asked: [], errors: [] })
    })
  })

  it('it stays unknown outside of any chat', async () => {
    expect(await decide({ from: 5 })).toEqual({ access: 'unknown', asked: [], errors: [] })
  })
})

describe('which chats may use the bot', () => {
  it('all of them without a list, and those on it with one', () => {
    expect(isAllowedChat([], GROUP)).toBe(true)
    expect(isAllowedChat([GROUP, 7], GROUP)).toBe(true)
    expect(isAllowedChat([7], GROUP)).toBe(false)
  })
})

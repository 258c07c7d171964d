import { beforeEach, describe, expect, it } from 'vitest'
import type { BotStore, StoredSettings } from '../../../db/bot-store.ts'
import type { CommandDeps, Reply } from '../../../src/bot/command.ts'
import { buttonTable, commandTable } from '../../../src/bot/command-table.ts'
import { createPairTries } from '../../../src/bot/pairing-code.ts'
import { DEFAULT_SETTINGS } from '../../../src/domain/chat-settings.ts'
import type { SecondChat } from '../../../src/domain/pairing.ts'
import type { View } from '../../../src/views/view.ts'
import { wad } from '../domain/alerting/series.ts'
import { NOW_MS } from '../views/kit.ts'

const CODE = 'K7MQ2XHD'
const SHANGHAI = { fromMinute: 1_380, toMinute: 420, zone: 'Asia/Shanghai' }

let stored: StoredSettings
let said: { chatId: number; text: string }[]
let paired: Awaited<ReturnType<BotStore['pair']>>
let nowMs: number
let deps: CommandDeps

beforeEach(() => {
  stored = {
    settings: DEFAULT_SETTINGS,
    lines: { warningWad: wad('1.5'), criticalWad: null },
    second: null,
  }
  said = []
  paired = { kind: 'unknown' }
  nowMs = NOW_MS
  const store: Partial<BotStore> = {
    settings: () => Promise.resolve(stored),
    changeSettings: (_, change) => {
      stored = { ...stored, settings: change(stored.settings) }
      return Promise.resolve(stored)
    },
    setThreshold: (_, { warningWad, criticalWad }) => {
      stored = {
        ...stored,
        lines: { warningWad: warningWad ?? wad('1.5'), criticalWad: criticalWad ?? null },
      }
      return Promise.resolve({ before: null, after: null, loans: [] })
    },
    openPairing: () => Promise.resolve(),
    pair: () => Promise.resolve(paired),
    unpair: () => Promise.resolve(stored.second === null ? null : 2),
    unpairFirsts: () => Promise.resolve(stored.second === null ? [] : [7, 8]),
  }
  deps = {
    store: store as BotStore,
    protocols: [],
    newCode: () => CODE,
    pairTries: createPairTries({ now: () => nowMs }),
    say: (chatId: number, { body }: View) => {
      said.push({ chatId, text: body.text })
      return Promise.resolve()
    },
  } as unknown as CommandDeps
})

async function run(name: string, text: string): Promise<Reply> {
  const answer = await commandTable(deps)[name]?.command({
    chatId: 1,
    threadId: null,
    userId: 5,
    stopped: false,
    chatWarningWad: wad('1.5'),
    text,
  })
  if (!answer || typeof answer === 'function') throw new Error(`no answer to ${name}`)
  await answer.after?.()
  return answer
}

async function type(text: string): Promise<string> {
  return (await run('settings', text)).body.text
}

describe('/settings', () => {
  it('says everything that holds, in words', async () => {
    expect((await type('')).split('\n')).toEqual([
      'Settings of this chat',
      '🌙 No quiet hours: warnings ring day and night.',
      '🔁 Not answered, I ring again: warning every 4 h, critical every 30 min, liquidatable every 10 min.',
      '🔴 Critical from 1.125; warning from 1.50.',
      '⚫ I tell you when I cannot see a loan for 10 min, a critical one for 3 min.',
      '🧹 Debts under $1 are shown and do not ring.',
      '📣 No second chat: what nobody answers here, nobody else hears.',
    ])
  })

  it.each([
    ['quiet 23:00 07:00 Asia/Shanghai', { quiet: SHANGHAI }, /^Quiet from 23:00 to 07:00 \(Asia\/Shanghai\)/],
    ['QUIET 23:00 7:00 asia/shanghai', { quiet: SHANGHAI }, /^Quiet from 23:00 to 07:00 \(Asia\/Shanghai\)/],
    ['quiet zone Asia/Shanghai', { quiet: SHANGHAI }, /^Quiet from 23:00 to 07:00/],
    [
      'repeat critical 15m',
      { repeatMinutes: { warning: 240, critical: 15, liquidatable: 10 } },
      /critical every 15 min/,
    ],
    [
      'repeat warning 24h',
      { repeatMinutes: { warning: 1440, critical: 30, liquidatable: 10 } },
      /warning every 24 h/,
    ],
    [
      'repeat warning off',
      { repeatMinutes: { warning: null, critical: 30, liquidatable: 10 } },
      /warning off/,
    ],
    [
      'repeat off',
      { repeatMinutes: { warning: null, critical: null, liquidatable: null } },
      /repeats are off/,
    ],
    ['blind 20 5', { blindMinutes: 20, blindCriticalMinutes: 5 }, /for 20 min, a critical one for 5 min/],
    ['blind 2', { blindMinutes: 2, blindCriticalMinutes: 2 }, /for 2 min\./],
    ['blind critical 1', { blindCriticalMinutes: 1 }, /a critical one for 1 min/],
    ['dust 2.5', { dustFloorCents: 250 }, /under \$2\.50/],
    ['dust $10000', { dustFloorCents: 1_000_000 }, /under \$10,000/],
    ['dust 0', { dustFloorCents: 0 }, /Every debt rings/],
  ])('takes “%s” and says the new state first', async (...given) => {
    const [text, change, line] = given
    expect((await type(text)).split('\n')[0]).toMatch(line)
    expect(stored.settings).toEqual({ ...DEFAULT_SETTINGS, ...change })
  })

  it('changes one part of quiet hours and keeps the rest', async () => {
    await type('quiet 23:00 07:00 Asia/Shanghai')
    await type('quiet from 22:00')
    await type('quiet to 08:30')
    await type('quiet zone Europe/London')
    expect(stored.settings.quiet).toEqual({ fromMinute: 1_320, toMinute: 510, zone: 'Europe/London' })
    await type('quiet 21:00 06:00')
    expect(stored.settings.quiet).toEqual({ fromMinute: 1_260, toMinute: 360, zone: 'Europe/London' })
    expect(await type('quiet off')).toMatch(/^No quiet hours/)
    expect(stored.settings.quiet).toBeNull()
  })

  it.each([
    ['sound on', '“sound”'],
    ['constructor', '“constructor”'],
    ['quiet 23:00 07:00', 'time zone too'],
    ['quiet 23:00', 'I read 1 times'],
    ['quiet 25:00 07:00 UTC', '“25:00”'],
    ['quiet 23:00 07:00 Mars/Base', '“Mars/Base”'],
    ['quiet 23:00 23:00 UTC', 'the same time'],
    ['quiet from UTC', 'after “from”'],
    ['quiet off now', '“off”'],
    ['repeat critical', 'from 5m to 24h'],
    ['repeat critical 4m', '“4m”'],
    ['repeat critical 25h', '“25h”'],
    ['repeat safe 5m', '“safe”'],
    ['blind 0', '“0”'],
    ['blind 61 3', '“61 3”'],
    ['blind 3 10', 'must not be longer'],
    ['blind 1 2 3', '“1 2 3”'],
    ['dust 10000.01', '“10000.01”'],
    ['dust -1', '“-1”'],
    ['dust NaN', '“nan”'],
    ['critical 1', '“1”'],
    ['critical 1.5', 'between 1 and 1.50'],
    ['critical 1.1 1.2', '“1.1 1.2”'],
    ['second chat', '“chat”'],
  ])('answers “%s” in one line with an example, and changes nothing', async (text, part) => {
    const before = stored
    const lines = (await type(text)).split('\n')
    expect(lines).toEqual([expect.stringContaining(part), expect.stringMatching(/^Example: \/settings /)])
    expect(lines[0]).toContain('Nothing was changed.')
    expect(stored).toEqual(before)
  })

  it('moves the critical line of the chat, and back to the usual one', async () => {
    expect(await type('critical 1.2')).toMatch(/^Critical from 1\.20, set by you; warning from 1\.50\./)
    expect(await type('critical usual')).toMatch(/^Critical from 1\.125; warning from 1\.50\./)
  })

  it('has only buttons that do what they say, on every page', async () => {
    await type('quiet 23:00 07:00 Asia/Shanghai')
    for (const page of ['', 'quiet', 'repeat', 'critical', 'blind', 'dust', 'second']) {
      const { buttons } = await run('settings', page)
      for (const button of buttons.flat()) {
        const data = 'data' in button ? button.data : ''
        if (!data.startsWith('set:')) continue
        const text = await type(data.slice('set:'.length))
        expect(text, data).not.toContain('Example:')
      }
    }
  })

  it('ticks what holds', async () => {
    await type('repeat critical 15m')
    const { buttons } = await run('settings', 'repeat')
    const ticked = buttons.flat().filter(({ text }) => text.startsWith('✓'))
    expect(ticked.map(({ text }) => text)).toEqual(['✓ 🟠 4 h', '✓ 🔴 15 min', '✓ 🆘 10 min'])
  })

  it('is for those who may change things, and shows its buttons in place', () => {
    const commands = commandTable(deps)
    for (const name of ['settings', 'pair', 'unpair']) expect(commands[name]).toMatchObject({ changes: true })
    expect(buttonTable(deps)['set']).toMatchObject({ changes: true, edits: true })
  })
})

describe('the second chat', () => {
  it('is asked for with a code', async () => {
    const text = await type('second code')
    expect(text).toContain(`Type this in the other chat within 15 min: /pair ${CODE}`)
  })

  it('is told by /pair that it is paired, and so is the first', async () => {
    paired = { kind: 'paired', firstId: 77 }
    const { body } = await run('pair', ` ${CODE.toLowerCase()} `)
    expect(body.text).toMatch(/^✅ Paired\./)
    expect(body.text).not.toContain('77')
    expect(said.map(({ chatId }) => chatId)).toEqual([77])
    expect(said[0]?.text).toMatch(/^✅ The second chat is paired/)
  })

  it('cannot be the chat itself', async () => {
    paired = { kind: 'itself' }
    expect((await run('pair', CODE)).body.text).toContain('type it in the other chat')
    expect(said).toEqual([])
  })

  it.each(['', 'K7MQ2XH', 'K7MQ2XH0', `${CODE}X`, 'K7MQ 2XHD'])(
    'answers the code “%s” with an example',
    async (text) => {
      paired = { kind: 'paired', firstId: 77 }
      expect((await run('pair', text)).body.text).toMatch(/\nExample: \/pair /)
      expect(said).toEqual([])
    },
  )

  it('is not guessed: after five wrong codes none is tried for an hour', async () => {
    for (let tries = 0; tries < 5; tries += 1)
      expect((await run('pair', CODE)).body.text).toContain('I do not know the code')
    paired = { kind: 'paired', firstId: 77 }
    expect((await run('pair', CODE)).body.text).toMatch(/^Too many wrong codes/)
    nowMs += 3_600_000
    expect((await run('pair', CODE)).body.text).toMatch(/^✅ Paired/)
  })

  it.each([
    ['active', /hears of a critical loan/],
    ['stopped', /⚠️.*switched its alerts off/],
    ['unreachable', /⚠️.*cannot be reached/],
  ] as const)('shows in the settings that it is %s', async (second: SecondChat, line) => {
    stored = { ...stored, second }
    expect(await type('')).toMatch(line)
    expect(await type('second')).toMatch(line)
  })

  it('ends with one button, and it is told', async () => {
    stored = { ...stored, second: 'active' }
    expect(await type('second unpair')).toMatch(/^Unpaired\./)
    expect(said.map(({ chatId }) => chatId)).toEqual([2])
    expect(said[0]?.text).toContain('no longer does')
    stored = { ...stored, second: null }
    expect(await type('second unpair')).toMatch(/^No second chat is paired\./)
  })

  it('ends with /unpair where it is heard, and those who sent there are told', async () => {
    stored = { ...stored, second: 'active' }
    expect((await run('unpair', '')).body.text).toBe(
      '2 chats sent their unanswered alerts here. They no longer do, and I tell them.',
    )
    expect(said.map(({ chatId }) => chatId)).toEqual([7, 8])
    stored = { ...stored, second: null }
    expect((await run('unpair', '')).body.text).toMatch(/^No chat sends its alerts here/)
  })
})

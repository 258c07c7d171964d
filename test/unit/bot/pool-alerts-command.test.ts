import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import type { CommandDeps } from '../../../src/bot/command.ts'
import { buttonTable, commandTable } from '../../../src/bot/command-table.ts'
import { readRuleWish } from '../../../src/bot/pool-rule-words.ts'
import { type PoolRules, PRESET_RULES } from '../../../src/domain/pools/rules.ts'
import { dataOf, poolWorld, USDC } from './pool-kit.ts'

const HOUR_MS = 3_600_000
const { balanced } = PRESET_RULES

let world: ReturnType<typeof poolWorld>
beforeEach(() => {
  world = poolWorld()
})

const type = async (text: string): Promise<string> => (await world.type(`poolalerts ${text}`)).body.text
const risk = (change: Partial<PoolRules['risk']>): Partial<PoolRules> => ({
  risk: { ...balanced.risk, ...change },
})

describe('/poolalerts', () => {
  it('says what it does now, and is switched on and off', async () => {
    expect(await type('')).toMatch(/^🔕 Pool alerts are off, with the preset balanced\./)
    expect(await type('on')).toMatch(/^🔔 Pool alerts are on/)
    expect(world.stored().wishes.enabled).toBe(true)
    expect(await type('OFF')).toMatch(/^🔕/)
    expect(world.stored().wishes.enabled).toBe(false)
  })

  it('takes presets, and says when a rule is no longer that of its preset', async () => {
    await type('on')
    expect(await type('careful')).toMatch(/with the preset careful\./)
    expect(await type('preset degen')).toMatch(/with the preset degen\./)
    expect(world.stored().wishes).toEqual({ enabled: true, preset: 'degen', rules: PRESET_RULES.degen })
    await type('tvl 2000')
    expect(await type('')).toMatch(/with the preset degen, changed by you\./)
    expect(await type('reset')).toMatch(/with the preset degen\./)
    expect(world.stored().wishes.rules).toEqual(PRESET_RULES.degen)
  })

  it('keeps the quote tokens of the chat when another preset is taken', async () => {
    await world.type('tokens quote reset')
    await world.type(`tokens quote remove ${USDC}`)
    await type('careful')
    expect(world.stored().wishes.rules.quotes).not.toContain(USDC)
  })

  it.each<readonly [string, Partial<PoolRules>, RegExp]>([
    ['tvl 50000', { minTvlUsd: 50_000 }, /at least \$50k\./],
    ['tvl $1,000', { minTvlUsd: 1_000 }, /at least \$1\.0k\./],
    ['TVL 1.5M', { minTvlUsd: 1_500_000 }, /at least \$1\.5M\./],
    ['fees24h 100', { minFees24hUsd: 100 }, /\$100 in 24 h/],
    ['fees30m 2k', { minFees30mUsd: 2_000 }, /\$2\.0k in 30 min/],
    ['yield 20', { minYield: 0.2 }, /at least 20\.0 % a year/],
    ['lendrate 3', { lendLine: 0.03 }, /earns less than 3\.00 % a year/],
    ['lendrate off', { lendLine: null }, /not when its rate falls/],
    ['yield 0.5%', { minYield: 0.005 }, /at least 0\.50 % a year/],
    ['age 7d', risk({ minAgeMs: 168 * HOUR_MS }), /at least 7 d/],
    ['age 90m', risk({ minAgeMs: 1.5 * HOUR_MS }), /at least 1 h 30 min/],
    ['age any', risk({ minAgeMs: 0 }), /Age of a pool: any/],
    ['risk verified all', risk({ verified: 'all' }), /every token verified/],
    ['risk verified none', risk({ verified: 'none' }), /unverified tokens too/],
    ['risk frozen yes', risk({ allowFreezable: true }), /also unverified tokens that somebody can freeze/],
    ['risk volume 10x', risk({ maxTurnover: 10 }), /at most 10 times a day/],
    ['every 1h', { intervalMs: HOUR_MS }, /every 60 min/],
    ['every 15m', { intervalMs: HOUR_MS / 4 }, /every 15 min/],
    ['multiplier 1.5', { multiplier: 1.5 }, /1\.5 times better/],
    ['kind lending', { kinds: 'lend' }, /lending only/],
  ])('takes “%s” and says what it means', async (...given) => {
    const [text, change, line] = given
    expect((await type(text)).split('\n')[0]).toMatch(line)
    expect(world.stored().wishes).toEqual({
      enabled: false,
      preset: 'balanced',
      rules: { ...balanced, ...change },
    })
  })

  it.each([
    ['sound on', '“sound”'],
    ['constructor', '“constructor”'],
    ['constructor 5', '“constructor”'],
    ['tvl 999', 'from 1,000'],
    ['tvl 1 2', '“1 2”'],
    ['tvl -5', '“-5”'],
    ['tvl 1e9', '“1e9”'],
    ['tvl NaN', '“nan”'],
    ['tvl 50,0', '“50,0”'],
    ['fees24h lots', '“lots”'],
    ['yield 100001', 'percent a year'],
    ['age 366d', 'at most 365d'],
    ['age 7', '“7”'],
    ['every 14m', 'from 15m to 24h'],
    ['every 25h', 'from 15m to 24h'],
    ['multiplier 1', 'from 1.05 to 100'],
    ['risk sound', '“sound”'],
    ['risk verified some', 'all, one or none'],
    ['risk verified constructor', 'all, one or none'],
    ['risk frozen constructor', 'yes or no'],
    ['risk volume 0', 'from 1 to'],
    ['kind constructor', 'pool, lend or all'],
    ['preset constructor', '“preset”'],
    ['on now', '“on”'],
  ])('answers “%s” in one line with an example, and changes nothing', async (text, part) => {
    const before = world.stored().wishes
    const lines = (await type(text)).split('\n')
    expect(lines).toEqual([expect.stringContaining(part), expect.stringMatching(/^Example: \/poolalerts /)])
    expect(lines[0]).toContain('Nothing was changed.')
    expect(world.stored().wishes).toEqual(before)
  })

  it('has only buttons that do what they say, on every page', async () => {
    for (const page of ['', 'yield', 'tvl', 'fees', 'age', 'risk', 'every', 'multiplier', 'kind']) {
      const own = dataOf(await world.press(`pal:${page}`)).filter((data) => data.startsWith('pal:'))
      expect(own.length).toBeGreaterThan(0)
      for (const data of own) expect((await world.press(data)).body.text, data).not.toContain('Example:')
    }
  })

  it('ticks what was chosen by a button', async () => {
    const shown = await world.press('pal:yield 50')
    expect(shown.buttons.flat().filter(({ text }) => text.startsWith('✓'))).toEqual([
      { text: '✓ 50.0 %', data: 'pal:yield 50' },
    ])
  })

  it('says that nothing comes while alerts are off in the chat', async () => {
    await type('on')
    expect((await world.type('poolalerts', { stopped: true })).body.text).toContain('/resume')
  })

  it('is for admins in groups, and its buttons show in place', () => {
    const deps = {} as CommandDeps
    expect(commandTable(deps)['poolalerts']).toMatchObject({ changes: true })
    expect(buttonTable(deps)['pal']).toMatchObject({ changes: true, edits: true })
    expect(buttonTable(deps)['poolalerts']).toMatchObject({ changes: true })
  })
})

describe('the words of a rule', () => {
  it('are always read or refused, and never make a rule that is no number', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'tvl',
        'fees24h',
        'yield',
        'age',
        'risk',
        'every',
        'multiplier',
        'verified',
        'volume',
        '7d',
        '1k',
      ),
      fc.string(),
      fc.double().map(String),
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 4 }), (words) => {
        const wish = readRuleWish(words.join(' '))
        if (wish.kind !== 'change') return
        const {
          minTvlUsd,
          minYield,
          intervalMs,
          multiplier,
          minFees24hUsd,
          risk: ceiling,
        } = wish.change(balanced)
        for (const number of [
          minTvlUsd,
          minYield,
          intervalMs,
          multiplier,
          minFees24hUsd,
          ceiling.minAgeMs,
          ceiling.maxTurnover,
        ])
          expect(Number.isFinite(number) && number >= 0).toBe(true)
      }),
    )
  })
})

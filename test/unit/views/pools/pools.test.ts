import { describe, expect, it } from 'vitest'
import { PRESET_RULES } from '../../../../src/domain/pools/rules.ts'
import { decideTelling, type Telling } from '../../../../src/domain/pools/tell.ts'
import { fittingTelling, poolsView, tellingView } from '../../../../src/views/pools/opportunities.ts'
import { moneyText, percentText } from '../../../../src/views/pools/parts.ts'
import { lpView, rangeAlertView } from '../../../../src/views/pools/positions.ts'
import { rulesView, tokensView } from '../../../../src/views/pools/rules.ts'
import { aLoan, aPool, NOW_MS, ranked } from '../../domain/pools/kit.ts'
import { expectSendable, HOSTILE_NAMES } from '../kit.ts'

const WALLET = '7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU'
const shown = { wallet: WALLET, label: 'Main' }

function telling(opportunities: Parameters<typeof ranked>[0][], first = false): Telling {
  return decideTelling({
    ranked: opportunities.map(ranked),
    told: new Map(),
    rules: { multiplier: 1.3 },
    has: { yieldPerYear: null, keys: new Set() },
    first,
    nowMs: NOW_MS,
  })
}

describe('the message about opportunities', () => {
  const at = { seenAtMs: NOW_MS - 60_000, nowMs: NOW_MS }

  it('says on its first line what it is, and then why, with how old the data is', () => {
    const { body } = tellingView(telling([aPool()]), at)
    expect(body.text.split('\n')).toEqual([
      '💧 New: SOL-X · 365 % a year',
      '',
      '🆕 SOL-X · Meteora · 365 % a year',
      '   fees 365 % · fees ÷ TVL: 1.00 % in 24 h, 0.02 % in 30 min',
      '   TVL $100k · 30 d 0 h old · ✅ all tokens verified',
      '   traded 1.0 times a day',
      '   score 100.0 = 1.00 % a day × TVL 1.00 × age 1.00 × trust 1.00',
      '',
      'Data is 60 s old.',
      'Past fees are no promise. A pool shows its average; your range decides, and a loss against holding is not in it.',
    ])
    expect(body.entities.some((entity) => entity.type === 'text_link')).toBe(true)
  })

  it('says the parts of a lending yield', () => {
    const loan = aLoan(0.12, { yieldPerYear: { base: 0.1, reward: 0.02, fee: 0, total: 0.12 } })
    const { body } = tellingView(telling([loan]), at)
    expect(body.text).toContain('interest 10.0 % + rewards 2.00 %')
    expect(body.text).toContain('Morpho')
  })

  it('counts what has no room, and marks only what is shown, whatever strangers call it', () => {
    for (const name of HOSTILE_NAMES) {
      const many = Array.from({ length: 30 }, (_, index) =>
        aPool({
          id: `p${index}`,
          name,
          tokens: [0, 1].map(() => ({ address: WALLET, symbol: name, verified: false })),
        }),
      )
      const fitting = fittingTelling(telling(many, true))
      const view = tellingView(fitting, at)
      expectSendable(view)
      expect(fitting.told).toHaveLength(fitting.tips.length)
      expect(fitting.tips.length + fitting.more).toBe(30)
      expect(view.body.text).toContain(`… and ${fitting.more} more`)
    }
  })
})

describe('the list of pools', () => {
  it('has pages, its age, and says when the source is odd', () => {
    const many = Array.from({ length: 200 }, (_, index) => ranked(aPool({ id: `p${index}` })))
    const view = poolsView(many, { page: 1, seenAtMs: NOW_MS - 420_000, nowMs: NOW_MS, suspect: 'x' })
    expectSendable(view)
    expect(view.body.text).toContain('Data is 7 min old.')
    expect(view.body.text).toContain('odd answers')
    expect(view.buttons[0]?.map(({ text }) => text)).toContain('‹ 1')
  })

  it('says that there is nothing, or nothing yet', () => {
    const at = { page: 0, nowMs: NOW_MS, suspect: null }
    expect(poolsView([], { ...at, seenAtMs: NOW_MS }).body.text).toMatch(/^Nothing matches/)
    expect(poolsView([], { ...at, seenAtMs: null }).body.text).toMatch(/not seen any pools yet/)
  })
})

describe('rules and tokens', () => {
  it('are said in words', () => {
    const { body } = rulesView({ enabled: true, preset: 'balanced', rules: PRESET_RULES.balanced, tokens: 2 })
    expect(body.text).toContain('Pool alerts are on, from the preset balanced: pools and lending.')
    expect(body.text).toContain('At least 10.0 % a year and $10k in it.')
    expect(body.text).toContain('1.3 times better')
  })

  it('are sendable whatever tokens are called', () => {
    const tokens = HOSTILE_NAMES.flatMap((symbol) => [0, 1, 2].map(() => ({ symbol, address: WALLET })))
    expectSendable(tokensView(tokens, { page: 9 }))
    expect(tokensView([], { page: 0 }).body.text).toMatch(/^No tokens on your list/)
  })
})

describe('positions in pools', () => {
  const bins = { lower: 100, upper: 168, active: 120, outOfRange: null }
  const position = {
    position: 'q',
    pool: 'p',
    name: 'SOL-USDC',
    bins,
    poolValueUsd: 1_234,
    poolUnclaimedUsd: null,
    link: 'https://app.meteora.ag/dlmm/p',
  }
  const at = (active: number | null) => ({ ...position, bins: { ...bins, active } })

  it('stand with those out of range first, and unknown is said', () => {
    const { body } = lpView(shown, { positions: [at(120), at(null), at(170), at(168)], gaps: null, page: 0 })
    const states = body.text.split('\n').filter((line) => line.includes('SOL-USDC'))
    expect(states).toEqual([
      '🔴 SOL-USDC · out of range, 2 bins past the upper edge',
      '🟠 SOL-USDC · near the upper edge, 0 bins left',
      '❔ SOL-USDC · I cannot tell whether it is in range',
      '🟢 SOL-USDC · in range, 20 bins to the lower edge',
    ])
    expect(body.text).toContain('$1.2k · unclaimed fees unknown')
  })

  it('that could not all be read are never said to be none', () => {
    const { body } = lpView(shown, { positions: [], gaps: 'HTTP 502', page: 0 })
    expect(body.text).toContain('There may be more: HTTP 502')
    expect(body.text).not.toContain('No open position')
  })

  it('ring with the wallet, the pool and the bins on the first line', () => {
    const first = (active: number | null, news: 'near' | 'out' | 'back' | 'unknown') =>
      rangeAlertView(shown, { position: at(active), news }).body.text.split('\n')[0]
    expect([first(165, 'near'), first(99, 'out'), first(120, 'back')]).toEqual([
      '🟠 Main · SOL-USDC · near the upper edge, 3 bins left',
      '🔴 Main · SOL-USDC · out of range, 1 bin past the lower edge',
      '🟢 Main · SOL-USDC · back, in range, 20 bins to the lower edge',
    ])
    expect(first(null, 'unknown')).toBe('❔ Main · SOL-USDC · I cannot tell whether it is in range')
  })

  it('are sendable whatever they are called', () => {
    for (const name of HOSTILE_NAMES) {
      const view = lpView(
        { wallet: WALLET, label: name },
        { positions: Array.from({ length: 90 }, () => ({ ...position, name })), gaps: name, page: 0 },
      )
      expectSendable(view)
      expectSendable(
        rangeAlertView({ wallet: WALLET, label: name }, { position: { ...position, name }, news: 'out' }),
      )
    }
  })
})

describe('numbers', () => {
  it('are short, and never NaN', () => {
    expect([0, 0.0004, 0.123, 1, 73, Number.NaN].map(percentText)).toEqual([
      '0.0 %',
      '0.04 %',
      '12.3 %',
      '100 %',
      '7,300 %',
      '? %',
    ])
    expect([null, 0, 999, 1_500, 99_999, 2_500_000, 3e9].map(moneyText)).toEqual([
      'unknown',
      '$0',
      '$999',
      '$1.5k',
      '$100k',
      '$2.5M',
      '$3.0B',
    ])
  })
})

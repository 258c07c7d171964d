import { describe, expect, it } from 'vitest'
import { PRESET_RULES } from '../../../../src/domain/pools/rules.ts'
import { decideTelling, type Telling } from '../../../../src/domain/pools/tell.ts'
import { chartCaptionView, type ListedPools, poolsView } from '../../../../src/views/pools/list.ts'
import { fittingTelling, tellingView } from '../../../../src/views/pools/opportunities.ts'
import { moneyText, percentText } from '../../../../src/views/pools/parts.ts'
import {
  lpFailedView,
  lpRemovedView,
  lpView,
  lpWalletsView,
  rangeAlertView,
} from '../../../../src/views/pools/positions.ts'
import { rulePageView } from '../../../../src/views/pools/rule-pages.ts'
import { RULE_PAGES, type RulesFacts, rulesView } from '../../../../src/views/pools/rules.ts'
import { chooseTokenView, quotesView, tokensView } from '../../../../src/views/pools/tokens.ts'
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

function listed(over: Partial<ListedPools> = {}): ListedPools {
  return {
    rows: [],
    count: 1_234,
    ageMs: 420_000,
    suspect: null,
    page: 0,
    named: 0,
    filter: '',
    markOf: ({ opportunity }) => opportunity.id,
    ...over,
  }
}

describe('the list of pools', () => {
  const many = Array.from({ length: 12 }, (_, index) => ranked(aPool({ id: `p${index}` })))

  it('has pages with a chart for each row, its age, and says when the source is odd', () => {
    const shown = poolsView(listed({ rows: many, page: 1, suspect: 'half of the pools are gone' }))
    expectSendable(shown)
    expect(shown.body.text).toContain('1,234 looked at · data 7 min old')
    expect(shown.body.text).toContain('odd answers')
    expect(shown.body.text).not.toContain('half of')
    expect(shown.body.text).toContain('\n6. SOL-X')
    expect(shown.body.text).toContain('score 100.0 = 1.00 % a day × TVL 1.00 × age 1.00 × trust 1.00')
    const data = shown.buttons.map((row) => row.map((button) => ('data' in button ? button.data : '')))
    expect(data).toEqual([
      ['poolchart:p5', 'poolchart:p6', 'poolchart:p7', 'poolchart:p8', 'poolchart:p9'],
      ['poolpage:0', 'poolpage:1', 'poolpage:2'],
      ['poolalerts', 'tokens'],
    ])
  })

  it('keeps to the tokens that were named on every page', () => {
    const shown = poolsView(listed({ rows: many, named: 2, filter: 'abcd1234' }))
    expect(shown.body.text).toMatch(/^Where money earns now with these 2 tokens/)
    const data = shown.buttons.flat().map((button) => ('data' in button ? button.data : ''))
    expect(data).toContain('poolpage:1:abcd1234')
    expect(data).toContain('poolchart:p0:abcd1234')
  })

  it('says that there is nothing, or nothing yet', () => {
    expect(poolsView(listed()).body.text).toMatch(/^Nothing matches your rules now\./)
    expect(poolsView(listed({ named: 1 })).body.text).toMatch(/^Nothing with this token matches/)
    expect(poolsView(listed({ ageMs: null })).body.text).toMatch(/not seen any pools yet/)
  })

  it.each(HOSTILE_NAMES)(
    'is sendable with five pools called %j, and so is what stands under a chart',
    (name) => {
      const tokens = [0, 1].map(() => ({ address: WALLET, symbol: name, verified: false }))
      const rows = Array.from({ length: 6 }, () => ranked(aPool({ name, tokens, trust: 'low' })))
      const shown = poolsView(listed({ rows }))
      expectSendable(shown)
      for (const number of [1, 2, 3, 4, 5]) expect(shown.body.text).toContain(`\n${number}. `)
      const [row] = rows
      if (!row) throw new Error('no row')
      for (const drawn of [true, false]) {
        const caption = chartCaptionView(row, { ageMs: 1, drawn })
        expectSendable(caption)
        expect(caption.body.text.length).toBeLessThanOrEqual(1_024)
      }
    },
  )
})

describe('rules and tokens', () => {
  const facts: RulesFacts = {
    enabled: true,
    preset: 'balanced',
    rules: PRESET_RULES.balanced,
    changed: false,
    tokens: 2,
    stopped: false,
  }

  it('are said in words', () => {
    expect(rulesView(facts).body.text.split('\n')).toEqual([
      '🔔 Pool alerts are on, with the preset balanced.',
      'Tokens: 2 on your list. Both sides: a pool counts when each token is on your list, or is a quote token (there are 3) beside one of them.',
      'Yield: at least 10.0 % a year.',
      'Money in it: at least $10k.',
      'Fees of a pool: at least $50 in 24 h and $0 in 30 min.',
      'Age of a pool: at least 24 h.',
      'Risk of a pool: at least one token verified; no unverified tokens that somebody can freeze; its money traded at most 50 times a day.',
      'I look every 60 min.',
      'I tell what is new, or 1.3 times better than what I told you or than what you have.',
      'Kinds: pools and lending.',
      'What you lend: I tell when the market runs dry, not when its rate falls.',
    ])
  })

  it('offer to go back to the preset only where something was changed, and say that alerts are off altogether', () => {
    const texts = (over: Partial<RulesFacts>) =>
      rulesView({ ...facts, ...over })
        .buttons.flat()
        .map(({ text }) => text)
    expect(texts({})).not.toContain('Reset to balanced')
    expect(texts({ changed: true })).toContain('Reset to balanced')
    expect(rulesView({ ...facts, stopped: true }).body.text).toContain('/resume')
  })

  it.each(RULE_PAGES)('have a page for %s whose buttons tick what holds', (page) => {
    for (const rules of Object.values(PRESET_RULES)) {
      const shown = rulePageView(page, rules)
      expectSendable(shown)
      expect(shown.body.text).toContain('/poolalerts ')
    }
    const ticked = rulePageView(page, PRESET_RULES.balanced)
      .buttons.flat()
      .filter(({ text }) => text.startsWith('✓'))
    expect(ticked.length).toBeGreaterThan(0)
  })

  it('are sendable whatever tokens are called', () => {
    const tokens = HOSTILE_NAMES.flatMap((symbol) => [0, 1, 2].map(() => ({ symbol, address: WALLET })))
    const { rules } = facts
    for (const page of [0, 1, 9]) expectSendable(tokensView({ tokens, rules, most: 50, page, done: null }))
    expectSendable(quotesView(tokens.slice(0, 10), 'Done.'))
    for (const symbol of HOSTILE_NAMES) {
      const found = Array.from({ length: 10 }, () => ({ symbol, address: WALLET, verified: null, count: 3 }))
      for (const to of ['list', 'quotes', 'pools'] as const)
        expectSendable(chooseTokenView(symbol, { found, to }))
    }
    const none = tokensView({ tokens: [], rules, most: 50, page: 0, done: null })
    expect(none.body.text).toMatch(/^No tokens on your list/)
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
      const state = { range: 'in', unknownSinceMs: null, unknownTold: false } as const
      const wallets = Array.from({ length: 10 }, () => ({ wallet: WALLET, label: name, ranges: [state] }))
      expectSendable(lpWalletsView(wallets, { most: 10 }))
      expectSendable(lpFailedView({ wallet: WALLET, label: name }, { why: name }))
      expectSendable(lpRemovedView(WALLET))
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

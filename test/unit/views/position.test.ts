import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PositionDetail } from '../../../src/domain/detail.ts'
import { timeByInterest } from '../../../src/views/interest.ts'
import type { ShownLoan } from '../../../src/views/loan.ts'
import { positionView } from '../../../src/views/position.ts'
import { wad } from '../domain/alerting/series.ts'
import { aCollateral, aDebt, aDetail, aLoan, aToken, price, USDC, value, WMON } from './detail-kit.ts'
import { aRef, expectSendable, formatted, HOSTILE_NAMES, NOW_MS, OWNER, reading } from './kit.ts'

function shown(detail: Partial<PositionDetail> = {}, loan: Partial<ShownLoan> = {}) {
  return positionView({ loan: aLoan(loan), detail: aDetail(detail), nowMs: NOW_MS + 3_000 })
}

function textOf(detail: Partial<PositionDetail> = {}, loan: Partial<ShownLoan> = {}): string {
  return shown(detail, loan).body.text
}

const NO_DEBT = { health: { noDebt: true }, debt: [] } as const
const WETH = aToken('WETH')

describe('the detail of a loan', () => {
  it('reads like this', () => {
    expect(textOf()).toBe(
      [
        '🟠 Main · Morpho WMON/USDC · health 1.36 · 26.4 % to liquidation',
        '',
        'Collateral',
        '   1,000.00 WMON · $3,400.00 · earns 2.10 % a year',
        '      liquidation at $2.31 (now $3.40, -32 %)',
        'Debt',
        '   1,875.00 USDC · $1,875.00 · costs 5.30 % a year',
        '',
        'Block 12,345,678, 3 s old · rpc.example',
      ].join('\n'),
    )
  })

  it('offers to read again, the ways out, and the app', () => {
    expect(shown().buttons).toEqual([
      [
        { text: 'Refresh', data: 'rpos:1:100' },
        { text: 'Ways out', data: 'out:1:100' },
      ],
      [{ text: 'Open Morpho', url: 'https://app.morpho.org/monad' }],
    ])
  })

  it('offers to watch a loan that is not watched', () => {
    const { buttons } = shown({}, { watched: false, lines: null })
    expect(buttons[1]?.[0]).toEqual({ text: 'Watch', data: `add:${OWNER}` })
  })

  it('of a deposit has nothing about debt and liquidation', () => {
    const view = shown({ ...NO_DEBT, collateral: [aCollateral({ liquidationPrice: null })] })
    expect(view.body.text).toContain('⚪ Main · Morpho WMON/USDC · no debt\n')
    expect(view.body.text).not.toMatch(/liquidation|Debt|fall|interest/)
    expect(view.buttons.flat().map(({ text }) => text)).toEqual(['Refresh', 'Open Morpho'])
  })

  it('says about where the parts do not add up exactly', () => {
    expect(textOf({ exact: false })).toContain('liquidation at about $2.31')
  })

  it('says when no price of one token alone leads there, and what secures nothing', () => {
    const collateral = [
      aCollateral({ liquidationPrice: null }),
      aCollateral({ token: USDC, secures: false, value: value('50000'), liquidationPrice: null }),
    ]
    const lines = textOf({ collateral }).split('\n')
    expect(lines.filter((line) => line.startsWith('      '))).toEqual([
      '      liquidation: not by this token alone',
      '      does not secure the debt',
    ])
  })

  it('says of several tokens how far all may fall, and which counts most', () => {
    const collateral = [
      aCollateral({ value: value('100'), liquidationPrice: null }),
      aCollateral({ token: WETH, value: value('3000'), liquidationPrice: null }),
      aCollateral({ token: USDC, secures: false, value: value('90000'), liquidationPrice: null }),
    ]
    const text = textOf({ collateral })
    expect(text).toContain('All collateral together may fall 26.4 %; the largest is WETH ($3,000.00).')
    expect(text).toContain('Collateral $93,100.00')
    expect(text.indexOf('WETH')).toBeLessThan(text.indexOf('WMON ·'))
  })

  it('shows a pair that is not counted in dollars without any dollar sign', () => {
    const unit = 'other:WMON'
    const text = textOf({
      unit,
      collateral: [
        aCollateral({
          token: aToken('shMON'),
          price: price('1.0512', unit),
          liquidationPrice: price('1.0123', unit),
        }),
      ],
    })
    expect(text).not.toContain('$')
    expect(text).toContain('liquidation at 1.0123 WMON (now 1.0512 WMON, -3.7 %)')
  })

  it.each([
    ['3.4', 'reached'],
    ['3.5', 'reached'],
    ['3.3999', 'under 0.1 % away'],
    ['3.39', '-0.2 %'],
    ['3.06', '-10 %'],
    ['0.01', '-99 %'],
  ])('never shows liquidation at %s dollars further away than it is: %s', (at, away) => {
    const text = textOf({ collateral: [aCollateral({ liquidationPrice: price(at) })] })
    expect(text).toContain(`(now $3.40, ${away})`)
  })

  it.each([
    [null, 'rate not known'],
    [0n, 'costs nothing'],
    [1n, 'costs under 0.01 % a year'],
    [wad('0.05678'), 'costs 5.67 % a year'],
    [2n ** 255n, 'costs over 1,000,000 % a year'],
  ])('shows a rate of %s as %s', (yearlyRateWad, shownRate) => {
    expect(textOf({ debt: [aDebt({ yearlyRateWad })] })).toContain(`$1,875.00 · ${shownRate}\n`)
  })

  it('names a special mode and what the protocol adds', () => {
    const text = textOf({ mode: 'Stablecoins', notes: ['It is in a cooldown.\nReally', ' '] })
    expect(text).toContain('Mode: Stablecoins\nℹ️ It is in a cooldown. Really\nBlock ')
  })
})

describe('the time to liquidation by interest alone', () => {
  it.each<[string, string, string]>([
    ['1.08', '0.20', 'about 4 months'],
    ['1.0001', '0.20', 'about 4 hours'],
    ['1.01', '0.20', 'about 18 days'],
    ['1.9', '0.20', 'about 3 years'],
    ['1.000001', '2', 'less than an hour'],
  ])('at health %s and a debt of %s a year is %s', (health, ...[rate, time]) => {
    const detail = aDetail({
      health: reading(health).health,
      collateral: [aCollateral({ yearlyRateWad: 0n })],
      debt: [aDebt({ yearlyRateWad: wad(rate) })],
    })
    expect(timeByInterest(detail)).toBe(time)
    expect(textOf(detail)).toContain(`By interest alone: liquidation in ${time}.`)
  })

  it('weighs the rates by value, and on collateral by what counts against the debt', () => {
    const detail = aDetail({
      health: reading('1.1').health,
      collateral: [
        aCollateral({ yearlyRateWad: wad('0.02'), value: value('1000'), thresholdWad: wad('0.9') }),
        aCollateral({ yearlyRateWad: wad('0.11'), value: value('1000'), thresholdWad: wad('0.1') }),
        aCollateral({ yearlyRateWad: wad('5'), value: value('9000'), secures: false }),
      ],
      debt: [
        aDebt({ yearlyRateWad: wad('0.1'), value: value('100') }),
        aDebt({ yearlyRateWad: wad('0.2'), value: value('300') }),
      ],
    })
    // ln(1.1) / (0.175 - 0.029) years
    expect(timeByInterest(detail)).toBe('about 7 months')
  })

  it.each<[string, Partial<PositionDetail>]>([
    ['the collateral earns more than the debt costs', { debt: [aDebt({ yearlyRateWad: wad('0.01') })] }],
    ['it takes more than five years', { debt: [aDebt({ yearlyRateWad: wad('0.03') })] }],
    ['a rate of the debt is not known', { debt: [aDebt(), aDebt({ yearlyRateWad: null })] }],
    [
      'a rate of the collateral is not known',
      { collateral: [aCollateral({ yearlyRateWad: null })], debt: [aDebt({ yearlyRateWad: wad('3') })] },
    ],
    ['there is no debt', NO_DEBT],
    ['it can be liquidated now', { health: reading('0.9').health }],
    ['nothing secures the debt', { collateral: [] }],
  ])('is not said when %s', (_, over) => {
    const detail = aDetail({ health: reading('1.5').health, ...over })
    expect(timeByInterest(detail)).toBeNull()
    expect(textOf(detail)).not.toContain('By interest')
  })
})

describe('the detail of a loan, whatever strangers put into it', () => {
  const hostile = fc.oneof(
    fc.constantFrom(...HOSTILE_NAMES),
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constant('y'.repeat(300)),
  )
  const amount = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })
  const decimals = fc.constantFrom(0, 6, 18, 77, 255)
  const number = fc.record({ amount, decimals })
  const rate = fc.option(amount)
  const line = fc.record({
    token: fc.record({ address: fc.constant(WMON.address), symbol: hostile, decimals }),
    amountRaw: amount,
    value: number,
    price: fc.record({ amount, decimals, unit: fc.constantFrom('USD' as const, 'other:\u202eX' as const) }),
    yearlyRateWad: rate,
  })
  const names = fc.record({
    label: hostile,
    marketName: hostile,
    note: hostile,
    symbol: hostile,
    times: fc.constantFrom(1, 32),
  })

  it('is sendable, however many tokens, names and numbers there are', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 4 }),
        names,
        (some, { label, marketName, note, symbol, times }) => {
          const items = Array.from({ length: times }, () => some).flat()
          const view = shown(
            {
              ref: aRef({ marketName }),
              collateral: items.map((item) => ({
                ...item,
                secures: item.amountRaw % 2n === 0n,
                thresholdWad: wad('0.8'),
                liquidationPrice: item.price,
              })),
              debt: items,
              unit: `other:${symbol}`,
              mode: note,
              notes: Array.from({ length: 9 }, () => note),
            },
            { ref: aRef({ marketName }), label },
          )
          expectSendable(view)
          expect(view.body.text).not.toMatch(/NaN|undefined|Infinity/)
        },
      ),
      { numRuns: 60, endOnFailure: true },
    )
  })

  it.each(HOSTILE_NAMES)(
    'is one line for each token, called %j or otherwise, and formats no name',
    (symbol) => {
      const ordinary = shown()
      const attacked = shown({ collateral: [aCollateral({ token: aToken(symbol) })] })
      expect(attacked.body.text.split('\n')).toHaveLength(ordinary.body.text.split('\n').length)
      expect(formatted(attacked).map((part) => part.split(':')[0])).toEqual(['bold', 'bold', 'bold'])
    },
  )

  it('counts what does not fit: 128 tokens make one message', () => {
    const tokens = Array.from({ length: 128 }, (_, index) => aToken(`T${index}`))
    const view = shown({
      collateral: tokens.map((token, index) => aCollateral({ token, value: value(String(index)) })),
      debt: tokens.map((token) => aDebt({ token })),
    })
    expectSendable(view)
    expect(view.body.text.match(/… and 120 more, each worth less/g)).toHaveLength(2)
    expect(view.body.text).toContain('T127')
    expect(view.body.text).toContain('Block 12,345,678')
  })
})

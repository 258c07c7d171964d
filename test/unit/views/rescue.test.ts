import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WayOut } from '../../../src/domain/detail.ts'
import { type RescueFacts, type RescueTarget, rescueData, rescueView } from '../../../src/views/rescue.ts'
import { wad } from '../domain/alerting/series.ts'
import { aDetail, aLoan, aToken, aWay, raw, USDC, WMON } from './detail-kit.ts'
import { aRef, expectSendable, HOSTILE_NAMES, NOW_MS, reading } from './kit.ts'

const LINE: RescueTarget = { wad: wad('1.4'), from: 'wallet' }
const ADD = aWay({
  kind: 'add-collateral',
  token: WMON,
  amountRaw: raw('3.2', WMON),
  walletRaw: raw('5', WMON),
})

function shown(over: Partial<RescueFacts> = {}) {
  return rescueView({
    loan: aLoan(),
    detail: aDetail(),
    ways: [aWay(), ADD],
    target: LINE,
    nowMs: NOW_MS + 3_000,
    ...over,
  })
}

function wayLine(way: Partial<WayOut>): string | undefined {
  return shown({ ways: [aWay(way)] })
    .body.text.split('\n')
    .find((line) => line.startsWith('• '))
}

describe('the ways out of a loan', () => {
  it('read like this', () => {
    expect(shown().body.text).toBe(
      [
        '🟠 Main · Morpho WMON/USDC · health 1.36 · 26.4 % to liquidation',
        '',
        'To health 1.40, your warning line (set for this wallet), one of these is enough:',
        '• Repay 1,234.57 USDC → health 1.40 (wallet holds 200.00: 1,034.57 short)',
        '• Add 3.2 WMON → health 1.40 (wallet holds 5)',
        'At the line itself its alert goes on; that ends at 1.44.',
        '',
        'Computed at this block; prices and interest move, so pay a little more.',
        'Block 12,345,678, 3 s old · rpc.example',
        'Buoy never asks for keys and signs nothing: you do it in the app.',
      ].join('\n'),
    )
  })

  it('name the place of a token where the loan has two', () => {
    const ways = [ADD, { ...ADD, place: 'eWMON-2\n<b>' }]
    const said = shown({ ways })
      .body.text.split('\n')
      .filter((line) => line.startsWith('• '))
    expect(said[0]).toContain('Add 3.2 WMON →')
    expect(said[1]).toMatch(/Add 3.2 WMON in eWMON-2.* →/)
  })

  it('offers to read again, to get clear of the line, the loan itself, and the app', () => {
    expect(shown().buttons).toEqual([
      [
        { text: 'Refresh', data: 'rout:1:100' },
        { text: 'To 1.44', data: 'rout:1:100:1.44' },
        { text: 'Position', data: 'pos:1:100' },
      ],
      [{ text: 'Open Morpho', url: 'https://app.morpho.org/monad' }],
    ])
  })

  it('to a number that was asked for keep it behind the button, never less of it', () => {
    const { buttons, body } = shown({ target: { wad: wad('1.56789123'), from: 'asked' } })
    expect(buttons[0]?.map((button) => 'data' in button && button.data)).toEqual([
      'rout:1:100:1.5679',
      'pos:1:100',
    ])
    expect(body.text).toContain('To health 1.56789123, one of these is enough:')
    expect(rescueData('1:100', { wad: wad('1.40001'), from: 'clear' })).toBe('1:100:1.4001')
  })

  it.each<[Partial<WayOut>, string]>([
    [{ walletRaw: null }, 'Repay 1,234.57 USDC → health 1.40 (what the wallet holds could not be read)'],
    [{ walletRaw: 0n }, 'Repay 1,234.57 USDC → health 1.40 (the wallet has none)'],
    [{ walletRaw: 1_234_567_890n }, 'Repay 1,234.57 USDC → health 1.40 (wallet holds 1,234.56)'],
    [
      { healthAfterWad: null, walletRaw: raw('2000', USDC) },
      'Repay 1,234.57 USDC → pays off the debt (wallet holds 2,000.00)',
    ],
    [
      { reachesTarget: false, healthAfterWad: wad('1.21'), walletRaw: raw('2000', USDC) },
      'Repay 1,234.57 USDC: even all of it gives 1.21 (wallet holds 2,000.00)',
    ],
    [
      { kind: 'add-collateral', amountRaw: 0n, reachesTarget: false, healthAfterWad: wad('1.1') },
      'Add USDC: not possible now',
    ],
    [
      { token: aToken('ZERO', { decimals: 0 }), amountRaw: 7n, walletRaw: 3n },
      'Repay 7 ZERO → health 1.40 (wallet holds 3: 4 short)',
    ],
  ])('say it in one line: %#', (way, line) => {
    expect(wayLine(way)).toBe(`• ${line}`)
  })

  it('say about where the parts do not add up exactly', () => {
    expect(shown({ detail: aDetail({ exact: false }) }).body.text).toContain('• Repay about 1,234.57 USDC')
  })

  it('say when no token gets there alone, and when there is no way at all', () => {
    const short = [aWay({ reachesTarget: false }), aWay({ reachesTarget: false })]
    expect(shown({ ways: short }).body.text).toContain('No single token gets there alone; combine them.')
    expect(shown({ ways: [] }).body.text).toContain('I found no single token that brings it to 1.40')
  })

  it.each([
    ['1.6', 'It is already above 1.40, your warning line (set for this wallet): nothing to repay or add.'],
    ['1.4', 'It is already at 1.40, your warning line (set for this wallet): nothing to repay or add.'],
    ['nodebt', 'It has no debt, so there is nothing to repay and nothing to be liquidated for.'],
  ])('are not shown at health %s', (health, line) => {
    const { body, buttons } = shown({ detail: aDetail({ health: reading(health).health }) })
    expect(body.text).toContain(line)
    expect(body.text).not.toMatch(/• |pay a little more/)
    expect(buttons.flat().map(({ text }) => text)).toEqual(['Refresh', 'Position', 'Open Morpho'])
  })

  it('are shown whenever the protocol itself says that it can be liquidated', () => {
    const health = { noDebt: false, healthWad: wad('1.6'), liquidatable: true } as const
    expect(shown({ detail: aDetail({ health }) }).body.text).toContain('• Repay 1,234.57 USDC')
  })

  it('carry what the protocol adds', () => {
    expect(shown({ detail: aDetail({ notes: ['Adding is possible only.'] }) }).body.text).toContain(
      'ℹ️ Adding is possible only.',
    )
  })

  it('are sendable, whatever the tokens are called and however many there are', () => {
    const hostile = fc.oneof(fc.constantFrom(...HOSTILE_NAMES), fc.string({ unit: 'binary', maxLength: 300 }))
    const amount = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })
    const way = fc.record({
      kind: fc.constantFrom<WayOut['kind']>('repay', 'add-collateral'),
      token: fc.record({
        address: fc.constant(WMON.address),
        symbol: hostile,
        decimals: fc.constantFrom(0, 6, 18, 255),
      }),
      amountRaw: amount,
      healthAfterWad: fc.option(amount),
      reachesTarget: fc.boolean(),
      walletRaw: fc.option(amount),
    })
    fc.assert(
      fc.property(
        fc.array(way, { maxLength: 4 }),
        fc.record({ name: hostile, times: fc.constantFrom(1, 64) }),
        (some, { name, times }) => {
          const view = shown({
            loan: aLoan({ label: name, ref: aRef({ marketName: name }) }),
            ways: Array.from({ length: times }, () => some).flat(),
            detail: aDetail({ notes: [name, name] }),
          })
          expectSendable(view)
          expect(view.body.entities.map(({ type }) => type)).toEqual(['bold'])
          expect(view.body.text).toContain('Buoy never asks for keys')
        },
      ),
      { numRuns: 60, endOnFailure: true },
    )
  })
})

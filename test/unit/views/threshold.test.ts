import { describe, expect, it } from 'vitest'
import { positionName, walletName } from '../../../src/views/names.ts'
import {
  chooseThresholdView,
  type LoanLine,
  type ThresholdChange,
  thresholdChangedView,
  thresholdsView,
} from '../../../src/views/threshold.ts'
import { wad } from '../domain/alerting/series.ts'
import { aRef, expectSendable, formatted, HOSTILE_NAMES, OWNER } from './kit.ts'

function loan(over: Partial<LoanLine> = {}): LoanLine {
  return {
    watchId: 3,
    positionId: 14,
    name: 'Main · Morpho WMON/USDC',
    warningWad: wad('1.25'),
    source: 'proposed',
    ...over,
  }
}

/** The name as the commands put it together. */
function nameOf(label: string, marketName: string): string {
  return `${walletName({ label, owner: OWNER })} · ${positionName(aRef({ marketName }))}`
}

function changed(over: Partial<ThresholdChange>): string[] {
  const shown = thresholdChangedView({
    what: 'Main',
    from: null,
    to: wad('1.4'),
    moved: [],
    kept: [],
    ...over,
  })
  expectSendable(shown)
  return shown.body.text.split('\n')
}

describe('/threshold without a number', () => {
  it('lists every loan with its line and where it comes from, and a button for each', () => {
    const second = loan({
      positionId: 15,
      name: 'Main · Neverland',
      warningWad: wad('1.4'),
      source: 'wallet',
    })
    const shown = thresholdsView({ chatWad: wad('1.5'), loans: [loan(), second] })
    expectSendable(shown)
    expect(shown.body.text.split('\n').slice(0, 5)).toEqual([
      'When I ring',
      'New loans without a line of their own: 1.50',
      'Main · Morpho WMON/USDC: 1.25 (proposed from its health)',
      'Main · Neverland: 1.40 (set for this wallet)',
      '',
    ])
    expect(shown.buttons).toEqual([
      [{ text: 'Main · Morpho WMON/USDC', data: 'th:3:14' }],
      [{ text: 'Main · Neverland', data: 'th:3:15' }],
    ])
  })

  it('shows in code what to type', () => {
    expect(formatted(thresholdsView({ chatWad: wad('1.5'), loans: [] }))).toEqual([
      'bold: When I ring',
      'code: /threshold 1.4',
      'code: /threshold Main 1.4',
      'code: /threshold Main neverland 1.3',
      'code: /threshold Main 1.4 critical 1.1',
      'code: /threshold Main default',
    ])
  })

  it('stays one message for fifty wallets with two loans each', () => {
    const name = nameOf('A label of thirty-two characters', 'Market of thirty-two characters!')
    const loans = Array.from({ length: 100 }, (_, index) => loan({ name, positionId: index }))
    expectSendable(thresholdsView({ chatWad: wad('1.5'), loans }))
  })
})

describe('the choices for one loan', () => {
  it('are eight lines and none', () => {
    const shown = chooseThresholdView(loan())
    expectSendable(shown)
    expect(shown.body.text).toBe(
      'Main · Morpho WMON/USDC rings at 1.25 (proposed from its health).\nAt which health shall it ring?',
    )
    expect(shown.buttons.map((row) => row.map(({ text }) => text))).toEqual([
      ['1.05', '1.10', '1.20', '1.30'],
      ['1.40', '1.50', '1.75', '2.00'],
      ['No line of its own'],
    ])
    expect(shown.buttons.flat().map((button) => 'data' in button && button.data)).toEqual([
      ...[1050, 1100, 1200, 1300, 1400, 1500, 1750, 2000].map((milli) => `ts:3:14:${milli}`),
      'ts:3:14:0',
    ])
  })
})

describe('the answer to a change', () => {
  it('tells the critical line only where it is not the usual one', () => {
    const usual = { warningWad: wad('1.4'), criticalWad: wad('1.1') }
    const own = { warningWad: wad('1.4'), criticalWad: wad('1.2') }
    expect(changed({ criticalWad: usual.criticalWad })[0]).toBe('Main rings at 1.40.')
    expect(
      changed({
        criticalWad: own.criticalWad,
        moved: [
          { name: 'A', ...own, level: 'critical' },
          { name: 'B', ...usual, level: 'safe' },
        ],
        kept: [{ name: 'C', ...own, source: 'position' }],
      }),
    ).toEqual([
      'Main rings at 1.40, critical at 1.20.',
      '   A: 1.40, critical at 1.20, so it is critical now',
      '   B: 1.40',
      '   C keeps 1.40, critical at 1.20 (set for this loan)',
    ])
    expect(chooseThresholdView(loan(own)).body.text).toContain('rings at 1.40, critical at 1.20 (')
  })

  it('tells what it was, which loans moved and to which level, and which keep a closer line', () => {
    expect(
      changed({
        from: wad('1.3'),
        moved: [
          { name: 'Main · Neverland', warningWad: wad('1.4'), level: 'safe' },
          { name: 'Main · Euler A', warningWad: wad('1.4'), level: 'warning' },
        ],
        kept: [{ name: 'Main · Morpho B', warningWad: wad('1.125'), source: 'position' }],
      }),
    ).toEqual([
      'Main rings at 1.40; it was 1.30.',
      '   Main · Euler A: 1.40, so it is warning now',
      '   Main · Neverland: 1.40',
      '   Main · Morpho B keeps 1.125 (set for this loan)',
    ])
  })

  it.each([
    { how: 'set for the first time', from: null, to: '1.4', text: 'Main rings at 1.40.' },
    { how: 'set to what it was', from: '1.4', to: '1.4', text: 'Main rings at 1.40.' },
    {
      how: 'taken away',
      from: '1.4',
      to: null,
      text: 'Main has no line of its own any more; it was 1.40.',
    },
    {
      how: 'taken away where there was none',
      from: null,
      to: null,
      text: 'Main has no line of its own any more; it had none.',
    },
  ])('says in one line that a line was $how', ({ from, to, text }) => {
    expect(changed({ from: from === null ? null : wad(from), to: to === null ? null : wad(to) })).toEqual([
      text,
    ])
  })

  it('stays one message when a change of the chat moves a hundred loans', () => {
    const name = nameOf('A label of thirty-two characters', 'Market of thirty-two characters!')
    const one = { name, warningWad: wad('1.4'), level: 'warning' as const }
    changed({ what: 'This chat', moved: Array.from({ length: 100 }, () => one) })
  })
})

describe('thresholds of loans with hostile names', () => {
  it.each(HOSTILE_NAMES.map((name, index) => [index, name] as const))(
    'are sendable, with no line or format smuggled in (name %i)',
    (_, hostile) => {
      const name = nameOf(hostile, hostile)
      const one = { name, warningWad: wad('1.4') }
      const list = thresholdsView({ chatWad: wad('1.5'), loans: [loan({ name })] })
      const choice = chooseThresholdView(loan({ name }))
      for (const shown of [list, choice]) expectSendable(shown)
      expect(list.body.text.split('\n')).toHaveLength(5)
      expect(choice.body.text.split('\n')).toHaveLength(2)
      expect(formatted(choice)).toEqual([`bold: ${name}`])
      const kept = [{ ...one, source: 'chat' as const }]
      expect(changed({ what: name, moved: [{ ...one, level: 'critical' }], kept })).toHaveLength(3)
    },
  )
})

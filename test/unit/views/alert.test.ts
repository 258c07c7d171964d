import { describe, expect, it } from 'vitest'
import { alertView, plainAlertView } from '../../../src/views/alert.ts'
import { wad } from '../domain/alerting/series.ts'
import {
  ALERTS,
  aRef,
  aTransition,
  expectSendable,
  facts,
  formatted,
  HOSTILE_NAMES,
  NOW_MS,
  OWNER,
  verified,
} from './kit.ts'

const text = (over: Parameters<typeof facts>[0]): string => alertView(facts(over)).body.text
const textOf = (over: Parameters<typeof aTransition>[0]): string => text({ transition: aTransition(over) })
const firstLine = (message: string): string => message.split('\n')[0] ?? ''

describe('the alert for a level', () => {
  it('says on its first line what a lock screen must show', () => {
    expect(firstLine(textOf({}))).toBe('🔴 Main · Morpho WMON/USDC · health 1.08 · 7.4 % to liquidation')
  })

  it('reads like this at warning', () => {
    expect(textOf({ kind: 'warning', to: 'warning', reading: verified('1.4') })).toBe(
      [
        '🟠 Main · Morpho WMON/USDC · health 1.40 · 28.5 % to liquidation',
        'Under your line of 1.50. Was 1.62 at 14:02 UTC.',
        'Repay about $967.75 of debt to get clear of 1.50.',
        'Collateral $12,345.00 · debt $10,000.00',
        'Block 12,345,678 · 14:02 UTC · rpc.example, one source · ref 7F3A2C',
      ].join('\n'),
    )
  })

  it('calls collateral that is already weighed what it is: what counts', () => {
    const weighed = verified('1.4', { collateralNote: 'weighed' })
    expect(textOf({ kind: 'warning', to: 'warning', reading: weighed })).toContain(
      'Collateral counts $12,345.00 · debt $10,000.00',
    )
  })

  it('reads like this at critical, in a fall from safe', () => {
    const [, second, ...rest] = textOf({}).split('\n')
    expect(second).toMatch(/^Under the critical line of 1\.12\S*\. Was 1\.62 at 14:02 UTC\.$/)
    expect(rest).toEqual([
      'Repay about $3,032.26 of debt to get clear of 1.50.',
      'Collateral $12,345.00 · debt $10,000.00',
      'Block 12,345,678 · 14:02 UTC · rpc.example, one source · ref 7F3A2C',
    ])
  })

  it('reads like this when the loan can be liquidated', () => {
    expect(textOf({ kind: 'liquidatable', to: 'liquidatable', reading: verified('0.97') })).toBe(
      [
        '🆘 Main · Morpho WMON/USDC · health 0.97 · can be liquidated now',
        'The protocol allows anyone to liquidate it. Was 1.62 at 14:02 UTC.',
        'Repay about $3,741.94 of debt to get clear of 1.50.',
        'Collateral $12,345.00 · debt $10,000.00',
        'Block 12,345,678 · 14:02 UTC · rpc.example, one source · ref 7F3A2C',
      ].join('\n'),
    )
  })

  it('says that it is still falling at a new low', () => {
    const message = textOf({ from: 'critical', newLow: true, before: verified('1.08') })
    expect(message.split('\n')[1]).toBe('Still falling. Was 1.08 at 14:02 UTC.')
  })

  it('says nothing of before at the first reading', () => {
    expect(textOf({ before: null })).not.toContain('Was')
  })

  it('names no distance where none is left', () => {
    expect(firstLine(textOf({ reading: verified('1') }))).toContain('health 1.0000 · on the edge')
  })

  it('gives the day with a time that is not of today', () => {
    expect(textOf({ before: verified('1.62', { atMs: NOW_MS - 86_400_000 }) })).toContain(
      'Was 1.62 at 2026-01-14 14:02 UTC.',
    )
  })

  it('makes its first line bold and nothing else', () => {
    expect(formatted(alertView(facts()))).toEqual([
      'bold: 🔴 Main · Morpho WMON/USDC · health 1.08 · 7.4 % to liquidation',
    ])
  })

  it('calls a wallet without a label by its short address', () => {
    expect(firstLine(text({ label: null }))).toContain('🔴 0x1234…5678 · ')
  })

  it('names the protocol once when its market is called after it', () => {
    expect(firstLine(text({ ref: aRef({ marketName: 'Morpho WMON' }) }))).toContain('Main · Morpho WMON · ')
  })

  it('offers what somebody woken may want next, by the id of the alert', () => {
    const known = [
      { text: 'Seen', data: 'seen:17' },
      { text: 'Snooze 1 h', data: 'snooze:17' },
    ]
    const now = { text: 'Refresh', data: 'now:17' }
    const ways = { text: 'Ways out', data: 'ways:17' }
    expect(alertView(facts()).buttons).toEqual([
      known,
      [now, ways],
      [{ text: 'Open Morpho', url: 'https://app.morpho.org/monad' }],
    ])
    expect(alertView(facts({ appUrl: null })).buttons).toEqual([known, [now, ways]])
  })
})

describe('good news', () => {
  it('reads like this after a return to safe', () => {
    expect(
      textOf({
        kind: 'recovered',
        from: 'critical',
        to: 'safe',
        reading: verified('1.7'),
        rangAtWad: wad('1.08'),
      }),
    ).toBe(
      [
        '🟢 Main · Morpho WMON/USDC · recovered · health 1.70',
        'Above your line of 1.50 again. It rang at 1.08.',
        'Block 12,345,678 · 14:02 UTC · rpc.example, one source · ref 7F3A2C',
      ].join('\n'),
    )
  })

  it('cannot be taken for the newest word when a newer alert has left before it', () => {
    const { body } = alertView(facts({ overtaken: true, maybeRepeat: true, createdAtMs: NOW_MS - 120_000 }))
    expect(firstLine(body.text)).toMatch(/^🔴 Main · Morpho WMON\/USDC · earlier, at 14:00 UTC · health /)
    expect(body.text).toContain('↩ May be a repeat of 7F3A2C')
  })

  it('does not say "recovered" of a loan that only left its worst level', () => {
    const message = textOf({ kind: 'recovered', from: 'critical', to: 'warning', reading: verified('1.3') })
    expect(firstLine(message)).toBe(
      '🟡 Main · Morpho WMON/USDC · no longer critical, now a warning · health 1.30',
    )
    expect(message).not.toContain('recovered')
    expect(message).toContain('Better; I go on watching it closely.')
  })

  it('says which level still counts while health is above its line, and for how long', () => {
    const message = textOf({
      kind: 'recovered',
      from: 'liquidatable',
      to: 'critical',
      reading: verified('1.3'),
    })
    expect(firstLine(message)).toBe(
      '🟡 Main · Morpho WMON/USDC · no longer liquidatable, now critical · health 1.30',
    )
    expect(message).toContain('Better. It counts as critical until it has been clear of 1.125 for a minute.')
  })

  it('says that there is no debt rather than a number', () => {
    const message = textOf({ kind: 'recovered', from: 'warning', to: 'safe', reading: verified('nodebt') })
    expect(firstLine(message)).toBe('🟢 Main · Morpho WMON/USDC · recovered · no debt')
  })

  it('reads like this when the loan is visible again', () => {
    const unseen = { sinceMs: NOW_MS - 900_000, reason: 'rpc', detail: 'x' } as const
    expect(textOf({ kind: 'sighted', to: 'safe', reading: verified('1.6'), unseen })).toBe(
      [
        '👁 Main · Morpho WMON/USDC · visible again · health 1.60',
        'I could not see it since 13:47 UTC.',
        'Block 12,345,678 · 14:02 UTC · rpc.example, one source · ref 7F3A2C',
      ].join('\n'),
    )
  })

  it('reads like this when the loan was closed', () => {
    expect(textOf({ kind: 'closed', to: 'safe', reading: null, before: verified('1.4') })).toBe(
      [
        '⚪ Main · Morpho WMON/USDC · closed',
        'The chain no longer has this loan; two reads agree. Was 1.40 at 14:02 UTC.',
        'Ref 7F3A2C',
      ].join('\n'),
    )
  })
})

describe('the note about a debt that moved', () => {
  const ref = aRef({ protocol: 'euler', marketName: 'Euler eUSDC-1 · account 7' })
  const moved = facts({
    ref,
    transition: aTransition({
      kind: 'moved',
      from: 'critical',
      to: 'safe',
      reading: null,
      movedTo: 'Euler eWBTC-1 · account 7',
    }),
  })

  it('reads like this, with the buttons of a closed loan', () => {
    const note = alertView(moved)
    expect(note.body.text).toBe(
      [
        '↪️ Main · Euler eUSDC-1 · account 7 · moved',
        'The debt is now at Euler eWBTC-1 · account 7; I go on watching it there with the same line.',
        'Ref 7F3A2C',
      ].join('\n'),
    )
    expect(note.buttons).toEqual([[{ text: 'Open Euler', url: 'https://app.morpho.org/monad' }]])
    expect(alertView({ ...moved, appUrl: null }).buttons).toEqual([])
  })

  it('reads like this in its plain form', () => {
    expect(plainAlertView(moved).body.text).toBe('↪️ 0x1234…5678 · Euler · moved\nRef 7F3A2C')
  })

  it.each(HOSTILE_NAMES)('stays one line and sendable wherever it moved to: %j', (movedTo) => {
    const note = alertView({ ...moved, transition: { ...moved.transition, movedTo } })
    expectSendable(note)
    expect(note.body.text.split('\n')).toHaveLength(3)
  })
})

describe('the alert for a loan that cannot be seen', () => {
  const unseen = { sinceMs: NOW_MS - 600_000, reason: 'rpc', detail: 'rpc.example: HTTP 502' } as const
  const blind = { kind: 'blind', to: 'safe', reading: null, unseen } as const

  it('says since when, why, and what was seen last', () => {
    expect(textOf({ ...blind, before: verified('1.31', { atMs: NOW_MS - 615_000 }) })).toBe(
      [
        '⚫ Main · Morpho WMON/USDC · I cannot see this loan since 13:52 UTC',
        'Reason: rpc.example: HTTP 502.',
        'Last seen: health 1.31 at 13:52 UTC, block 12,345,678. It may be worse by now.',
        'I keep trying and tell you when I see it again. Until then, look at it yourself.',
        'Ref 7F3A2C',
      ].join('\n'),
    )
  })

  it('says so when it was never seen', () => {
    expect(textOf({ ...blind, before: null })).toContain('I have not been able to read it even once.')
  })

  it('never words it as safe, closed or gone', () => {
    expect(textOf(blind)).not.toMatch(/\b(safe|closed|no position|no loan|no debt|recovered|0\.00)\b/i)
  })
})

describe('every alert', () => {
  const cases = ALERTS.map((transition) => ({ transition, name: `${transition.kind} to ${transition.to}` }))

  it.each(cases)('stays under 500 characters with everything it may have to say: $name', ({ transition }) => {
    const message = text({ transition, readyAtMs: NOW_MS - 90_000_000, maybeRepeat: true })
    expect(message.length).toBeLessThan(500)
  })

  it.each(cases)('carries its reference: $name', ({ transition }) => {
    expect(text({ transition })).toMatch(/\b[Rr]ef 7F3A2C$/)
  })

  it.each(cases)('is sendable in both forms: $name', ({ transition }) => {
    expectSendable(alertView(facts({ transition })))
    expectSendable(plainAlertView(facts({ transition })))
  })

  it.each(cases)('says from one minute on that it is late: $name', ({ transition }) => {
    expect(text({ transition, readyAtMs: NOW_MS - 59_999 })).not.toContain('Late')
    expect(text({ transition, readyAtMs: NOW_MS - 60_000 })).toContain(
      '\n⏳ Late by 60 s: I could not send this sooner.',
    )
    expect(text({ transition, readyAtMs: NOW_MS - 7_380_000 })).toContain('Late by 2 h 3 min')
  })

  it.each(cases)('says that it may be a repeat, and of which message, only when it may: $name', (item) => {
    const { transition } = item
    expect(text({ transition })).not.toContain('repeat')
    expect(text({ transition, maybeRepeat: true })).toContain('\n↩ May be a repeat of 7F3A2C')
  })
})

describe('the plain form of an alert', () => {
  const ref = aRef({ marketName: 'EVIL/TOKEN' })
  const cases = ALERTS.map((transition) => ({ transition, name: `${transition.kind} to ${transition.to}` }))

  it.each(cases)('holds no name, formatting or button: $name', ({ transition }) => {
    const view = plainAlertView(facts({ transition, ref, label: 'My secret label' }))
    expect(view.body.text).not.toMatch(/EVIL|secret/)
    expect(view.body.text).toContain('0x1234…5678 · Morpho')
    expect(view.body.entities).toEqual([])
    expect(view.buttons).toEqual([])
  })

  it('still says what happened, on its first line', () => {
    expect(firstLine(plainAlertView(facts()).body.text)).toBe(
      '🔴 0x1234…5678 · Morpho · health 1.08 · 7.4 % to liquidation',
    )
  })

  it('still says that it is late or may be a repeat', () => {
    const view = plainAlertView(facts({ readyAtMs: NOW_MS - 60_000, maybeRepeat: true }))
    expect(view.body.text.split('\n').slice(2)).toEqual([
      '⏳ Late by 60 s: I could not send this sooner.',
      '↩ May be a repeat of 7F3A2C: I could not tell whether it arrived.',
    ])
  })

  it('never shows the whole address of the owner', () => {
    for (const { transition } of cases) {
      expect(plainAlertView(facts({ transition })).body.text).not.toContain(OWNER)
    }
  })
})

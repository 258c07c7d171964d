import { describe, expect, it } from 'vitest'
import type { ToldAlert } from '../../../src/domain/history.ts'
import { exampleView } from '../../../src/views/example.ts'
import { historyView } from '../../../src/views/history.ts'
import { snoozedView } from '../../../src/views/snooze.ts'
import { ALERTS, aRef, aTransition, expectSendable, HOSTILE_NAMES, NOW_MS } from './kit.ts'

function told(over: Partial<ToldAlert> = {}): ToldAlert {
  return {
    ref: aRef(),
    label: 'Main',
    transition: aTransition(),
    createdAtMs: NOW_MS - 3_600_000,
    state: 'sent',
    settledAtMs: NOW_MS - 3_599_000,
    maybeRepeat: false,
    seenAtMs: null,
    ...over,
  }
}

const text = (...alerts: readonly ToldAlert[]): string =>
  historyView({ alerts, count: alerts.length }, { page: 0, nowMs: NOW_MS }).body.text

describe('the history', () => {
  it('says when, what, which loan, the health then, and what became of it', () => {
    expect(text(told({ seenAtMs: NOW_MS - 60_000 }))).toBe(
      [
        'One alert in the last 30 days, newest first',
        '',
        '13:02 UTC · 🔴 critical',
        'Main · Morpho WMON/USDC · health 1.08',
        'sent 13:02 UTC · seen 14:01 UTC',
      ].join('\n'),
    )
  })

  it('hides nothing about how it went', () => {
    expect(text(told({ settledAtMs: NOW_MS }))).toContain('sent 14:02 UTC, 60 min after it was decided')
    expect(text(told({ maybeRepeat: true }))).toContain(', perhaps twice')
    expect(text(told({ state: 'superseded' }))).toContain('told with a later one')
    expect(text(told({ state: 'unreachable' }))).toContain('not sent: this chat could not be written to')
    expect(text(told({ state: 'pending', settledAtMs: null }))).toContain('on its way')
  })

  it('says so when there is nothing, and how to see one', () => {
    expect(text()).toBe('No alerts in the last 30 days. /drill shows what one would look like.')
  })

  it('has pages', () => {
    const alerts = Array.from({ length: 8 }, () => told())
    const { buttons } = historyView({ alerts, count: 20 }, { page: 1, nowMs: NOW_MS })
    expect(buttons).toEqual([
      [
        { text: '‹ 1', data: 'hist:0' },
        { text: '2 of 3', data: 'hist:1' },
        { text: '3 ›', data: 'hist:2' },
      ],
    ])
  })

  it('can be sent whatever it is about and whatever names are in it', () => {
    for (const name of HOSTILE_NAMES) {
      const alerts = ALERTS.slice(0, 8).map((transition) =>
        told({ transition, label: name, ref: aRef({ marketName: name }) }),
      )
      expectSendable(historyView({ alerts, count: 100 }, { page: 3, nowMs: NOW_MS }))
    }
    for (const transition of ALERTS)
      expectSendable(historyView({ alerts: [told({ transition })], count: 1 }, { page: 0, nowMs: NOW_MS }))
  })
})

describe('the answer to /snooze', () => {
  const loans = [{ ref: aRef(), label: 'Main', level: 'critical' as const }]

  it('names the loans, their levels and the end', () => {
    const view = snoozedView({ loans, untilMs: NOW_MS + 3_600_000, nowMs: NOW_MS })
    expect(view.body.text).toBe(
      [
        '😴 Quiet until 15:02 UTC, at these levels:',
        '🔴 Main · Morpho WMON/USDC: critical',
        'A deeper level rings at once. A liquidation does too.',
      ].join('\n'),
    )
    expect(view.buttons).toEqual([[{ text: 'Wake up now', data: 'snoozeall:off' }]])
  })

  it('says when there is nothing to snooze, and when all are awake', () => {
    expect(snoozedView({ loans: [], untilMs: NOW_MS, nowMs: NOW_MS }).body.text).toMatch(/^Nothing to snooze/)
    expect(snoozedView({ loans, untilMs: null, nowMs: NOW_MS }).body.text).toMatch(/^🔔 Awake again\./)
  })
})

describe('the sample alert', () => {
  it('is marked on its first line, is sendable, and every button says that it is one', () => {
    const view = exampleView(NOW_MS)
    expectSendable(view)
    const [first, second] = view.body.text.split('\n')
    expect(first).toBe('EXAMPLE · this loan does not exist')
    expect(second).toBe('🔴 Main · Morpho WMON/USDC · health 1.08 · 7.4 % to liquidation')
    expect(view.body.text).toContain('rpc.monad.xyz, confirmed by rpc1.monad.xyz')
    expect(view.buttons.flat().every((button) => 'data' in button && button.data === 'example')).toBe(true)
  })
})

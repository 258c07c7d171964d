import { describe, expect, it } from 'vitest'
import type { AlertKind, Transition } from '../../../../src/domain/alerting/transition.ts'
import { rings, urgencyOf, urgencyOfMessage } from '../../../../src/domain/alerting/urgency.ts'

type Ranked = Pick<Transition, 'kind' | 'from'>

describe('urgencyOf', () => {
  it('sends the most dangerous first', () => {
    const order: Ranked[] = [
      { kind: 'liquidated', from: 'liquidatable' },
      { kind: 'liquidatable', from: 'safe' },
      { kind: 'critical', from: 'warning' },
      { kind: 'blind', from: 'critical' },
      { kind: 'escalation', from: 'critical' },
      { kind: 'warning', from: 'safe' },
      { kind: 'blind', from: 'warning' },
      { kind: 'recovered', from: 'critical' },
    ]
    const messages = (['receipt', 'pools', 'digest', 'broadcast', 'drill', 'edit'] as const).map(
      urgencyOfMessage,
    )
    const ranks = [...order.map(urgencyOf), ...messages]
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
    expect(new Set(ranks).size).toBe(ranks.length)
  })

  it('puts blindness at a deep level before a warning', () => {
    expect(urgencyOf({ kind: 'blind', from: 'liquidatable' })).toBe(
      urgencyOf({ kind: 'blind', from: 'critical' }),
    )
    expect(urgencyOf({ kind: 'blind', from: 'safe' })).toBe(urgencyOf({ kind: 'blind', from: 'warning' }))
  })

  it('treats all good news alike', () => {
    const kinds: AlertKind[] = ['recovered', 'sighted', 'closed', 'moved']
    expect(new Set(kinds.map((kind) => urgencyOf({ kind, from: 'critical' }))).size).toBe(1)
  })
})

describe('rings', () => {
  it.each(['warning', 'critical', 'liquidatable', 'liquidated', 'escalation', 'blind'] as const)(
    'wakes for %s',
    (kind) => {
      expect(rings(kind)).toBe(true)
    },
  )

  it.each(['recovered', 'sighted', 'closed', 'moved'] as const)('does not wake for %s', (kind) => {
    expect(rings(kind)).toBe(false)
  })
})

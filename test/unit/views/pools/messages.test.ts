import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LenderEvent } from '../../../../src/domain/pools/lender-alerts.ts'
import { rotations } from '../../../../src/domain/pools/rotation.ts'
import { lenderAlertView } from '../../../../src/views/pools/lender-alert.ts'
import { rateText, usdText } from '../../../../src/views/pools/rates.ts'
import { rotationView } from '../../../../src/views/pools/rotation.ts'
import { lendAt, supplyIn } from '../../domain/pools/lending-kit.ts'
import { expectSendable, HOSTILE_NAMES, NOW_MS, OWNER } from '../kit.ts'

const here = lendAt({ id: 'Euler eUSDC-1', rate: 0.04 })
const there = {
  ...lendAt({ id: 'there', rate: 0.08 }),
  source: 'morpho',
  name: 'USDC · Morpho WMON/USDC 86%',
} as const

function advice(names: { label: string | null; from?: string; to?: string }) {
  const from = { ...here, name: names.from ?? here.name }
  const to = { ...there, name: names.to ?? there.name }
  const held = [{ supply: supplyIn(from, 36_500), opportunity: from }]
  const found = rotations(
    { held, targets: [{ opportunity: to, open: true }] },
    { multiplier: 1.3, moveCostUsd: 2, leastUsd: 10, most: 3 },
  )
  return rotationView({ label: names.label, owner: OWNER, rotations: found })
}

function lender(event: LenderEvent, change: { label?: string; name?: string; symbol?: string } = {}) {
  const asset = { ...here.lending.asset, symbol: change.symbol ?? 'USDC' }
  return lenderAlertView({
    label: change.label ?? 'Main',
    owner: OWNER,
    event,
    opportunity: {
      ...here,
      name: change.name ?? here.name,
      seenAtMs: NOW_MS,
      lending: { ...here.lending, asset },
    },
    suppliedRaw: 1_500_000_000n,
    lines: { utilisation: 0.9, yieldPerYear: 0.045 },
    nowMs: NOW_MS,
    deliveryId: 'D-1',
  })
}

const EVENTS: readonly LenderEvent[] = [
  { kind: 'dry', reason: 'liquidity' },
  { kind: 'dry', reason: 'utilisation' },
  { kind: 'liquid' },
  { kind: 'rate-low' },
  { kind: 'rate-back' },
]

describe('advice to move', () => {
  it('reads like this', () => {
    const { body, buttons } = advice({ label: 'Main' })
    expect(body.text.split('\n').slice(0, 4)).toEqual([
      '💱 Main · 4.00 % → 8.00 % · +$4.00 a day',
      'From USDC · Euler eUSDC-1 ($36,500)',
      'To USDC · Morpho WMON/USDC 86%',
      'If the move costs $2.00, it has paid for itself after 12 hours.',
    ])
    expect(buttons).toEqual([[{ text: 'Open the new place', url: there.link }]])
  })

  it('says that the cost of a move is not known instead of guessing when it has paid for itself', () => {
    const held = [{ supply: supplyIn(here, 36_500), opportunity: here }]
    const found = rotations({ held, targets: [{ opportunity: there, open: true }] })
    const { body } = rotationView({ label: null, owner: OWNER, rotations: found })
    expect(body.text).toContain('What the move costs is not known')
    expect(rotationView({ label: 'Main', owner: OWNER, rotations: [] }).body.text).toContain('nothing better')
  })
})

describe('what a lender is told', () => {
  it.each([
    [0, '🔴 Main · USDC · Euler eUSDC-1 · less is left than you have in'],
    [1, '🟠 Main · USDC · Euler eUSDC-1 · running dry, 80.00 % lent out'],
    [2, '🟢 Main · USDC · Euler eUSDC-1 · enough is left again'],
    [3, '📉 Main · USDC · Euler eUSDC-1 · 4.00 % a year, below your line of 4.50 %'],
    [4, '📈 Main · USDC · Euler eUSDC-1 · 4.00 % a year, above your line of 4.50 % again'],
  ])('begins with what happened (%s)', (index, line) => {
    const event = EVENTS[index] ?? { kind: 'liquid' }
    expect(lender(event).body.text.split('\n')[0]).toBe(line)
  })

  it('names what they have in and what all lenders could take out', () => {
    expect(lender({ kind: 'dry', reason: 'liquidity' }).body.text).toContain(
      'You have 1,500.00 USDC in. All lenders together can take out 200,000.00 USDC; 80.00 % is lent out.',
    )
  })
})

describe('numbers of pools', () => {
  it.each([
    [0.052, '5.20 %'],
    [0.00001, 'under 0.01 %'],
    [0, '0.00 %'],
    [12.345, '1,235 %'],
    [Number.NaN, '?'],
  ])('tells the rate %s as %s', (rate, text) => {
    expect(rateText(rate)).toBe(text)
  })

  it.each([
    [1234.5, '$1,234.50'],
    [36_500.4, '$36,500'],
    [0.001, 'under $0.01'],
    [Number.POSITIVE_INFINITY, '?'],
  ])('tells %s dollars as %s', (usd, text) => {
    expect(usdText(usd)).toBe(text)
  })
})

describe('whatever strangers call their pools and tokens', () => {
  it('every message is sendable and short enough to read', () => {
    const name = fc.oneof(fc.constantFrom(...HOSTILE_NAMES), fc.string({ unit: 'binary', maxLength: 200 }))
    fc.assert(
      fc.property(fc.record({ label: name, name, symbol: name }), (names) => {
        const views = [
          ...EVENTS.map((event) => lender(event, names)),
          advice({ label: names.label, from: names.name, to: names.symbol }),
        ]
        for (const view of views) {
          expectSendable(view)
          expect(view.body.text.split('\n').length).toBeLessThan(10)
        }
      }),
      { numRuns: 60 },
    )
  })
})

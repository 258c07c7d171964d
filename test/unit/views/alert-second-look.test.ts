import { describe, expect, it } from 'vitest'
import type { SecondLook } from '../../../src/domain/alerting/second-look.ts'
import type { Confirmation } from '../../../src/domain/delivery.ts'
import { alertView, plainAlertView } from '../../../src/views/alert.ts'
import { wad } from '../domain/alerting/series.ts'
import { ALERTS, aTransition, expectSendable, facts, NOW_MS, verified } from './kit.ts'

const LIQUIDATABLE = aTransition({ kind: 'liquidatable', to: 'liquidatable', reading: verified('0.41') })
const second = (health: string): SecondLook => ({
  endpoint: 'rpc2.example',
  block: 12_345_679,
  health: { noDebt: false, healthWad: wad(health), liquidatable: wad(health) < wad('1') },
})
const text = (over: Parameters<typeof facts>[0]): string => alertView(facts(over)).body.text

describe('an alert that was looked at twice', () => {
  it('names who confirmed it', () => {
    const said = text({ transition: LIQUIDATABLE, confirm: 'confirmed', second: second('0.41') })
    expect(said).toContain('🆘 Main · Morpho WMON/USDC · health 0.41 · can be liquidated now\n')
    expect(said).toContain('rpc.example, confirmed by rpc2.example')
  })

  it('is never worded as certain while only one source says it', () => {
    const said = text({ transition: LIQUIDATABLE, confirm: 'unconfirmed' })
    expect(said).toContain('health 0.41 · may be open to liquidation\n')
    expect(said).toContain('One source says that anyone may liquidate it; I could not confirm it.')
    expect(said).toContain('rpc.example, unconfirmed, one source')
    expect(said).not.toContain('can be liquidated now')
  })

  it('says on the first line what each source said when they disagree', () => {
    const disputed = { transition: LIQUIDATABLE, confirm: 'disputed', second: second('1.32') } as const
    const [first, next] = text(disputed).split('\n')
    expect(first).toBe(
      '❓ Main · Morpho WMON/USDC · sources disagree: rpc.example says 0.41, rpc2.example says 1.32',
    )
    expect(next).toMatch(/^Two sources tell different things\. Look at it yourself, now\./)
    expect(text(disputed)).not.toMatch(/liquidated now|anyone/)
    expect(plainAlertView(facts(disputed)).body.text).toContain('sources disagree')
  })

  it('says so when the other source knows no such loan', () => {
    const none: SecondLook = { endpoint: 'rpc2.example', block: 12_345_679, health: 'none' }
    expect(text({ transition: LIQUIDATABLE, confirm: 'disputed', second: none })).toContain(
      'rpc2.example says no such loan',
    )
  })

  it.each(['none', 'confirmed', 'unconfirmed', 'disputed'] satisfies Confirmation[])(
    'can be sent as %s, whatever it is about',
    (confirm) => {
      for (const transition of ALERTS) {
        for (const look of [null, second('1.32')])
          expectSendable(alertView(facts({ transition, confirm, second: look })))
      }
    },
  )
})

describe('the present reading beside the one that rang', () => {
  const later = (health: string) => verified(health, { block: 12_345_700, atMs: NOW_MS - 1_000 })

  it('stands below it where it differs', () => {
    expect(text({ present: later('1.32') })).toContain('\nNow: health 1.32 · block 12,345,700, 14:02 UTC.')
  })

  it('is left out where it says the same, is not newer or is not known', () => {
    expect(text({ present: later('1.08') })).not.toContain('Now:')
    expect(text({ present: verified('1.32') })).not.toContain('Now:')
    expect(text({ present: null })).not.toContain('Now:')
  })
})

describe('what was never sent by itself', () => {
  it('is told in the order in which it happened, with health and time', () => {
    const told = [
      aTransition({ kind: 'warning', to: 'warning', reading: verified('1.38', { atMs: NOW_MS - 600_000 }) }),
      aTransition({ reading: verified('1.04', { atMs: NOW_MS - 420_000 }) }),
    ]
    const recovered = aTransition({
      kind: 'recovered',
      from: 'critical',
      to: 'safe',
      reading: verified('1.7'),
    })
    expect(text({ transition: recovered, told })).toContain(
      'Before that, not sent by itself: 🟠 1.38 at 13:52 UTC, 🔴 1.04 at 13:55 UTC.',
    )
  })

  it('counts what does not fit', () => {
    const told = Array.from({ length: 11 }, () => aTransition())
    expect(text({ told })).toContain('Before that, not sent by itself: 3 earlier, 🔴 1.08')
  })

  it('tells of blindness too', () => {
    const unseen = { sinceMs: NOW_MS - 900_000, reason: 'rpc', detail: 'HTTP 502' } as const
    const blind = aTransition({ kind: 'blind', from: 'safe', to: 'safe', reading: null, unseen })
    expect(text({ told: [blind] })).toContain('⚫ not seen since 13:47 UTC.')
  })
})

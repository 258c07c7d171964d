import { describe, expect, it } from 'vitest'
import { DRILL_MARKET } from '../../../src/domain/drill.ts'
import { alertView } from '../../../src/views/alert.ts'
import { aRef, aTransition, facts, LIQUIDATION, NOW_MS, verified } from './kit.ts'

const textOf = (over: Parameters<typeof aTransition>[0], more: Parameters<typeof facts>[0] = {}): string =>
  alertView(facts({ transition: aTransition(over), ...more })).body.text
const labels = (over: Parameters<typeof facts>[0]): string[] =>
  alertView(facts(over))
    .buttons.flat()
    .map(({ text }) => text)

describe('a repeated alert', () => {
  it('says that nobody answered, and offers to be the last one', () => {
    const transition = aTransition({ repeat: true, from: 'critical' })
    expect(textOf({ repeat: true, from: 'critical' })).toContain(
      'Still critical, and nobody has pressed Seen.',
    )
    expect(labels({ transition })).toContain('No more repeats')
    expect(labels({})).not.toContain('No more repeats')
  })
})

describe('bad debt', () => {
  it('is shown as liquidatable, without a sum that would save nothing', () => {
    const said = textOf({ kind: 'liquidatable', to: 'liquidatable', badDebt: true, reading: verified('0.4') })
    expect(said).toContain('🆘')
    expect(said).toContain('The collateral is worth less than the debt: there may be nothing left to save.')
    expect(said).not.toContain('Repay')
  })
})

describe('a debt that became too small to ring for', () => {
  it('says so instead of naming a line', () => {
    const dust = {
      kind: 'recovered',
      from: 'critical',
      to: 'safe',
      dust: true,
      reading: verified('1.01'),
    } as const
    expect(textOf(dust)).toContain('What is owed is too small to ring for.')
    expect(textOf(dust)).not.toContain('Above your line')
  })
})

describe('an oracle that does not answer', () => {
  it('is its own kind of not seeing', () => {
    const unseen = {
      sinceMs: NOW_MS - 600_000,
      reason: 'oracle',
      detail: 'the oracle of WMON answers 0',
    } as const
    const said = textOf({ kind: 'blind', from: 'critical', to: 'critical', reading: null, unseen })
    expect(said).toContain('⚫ Main · Morpho WMON/USDC · its price oracle does not answer since 13:52 UTC')
    expect(said).toContain('Reason: the oracle of WMON answers 0.')
  })
})

describe('a liquidation', () => {
  const liquidated = {
    kind: 'liquidated',
    from: 'liquidatable',
    to: 'liquidatable',
    reading: null,
    liquidation: LIQUIDATION,
  } as const

  it('says first what was lost, then for what, then what is left', () => {
    const present = verified('1.4', { block: LIQUIDATION.block + 2 })
    expect(textOf(liquidated, { present }).split('\n')).toEqual([
      '💥 Main · Morpho WMON/USDC · liquidated · lost 12.3 WMON',
      'A liquidator paid back 1,000.00 USDC of the debt and took 12.3 WMON for it.',
      'Left: collateral $12,345.00 · debt $10,000.00 · health 1.40 (block 12,345,602).',
      "Block 12,345,600 · from the protocol's own event · ref 7F3A2C",
    ])
  })

  it('takes no reading from before it for what is left', () => {
    const present = verified('0.97', { block: LIQUIDATION.block - 1 })
    expect(textOf(liquidated, { present })).toContain('What is left I am reading now: /check shows it.')
    expect(textOf(liquidated, { present })).not.toContain('0.97')
  })

  it('invents no amounts that the event does not tell', () => {
    const silent = { ...LIQUIDATION, repaid: null, seized: null }
    expect(textOf({ ...liquidated, liquidation: silent })).toContain('The event does not say what was taken.')
  })
})

describe('an escalation', () => {
  const transition = aTransition({
    kind: 'escalation',
    from: 'critical',
    reading: null,
    before: verified('1.04'),
  })

  it('says on its first line that nobody answered, and what to do below', () => {
    const [first, second, third] = alertView(facts({ transition })).body.text.split('\n')
    expect(first).toBe('🚨 Nobody answered · Main · Morpho WMON/USDC · health 1.04')
    expect(second).toBe('It is critical, and nobody in the first chat pressed Seen.')
    expect(third).toMatch(/^Repay about \$3,2\d\d\.\d\d of debt to get clear of 1\.50\.$/)
    expect(labels({ transition })).toContain('Seen')
  })
})

describe('an exercise', () => {
  const ref = aRef({ market: DRILL_MARKET })

  it('says so before anything else, and has nothing to open', () => {
    expect(alertView(facts({ ref })).body.text.split('\n')[0]).toMatch(/^🔴 DRILL · Main/)
    expect(labels({ ref })).toEqual(['Seen'])
  })
})

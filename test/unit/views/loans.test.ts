import { describe, expect, it } from 'vitest'
import { unseenView } from '../../../src/views/loan.ts'
import { type LoanChoice, loansView, noLoanView } from '../../../src/views/loans.ts'
import { aLoan } from './detail-kit.ts'
import {
  aRef,
  aWallet,
  expectSendable,
  HOSTILE_NAMES,
  NOW_MS,
  OWNER,
  reading,
  seen,
  unknown,
  verified,
} from './kit.ts'

function choice(health: string | null, label: string): LoanChoice {
  const loan = aLoan({ label, place: `1:${label.length}` })
  return health === null
    ? { loan, health: null, seenMs: null }
    : { loan, health: reading(health).health, seenMs: NOW_MS - 20_000 }
}

describe('several loans to choose from', () => {
  it('stand worst first, each with its button, what is not seen before all', () => {
    const choices = [choice('1.6', 'a'), choice('nodebt', 'bb'), choice('0.9', 'ccc'), choice(null, 'dddd')]
    const { body, buttons } = loansView(choices, { action: 'out', nowMs: NOW_MS })
    expect(body.text).toBe(
      [
        'Which one? Worst first:',
        '❔ dddd · Morpho WMON/USDC · not seen so far',
        '🆘 ccc · Morpho WMON/USDC · health 0.90 · can be liquidated now',
        '🟢 a · Morpho WMON/USDC · health 1.60 · 37.5 % to liquidation',
        '⚪ bb · Morpho WMON/USDC · no debt',
        'Seen within the last 20 s; a button reads it now.',
      ].join('\n'),
    )
    expect(buttons.flat().map((button) => 'data' in button && button.data)).toEqual([
      'out:1:4',
      'out:1:3',
      'out:1:1',
      'out:1:2',
    ])
  })

  it('are one message however many and however called, with as many buttons as lines', () => {
    for (const name of HOSTILE_NAMES) {
      const loan = aLoan({ label: name, ref: aRef({ marketName: name }) })
      const many = Array.from({ length: 60 }, () => ({ ...choice('1.2', 'x'), loan }))
      const view = loansView(many, { action: 'pos', nowMs: NOW_MS })
      expectSendable(view)
      const shown = view.buttons.length
      expect(view.body.text).toContain(`… and ${60 - shown} more: name one more closely.`)
    }
  })

  it('say nothing about an age when none of them was seen', () => {
    const { body } = loansView([choice(null, 'a'), choice(null, 'b')], { action: 'pos', nowMs: NOW_MS })
    expect(body.text).not.toMatch(/Seen within/)
    expect(body.text).toContain('A button reads it now.')
  })
})

describe('no loan to show', () => {
  it('is said with where it was looked for, and where to go from here', () => {
    const view = noLoanView([aWallet({ positions: [] })], false)
    expect(view.body.text).toMatch(/^There is no loan or deposit to show\.\n\nMain 0x/)
    expect(view.body.text).toContain('No loan or deposit on Morpho.')
    expect(view.buttons).toEqual([
      [
        { text: 'Watch', data: `add:${OWNER}` },
        { text: 'Help', data: 'help' },
      ],
    ])
    expect(noLoanView([aWallet({ positions: [] })], true).buttons.flat()[0]).toEqual({
      text: 'Check now',
      data: 'check',
    })
  })

  it('is never claimed where something could not be looked at', () => {
    const view = noLoanView([aWallet({ positions: [], protocols: [seen('morpho', 'HTTP 502')] })], true)
    expect(view.body.text).toMatch(/^I see no loan here, but I could not look everywhere\./)
    expect(view.body.text).not.toMatch(/no loan or deposit/i)
    expect(view.body.text).toContain('HTTP 502')
  })

  it('is one message for many wallets', () => {
    const view = noLoanView(
      Array.from({ length: 60 }, () => aWallet({ positions: [] })),
      true,
    )
    expectSendable(view)
    expect(view.body.text).toMatch(/… and \d+ more wallets: \/check shows them\.$/)
  })
})

describe('a loan without detail', () => {
  const facts = { appUrl: 'https://app.morpho.org', refresh: 'rpos:1:100', nowMs: NOW_MS }

  it('that could not be read is not visible, never gone', () => {
    const view = unseenView(aLoan(), { ...facts, inspected: unknown() })
    expect(view.body.text).toBe(
      '❔ Main · Morpho WMON/USDC · I cannot see it: rpc.example: no answer\nThat says nothing about the loan itself.',
    )
    const last = verified('1.2', { atMs: NOW_MS - 60_000 })
    expect(unseenView(aLoan({ last }), { ...facts, inspected: unknown() }).body.text).toContain(
      'Last seen 14:01 UTC: health 1.20. It may be worse by now.',
    )
    expect(view.buttons).toEqual([
      [
        { text: 'Refresh', data: 'rpos:1:100' },
        { text: 'Open Morpho', url: 'https://app.morpho.org' },
      ],
    ])
  })

  it('that the chain does not have is said to be so at that block', () => {
    const { block, endpoint } = reading('1')
    const inspected = { kind: 'none', block, endpoint } as const
    expect(unseenView(aLoan(), { ...facts, appUrl: null, inspected }).body.text).toBe(
      [
        '⚪ Main · Morpho WMON/USDC · no such loan or deposit on the chain.',
        'I look twice before I call it closed, and then I say so.',
        'Block 12,345,678, 0 s old · rpc.example',
      ].join('\n'),
    )
  })

  it.each(HOSTILE_NAMES)('is sendable for the reason %j', (detail) => {
    const loan = aLoan({ label: detail, ref: aRef({ marketName: detail }) })
    expectSendable(unseenView(loan, { ...facts, inspected: unknown(detail.repeat(9)) }))
  })
})

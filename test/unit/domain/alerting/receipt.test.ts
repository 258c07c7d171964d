import { describe, expect, it } from 'vitest'
import { changeSince, type LoanBefore, rankOfChange } from '../../../../src/domain/alerting/receipt.ts'
import { type AlertState, initialState, type Level } from '../../../../src/domain/alerting/state.ts'
import type { PositionRef } from '../../../../src/domain/position.ts'

const TO = Date.UTC(2026, 0, 2, 14, 5)
const E15 = 10n ** 15n

const ref: PositionRef = {
  protocol: 'neverland',
  key: 'neverland:0xmarket:0x00000000000000000000000000000000000000a1',
  owner: '0x00000000000000000000000000000000000000a1',
  market: '0xmarket',
  marketName: 'Main',
}

describe('what became of a loan while nobody looked', () => {
  const before: LoanBefore = { positionId: 1, ref, level: 'safe', blind: false, healthWad: 1_600n * E15 }

  function since(
    healthWad: bigint | null,
    state: Partial<AlertState> & { was?: Partial<LoanBefore>; atMs?: number } = {},
  ) {
    const last = {
      health:
        healthWad === null
          ? ({ noDebt: true } as const)
          : ({ noDebt: false, healthWad, liquidatable: false } as const),
      collateral: { amount: 1n, decimals: 0 },
      debt: { amount: 1n, decimals: 0 },
      unit: 'USD' as const,
      block: 1,
      blockTimestamp: 1,
      endpoint: 'rpc',
      atMs: state.atMs ?? TO + 1,
    }
    const { was, ...changed } = state
    const now = { ...initialState({ nowMs: 0 }), last, ...changed }
    return changeSince({ before: { ...before, ...was }, toMs: TO }, now)
  }

  it('is no news when health moved by less than a twentieth on the same level', () => {
    expect(since(1_600n * E15)).toBeNull()
    expect(since(1_521n * E15)).toBeNull()
    expect(since(1_679n * E15)).toBeNull()
    expect(since(1_520n * E15)).toMatchObject({ kind: 'health' })
    expect(since(1_680n * E15)).toMatchObject({ kind: 'health' })
  })

  it('is news when the level changed, however little health did', () => {
    const healthWad = 1_599n * E15
    expect(since(healthWad, { level: 'warning' })).toEqual({
      kind: 'health',
      healthWad,
      from: 'safe',
      to: 'warning',
    })
  })

  it('is news that it is seen again after nobody could see it', () => {
    expect(since(1_600n * E15, { was: { blind: true } })).toMatchObject({ kind: 'health' })
  })

  it('never counts as unchanged what was not seen since', () => {
    expect(since(1_600n * E15, { last: null })).toEqual({ kind: 'unseen' })
    expect(since(1_600n * E15, { blind: true })).toEqual({ kind: 'unseen' })
    const state = { ...initialState({ nowMs: 0 }) }
    expect(changeSince({ before, toMs: TO }, state)).toEqual({ kind: 'unseen' })
  })

  it('tells a debt that was paid from a loan that is gone', () => {
    expect(since(null)).toEqual({ kind: 'no-debt' })
    expect(since(1_600n * E15, { closed: true })).toEqual({ kind: 'closed' })
  })

  it('counts as seen what was read in the moment the outage ended', () => {
    expect(since(null, { atMs: TO })).toEqual({ kind: 'no-debt' })
    expect(since(null, { atMs: TO - 1 })).toEqual({ kind: 'unseen' })
  })

  it('is told in the order of what needs a look: the deepest first, good news last', () => {
    const at = (to: Level) => rankOfChange({ kind: 'health', healthWad: 1n, from: 'safe', to })
    expect([at('liquidatable'), at('critical'), at('warning')]).toEqual([0, 1, 2])
    expect([rankOfChange({ kind: 'unseen' }), at('safe'), rankOfChange({ kind: 'closed' })]).toEqual([
      3, 4, 5,
    ])
    expect(rankOfChange({ kind: 'no-debt' })).toBe(5)
  })
})

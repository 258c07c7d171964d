import { describe, expect, it } from 'vitest'
import { hasTokens, type PoolRules, PRESET_RULES, passes } from '../../../../src/domain/pools/rules.ts'
import { aLoan, aPool, HOUR_MS, SOL } from './kit.ts'

const LOOSE: PoolRules = {
  ...PRESET_RULES.degen,
  minTvlUsd: 0,
  minFees30mUsd: 0,
  minFees24hUsd: 0,
  minYield: 0,
  kinds: 'all',
  risk: { minAgeMs: 0, verified: 'none', allowFreezable: true, maxTurnover: 1_000 },
}
const pool = { volumeDayUsd: 100_000, freezable: false, binStep: 10 }

describe('the rules of a chat', () => {
  it.each<[string, Partial<PoolRules>, Partial<PoolRules>]>([
    ['money in the pool', { minTvlUsd: 100_000 }, { minTvlUsd: 100_001 }],
    ['fees of 30 minutes', { minFees30mUsd: 20 }, { minFees30mUsd: 21 }],
    ['fees of a day', { minFees24hUsd: 999 }, { minFees24hUsd: 1_001 }],
    ['yield', { minYield: 3.65 }, { minYield: 3.66 }],
    ['kind', { kinds: 'pool' }, { kinds: 'lend' }],
    [
      'age',
      { risk: { ...LOOSE.risk, minAgeMs: 720 * HOUR_MS } },
      { risk: { ...LOOSE.risk, minAgeMs: 721 * HOUR_MS } },
    ],
    ['turnover', { risk: { ...LOOSE.risk, maxTurnover: 1 } }, { risk: { ...LOOSE.risk, maxTurnover: 0.9 } }],
  ])('draw a line at %s, and on the line is inside', (...[, inside, outside]) => {
    expect(passes(aPool(), { ...LOOSE, ...inside })).toBe(true)
    expect(passes(aPool(), { ...LOOSE, ...outside })).toBe(false)
  })

  it('take what is not known for the worse', () => {
    const risk = { ...LOOSE.risk, allowFreezable: false }
    expect(passes(aPool({ tvlUsd: null }), LOOSE)).toBe(false)
    expect(passes(aPool({ ageMs: null }), { ...LOOSE, risk: { ...risk, minAgeMs: 1 } })).toBe(false)
    expect(passes(aPool({ pool: { ...pool, freezable: null } }), { ...LOOSE, risk })).toBe(false)
    expect(passes(aPool({ pool: { ...pool, freezable: true } }), { ...LOOSE, risk })).toBe(false)
    expect(passes(aPool({ pool }), { ...LOOSE, risk })).toBe(true)
  })

  it('want all, one or none of the tokens verified', () => {
    const half = aPool({
      tokens: [
        { address: SOL, symbol: 'SOL', verified: true },
        { address: 'X', symbol: 'X', verified: null },
      ],
    })
    const pass = (verified: 'all' | 'one' | 'none') =>
      passes(half, { ...LOOSE, risk: { ...LOOSE.risk, verified } })
    expect([pass('all'), pass('one'), pass('none')]).toEqual([false, true, true])
  })

  it('ask lending for yield and money only', () => {
    expect(passes(aLoan(0.2), PRESET_RULES.balanced)).toBe(true)
    expect(passes(aLoan(0.09), PRESET_RULES.balanced)).toBe(false)
    expect(passes(aLoan(0.2, { tvlUsd: 9_999 }), PRESET_RULES.balanced)).toBe(false)
  })

  it('want every side known, or one of them, by address and never by symbol', () => {
    const { tokens } = aPool()
    const both = (list: string[], quotes: string[] = []) =>
      hasTokens(tokens, { list: new Set(list), sides: 'both', quotes })
    const any = (list: string[], quotes: string[] = []) =>
      hasTokens(tokens, { list: new Set(list), sides: 'any', quotes })
    expect([both(['X']), both(['X'], [SOL]), both(['X', SOL])]).toEqual([false, true, true])
    expect([any(['X']), any(['SOL']), any(['Y'], [SOL])]).toEqual([true, false, false])
    expect(hasTokens(tokens, { list: null, sides: 'both', quotes: [] })).toBe(true)
  })
})

import { describe, expect, it } from 'vitest'
import { nowLine } from '../../../src/views/now-line.ts'
import { HOSTILE_NAMES, NOW_MS, reading, unknown } from './kit.ts'

const LATER = NOW_MS + 3_000

describe('the present state of a loan in one line', () => {
  it('is health, distance and source', () => {
    expect(nowLine(reading('1.6'), LATER)).toBe(
      'health 1.60 · 37.5 % to liquidation · block 12,345,678, 3 s old, rpc.example',
    )
  })

  it.each([
    ['0.97', 'health 0.97 · can be liquidated now · '],
    ['1', 'health 1.0000 · on the edge · '],
    ['nodebt', 'no debt · '],
  ])('of a loan at %s', (health, start) => {
    expect(nowLine(reading(health), LATER)).toBe(`${start}block 12,345,678, 3 s old, rpc.example`)
  })

  it('says the word of the contract even when the number looks fine', () => {
    const health = { noDebt: false, healthWad: 12n * 10n ** 17n, liquidatable: true } as const
    expect(nowLine(reading('1.2', { health }), LATER)).toMatch(/^health 1\.20 · can be liquidated now · /)
  })

  it('makes no block younger than now', () => {
    expect(nowLine(reading('1.6'), NOW_MS - 9_000)).toContain(', 0 s old, ')
  })

  it('says when the chain no longer has the loan, and that this is not yet sure', () => {
    const text = 'I no longer find this loan. Once that is sure, I say so.'
    const { block, endpoint } = reading('1')
    expect(nowLine(null, NOW_MS)).toBe(text)
    expect(nowLine({ kind: 'none', block, endpoint }, NOW_MS)).toBe(text)
  })

  it('says why it cannot be seen', () => {
    expect(nowLine(unknown('rpc.example: HTTP 502'), NOW_MS)).toBe('I cannot see it (rpc.example: HTTP 502).')
  })

  it('stays one short line whatever an endpoint gives as its reason', () => {
    for (const name of HOSTILE_NAMES) {
      const line = nowLine(unknown(`${name}${name.repeat(20)}`), NOW_MS)
      expect(line).not.toMatch(/\p{C}|\p{Zl}|\p{Zp}/u)
      expect(Array.from(new Intl.Segmenter().segment(line)).length).toBeLessThanOrEqual(150)
      expect(line.length).toBeLessThanOrEqual(2000)
    }
  })
})

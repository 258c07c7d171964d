import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DEFAULT_WARNING_WAD,
  linesFor,
  MAX_WARNING_WAD,
  MIN_WARNING_WAD,
  parseThreshold,
  proposeThreshold,
  resolveThreshold,
} from '../../../src/domain/thresholds.ts'
import { MAX_UINT256, WAD } from '../../../src/domain/units.ts'
import { wad } from './alerting/series.ts'

describe('parseThreshold', () => {
  it.each([
    ['1.001', '1.001'],
    ['1.5', '1.5'],
    ['1,5', '1.5'],
    [' 1.5 ', '1.5'],
    ['10', '10'],
    ['10.000000000000000000', '10'],
    ['1.001000000000000001', '1.001000000000000001'],
  ])('accepts "%s"', (text, exact) => {
    expect(parseThreshold(text)).toBe(wad(exact))
  })

  it.each([
    'NaN',
    'nan',
    'Infinity',
    '-Infinity',
    'inf',
    '1e3',
    '1.5e0',
    '-1.5',
    '+1.5',
    '0',
    '0.5',
    '1',
    '1.0009',
    '1.000999999999999999',
    '10.0001',
    '10.000000000000000001',
    '11',
    '',
    ' ',
    'null',
    'undefined',
    'true',
    '1.5x',
    '1.5.1',
    '0b11',
    '9'.repeat(30),
  ])('refuses %j', (text) => {
    expect(parseThreshold(text)).toBeUndefined()
  })

  it('refuses numbers of absurd length', () => {
    for (const text of ['1'.repeat(1_000_000), `1.${'5'.repeat(1_000_000)}`]) {
      expect(parseThreshold(text) === undefined).toBe(true)
    }
  })

  it('gives only thresholds within the allowed range, whatever is typed', () => {
    const number = fc.double({ noDefaultInfinity: false }).map(String)
    fc.assert(
      fc.property(fc.oneof(number, fc.string({ unit: 'binary' })), (text) => {
        const parsed = parseThreshold(text)
        if (parsed === undefined) return
        expect(parsed).toBeGreaterThanOrEqual(MIN_WARNING_WAD)
        expect(parsed).toBeLessThanOrEqual(MAX_WARNING_WAD)
      }),
    )
  })
})

describe('linesFor', () => {
  it('puts the critical line a quarter of the way from 1 to the warning line', () => {
    expect(linesFor(wad('1.5'))).toEqual({ warningWad: wad('1.5'), criticalWad: wad('1.125') })
    expect(linesFor(wad('10')).criticalWad).toBe(wad('3.25'))
    expect(linesFor(wad('1.001')).criticalWad).toBe(wad('1.00025'))
  })

  it('keeps the critical line between 1 and the warning line for every threshold allowed', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: MIN_WARNING_WAD, max: MAX_WARNING_WAD }), (warningWad) => {
        const { criticalWad } = linesFor(warningWad)
        expect(criticalWad).toBeGreaterThan(WAD)
        expect(criticalWad).toBeLessThan(warningWad)
      }),
    )
  })
})

describe('proposeThreshold', () => {
  const propose = (health: string) => proposeThreshold({ healthWad: wad(health), liquidatable: false })

  it.each([
    ['100', '1.5'],
    ['2', '1.5'],
    ['1.833333333333333334', '1.5'],
    ['1.8', '1.48'],
    ['1.5', '1.3'],
    ['1.2', '1.12'],
    ['1.123456', '1.074'],
    ['1.1', '1.06'],
    ['1.05', '1.03'],
    ['1.02', '1.012'],
    ['1.016', '1.01'],
    ['1.002', '1.01'],
    ['1', '1.01'],
    ['0.9', '1.01'],
    ['0', '1.01'],
  ])('proposes for a loan that starts at %s the line %s', (health, line) => {
    expect(propose(health)).toBe(wad(line))
  })

  it('proposes 1.05 for a loan that can be liquidated already', () => {
    for (const healthWad of [0n, wad('0.97'), wad('3'), MAX_UINT256]) {
      expect(proposeThreshold({ healthWad, liquidatable: true })).toBe(wad('1.05'))
    }
  })

  it('always proposes an allowed threshold of at most three decimals, never above the default', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: MAX_UINT256 }), fc.boolean(), (healthWad, liquidatable) => {
        const proposed = proposeThreshold({ healthWad, liquidatable })
        expect(proposed).toBeGreaterThanOrEqual(wad('1.01'))
        expect(proposed).toBeLessThanOrEqual(DEFAULT_WARNING_WAD)
        expect(proposed % 10n ** 15n).toBe(0n)
      }),
    )
  })

  it('does not ring at once for a loan above the smallest proposal', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: wad('1.010000000000000001'), max: wad('20') }), (healthWad) => {
        expect(proposeThreshold({ healthWad, liquidatable: false })).toBeLessThan(healthWad)
      }),
    )
  })
})

describe('a critical line that somebody set', () => {
  const warning = wad('1.4')

  it('holds while it lies between 1 and the warning', () => {
    expect(linesFor(warning, wad('1.2'))).toEqual({ warningWad: warning, criticalWad: wad('1.2') })
    expect(linesFor(warning, WAD + 1n).criticalWad).toBe(WAD + 1n)
    expect(linesFor(warning, warning - 1n).criticalWad).toBe(warning - 1n)
  })

  it('gives way to the usual one where it does not fit, as after a warning that was lowered', () => {
    for (const criticalWad of [null, WAD, warning, wad('2'), 0n]) {
      expect(linesFor(warning, criticalWad)).toEqual(linesFor(warning))
    }
  })
})

describe('resolveThreshold', () => {
  const set = (text: string, critical: string | null = null) => ({
    warningWad: wad(text),
    criticalWad: critical === null ? null : wad(critical),
  })
  const [position, protocol, wallet, proposed, chat] = ['1.1', '1.2', '1.3', '1.4', '1.5'].map((text) =>
    set(text),
  )
  const all = { position, protocol, wallet, proposed, chat: chat ?? set('1.5') }
  const resolved = (levels: Partial<Parameters<typeof resolveThreshold>[0]>) => {
    const { warningWad, source } = resolveThreshold({ chat: all.chat, ...levels })
    return [warningWad, source]
  }

  it('takes the most specific line that was set: loan, protocol, wallet, proposal, chat', () => {
    expect(resolved(all)).toEqual([wad('1.1'), 'position'])
    expect(resolved({ ...all, position: undefined })).toEqual([wad('1.2'), 'protocol'])
    expect(resolved({ wallet, proposed })).toEqual([wad('1.3'), 'wallet'])
    expect(resolved({ proposed })).toEqual([wad('1.4'), 'proposed'])
    expect(resolved({})).toEqual([wad('1.5'), 'chat'])
  })

  it('lets anything a person set win over what Buoy proposed', () => {
    for (const source of ['position', 'protocol', 'wallet'] as const) {
      expect(resolved({ [source]: set('9'), proposed })).toEqual([wad('9'), source])
    }
  })

  it('takes the critical line from the same place as the warning, never from another', () => {
    const levels = { wallet: set('1.4'), chat: set('1.5', '1.3') }
    expect(resolveThreshold(levels).criticalWad).toBe(wad('1.1'))
    expect(resolveThreshold({ ...levels, wallet: set('1.4', '1.25') }).criticalWad).toBe(wad('1.25'))
    expect(resolveThreshold({ chat: levels.chat }).criticalWad).toBe(wad('1.3'))
  })
})

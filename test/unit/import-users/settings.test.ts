import { describe, expect, it } from 'vitest'
import { PROTOCOL_IDS } from '../../../src/domain/position.ts'
import { readSettings } from '../../../src/import-users/settings.ts'
import { exact, exactOf, lines, MARKET, OWNER } from './kit.ts'

function read(settings: unknown) {
  return readSettings(OWNER, exactOf(settings))
}

function problems(settings: unknown): string[] {
  return lines(read(settings).problems)
}

describe('settings of a wallet', () => {
  it('become thresholds of wallet, protocol and position', () => {
    const settings = {
      default_threshold: 1.5,
      protocols: {
        morpho: {
          threshold: 1.3,
          markets: { [MARKET.toUpperCase().replace('0X', '0x')]: { threshold: 1.2 } },
        },
      },
    }
    expect(read(settings)).toEqual({
      thresholds: [
        { scope: 'wallet', target: '', warningWad: 1_500_000_000_000_000_000n },
        { scope: 'protocol', target: 'morpho', warningWad: 1_300_000_000_000_000_000n },
        { scope: 'position', target: `morpho:${MARKET}:${OWNER}`, warningWad: 1_200_000_000_000_000_000n },
      ],
      problems: [],
    })
  })

  it('are taken for every protocol that Buoy knows, watched or not', () => {
    const protocols = Object.fromEntries(PROTOCOL_IDS.map((id) => [id, { threshold: 1.4 }]))
    expect(read({ protocols }).thresholds.map(({ target }) => target)).toEqual([...PROTOCOL_IDS])
  })

  it('may be missing altogether', () => {
    for (const settings of [
      {},
      { protocols: {} },
      { protocols: { morpho: {} } },
      { protocols: { morpho: { markets: {} } } },
    ]) {
      expect(read(settings)).toEqual({ thresholds: [], problems: [] })
    }
  })

  it.each([
    ['1.3', 1_300_000_000_000_000_000n],
    ['"1.3"', 1_300_000_000_000_000_000n],
    ['" 1,35 "', 1_350_000_000_000_000_000n],
    ['1.001', 1_001_000_000_000_000_000n],
    ['10', 10_000_000_000_000_000_000n],
    ['1.1000000000000001', 1_100_000_000_000_000_100n],
    ['1.234567890123456789', 1_234_567_890_123_456_789n],
  ])('keep the threshold %s to the last digit', (text, warningWad) => {
    const settings = exact(`{"default_threshold": ${text}}`)
    expect(readSettings(OWNER, settings).thresholds).toEqual([{ scope: 'wallet', target: '', warningWad }])
  })

  it.each([
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['-1.3', '-1.3'],
    ['1', '1'],
    ['1.0009', '1.0009'],
    ['10.01', '10.01'],
    ['0', '0'],
    ['1e9', '1e9'],
    ['13e-1', '13e-1'],
    ['1.2345678901234567891', '1.2345678901234567891'],
    ['true', 'true'],
    ['null', 'null'],
    ['"nan"', '"nan"'],
    ['""', '""'],
    ['[1.3]', 'a list'],
    ['{"$": 1.3}', 'an object'],
  ])('without a usable threshold in %s keep the others', (text, shown) => {
    const settings = exact(`{"default_threshold": ${text}, "protocols": {"euler": {"threshold": 1.2}}}`)
    const { thresholds, problems: found } = readSettings(OWNER, settings)
    expect(thresholds.map(({ scope }) => scope)).toEqual(['protocol'])
    expect(lines(found)).toEqual([
      `default_threshold: read ${shown}, expected a plain number from 1.001 to 10. The wallet is imported without it.`,
    ])
  })

  it('name the place of a bad threshold inside a protocol and a market, the market shortened', () => {
    const bad = { threshold: false, markets: { [MARKET]: { threshold: -1 } } }
    expect(problems({ protocols: { morpho: bad } })).toEqual([
      'morpho, threshold: read false, expected a plain number from 1.001 to 10. The wallet is imported without it.',
      'morpho, market 0xe3e3…e3e3, threshold: read -1, expected a plain number from 1.001 to 10. The wallet is imported without it.',
    ])
  })

  it.each(['aave', 'Morpho', '', 'constructor'])('do not know the protocol %j', (name) => {
    const settings = { default_threshold: 2, protocols: { [name]: { threshold: 1.2 } } }
    expect(read(settings).thresholds).toHaveLength(1)
    expect(problems(settings)).toEqual([
      `protocol "${name}": expected one of neverland, morpho, curvance, euler. The wallet is imported without the thresholds in there.`,
    ])
  })

  it('treat __proto__ like any other unknown name, at every level', () => {
    const text =
      '{"__proto__": {"default_threshold": 2}, "protocols": {"__proto__": {"threshold": 2}, "morpho": {"__proto__": {"threshold": 2}, "markets": {"__proto__": {"threshold": 2}}}}}'
    const { thresholds, problems: found } = readSettings(OWNER, exact(text))
    expect(thresholds).toEqual([])
    expect(found.map(({ where }) => where.join(', '))).toEqual([
      '"__proto__"',
      'protocol "__proto__"',
      'morpho, "__proto__"',
      'morpho, market "__proto__"',
    ])
  })

  it.each(['neverland', '0x12', `0x${'g'.repeat(40)}`, ''])('refuse %j as the id of a market', (id) => {
    expect(problems({ protocols: { morpho: { markets: { [id]: { threshold: 1.2 } } } } })).toEqual([
      expect.stringContaining('expected a market id: 0x and 40 or 64 digits 0-9 a-f'),
    ])
  })

  it('say of every part with the wrong type what was read, and what is left out', () => {
    const without = 'expected an object. The wallet is imported without the thresholds in there.'
    expect(lines(readSettings(OWNER, exact('7')).problems)).toEqual([`: read 7, ${without}`])
    expect(problems({ protocols: [1] })).toEqual([`protocols: read a list, ${without}`])
    expect(problems({ protocols: { euler: 'x' } })).toEqual([`euler: read "x", ${without}`])
    expect(problems({ protocols: { euler: { markets: null } } })).toEqual([
      `euler, markets: read null, ${without}`,
    ])
    expect(problems({ protocols: { morpho: { markets: { [MARKET]: 1.2 } } } })).toEqual([
      `morpho, market 0xe3e3…e3e3: read 1.2, ${without}`,
    ])
  })

  it('say which fields they do not know', () => {
    const settings = {
      label: 'Main',
      protocols: { morpho: { on: true, markets: { [MARKET]: { since: 1 } } } },
    }
    expect(problems(settings)).toEqual([
      '"label": Buoy does not know this field. The wallet is imported without it.',
      'morpho, "on": Buoy does not know this field. The wallet is imported without it.',
      'morpho, market 0xe3e3…e3e3, "since": Buoy does not know this field. The wallet is imported without it.',
    ])
  })
})

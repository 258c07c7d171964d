import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plain, segments } from '../../../src/views/plain.ts'
import { HOSTILE_NAMES } from './kit.ts'

const nasty = fc.constantFrom(
  '\u202e',
  '\u200b',
  '\u200d',
  '\ufeff',
  '\n',
  '\r',
  '\t',
  '\u2028',
  '\u0000',
  '\u0301',
  '\u0489',
  '\ufe0f',
  '<b>',
  '&amp;',
  '👨‍👩‍👧',
  '🇲🇳',
  '🏽',
  '\u{e0061}',
  '\u{10ffff}',
  '…',
)
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc
    .array(fc.oneof(nasty, fc.string({ unit: 'grapheme', maxLength: 3 })), { maxLength: 120 })
    .map((all) => all.join('')),
  fc.constantFrom(...HOSTILE_NAMES),
)

describe('plain', () => {
  it.each([
    ['WMON/USDC', 'WMON/USDC'],
    ['  Main  ', 'Main'],
    ['two\nlines', 'two lines'],
    ['a\u202eb\u200bc', 'a b c'],
    ['<b>bold</b>', '<b>bold</b>'],
    ['日本語', '日本語'],
    ['Żółć ñ', 'Żółć ñ'],
    ['\u200b\u202e\n', ''],
    ['', ''],
  ])('makes of %j %j', (name, shown) => {
    expect(plain(name)).toBe(shown)
  })

  it('cuts a long name where a person would, and says that it did', () => {
    expect(plain('x'.repeat(32))).toBe('x'.repeat(32))
    expect(plain('x'.repeat(33))).toBe(`${'x'.repeat(31)}…`)
    expect(plain('😀'.repeat(33))).toBe(`${'😀'.repeat(31)}…`)
    expect(plain('🇲🇳'.repeat(33))).toBe(`${'🇲🇳'.repeat(31)}…`)
    expect(plain('abcdef', 4)).toBe('abc…')
  })

  it('takes down towers of accents to two', () => {
    expect(plain(`a${'\u0301'.repeat(50)}b`)).toBe('a\u0301\u0301b')
  })

  it('leaves no control, format or line-breaking character', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        expect(plain(name)).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\n\r]/u)
      }),
      { numRuns: 1000 },
    )
  })

  it('leaves at most as many characters as asked for', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 60 }), (name, most) => {
        expect(segments(plain(name)).length).toBeLessThanOrEqual(32)
        expect(segments(plain(name, most)).length).toBeLessThanOrEqual(most)
      }),
      { numRuns: 1000 },
    )
  })

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        expect(plain(plain(name))).toBe(plain(name))
      }),
      { numRuns: 1000 },
    )
  })

  it('leaves no blank at either end and none twice', () => {
    fc.assert(
      fc.property(hostile, (name) => {
        expect(plain(name)).not.toMatch(/^\s|\s$|\s\s/)
      }),
    )
  })

  it.each([
    ['Hangul letters that join into one syllable', 'ᄀ'],
    ['Indic letters that join into one', 'क्'],
    ['skin tones', '🏽'],
    ['half-width voice marks', 'ﾞ'],
    ['Malayalam dot reph', 'ൎ'],
  ])('bounds the text also where thousands of signs count as one character: %s', (_, sign) => {
    expect(plain(`A${sign.repeat(3000)}`).length).toBeLessThanOrEqual(512)
  })

  it('leaves no half of a surrogate pair, which Telegram refuses', () => {
    for (const name of ['\ud800', 'A\udc00B', `${'x'.repeat(40)}\ud83d`, '\ude00\ud83d']) {
      expect(plain(name)).not.toMatch(/\p{Cs}/u)
    }
  })
})

describe('segments', () => {
  it('counts what a person counts as characters', () => {
    expect(segments('a👨‍👩‍👧🇲🇳e\u0301')).toEqual(['a', '👨‍👩‍👧', '🇲🇳', 'e\u0301'])
    expect(segments('')).toEqual([])
  })
})

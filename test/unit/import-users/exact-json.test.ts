import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeJson, membersOf, parseExactJson, textOf } from '../../../src/import-users/exact-json.ts'
import { exact, plainOf } from './kit.ts'

function refusal(bytes: string | Uint8Array): string {
  const parsed = parseExactJson(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
  return parsed.ok ? 'read' : parsed.why
}

describe('JSON without floats', () => {
  it.each(['1.3', '1.10000000000000000001', '0', '-0.5', '1e-7', '123456789012345678901234567890'])(
    'keeps the text of the number %s',
    (number) => {
      expect(textOf(exact(number))).toBe(number)
      expect(describeJson(exact(number))).toBe(number)
    },
  )

  it.each(['NaN', 'Infinity', '-Infinity'])('reads the %s that Python writes', (word) => {
    expect(plainOf(exact(`{"a": ${word}, "b": 1.3}`))).toEqual({
      a: { number: word },
      b: { number: '1.3' },
    })
  })

  it('reads every JSON as JSON.parse does, apart from numbers', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.boolean(), (value, spread) => {
        const text = JSON.stringify(value, null, spread ? 2 : 0)
        const withNumbers = JSON.parse(text, (_, item: unknown) =>
          typeof item === 'number' ? { number: JSON.stringify(item) } : item,
        ) as unknown
        expect(plainOf(exact(text))).toEqual(withNumbers)
      }),
    )
  })

  it('never throws, whatever the bytes are, and refuses what JSON.parse refuses', () => {
    const words = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      ',',
      ':',
      '1',
      '.',
      '-',
      'e',
      'tru',
      'true',
      ' ',
      'é',
    )
    fc.assert(
      fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
        const text = parts.join('')
        const parsed = parseExactJson(Buffer.from(text))
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        // A number may stand where JSON wants a text as key; that is all it is more generous about.
        if (isJson) expect(parsed.ok).toBe(true)
        else if (parsed.ok) expect(text).toMatch(/[{,]\s*-?\d/)
      }),
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => typeof refusal(bytes) === 'string'))
  })

  it('keeps keys that JavaScript treats specially as plain keys, in the order of the file', () => {
    const members = membersOf(exact('{"z": 1, "__proto__": {"x": 1}, "constructor": 2, "7": 3, "3": 4}'))
    expect(members?.map(([key]) => key)).toEqual(['z', '__proto__', 'constructor', '7', '3'])
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  it('tells texts from numbers, and lists and objects from everything else', () => {
    const shown = membersOf(exact('{"a":"1.3","b":1.3,"c":true,"d":null,"e":[1],"f":{"g":1}}')) ?? []
    expect(shown.map(([, value]) => describeJson(value))).toEqual([
      '"1.3"',
      '1.3',
      'true',
      'null',
      'a list',
      'an object',
    ])
    expect(membersOf(exact('[1]'))).toBeUndefined()
    expect(membersOf(exact('null'))).toBeUndefined()
    expect(textOf(exact('true'))).toBeUndefined()
    expect(textOf(exact('{}'))).toBeUndefined()
  })

  it('shows a text of the file without control characters and not at full length', () => {
    expect(describeJson(exact(String.raw`"a\u001b[31m‮b"`))).toBe('"a?[31m?b"')
    expect(describeJson(exact(`"${'x'.repeat(500)}"`))).toBe(`"${'x'.repeat(40)}…"`)
  })

  it('reads a file with a byte order mark', () => {
    expect(plainOf(exact('﻿{"a": "b"}'))).toEqual({ a: 'b' })
  })

  it.each([
    '',
    '{',
    '{"a": 1.2.3}',
    '{"a": 01}',
    '{"a": +1}',
    '"open',
    '"open\\',
    "{'a': 1}",
    '{"a": nan}',
    '{} {}',
  ])('refuses %j', (text) => {
    expect(refusal(text)).toBe('is not JSON')
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(refusal(Buffer.from([0x22, 0xff, 0x22]))).toBe('is not JSON')
  })

  it('refuses nesting and numbers of values that only a hostile file has', () => {
    expect(refusal('['.repeat(1_000_000))).toBe('is nested deeper than 64 levels')
    expect(refusal(`${'['.repeat(64)}${']'.repeat(64)}`)).toBe('read')
    expect(refusal(`[${'[],'.repeat(6_000_001)}0]`)).toBe('holds more values than a user file can')
    expect(refusal(`"${'\\"'.repeat(1_000_000)}`)).toBe('is not JSON')
  })
})

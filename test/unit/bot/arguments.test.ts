import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Arguments, parseArguments } from '../../../src/bot/arguments.ts'
import { checksumAddress, parseAddress } from '../../../src/chain/address.ts'
import { PROTOCOL_IDS } from '../../../src/domain/position.ts'
import { segments } from '../../../src/views/plain.ts'
import { wad } from '../domain/alerting/series.ts'

const OWNER = '0xd8da6bf26964af9d7eed9e03e53415d37aa96045'
const OTHER = '0x1234567890abcdef1234567890abcdef12345678'
const CHECKSUMMED = checksumAddress(OWNER)
const ALL = { parseAddress, protocols: PROTOCOL_IDS }
const NEVERLAND_ONLY = { parseAddress, protocols: ['neverland'] as const }

function read(text: string, rules: Parameters<typeof parseArguments>[1] = ALL): Arguments {
  const parsed = parseArguments(text, rules)
  if (!parsed.ok) throw new Error(`refused: ${parsed.error}`)
  return parsed.value
}

function refused(text: string, rules: Parameters<typeof parseArguments>[1] = ALL): string {
  const parsed = parseArguments(text, rules)
  if (parsed.ok) throw new Error(`accepted: ${text}`)
  return parsed.error
}

const NOTHING: Arguments = { owner: null, thresholdWad: null, protocol: null, label: null }

describe('the words after a command', () => {
  const parts = [OWNER, '1.4', 'Neverland', 'Main'] as const

  it('may come in any order', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...parts], { minLength: 4 }), (words) => {
        expect(read(words.join(' '))).toEqual({
          owner: OWNER,
          thresholdWad: wad('1.4'),
          protocol: 'neverland',
          label: 'Main',
        })
      }),
    )
  })

  it('may be left out, each of them', () => {
    expect(read('')).toEqual(NOTHING)
    expect(read('   \n ')).toEqual(NOTHING)
    expect(read(OWNER)).toEqual({ ...NOTHING, owner: OWNER })
    expect(read('1,4')).toEqual({ ...NOTHING, thresholdWad: wad('1.4') })
    expect(read('euler')).toEqual({ ...NOTHING, protocol: 'euler' })
    expect(read('Main wallet')).toEqual({ ...NOTHING, label: 'Main wallet' })
  })

  it('may stand on several lines and far apart', () => {
    expect(read(`\n ${OWNER}\n\t1.4   Main\n`)).toMatchObject({ owner: OWNER, label: 'Main' })
  })

  it('join around the others to one label', () => {
    expect(read(`My 1.4 cold ${OWNER} wallet`).label).toBe('My cold wallet')
  })
})

describe('a critical line', () => {
  const WITH_LINES = { ...ALL, takesCritical: true }

  it('is the number after the word, wherever the two stand', () => {
    const both = { ...NOTHING, thresholdWad: wad('1.4'), criticalWad: wad('1.1'), label: 'Main' }
    for (const text of ['Main 1.4 critical 1.1', 'critical 1,1 1.4 Main', '1.4 CRITICAL 1.1 Main'])
      expect(read(text, WITH_LINES)).toEqual(both)
    expect(read('Main 1.4 critical usual', WITH_LINES)).toEqual({ ...both, criticalWad: null })
  })

  it.each([
    ['1.4 critical 1', 'between 1 and the threshold, 1.40'],
    ['1.4 critical 1.4', 'between 1 and the threshold, 1.40'],
    ['1.4 critical 0.9', '“0.9”'],
    ['1.4 critical -1', '“-1”'],
    ['1.4 critical NaN', '“NaN”'],
    ['Main critical 1.1', 'no threshold'],
    ['1.4 critical 1.1 critical 1.2', 'two critical lines'],
  ])('of “%s” is refused', (text, part) => {
    expect(refused(text, WITH_LINES)).toContain(part)
  })

  it('is a word like any other without a number behind it, in quotes, or for other commands', () => {
    expect(read('critical wallet', WITH_LINES)).toEqual({ ...NOTHING, label: 'critical wallet' })
    expect(read('"critical 1.1"', WITH_LINES)).toEqual({ ...NOTHING, label: 'critical 1.1' })
    expect(read('critical 1.1')).toEqual({ ...NOTHING, label: 'critical', thresholdWad: wad('1.1') })
  })
})

describe('an address', () => {
  it('is taken in lower case, with its checksum, and in upper case', () => {
    expect(read(OWNER).owner).toBe(OWNER)
    expect(read(CHECKSUMMED).owner).toBe(OWNER)
    expect(read(`0x${OWNER.slice(2).toUpperCase()}`).owner).toBe(OWNER)
  })

  it.each([
    `https://monadvision.com/address/${CHECKSUMMED}`,
    `https://monadvision.com/address/${OWNER}?tab=tokens#top`,
    `monadscan.com/address/${OWNER}`,
    `https://app.euler.finance/positions/${OWNER}?network=monad`,
    `https://app.morpho.org/monad/dashboard?address=${CHECKSUMMED}&tab=borrow`,
    `(${OWNER})`,
    `${OWNER},`,
    `<${OWNER}>`,
    `ethereum:${OWNER}@143`,
  ])('is found inside %s', (text) => {
    expect(read(`${text} 1.4`)).toEqual({ ...NOTHING, owner: OWNER, thresholdWad: wad('1.4') })
  })

  it('with a wrong checksum is a mistyped digit, also in a link', () => {
    const wrong = CHECKSUMMED.replace('d8dA', 'D8dA')
    expect(wrong).not.toBe(CHECKSUMMED)
    expect(refused(wrong)).toContain('upper and lower case do not fit')
    expect(refused(`https://monadvision.com/address/${wrong}`)).toContain('upper and lower case do not fit')
  })

  it('with a digit too few or too many is refused with its count', () => {
    expect(refused(OWNER.slice(0, -1))).toContain('an address is 0x and 40 digits 0-9 a-f, this has 39')
    expect(refused(`${OWNER}0`)).toContain('this has 41')
    expect(refused('0x')).toContain('this has 0')
    expect(refused('0xhello')).toContain('this has 5')
  })

  it('is never cut out of something longer', () => {
    const hash = `0x${'ab'.repeat(32)}`
    expect(refused(hash)).toContain('this has 64')
    expect(parseArguments(`https://app.morpho.org/monad/market/${hash}/wmon-usdc`, ALL).ok).toBe(false)
    expect(parseArguments(`https://monadvision.com/address/${OWNER}0`, ALL).ok).toBe(false)
  })

  it('may be given once only', () => {
    expect(refused(`${OWNER} ${OTHER}`)).toBe('I read two addresses; one at a time, please.')
    expect(refused(`${OWNER} https://monadvision.com/address/${OTHER}`)).toContain('two addresses')
  })
})

describe('a threshold', () => {
  it.each(['1.001', '1.4', '1,4', '10', '2'])('of %s is taken exactly', (text) => {
    expect(read(text).thresholdWad).toBe(wad(text))
  })

  it.each([
    'NaN',
    'nan',
    'inf',
    'Infinity',
    '-inf',
    '-1',
    '−1',
    '+1.4',
    '1e5',
    '1e-5',
    '0',
    '0.9',
    '1',
    '1.0009',
    '10.0001',
    '11',
    '.5',
    '1.',
    '1.4%',
    '1.4.2',
    '1,000,000',
    '∞',
    '9'.repeat(100),
  ])('of "%s" is refused rather than taken for a label', (text) => {
    expect(refused(text)).toMatch(/^I read “.+” as a threshold; it must be a number from 1\.001 to 10\.$/)
    expect(refused(`${OWNER} ${text} Main`)).toContain('as a threshold')
  })

  it('may be given once only', () => {
    expect(refused('1.4 1.5')).toBe('I read two thresholds; I can only use one.')
  })

  it('is not the number of an account, where loans are named', () => {
    const naming = { ...ALL, namesLoans: true }
    expect(read('Main account 7', naming)).toEqual({ ...NOTHING, label: 'Main account 7' })
    expect(read('Main Account 255 1.3', naming)).toMatchObject({
      label: 'Main Account 255',
      thresholdWad: wad('1.3'),
    })
    expect(read('Main account 1.3', naming)).toMatchObject({
      label: 'Main account',
      thresholdWad: wad('1.3'),
    })
    expect(read('Main account 7')).toMatchObject({ label: 'Main account', thresholdWad: wad('7') })
  })

  it('in quotes is a label', () => {
    expect(read('"1.4"')).toEqual({ ...NOTHING, label: '1.4' })
  })
})

describe('a protocol', () => {
  it('is known in any case', () => {
    expect(read('NEVERLAND').protocol).toBe('neverland')
    expect(read('Morpho').protocol).toBe('morpho')
  })

  it('that is not watched here is refused with those that are', () => {
    expect(refused('morpho', NEVERLAND_ONLY)).toBe(
      'Morpho is not watched by this bot yet; it watches Neverland.',
    )
  })

  it('of another chain or house is refused with those that are watched', () => {
    expect(refused('Aave', NEVERLAND_ONLY)).toContain('I read “Aave” as a protocol; I watch Neverland.')
    expect(refused('compound')).toContain('I watch Neverland, Morpho, Curvance, Euler.')
  })

  it.each([
    ['neverlnd', 'Neverland'],
    ['neverrland', 'Neverland'],
    ['nevreland', 'Neverland'],
    ['neverlamd', 'Neverland'],
    ['eule', 'Euler'],
    ['eulerr', 'Euler'],
    ['orpho', 'Morpho'],
    ['omrpho', 'Morpho'],
    ['Curvence', 'Curvance'],
  ])('mistyped as %s is asked back as %s', (typed, meant) => {
    expect(refused(typed)).toContain(`did you mean ${meant}?`)
  })

  it.each(['never', 'land', 'eu', 'morphine', 'curve', 'Euleria', 'reule'])(
    'is not heard in "%s"',
    (word) => {
      expect(read(word)).toEqual({ ...NOTHING, label: word })
    },
  )

  it('may be given once only', () => {
    expect(refused('morpho euler')).toBe('I read two protocols; I can only use one.')
  })

  it('in quotes is a label, whoever it belongs to', () => {
    expect(read('"morpho"')).toEqual({ ...NOTHING, label: 'morpho' })
    expect(read('"Aave"')).toEqual({ ...NOTHING, label: 'Aave' })
    expect(read('"neverlnd"')).toEqual({ ...NOTHING, label: 'neverlnd' })
  })
})

describe('a label', () => {
  it('in quotes is taken as it is, straight or curly', () => {
    expect(read(`${OWNER} "My 1.4 Morpho loan"`)).toMatchObject({ owner: OWNER, label: 'My 1.4 Morpho loan' })
    expect(read('“cold wallet”').label).toBe('cold wallet')
    expect(read('„zimny portfel”').label).toBe('zimny portfel')
  })

  it('in empty quotes is none', () => {
    expect(read('""').label).toBeNull()
    expect(read('"  "').label).toBeNull()
  })

  it('keeps a quote that was never closed', () => {
    expect(read('"Main').label).toBe('"Main')
  })

  it('may have 32 characters as a person counts them, and no more', () => {
    expect(read('x'.repeat(32)).label).toHaveLength(32)
    expect(read(`"${'👨‍👩‍👧'.repeat(32)}"`).label).toBe('👨‍👩‍👧'.repeat(32))
    expect(refused('x'.repeat(33))).toContain('A label can have 32 characters')
    expect(refused('word '.repeat(8))).toContain('is longer')
  })
})

describe('any text', () => {
  const word = fc.oneof(
    fc.constantFrom(
      OWNER,
      CHECKSUMMED,
      '0x',
      '0X12',
      '1.4',
      '-',
      '"',
      '“',
      '”',
      'morpho',
      'nan',
      'e',
      '𝟙',
      '\u202e',
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 4096 }),
    fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
  )

  it('is either read or refused in one line, and never throws', () => {
    fc.assert(
      fc.property(text, (typed) => {
        const parsed = parseArguments(typed, ALL)
        if (parsed.ok) {
          expect(segments(parsed.value.label ?? '').length).toBeLessThanOrEqual(32)
          expect(parsed.value.owner ?? OWNER).toMatch(/^0x[0-9a-f]{40}$/)
        } else {
          expect(parsed.error).not.toMatch(/[\n\r\p{Cc}\p{Cf}]/u)
          expect(segments(parsed.error).length).toBeLessThan(200)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('of the length of a whole message is read without delay', () => {
    for (const long of [
      '1'.repeat(4096),
      '0x'.repeat(2048),
      '"'.repeat(4096),
      '“a'.repeat(2048),
      'a '.repeat(2048),
    ]) {
      expect(typeof parseArguments(long, ALL).ok).toBe('boolean')
    }
  })
})

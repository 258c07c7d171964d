import type { Address } from '../domain/address.ts'
import { PROTOCOL_IDS, type ProtocolId } from '../domain/position.ts'
import { parseThreshold } from '../domain/thresholds.ts'
import { parseWad, WAD } from '../domain/units.ts'
import { PROTOCOL_NAMES } from '../views/names.ts'
import { thresholdText } from '../views/numbers.ts'
import { plain, segments } from '../views/plain.ts'

/** Reads and verifies an address; see chain/address.ts. */
export type ParseAddress = (
  text: string,
) =>
  | { readonly ok: true; readonly address: Address }
  | { readonly ok: false; readonly why: 'shape' | 'checksum' }

export interface Arguments {
  readonly owner: Address | null
  readonly thresholdWad: bigint | null
  readonly protocol: ProtocolId | null
  readonly label: string | null
  /** Absent when none was given; `null` for the usual one. */
  readonly criticalWad?: bigint | null
}

/** `error` is one line for the person: what was read, what was expected. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string }

export interface ArgumentRules {
  readonly parseAddress: ParseAddress
  /** Protocols that this bot watches. */
  readonly protocols: readonly ProtocolId[]
  /** The number in “account 7” belongs to the name of a loan; without this it is a threshold. */
  readonly namesLoans?: boolean
  /** A threshold may be followed by `critical` and a number. */
  readonly takesCritical?: boolean
}

const TOKEN = /[“"„]([^"“”]*)["”“]|(\S+)/g
const ADDRESS_INSIDE = /0x[0-9a-f]{40}(?![0-9a-f])/i
const HEX_LIKE = /^0x[0-9a-z]*$/i
const NUMBER_LIKE = /^[+\-−]?(?:\d[\d.,]*(?:e[+-]?\d+)?|[.,]\d+|nan|inf|infinity|∞)%?$/i
const CRITICAL_LIKE = new RegExp(`${NUMBER_LIKE.source}|^usual$`, 'i')
/** Which of the 256 accounts of an owner, as in the names of Euler's loans. */
const ACCOUNT_NUMBER = /^\d{1,3}$/
/** Lending protocols that people may ask for and that are not ours: hardly anybody's label. */
const FOREIGN_PROTOCOLS = new Set([
  'aave',
  'compound',
  'spark',
  'venus',
  'silo',
  'fluid',
  'dolomite',
  'radiant',
  'maker',
])
const MAX_LABEL = 32
/** A family emoji takes eight UTF-16 units; what takes more is not a name. */
const MAX_LABEL_UNITS = MAX_LABEL * 8

/**
 * Reads the words after a command in any order: an address (also inside a link), a threshold, a protocol, and what is left
 * as label. Quotes make any words a label.
 */
export function parseArguments(text: string, rules: ArgumentRules): Parsed<Arguments> {
  let owner: Address | null = null
  let thresholdWad: bigint | null = null
  let protocol: ProtocolId | null = null
  let critical: string | undefined
  const labelWords: string[] = []
  const tokens = [...text.matchAll(TOKEN)]
  for (let index = 0; index < tokens.length; index += 1) {
    const [, quoted, word = ''] = tokens[index] ?? []
    if (quoted !== undefined) {
      labelWords.push(quoted)
      continue
    }
    const next = tokens[index + 1]?.[2] ?? ''
    if (rules.takesCritical && word.toLowerCase() === 'critical' && CRITICAL_LIKE.test(next)) {
      if (critical !== undefined) return wrong('I read two critical lines; I can only use one.')
      critical = next
      index += 1
      continue
    }
    const inside = ADDRESS_INSIDE.exec(word)?.[0]
    if (inside !== undefined || HEX_LIKE.test(word)) {
      if (owner !== null) return wrong(`I read two addresses; one at a time, please.`)
      const parsed = readAddress(inside ?? word, rules)
      if (!parsed.ok) return parsed
      owner = parsed.value
    } else if (rules.namesLoans && ACCOUNT_NUMBER.test(word) && isAccount(labelWords.at(-1))) {
      labelWords.push(word)
    } else if (NUMBER_LIKE.test(word)) {
      if (thresholdWad !== null) return wrong(`I read two thresholds; I can only use one.`)
      const wad = parseThreshold(word)
      if (wad === undefined)
        return wrong(`I read “${plain(word)}” as a threshold; it must be a number from 1.001 to 10.`)
      thresholdWad = wad
    } else {
      const parsed = readProtocol(word, rules)
      if (!parsed.ok) return parsed
      if (parsed.value === null) labelWords.push(word)
      else if (protocol === null) protocol = parsed.value
      else return wrong(`I read two protocols; I can only use one.`)
    }
  }
  const label = labelWords.join(' ').trim()
  if (segments(label).length > MAX_LABEL || label.length > MAX_LABEL_UNITS)
    return wrong(`A label can have ${MAX_LABEL} characters; “${plain(label)}” is longer.`)
  const value = { owner, thresholdWad, protocol, label: label === '' ? null : label }
  if (critical === undefined) return { ok: true, value }
  const parsed = readCritical(critical, thresholdWad)
  return parsed.ok ? { ok: true, value: { ...value, criticalWad: parsed.value } } : parsed
}

function readCritical(text: string, warningWad: bigint | null): Parsed<bigint | null> {
  if (warningWad === null) return wrong('I read a critical line and no threshold; I need both.')
  const wad = parseCritical(text)
  if (wad === null || (wad !== undefined && wad > WAD && wad < warningWad)) return { ok: true, value: wad }
  return wrong(
    `I read “${plain(text)}” as the critical line; it must lie between 1 and the threshold, ${thresholdText(warningWad)}.`,
  )
}

/** Reads a critical line; `null` for `usual`, the one that goes with every threshold. */
export function parseCritical(text: string): bigint | null | undefined {
  return text.toLowerCase() === 'usual' ? null : parseWad(text)
}

function isAccount(word: string | undefined): boolean {
  return word?.toLowerCase() === 'account'
}

function readAddress(word: string, rules: ArgumentRules): Parsed<Address> {
  const parsed = rules.parseAddress(word)
  if (parsed.ok) return { ok: true, value: parsed.address }
  if (parsed.why === 'checksum') {
    return wrong(
      `I read “${plain(word, 46)}”, but its upper and lower case do not fit: a digit may be mistyped. Copy it again.`,
    )
  }
  return wrong(
    `I read “${plain(word, 46)}”; an address is 0x and 40 digits 0-9 a-f, this has ${word.length - 2}.`,
  )
}

function readProtocol(word: string, rules: ArgumentRules): Parsed<ProtocolId | null> {
  const lower = word.toLowerCase()
  const watched = rules.protocols.map((id) => PROTOCOL_NAMES[id]).join(', ')
  const known = PROTOCOL_IDS.find((id) => id === lower)
  if (known) {
    return rules.protocols.includes(known)
      ? { ok: true, value: known }
      : wrong(`${PROTOCOL_NAMES[known]} is not watched by this bot yet; it watches ${watched}.`)
  }
  if (FOREIGN_PROTOCOLS.has(lower)) {
    return wrong(
      `I read “${plain(word)}” as a protocol; I watch ${watched}. For a label, put it in quotes: "${plain(word)}".`,
    )
  }
  const near = PROTOCOL_IDS.find((id) => isNear(lower, id))
  if (near)
    return wrong(
      `I read “${plain(word)}”; did you mean ${PROTOCOL_NAMES[near]}? For a label, put it in quotes.`,
    )
  return { ok: true, value: null }
}

/** One letter wrong, missing, extra, or two swapped. */
function isNear(word: string, id: string): boolean {
  if (Math.abs(word.length - id.length) > 1) return false
  let start = 0
  while (start < word.length && word[start] === id[start]) start += 1
  const rests = [
    [word.slice(start + 1), id.slice(start + 1)],
    [word.slice(start), id.slice(start + 1)],
    [word.slice(start + 1), id.slice(start)],
  ] as const
  if (rests.some(([a, b]) => a === b)) return true
  return (
    word[start] === id[start + 1] &&
    word[start + 1] === id[start] &&
    word.slice(start + 2) === id.slice(start + 2)
  )
}

function wrong(error: string): { ok: false; error: string } {
  return { ok: false, error }
}

import { printable } from './printable.ts'

/** A value of a JSON text; look at it with the functions below, since texts and numbers are marked inside. */
export type ExactJson = null | boolean | string | readonly ExactJson[] | { readonly [key: string]: ExactJson }

export type ParsedJson =
  | { readonly ok: true; readonly value: ExactJson }
  | { readonly ok: false; readonly why: string }

const MAX_DEPTH = 64
/** Twice what 50 MB of real settings hold; keeps a file made of `[[[0,0,0` from eating the memory. */
const MAX_VALUES = 6_000_000

const TEXT_MARK = 0x73
const NUMBER_MARK = 0x6e
const QUOTE = 0x22
const BACKSLASH = 0x5c
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d]
const NUMBER = /^(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|-?Infinity)$/

/**
 * Reads JSON without turning numbers into floats: the decimal text of the file is what counts. Takes the `NaN` and
 * `Infinity` that Python writes, too, so that one of them does not lose the whole file.
 */
export function parseExactJson(bytes: Uint8Array): ParsedJson {
  // JSON.parse does the reading; every text and number goes through it as a text that begins with its mark.
  const marked = markTokens(bytes)
  if (!marked.ok) return marked
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(marked.bytes)
    return { ok: true, value: JSON.parse(text) as ExactJson }
  } catch {
    return { ok: false, why: 'is not JSON' }
  }
}

function markTokens(bytes: Uint8Array): { ok: true; bytes: Uint8Array } | { ok: false; why: string } {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // The worst case is one digit and one comma: two bytes that become five.
  const out = Buffer.allocUnsafe(bytes.length * 3 + 8)
  let length = 0
  let copied = 0
  let depth = 0
  let values = 0

  /** Copies the source up to here, and writes these bytes behind it. */
  function insert(at: number, extra: readonly number[]): void {
    if (at > copied) length += source.copy(out, length, copied, at)
    copied = at
    for (const byte of extra) {
      out[length] = byte
      length += 1
    }
  }

  for (let at = 0; at < source.length; ) {
    const byte = source[at]
    const start = at
    if (byte === QUOTE) {
      insert(start + 1, [TEXT_MARK])
      at = endOfText(source, start)
      values += 1
    } else if (isWordByte(byte)) {
      at = endOfWord(source, start)
      values += 1
      if (NUMBER.test(source.toString('latin1', start, at))) {
        insert(start, [QUOTE, NUMBER_MARK])
        insert(at, [QUOTE])
      }
    } else {
      at += 1
      if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        depth += 1
        values += 1
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth -= 1
    }
    if (depth > MAX_DEPTH) return { ok: false, why: `is nested deeper than ${MAX_DEPTH} levels` }
    if (values > MAX_VALUES) return { ok: false, why: 'holds more values than a user file can' }
  }
  insert(source.length, [])
  return { ok: true, bytes: out.subarray(0, length) }
}

/** Just behind the closing quote, or the end of the file. */
function endOfText(source: Buffer, start: number): number {
  let at = start + 1
  while (at < source.length && source[at] !== QUOTE) at += source[at] === BACKSLASH ? 2 : 1
  return Math.min(at + 1, source.length)
}

/** Letters, digits, and the signs of numbers: what numbers, `true`, `null` and `NaN` are made of. */
function isWordByte(byte: number | undefined): boolean {
  if (byte === undefined) return false
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e ||
    (byte >= 0x41 && byte <= 0x5a) ||
    (byte >= 0x61 && byte <= 0x7a)
  )
}

function endOfWord(source: Buffer, start: number): number {
  let at = start
  while (isWordByte(source[at])) at += 1
  return at
}

/** The members of an object, in the order of the file; `undefined` for anything else. */
export function membersOf(value: ExactJson): [string, ExactJson][] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.entries(value as Record<string, ExactJson>).map(([key, member]) => [key.slice(1), member])
}

/** The text of a text or number; `undefined` for anything else. */
export function textOf(value: ExactJson): string | undefined {
  return typeof value === 'string' ? value.slice(1) : undefined
}

/** The value as a person may read it in one line. */
export function describeJson(value: ExactJson): string {
  if (typeof value === 'string') {
    const text = printable(value.slice(1))
    return value.charCodeAt(0) === NUMBER_MARK ? text : `"${text}"`
  }
  if (value === null || typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? 'a list' : 'an object'
}

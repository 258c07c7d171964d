import {
  describeJson,
  type ExactJson,
  membersOf,
  parseExactJson,
  textOf,
} from '../../../src/import-users/exact-json.ts'
import type { Problem } from '../../../src/import-users/problem.ts'

export const OWNER = '0x00000000000000000000000000000000000000aa'
export const OTHER = '0x00000000000000000000000000000000000000bb'
export const MARKET = `0x${'e3'.repeat(32)}`

/** A JSON text as the importer sees it. */
export function exact(text: string): ExactJson {
  const parsed = parseExactJson(Buffer.from(text))
  if (!parsed.ok) throw new Error(`${text} ${parsed.why}`)
  return parsed.value
}

/** The same for a value that a test writes down in TypeScript. */
export function exactOf(value: unknown): ExactJson {
  return exact(JSON.stringify(value))
}

/** Back to plain values; numbers become `{ number: <their text> }`. */
export function plainOf(value: ExactJson): unknown {
  const members = membersOf(value)
  if (members) return Object.fromEntries(members.map(([key, member]) => [key, plainOf(member)]))
  if (Array.isArray(value)) return (value as readonly ExactJson[]).map(plainOf)
  const text = textOf(value)
  if (text === undefined) return value
  return describeJson(value).startsWith('"') ? text : { number: text }
}

/** Problems as the report prints them. */
export function lines(problems: readonly Problem[]): string[] {
  return problems.map(({ where, what }) => `${where.join(', ')}: ${what}`)
}

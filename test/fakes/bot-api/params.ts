import { badRequest } from './api-error.ts'

/** The parameters of a call, as they came: JSON values, or strings from a form. */
export type Params = Readonly<Record<string, unknown>>

/** A text parameter; numbers and booleans are read as their text, like the real server does. */
export function textParam(params: Params, name: string): string | undefined {
  const value = params[name]
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return undefined
}

/** A whole number, or undefined when it is absent or not one. */
export function integerParam(params: Params, name: string): number | undefined {
  const text = textParam(params, name)?.trim()
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined
  return Number(text)
}

/** A yes/no parameter; absent means no. */
export function booleanParam(params: Params, name: string): boolean {
  const text = textParam(params, name)?.toLowerCase()
  return text === 'true' || text === '1' || text === 'yes'
}

/** A structured parameter: JSON as it is, or JSON text from a form. */
export function jsonParam(params: Params, name: string): unknown {
  const value = params[name]
  if (typeof value !== 'string') return value ?? undefined
  if (value.trim() === '') return undefined
  try {
    return JSON.parse(value) as unknown
  } catch {
    throw badRequest(`can't parse ${name} JSON object`)
  }
}

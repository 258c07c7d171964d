import { readFileSync } from 'node:fs'
import type { z } from 'zod'

export type Environment = Readonly<Record<string, string | undefined>>

/** One variable of the operator's contract. `schema` reads the raw text; `fallback` is the raw text used when unset. */
export interface Variable<T> {
  readonly name: `BUOY_${string}`
  readonly schema: z.ZodType<T, string>
  readonly fallback: string | null
  /** An empty text is a choice of its own and not the same as unset. */
  readonly emptyCounts?: true
  /** May also come from the file named by `<name>_FILE`, and is never printed. */
  readonly secret: boolean
  readonly expected: string
  readonly example: string
}

/** The value, or what is wrong with it: name, what was read (hidden for secrets), what is expected, an example. */
export type ReadVariable<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly mistake: string }

/** Reads one variable, or the file that `<name>_FILE` names. */
export function readVariable<T>(env: Environment, variable: Variable<T>): ReadVariable<T> {
  const raw = rawText(env, variable)
  if ('mistake' in raw) return { ok: false, mistake: describe(variable, raw.mistake) }
  if (raw.text === null) return { ok: false, mistake: describe(variable, 'nothing (it is required)') }
  const parsed = variable.schema.safeParse(raw.text)
  if (parsed.success) return { ok: true, value: parsed.data }
  return { ok: false, mistake: describe(variable, variable.secret ? masked(raw.text) : `"${raw.text}"`) }
}

function rawText(
  env: Environment,
  variable: Variable<unknown>,
): { text: string | null } | { mistake: string } {
  const direct = env[variable.name]?.trim()
  const fileName = variable.secret ? env[`${variable.name}_FILE`]?.trim() : undefined
  if (direct && fileName)
    return { mistake: `both ${variable.name} and ${variable.name}_FILE; set one of them` }
  if (direct || (direct === '' && variable.emptyCounts)) return { text: direct }
  if (!fileName) return { text: variable.fallback }
  try {
    return { text: readFileSync(fileName, 'utf8').trim() }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    return { mistake: `${variable.name}_FILE, but that file cannot be read (${code})` }
  }
}

function describe(variable: Variable<unknown>, read: string): string {
  return [
    variable.name,
    `  read:     ${read}`,
    `  expected: ${variable.expected}`,
    `  example:  ${variable.name}=${variable.example}`,
  ].join('\n')
}

/** Enough to see that something was read, not enough to use it. */
function masked(text: string): string {
  return `a value of ${text.length} characters (hidden)`
}

import { existsSync, statSync } from 'node:fs'
import type { DatabaseConfig } from './database.ts'
import { migrationsFor } from './migrate.ts'
import { openForReading } from './open-for-reading.ts'
import { appliedMigrations } from './schema-state.ts'

/** What a look at the database found. `waiting`, `unknown`: names of migrations. */
export type DatabaseLook =
  /** No such file yet. */
  | { readonly kind: 'missing' }
  /** Nothing of Buoy in it. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'current'; readonly integrity: 'sound' | 'not checked' }
  /** The next start brings it up to date. */
  | { readonly kind: 'older'; readonly waiting: readonly string[] }
  /** A newer Buoy wrote it; this one refuses to start. */
  | { readonly kind: 'newer'; readonly unknown: readonly string[] }
  | { readonly kind: 'damaged'; readonly reason: string }
  | { readonly kind: 'unreachable'; readonly reason: string }

/** SQLite's words for a file that is broken or never was one of its own. */
const DAMAGE = ['SQLITE_CORRUPT', 'SQLITE_NOTADB']
const LONGEST_REASON = 200

/**
 * Looks at a database without creating, changing or locking anything. A SQLite file of up to `quickCheckBytes` is also checked for
 * damage; that blocks the process for as long as reading the file takes.
 */
export async function lookAtDatabase(
  config: DatabaseConfig,
  { quickCheckBytes }: { quickCheckBytes: number },
): Promise<DatabaseLook> {
  try {
    if (config.kind === 'sqlite' && !existsSync(config.path)) return { kind: 'missing' }
    const applied = await appliedMigrations(config)
    const checked = config.kind === 'sqlite' && statSync(config.path).size <= quickCheckBytes
    const damage = checked ? quickCheck(config.path) : null
    if (damage !== null) return { kind: 'damaged', reason: damage }
    return schemaOf(config, { applied, integrity: checked ? 'sound' : 'not checked' })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const damaged = DAMAGE.some((sign) => code.startsWith(sign))
    return { kind: damaged ? 'damaged' : 'unreachable', reason: reasonOf(error, code) }
  }
}

function schemaOf(
  config: DatabaseConfig,
  found: { applied: readonly string[]; integrity: 'sound' | 'not checked' },
): DatabaseLook {
  const { applied, integrity } = found
  if (applied.length === 0) return { kind: 'empty' }
  const known = Object.keys(migrationsFor(config.kind))
  const unknown = applied.filter((name) => !known.includes(name))
  if (unknown.length > 0) return { kind: 'newer', unknown }
  const waiting = known.filter((name) => !applied.includes(name))
  return waiting.length > 0 ? { kind: 'older', waiting } : { kind: 'current', integrity }
}

/** The first thing that is wrong; `null` when nothing is. */
function quickCheck(path: string): string | null {
  const connection = openForReading(path)
  try {
    const [first] = connection.pragma('quick_check(1)') as { quick_check: string }[]
    return first?.quick_check === 'ok' ? null : (first?.quick_check ?? 'no answer').slice(0, LONGEST_REASON)
  } finally {
    connection.close()
  }
}

/** A host that has several addresses gives an error of errors, without words of its own. */
function reasonOf(error: unknown, code: string): string {
  const message = error instanceof Error ? error.message : ''
  return (message === '' ? code || 'no reason given' : message).slice(0, LONGEST_REASON)
}

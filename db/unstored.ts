import type { AlertState, Verified } from '../src/domain/alerting/state.ts'
import type { Database } from './schema.ts'

/** By chat and position: readings that were not worth storing by themselves. They go with the process. */
export type Unstored = Map<string, Verified>

const all = new WeakMap<Database, Unstored>()

export function unstoredOf(db: Database): Unstored {
  const known = all.get(db) ?? new Map<string, Verified>()
  all.set(db, known)
  return known
}

/** The stored state with the last reading that there was, which may be a minute younger than the one that is stored. */
export function withLast(state: AlertState | null, last: Verified | undefined): AlertState | null {
  return state?.last && last && last.atMs > state.last.atMs ? { ...state, last } : state
}

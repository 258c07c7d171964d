import { badInput, notFound } from './api-error.ts'
import type { ApiFault } from './faults.ts'

export interface PageArgs {
  first?: number | null
  skip?: number | null
}

export interface Page<T> {
  items: T[]
  pageInfo: { countTotal: number; count: number; limit: number; skip: number }
}

const DEFAULT_FIRST = 100
const MAX_FIRST = 1000
const MAX_LIST = 100

/** Refuses what the API refuses: pages above 1000 rows and filters of more than 100 values. */
export function checkArgs({ first, skip }: PageArgs, where: object): void {
  if (first != null && (first < 0 || first > MAX_FIRST)) throw badInput(`first must be 0 to ${MAX_FIRST}`)
  if (skip != null && skip < 0) throw badInput('skip must not be negative')
  for (const [name, values] of Object.entries(where)) {
    if (!name.endsWith('_in') || !Array.isArray(values) || values.length <= MAX_LIST) continue
    throw badInput(`${name} must have at most ${MAX_LIST} values`)
  }
}

export interface PageRequest<T> {
  args: PageArgs
  fault: ApiFault
  /** What a row can be named by in a fault: its owner and its market. */
  namesOf: (row: T) => readonly string[]
}

/** One page of the rows, which are in order. */
export function pageOf<T>(rows: readonly T[], { args, fault, namesOf }: PageRequest<T>): Page<T> {
  const limit = args.first ?? DEFAULT_FIRST
  const skip = args.skip ?? 0
  if (fault.kind === 'corrupt-page' && limit > fault.above) throw notFound()
  const known = knownRows(rows, { fault, namesOf })
  if (known.length === 0 && fault.kind === 'not-found-when-empty') throw notFound()
  const shift = fault.kind === 'duplicates' && skip > 0 ? 1 : 0
  const items = known.slice(skip - shift, skip - shift + limit)
  return { items, pageInfo: { countTotal: known.length + shift, count: items.length, limit, skip } }
}

function knownRows<T>(rows: readonly T[], { fault, namesOf }: Omit<PageRequest<T>, 'args'>): readonly T[] {
  if (fault.kind === 'empty') return []
  if (fault.kind !== 'stale') return rows
  const { missing } = fault
  if (missing === undefined) return rows.filter((_, index) => index % 2 === 0)
  const names = new Set(missing.map((name) => name.toLowerCase()))
  return rows.filter((row) => !namesOf(row).some((name) => names.has(name.toLowerCase())))
}

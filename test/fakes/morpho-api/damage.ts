import type { ApiFault } from './faults.ts'

type Json = Record<string, unknown>

const GARBAGE: readonly unknown[] = [null, 'garbage', 0, [], {}, { market: 'garbage', user: 7, state: [] }]
const DEFAULT_GARBAGE_ROWS = 10

/** The data with those faults in it that concern what a row looks like. */
export function damage(data: unknown, fault: ApiFault): unknown {
  if (!isObject(data)) return data
  const change = changeOf(fault)
  if (change === undefined) return data
  return Object.fromEntries(Object.entries(data).map(([name, list]) => [name, change(list)]))
}

function changeOf(fault: ApiFault): ((list: unknown) => unknown) | undefined {
  switch (fault.kind) {
    case 'null-items':
      return (list) => (isObject(list) ? { ...list, items: null } : list)
    case 'null-state':
      return inRows(fault.everyRow, (row) => withField(row, { path: ['state'], value: null }))
    case 'null-market':
      return inRows(fault.everyRow, (row) => withField(row, { path: ['market'], value: null }))
    case 'null-health':
      return inRows(fault.everyRow, (row) => withField(row, { path: ['healthFactor'], value: null }))
    case 'missing-field':
      return inRows(fault.everyRow, (row) =>
        withField(row, { path: fault.field.split('.'), value: undefined }),
      )
    case 'wrong-type':
      return inRows(fault.everyRow, (row) =>
        withField(row, { path: fault.field.split('.'), value: fault.value }),
      )
    case 'garbage':
      return inRows(fault.everyRow ?? DEFAULT_GARBAGE_ROWS, (_, number) => GARBAGE[number % GARBAGE.length])
    case 'ok':
    case 'down':
    case 'hang':
    case 'slow':
    case 'status':
    case 'html':
    case 'oversized':
    case 'errors':
    case 'not-found-when-empty':
    case 'corrupt-page':
    case 'empty':
    case 'stale':
    case 'duplicates':
      return undefined
  }
}

function inRows(
  everyRow: number | undefined,
  change: (row: unknown, damagedBefore: number) => unknown,
): (list: unknown) => unknown {
  const every = everyRow ?? 1
  return (list) => {
    if (!isObject(list) || !Array.isArray(list['items'])) return list
    const items = (list['items'] as unknown[]).map((row, index) =>
      (index + 1) % every === 0 ? change(row, Math.floor(index / every)) : row,
    )
    return { ...list, items }
  }
}

/** A copy of the row with another value at the path, or none when the value is undefined. */
function withField(row: unknown, { path, value }: { path: readonly string[]; value: unknown }): unknown {
  const [name, ...rest] = path
  // A row that was not asked for the field has nothing to break.
  if (!isObject(row) || name === undefined || !(name in row)) return row
  const replaced = rest.length === 0 ? value : withField(row[name], { path: rest, value })
  return { ...row, [name]: replaced }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

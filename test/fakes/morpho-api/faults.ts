/** The two lists that can be asked for. */
export type ApiList = 'marketPositions' | 'markets'

type FaultKind =
  | { kind: 'ok' }
  /** Connections are refused. */
  | { kind: 'down' }
  /** Requests are taken and never answered. */
  | { kind: 'hang' }
  | { kind: 'slow'; ms: number }
  /** That status, as plain text or as the page of some gateway. */
  | { kind: 'status'; status: number; retryAfter?: string | number; html?: boolean }
  /** HTTP 200 with the page of some gateway. */
  | { kind: 'html' }
  /** HTTP 200 and a body of that many bytes; default 64 MiB. */
  | { kind: 'oversized'; bytes?: number }
  /** HTTP 200, no data and an error. */
  | { kind: 'errors'; message?: string; code?: string }
  /** An empty list comes as the error NOT_FOUND. */
  | { kind: 'not-found-when-empty' }
  /** The error NOT_FOUND for every page of more rows than that, as one corrupt market causes it. */
  | { kind: 'corrupt-page'; above: number }
  /** No rows, though there are some. */
  | { kind: 'empty' }
  /** Rows of these owners or market ids are not known yet; default is every second row. */
  | { kind: 'stale'; missing?: readonly string[] }
  /** While pages are turned, a row appears in front: each further page begins with the last row of the one before. */
  | { kind: 'duplicates' }
  | { kind: 'null-items' }
  | ({ kind: 'null-state' } & WhichRows)
  /** Against the schema, but JSON has no schema. */
  | ({ kind: 'null-market' } & WhichRows)
  | ({ kind: 'null-health' } & WhichRows)
  /** A path into a row, such as `state.borrowShares`, that is not there. */
  | ({ kind: 'missing-field'; field: string } & WhichRows)
  /** A path into a row whose value is something else. */
  | ({ kind: 'wrong-type'; field: string; value: unknown } & WhichRows)
  /** Rows that are no rows: null, text, numbers, lists and objects of something else; default every tenth. */
  | ({ kind: 'garbage' } & WhichRows)

interface WhichRows {
  /** Every how many rows, counted from 1; default 1, which is all of them. */
  everyRow?: number
}

/** What goes wrong, and for which requests. */
export type ApiFault = FaultKind & {
  /** Only requests for that list. */
  list?: ApiList
  /** How many requests are hit before all is well again; default no end. */
  times?: number
  /** Every how many matching requests; default 1, which is all of them. */
  every?: number
}

export interface FaultSwitch {
  set: (fault: ApiFault) => void
  /** The fault for a request for these lists, counted as used; `ok` when it is not hit. */
  take: (lists: readonly string[]) => ApiFault
  /** How many requests were hit since the fault was set. */
  hits: () => number
}

export function createFaultSwitch(): FaultSwitch {
  let present: ApiFault = { kind: 'ok' }
  let matching = 0
  let hits = 0
  return {
    set: (fault) => {
      present = fault
      matching = 0
      hits = 0
    },
    take: (lists) => {
      const { kind, list, times = Infinity, every = 1 } = present
      if (kind === 'ok' || (list !== undefined && !lists.includes(list))) return { kind: 'ok' }
      matching += 1
      if (hits >= times || matching % every !== 0) return { kind: 'ok' }
      hits += 1
      return present
    },
    hits: () => hits,
  }
}

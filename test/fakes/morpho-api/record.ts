import type { ApiRequest } from './execute.ts'

/** One request and what came of it. */
export interface ApiRequestRecord extends ApiRequest {
  id: number
  /** Milliseconds since 1970. */
  at: number
  headers: Record<string, string | string[] | undefined>
  /** Names of the lists that were asked for. */
  lists: readonly string[]
  /** The kind of the fault that hit it. */
  fault: string | null
  /** The HTTP status of the answer; none when there was no answer. */
  status: number | null
}

export interface RequestLog {
  add: (request: Omit<ApiRequestRecord, 'id' | 'at' | 'status'>) => ApiRequestRecord
  finish: (record: ApiRequestRecord, status: number) => void
  list: () => readonly ApiRequestRecord[]
  clear: () => void
  /** Resolves when that many requests of the list have come since the start or the last `clear`. */
  waitFor: (wanted: { count: number; list?: string }) => Promise<readonly ApiRequestRecord[]>
}

const MAX_RECORDS = 10_000

/** Remembers what was asked, in bounded memory. */
export function createRequestLog(): RequestLog {
  const waiting = new Set<() => void>()
  let records: ApiRequestRecord[] = []
  let lastId = 0
  return {
    add: (request) => {
      lastId += 1
      const record: ApiRequestRecord = { id: lastId, at: Date.now(), status: null, ...request }
      records.push(record)
      // Cut in large steps, so that a busy log is not copied for every request.
      if (records.length > MAX_RECORDS * 2) records = records.slice(-MAX_RECORDS)
      for (const check of waiting) check()
      return record
    },
    finish: (record, status) => {
      record.status = status
    },
    list: () => records.slice(-MAX_RECORDS),
    clear: () => {
      records = []
    },
    waitFor: ({ count, list }) =>
      new Promise((resolve) => {
        const check = () => {
          const found = records.filter(({ lists }) => list === undefined || lists.includes(list))
          if (found.length < count) return
          waiting.delete(check)
          resolve(found)
        }
        waiting.add(check)
        check()
      }),
  }
}

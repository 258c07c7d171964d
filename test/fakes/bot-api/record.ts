import { createBoundedList } from './bounded-list.ts'
import type { Changes } from './changes.ts'
import type { Clock } from './clock.ts'
import { defined } from './defined.ts'
import type { UploadedFile } from './files.ts'
import type { Params } from './params.ts'

/** One request and what came of it. Times are milliseconds of the fake's clock. */
export interface RequestRecord {
  id: number
  at: number
  method: string
  chat: number | null
  params: Params
  files: { name: string; part: string; size: number }[]
  /** `gone`: the caller hung up before the answer. `dropped`: the fake cut the connection. */
  state: 'pending' | 'answered' | 'dropped' | 'gone'
  /** Whether the method was carried out: what it sends is visible, whatever the caller learned. */
  accepted: boolean
  status: number | null
  error: string | null
  fault: string | null
  finishedAt: number | null
}

/** Which requests to list. */
export interface RequestFilter {
  method?: string
  chat?: number
  /** Only requests with a higher id. */
  after?: number
}

/** Everything that was asked of the fake. */
export interface RequestLog {
  begin(request: {
    method: string
    chat: number | null
    params: Params
    files: ReadonlyMap<string, UploadedFile>
  }): RequestRecord
  finish(record: RequestRecord, end: Pick<RequestRecord, 'state'> & Partial<RequestRecord>): void
  list(filter: RequestFilter): RequestRecord[]
  clear(): void
}

/** Creates an empty log that keeps the newest `cap` requests. */
export function createRequestLog(deps: { clock: Clock; changes: Changes; cap: number }): RequestLog {
  const { clock, changes, cap } = deps
  const records = createBoundedList<RequestRecord>(cap)
  let lastId = 0
  return {
    begin: ({ method, chat, params, files }) => {
      lastId += 1
      const record: RequestRecord = {
        id: lastId,
        at: clock.now(),
        method,
        chat,
        params,
        files: [...files].map(([part, { name, bytes }]) => ({ part, name, size: bytes.length })),
        state: 'pending',
        accepted: false,
        status: null,
        error: null,
        fault: null,
        finishedAt: null,
      }
      records.add(record)
      changes.touch()
      return record
    },
    finish: (record, end) => {
      if (record.state !== 'pending') return
      Object.assign(record, defined(end), { finishedAt: clock.now() })
      changes.touch()
    },
    list: ({ method, chat, after = 0 }) =>
      records
        .all()
        .filter(
          (record) =>
            record.id > after &&
            (method === undefined || record.method === method) &&
            (chat === undefined || record.chat === chat),
        ),
    clear: () => {
      records.clear()
    },
  }
}

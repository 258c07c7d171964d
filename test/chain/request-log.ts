import type { RpcMessage } from './rpc-faults.ts'

interface RequestRecord {
  method: string
  /** Milliseconds since 1970. */
  at: number
  /** Length of the call's own JSON. */
  bytes: number
}

export interface RequestCounts {
  /** HTTP requests; a JSON-RPC batch is one. */
  httpRequests: number
  /** JSON-RPC calls; each member of a batch is one. */
  calls: number
  byMethod: Record<string, number>
  /** The latest calls, oldest first; older ones are only counted. */
  records: readonly RequestRecord[]
}

export interface RequestLog {
  /** Notes a request and returns the calls in it; none when it is not JSON. */
  record: (body: string) => RpcMessage[]
  counts: () => RequestCounts
  reset: () => void
}

const MAX_RECORDS = 10_000

/** Remembers what was asked, in bounded memory. */
export function createRequestLog(): RequestLog {
  let httpRequests = 0
  let calls = 0
  let byMethod: Record<string, number> = {}
  let records: RequestRecord[] = []

  return {
    record: (body) => {
      httpRequests += 1
      const messages = parseCalls(body)
      for (const message of messages) {
        const method = message.method ?? 'unknown'
        calls += 1
        byMethod[method] = (byMethod[method] ?? 0) + 1
        records.push({ method, at: Date.now(), bytes: Buffer.byteLength(JSON.stringify(message)) })
      }
      // Cut in large steps, so that a busy log is not copied for every request.
      if (records.length > MAX_RECORDS * 2) records = records.slice(-MAX_RECORDS)
      return messages
    },
    counts: () => ({ httpRequests, calls, byMethod: { ...byMethod }, records: records.slice(-MAX_RECORDS) }),
    reset: () => {
      httpRequests = 0
      calls = 0
      byMethod = {}
      records = []
    },
  }
}

function parseCalls(body: string): RpcMessage[] {
  try {
    const parsed = JSON.parse(body) as RpcMessage | RpcMessage[]
    return Array.isArray(parsed) ? parsed : [parsed]
  } catch {
    return []
  }
}

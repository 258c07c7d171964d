import type { Priority } from './limiter.ts'

export interface ApiOptions {
  readonly priority: Priority
  readonly signal?: AbortSignal | undefined
}

/** One outside HTTP API that answers in JSON, however its requests are paced. */
export interface Api {
  /** A `fetch` whose failures are ApiError. */
  fetch(options: ApiOptions): typeof fetch
}

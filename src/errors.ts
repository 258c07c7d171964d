/** The environment or a command-line argument is unusable; the message is ready for the operator. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

export type EndpointFailure =
  | 'unreachable'
  | 'timeout'
  | 'rate-limited'
  | 'bad-answer'
  | 'rpc-error'
  | 'wrong-chain'
  | 'stale'
  /** The newest block it has is old: it stands still, or the chain does. */
  | 'old'
  /** Not asked at all, or not ready for this question: no fault of its own. */
  | 'busy'

/** One RPC endpoint failed; another one may still answer. */
export class EndpointError extends Error {
  override readonly name = 'EndpointError'
  readonly kind: EndpointFailure
  /** Milliseconds the endpoint asked us to wait, when it said so. */
  readonly retryAfterMs: number | undefined

  constructor(kind: EndpointFailure, detail: { message: string; retryAfterMs?: number; cause?: unknown }) {
    super(detail.message, { cause: detail.cause })
    this.kind = kind
    this.retryAfterMs = detail.retryAfterMs
  }
}

/** Whether a smaller request might be answered. */
export function isRefusal(error: EndpointError): boolean {
  return error.kind === 'rpc-error' || error.kind === 'bad-answer'
}

/** An HTTP API failed. No EndpointError: another RPC endpoint would not help. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly kind: EndpointFailure
  /** Milliseconds the API asked us to wait, when it said so. */
  readonly retryAfterMs: number | undefined

  constructor(kind: EndpointFailure, detail: { message: string; retryAfterMs?: number | undefined }) {
    super(detail.message)
    this.kind = kind
    this.retryAfterMs = detail.retryAfterMs
  }
}

/** An answer from the chain does not have the shape its ABI promises. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/** The database cannot be used as it is; the message says what to do. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
}

/** Another process has taken over this database: nothing may be written or sent any more. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
}

/** The process cannot start as things are here (another one runs, a port is taken); the message says what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

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

/** An outside API failed. Unlike a failing endpoint, it never decides what is on the chain. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly kind: EndpointFailure

  constructor(kind: EndpointFailure, detail: { message: string }) {
    super(detail.message)
    this.kind = kind
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

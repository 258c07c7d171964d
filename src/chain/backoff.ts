import type { EndpointFailure } from '../errors.ts'

const FIRST_REST_MS = 1_000
const LONGEST_REST_MS = 60_000
/** Rests differ by up to this share, so that many clients do not come back in the same instant. */
const JITTER = 0.2

export interface Failure {
  readonly kind: EndpointFailure
  readonly retryAfterMs: number | undefined
}

export interface Backoff {
  /** Milliseconds until it is worth trying again. `must`: the pause was asked for (429), or there is nothing to gain earlier. */
  rest(): { readonly ms: number; readonly must: boolean }
  /** Rests twice as long as after the failure before, or as long as it was asked to. */
  failed(failure: Failure): void
  /** All is well again. */
  clear(): void
}

/** How long an upstream is left alone after failures. */
export function createBackoff({ now, random }: { now: () => number; random: () => number }): Backoff {
  let failuresInARow = 0
  let untilMs = 0
  let must = false
  return {
    rest: () => ({ ms: Math.max(0, untilMs - now()), must }),
    failed({ kind, retryAfterMs = 0 }) {
      failuresInARow += 1
      const fullMs =
        kind === 'wrong-chain'
          ? LONGEST_REST_MS
          : Math.min(FIRST_REST_MS * 2 ** (failuresInARow - 1), LONGEST_REST_MS)
      const restMs = fullMs * (1 - JITTER + 2 * JITTER * random())
      const nextMs = now() + Math.max(restMs, retryAfterMs)
      // A pause that was asked for is not cut short by a lesser failure.
      if (must && untilMs > nextMs) return
      must = kind === 'rate-limited' || kind === 'wrong-chain'
      untilMs = nextMs
    },
    clear() {
      failuresInARow = 0
      untilMs = 0
      must = false
    },
  }
}

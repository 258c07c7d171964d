import type { Alert } from './alerting/transition.ts'

/** An alert as it was committed, and what became of it. */
export interface ToldAlert extends Alert {
  readonly label: string | null
  readonly createdAtMs: number
  readonly state: 'pending' | 'sending' | 'sent' | 'unreachable' | 'superseded'
  /** When it was sent, given up, or told by another one. */
  readonly settledAtMs: number | null
  readonly maybeRepeat: boolean
  readonly seenAtMs: number | null
}

export interface History {
  readonly alerts: readonly ToldAlert[]
  /** How many there are in all. */
  readonly count: number
}

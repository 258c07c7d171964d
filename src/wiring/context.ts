import type { Database } from '../../db/schema.ts'
import type { Config } from '../config.ts'
import type { Gate } from '../delivery/gate.ts'
import type { Logger } from '../ops/logger.ts'
import type { Metrics } from '../ops/metrics.ts'

/** What every part of the application is built from. */
export interface Context {
  readonly config: Config
  readonly log: Logger
  readonly db: Database
  readonly metrics: Metrics
  /** Wall-clock milliseconds that run steadily. */
  readonly now: () => number
  /** The lease is held: nobody else can be at work. Asked just before whatever leaves this machine. */
  readonly mayAct: () => boolean
  /** Raised each time the lease changes hands. */
  readonly leaseToken: number
  /** Fires when the process stops. */
  readonly stopping: AbortSignal
  /** A chat as it may be logged. */
  readonly chatTag: (chatId: number) => string
  /** The pace of everything that goes to Telegram. */
  readonly gate: Gate
  /** Short enough to read out on the phone; for messages and logs. */
  readonly newReference: () => string
}

/** A part of the application that holds something open. */
export interface Part {
  stop(): Promise<void>
}

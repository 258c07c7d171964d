import { DatabaseError, StartError } from '../errors.ts'
import type { Logger } from './logger.ts'

/** Why the process must end. */
export interface Fatal {
  /** For the operator. */
  readonly line: string
  readonly reason: string
  /** Not even an orderly stop: somebody else is at work already. */
  readonly atOnce?: boolean
}

export interface Stoppable {
  start(): Promise<void>
  stop(): Promise<void>
  readonly fatal: Promise<Fatal>
}

const HARD_LIMIT_MS = 10_000
const EXIT_FAILED = 1

/**
 * Runs the application until a signal or a fatal refusal, then exits: 0 after an orderly stop, 1 otherwise. A second signal
 * exits at once; a stop that takes longer than ten seconds is cut short.
 */
export async function runUntilStopped({ app, log }: { app: Stoppable; log: Logger }): Promise<void> {
  let stopping = false

  async function end(reason: string, code: number): Promise<void> {
    if (stopping) process.exit(EXIT_FAILED)
    stopping = true
    log.info({ reason }, 'stopping')
    setTimeout(() => {
      log.error('stopping took too long')
      process.exit(EXIT_FAILED)
    }, HARD_LIMIT_MS).unref()
    try {
      await app.stop()
    } catch (error) {
      log.error({ err: error }, 'not everything could be stopped')
    }
    log.info('stopped')
    process.exit(code)
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void end(signal, 0))
  }
  // A bug that nobody handled: state in memory cannot be trusted, what is committed can. Start anew.
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'unexpected error')
    process.exit(EXIT_FAILED)
  })

  void app.fatal.then(({ line, reason, atOnce }) => {
    log.fatal({ reason }, line)
    if (atOnce) process.exit(EXIT_FAILED)
    return end(reason, EXIT_FAILED)
  })
  try {
    await app.start()
  } catch (error) {
    if (error instanceof DatabaseError || error instanceof StartError) log.fatal(error.message)
    else log.fatal({ err: error }, 'could not start')
    process.exit(EXIT_FAILED)
  }
}

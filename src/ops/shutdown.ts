import { DatabaseError } from '../errors.ts'
import type { Logger } from './logger.ts'

export interface Stoppable {
  start(): Promise<void>
  stop(): Promise<void>
  readonly fatal: Promise<string>
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

  void app.fatal.then((reason) => {
    log.fatal({ reason }, 'Telegram refuses this bot: check the token, and that no other process uses it')
    return end('refused by Telegram', EXIT_FAILED)
  })
  try {
    await app.start()
  } catch (error) {
    if (error instanceof DatabaseError) log.fatal(error.message)
    else log.fatal({ err: error }, 'could not start')
    process.exit(EXIT_FAILED)
  }
}

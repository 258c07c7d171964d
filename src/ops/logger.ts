import { createHash } from 'node:crypto'
import { type Logger, pino, stdTimeFunctions } from 'pino'
import { createScrub } from './scrub.ts'

export interface LoggerOptions {
  readonly level: string
  /** Never to appear in a line: tokens, RPC addresses with keys. */
  readonly secrets: readonly string[]
  readonly write?: (line: string) => void
}

export type { Logger }

/**
 * JSON lines. The finished line is scrubbed, not single fields: errors of HTTP clients carry the bot token in places that
 * no list of fields covers.
 */
export function createLogger({ level, secrets, write }: LoggerOptions): Logger {
  const scrub = createScrub(secrets)
  const out = write ?? ((line: string) => process.stdout.write(line))
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: errorForLog, error: errorForLog },
    },
    {
      write(line: string) {
        out(scrub(line))
      },
    },
  )
}

/** Type, message, code and causes. Not the rest: request payloads hold people's messages. */
function errorForLog(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: String(error) }
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && { code: error.code }),
    stack: error.stack,
    ...(error.cause !== undefined && { cause: errorForLog(error.cause) }),
  }
}

/** A chat in the log: the same chat always looks the same, and the log alone does not tell whose it is. */
export function createChatTag(key: string): (chatId: number) => string {
  return (chatId) => createHash('sha256').update(`${key}:${chatId}`).digest('hex').slice(0, 8)
}

import type { Bot } from 'grammy'
import { publishCommands } from './menu.ts'

export interface PollingDeps {
  readonly bot: Bot
  readonly adminIds: readonly number[]
  /** Resolves once no answer is under way. */
  readonly idle: () => Promise<void>
  /** Why an error means that Telegram refuses the bot as a whole; `null` when it does not. */
  readonly fatalReason: (error: unknown) => string | null
  readonly onFatal: (reason: string) => void
  readonly onTrouble: (error: unknown) => void
  readonly onReady: (botName: string) => void
}

const FIRST_RETRY_MS = 500
const LONGEST_RETRY_MS = 20_000
const IDLE_LIMIT_MS = 5_000

/**
 * Keeps the bot listening: waits for Telegram at the start without holding up anything else, polls, and reports it when
 * Telegram refuses the token or another process polls with it.
 */
export function startPolling(deps: PollingDeps): { stop(): Promise<void> } {
  const { bot } = deps
  const stopping = new AbortController()

  async function pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(done, ms)
      function done(): void {
        clearTimeout(timer)
        stopping.signal.removeEventListener('abort', done)
        resolve()
      }
      stopping.signal.addEventListener('abort', done)
    })
  }

  async function run(): Promise<void> {
    let waitMs = FIRST_RETRY_MS
    while (!stopping.signal.aborted) {
      try {
        // Asked here, because grammY's own start waits up to twenty minutes between attempts.
        if (!bot.isInited()) await bot.init()
        await bot.start({
          onStart: ({ username }) => {
            waitMs = FIRST_RETRY_MS
            // The menu is a courtesy: nobody waits for it.
            publishCommands(bot, deps.adminIds).catch(deps.onTrouble)
            deps.onReady(username)
          },
        })
        // It only returns after stop; should that ever change, this must not spin.
        await pause(waitMs)
      } catch (error) {
        const reason = deps.fatalReason(error)
        if (reason !== null) {
          deps.onFatal(reason)
          return
        }
        deps.onTrouble(error)
        await pause(waitMs)
        waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)
      }
    }
  }

  const running = run()
  return {
    async stop() {
      stopping.abort()
      // It confirms the last update once more; when Telegram is away, that must not hold up the rest.
      const stopped = bot.isRunning() ? bot.stop().catch(() => undefined) : undefined
      const limit = new Promise<void>((resolve) => setTimeout(resolve, IDLE_LIMIT_MS).unref())
      await Promise.race([Promise.all([stopped, running, deps.idle()]), limit])
    },
  }
}

import { Bot, GrammyError } from 'grammy'
import { afterEach } from 'vitest'
import { createFakeBotApi, type FakeBotApi, type FakeBotApiOptions } from '../../fakes/bot-api/index.ts'

/** Starts fakes and bots for one test file and stops them after every test. */
export function createKit() {
  const cleanups: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  })

  const startFake = async (options: FakeBotApiOptions = {}) => {
    const fake = await createFakeBotApi(options)
    cleanups.push(() => fake.stop())
    return fake
  }
  const newBot = (fake: FakeBotApi, token = fake.token) =>
    new Bot(token, { client: { apiRoot: fake.url, timeoutSeconds: 10 } })
  /** Starts polling; the returned promise is that of `bot.start()`. */
  const startBot = (bot: Bot, fake: FakeBotApi) => {
    const before = fake.control.requests({ method: 'getUpdates' })
    const ended = bot.start({ timeout: 5 })
    ended.catch(() => undefined)
    cleanups.push(async () => {
      if (bot.isRunning()) await bot.stop().catch(() => undefined)
      await ended.catch(() => undefined)
    })
    const polling = before.then((earlier) =>
      fake.control.waitForRequests({ method: 'getUpdates', count: earlier.length + 1, pending: true }),
    )
    return { ended, polling }
  }
  return {
    startFake,
    newBot,
    startBot,
    onCleanup: (cleanup: () => Promise<unknown>) => cleanups.push(cleanup),
  }
}

/** The refusal a call ends in; fails when it succeeds or ends otherwise. */
export async function refusal(call: Promise<unknown>): Promise<GrammyError> {
  const error = await call.then(
    () => new Error('The call was expected to be refused.'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof GrammyError) return error
  throw error
}

/** Code and description of the refusal a call ends in. */
export async function refusalText(call: Promise<unknown>): Promise<string> {
  const { error_code: code, description } = await refusal(call)
  return `${code} ${description}`
}

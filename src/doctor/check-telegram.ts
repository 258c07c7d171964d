import { Api } from 'grammy'
import { outcomeOf } from '../delivery/telegram.ts'
import type { Finding } from '../domain/finding.ts'
import { clockFinding } from './clock.ts'

export interface TelegramDeps {
  readonly token: string
  readonly apiRoot: string
  readonly now: () => number
  readonly signal: AbortSignal
}

const TIMEOUT_S = 10
const REACH = 'Check the network of this machine, a proxy, and BUOY_TELEGRAM_API_ROOT'

/** Whether Telegram knows the bot, by a question that takes no update and sends nothing; and Telegram's clock. */
export async function checkTelegram(deps: TelegramDeps): Promise<Finding[]> {
  return [await askWho(deps), ...(await askDate(deps))]
}

async function askWho({ token, apiRoot, signal }: TelegramDeps): Promise<Finding> {
  const what = `Telegram at ${new URL(apiRoot).host}`
  try {
    const me = await new Api(token, { apiRoot, timeoutSeconds: TIMEOUT_S }).getMe(
      // grammY's types name another AbortSignal.
      signal as Parameters<Api['getMe']>[0],
    )
    return { mark: 'good', what, detail: `the token belongs to @${me.username}`, change: null }
  } catch (error) {
    const outcome = outcomeOf(error)
    if (outcome.kind === 'fatal') {
      const change = 'Take the token from @BotFather anew, for BUOY_TELEGRAM_TOKEN'
      return { mark: 'bad', what, detail: `refuses the token (${outcome.error})`, change }
    }
    if (outcome.kind === 'rate-limited') {
      const change = 'Wait; it answers again by itself'
      return { mark: 'doubtful', what, detail: 'asks us to wait (429)', change }
    }
    const why = 'error' in outcome ? outcome.error : outcome.kind
    return { mark: 'bad', what, detail: `does not answer (${why})`, change: REACH }
  }
}

/** Nothing when it tells no date: the newest block is a clock as well. */
async function askDate({ apiRoot, now, signal }: TelegramDeps): Promise<Finding[]> {
  const startedAtMs = now()
  let date: string | null
  try {
    // Without the token: any page of the server carries the date.
    const { headers } = await fetch(apiRoot, { method: 'HEAD', redirect: 'manual', signal })
    date = headers.get('date')
  } catch {
    return []
  }
  const toldMs = Date.parse(date ?? '')
  if (Number.isNaN(toldMs)) return []
  // It tells whole seconds: on average half of one has passed.
  return [clockFinding('Telegram', (startedAtMs + now()) / 2 - (toldMs + 500))]
}

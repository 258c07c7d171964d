/** Telegram's sending limits; a number of 0 switches that one limit off. */
export interface LimitNumbers {
  perSecond: number
  perChatPerSecond: number
  perGroupPerMinute: number
}

/** How the limits act: refuse with 429, only write breaches down, or not at all. */
export type LimitSetting = boolean | 'record' | (Partial<LimitNumbers> & { mode?: 'enforce' | 'record' })

/** What a fake can be told when it is created. All of it has a default. */
export interface FakeBotApiOptions {
  /** The token the bot must use. Its leading number is the bot's id. */
  token?: string
  bot?: { username?: string; firstName?: string; privacy?: boolean }
  host?: string
  /** 0 or absent: any free port. */
  port?: number
  /** A second port that carries only `/control/`, so that it still answers during `pause()`. */
  controlPort?: number
  limits?: LimitSetting
  /** true: the fake's clock stands still and only `advance` moves it, so that nothing depends on how fast a test runs. */
  frozenClock?: boolean
  /** Slack on the limit windows for the unevenness of timers and sockets. */
  limitToleranceMs?: number
  /** The longest a getUpdates call is held, whatever it asks for. */
  maxPollSeconds?: number
  /** How long a pressed button waits for its answer before the query is too old. */
  callbackTtlSeconds?: number
  /** How many requests, breaches, messages per chat, queries and files are remembered. */
  recordCap?: number
}

/** The options with every default filled in. */
export interface ResolvedOptions {
  token: string
  botId: number
  username: string
  firstName: string
  privacy: boolean
  host: string
  port: number
  controlPort: number | null
  limits: LimitSetting
  frozenClock: boolean
  limitToleranceMs: number
  maxPollSeconds: number
  callbackTtlSeconds: number
  recordCap: number
}

/** The token a fake accepts unless told otherwise. It belongs to no real bot. */
export const DEFAULT_TOKEN = '4200001:FAKE-bot-api-token-for-tests-only-0'

/** Fills in the defaults. */
export function resolveOptions(options: FakeBotApiOptions): ResolvedOptions {
  const token = options.token ?? DEFAULT_TOKEN
  const botId = Number(/^(\d+):/.exec(token)?.[1] ?? 4_200_001)
  return {
    token,
    botId,
    username: options.bot?.username ?? 'fake_test_bot',
    firstName: options.bot?.firstName ?? 'Fake Test Bot',
    privacy: options.bot?.privacy ?? true,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    controlPort: options.controlPort ?? null,
    limits: options.limits ?? false,
    frozenClock: options.frozenClock ?? false,
    limitToleranceMs: options.limitToleranceMs ?? 50,
    maxPollSeconds: options.maxPollSeconds ?? 50,
    callbackTtlSeconds: options.callbackTtlSeconds ?? 60,
    recordCap: options.recordCap ?? 100_000,
  }
}

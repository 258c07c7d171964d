import { createBoundedList } from './bounded-list.ts'
import type { Clock } from './clock.ts'
import type { LimitNumbers, LimitSetting } from './options.ts'

/** Why a request came too early. */
export type BreachKind =
  | 'retry-after'
  | 'per-second'
  | 'per-chat-per-second'
  | 'per-group-per-minute'
  | 'edits-per-group-per-minute'

/** A request that came while Telegram wanted silence. */
export interface Breach {
  request: number
  at: number
  method: string
  chat: number | null
  kind: BreachKind
  retryAfter: number
  /** false in record mode: it was written down and let pass. */
  refused: boolean
}

/** A request as the limits look at it. */
export interface LimitedRequest {
  id: number
  method: string
  chat: number | null
  isGroup: boolean
}

/** What stays silent, and for how long. */
export interface Flood {
  scope: 'chat' | 'bot' | 'method'
  key: number | string | null
  seconds: number
}

/** The limits of one bot. */
export interface RateLimits {
  /** The breach to refuse a request with, or null when it may pass. */
  check(request: LimitedRequest): Breach | null
  impose(flood: Flood): void
  lift(): void
  configure(setting: LimitSetting): void
  breaches(): readonly Breach[]
  clearBreaches(): void
}

interface Window {
  kind: BreachKind
  key: string
  most: number
  ms: number
  /** What goes silent when this one is broken. */
  flood: Omit<Flood, 'seconds'>
}

const TELEGRAM: LimitNumbers = { perSecond: 30, perChatPerSecond: 1, perGroupPerMinute: 20 }
// A caller that waits exactly as told may still arrive a hair early: timers may fire 1 ms too soon.
const EARLY_BY_MS = 10

function readSetting(setting: LimitSetting): { numbers: LimitNumbers; mode: 'off' | 'enforce' | 'record' } {
  if (setting === false) return { numbers: TELEGRAM, mode: 'off' }
  if (setting === true) return { numbers: TELEGRAM, mode: 'enforce' }
  if (setting === 'record') return { numbers: TELEGRAM, mode: 'record' }
  return { numbers: { ...TELEGRAM, ...setting }, mode: setting.mode ?? 'enforce' }
}

function windowsFor(numbers: LimitNumbers, request: LimitedRequest): Window[] {
  const { method, chat, isGroup } = request
  const isEdit = method.startsWith('editMessage')
  if (chat === null || !(isEdit || ['sendMessage', 'sendPhoto', 'sendDocument'].includes(method))) return []
  const bot = { scope: 'bot', key: null } as const
  const one = { scope: 'chat', key: chat } as const
  const windows: (Window | false)[] = [
    { kind: 'per-second', key: 'all', most: numbers.perSecond, ms: 1000, flood: bot },
    !isEdit && {
      kind: 'per-chat-per-second',
      key: `chat ${chat}`,
      most: numbers.perChatPerSecond,
      ms: 1000,
      flood: one,
    },
    isGroup && {
      kind: isEdit ? 'edits-per-group-per-minute' : 'per-group-per-minute',
      key: `${isEdit ? 'edits' : 'group'} ${chat}`,
      most: numbers.perGroupPerMinute,
      ms: 60_000,
      flood: one,
    },
  ]
  return windows.filter((window): window is Window => window !== false && window.most > 0)
}

/** Creates the limits; `toleranceMs` shortens each window to forgive uneven timers. */
export function createRateLimits(deps: {
  clock: Clock
  setting: LimitSetting
  toleranceMs: number
  cap: number
}): RateLimits {
  const { clock, toleranceMs, cap } = deps
  const breaches = createBoundedList<Breach>(cap)
  const floods = new Map<string, number>()
  const passed = new Map<string, number[]>()
  let { numbers, mode } = readSetting(deps.setting)

  const floodKey = ({ scope, key }: Omit<Flood, 'seconds'>) => `${scope} ${key}`
  const impose = (flood: Flood) => {
    floods.set(floodKey(flood), clock.now() + flood.seconds * 1000 - EARLY_BY_MS)
  }
  const silentFor = ({ method, chat }: LimitedRequest) => {
    // A limited bot still gets its updates; only a fault on getUpdates itself stops those.
    const names = [method === 'getUpdates' ? '' : 'bot null', `method ${method}`, `chat ${chat}`]
    return Math.max(...names.map((name) => floods.get(name) ?? 0)) - clock.now()
  }
  const seconds = (ms: number) => Math.max(1, Math.ceil(ms / 1000))
  const broken = (request: LimitedRequest) => {
    const now = clock.now()
    for (const window of windowsFor(numbers, request)) {
      const span = window.ms - toleranceMs
      const recent = (passed.get(window.key) ?? []).filter((at) => at > now - span)
      if (recent.length >= window.most) return { window, wait: span - (now - (recent[0] ?? now)) }
    }
    return null
  }
  const count = (request: LimitedRequest) => {
    const now = clock.now()
    for (const { key, ms } of windowsFor(numbers, request)) {
      passed.set(key, [...(passed.get(key) ?? []).filter((at) => at > now - ms), now])
    }
  }

  return {
    check: (request) => {
      const { id, method, chat } = request
      const breach = { request: id, at: clock.now(), method, chat }
      const silent = silentFor(request)
      if (silent > 0) {
        const noted = { ...breach, kind: 'retry-after', retryAfter: seconds(silent), refused: true } as const
        breaches.add(noted)
        return noted
      }
      if (mode === 'off') return null
      const limit = broken(request)
      if (limit !== null) {
        const { window, wait } = limit
        const refused = mode === 'enforce'
        const noted = { ...breach, kind: window.kind, retryAfter: seconds(wait), refused }
        breaches.add(noted)
        if (refused) {
          impose({ ...window.flood, seconds: noted.retryAfter })
          return noted
        }
      }
      count(request)
      return null
    },
    impose,
    lift: () => {
      floods.clear()
      passed.clear()
    },
    configure: (setting) => {
      ;({ numbers, mode } = readSetting(setting))
    },
    breaches: () => breaches.all(),
    clearBreaches: () => {
      breaches.clear()
    },
  }
}

/** Hours in which a warning waits. Minutes of the local day, 0 to 1439; `from` after `to` goes over midnight. */
export interface QuietHours {
  readonly fromMinute: number
  readonly toMinute: number
  /** IANA name, for example `Asia/Shanghai`. */
  readonly zone: string
}

/** What holds of quiet hours that were switched on with no more than a part of them said. */
export const DEFAULT_QUIET: QuietHours = { fromMinute: 23 * 60, toMinute: 7 * 60, zone: 'UTC' }

const MINUTES_PER_DAY = 1_440
const MINUTE_MS = 60_000

/** Whether the runtime knows this time zone. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: zone })
    return zone !== ''
  } catch {
    return false
  }
}

/** Reads a time of the day as a person types it, `23:00` or `7:30`, as minutes since midnight. */
export function parseClock(text: string): number | undefined {
  const match = /^(\d{1,2}):(\d\d)$/.exec(text)
  if (!match) return undefined
  const [hour, minute] = [Number(match[1]), Number(match[2])]
  return hour < 24 && minute < 60 ? hour * 60 + minute : undefined
}

/** When the quiet hours that hold now end; `null` outside of them. Equal ends mean no quiet hours. */
export function quietUntil(quiet: QuietHours | null, nowMs: number): number | null {
  if (quiet === null || quiet.fromMinute === quiet.toMinute) return null
  const local = minuteOfDay(quiet.zone, nowMs)
  const length = (quiet.toMinute - quiet.fromMinute + MINUTES_PER_DAY) % MINUTES_PER_DAY
  const since = (local - quiet.fromMinute + MINUTES_PER_DAY) % MINUTES_PER_DAY
  if (since >= length) return null
  const endMs = nowMs - (nowMs % MINUTE_MS) + (length - since) * MINUTE_MS
  // A clock that is put forward or back meanwhile moves the end by as much.
  const drift = quiet.toMinute - minuteOfDay(quiet.zone, endMs)
  const shortest = ((drift + MINUTES_PER_DAY * 1.5) % MINUTES_PER_DAY) - MINUTES_PER_DAY / 2
  return Math.max(nowMs + 1, endMs + shortest * MINUTE_MS)
}

/** Minutes since local midnight. */
export function minuteOfDay(zone: string, atMs: number): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(atMs)
  const part = (type: string): number => Number(parts.find((item) => item.type === type)?.value)
  return part('hour') * 60 + part('minute')
}

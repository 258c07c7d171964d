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

/**
 * When the quiet hours that hold now end; `null` outside of them. Equal ends mean no quiet hours, and so does a zone that the
 * runtime no longer knows: better a sound at night than an alert lost.
 */
export function quietUntil(quiet: QuietHours | null, nowMs: number): number | null {
  if (quiet === null || quiet.fromMinute === quiet.toMinute || !isTimeZone(quiet.zone)) return null
  const left = minutesLeft(quiet, nowMs)
  if (left === null) return null
  const thisMinuteMs = nowMs - (nowMs % MINUTE_MS)
  const endMs = thisMinuteMs + left * MINUTE_MS
  // A clock that is put forward or back meanwhile moves the end by as much.
  const drift = quiet.toMinute - minuteOfDay(quiet.zone, endMs)
  const shortest = ((drift + MINUTES_PER_DAY * 1.5) % MINUTES_PER_DAY) - MINUTES_PER_DAY / 2
  let moved = Math.max(thisMinuteMs + MINUTE_MS, endMs + shortest * MINUTE_MS)
  // An end within the hour that is left out does not exist on that day: the first minute after it is the end.
  while (moved < endMs && minutesLeft(quiet, moved) !== null) moved += MINUTE_MS
  return moved
}

/** Minutes of quiet that are left by the clock on the wall; `null` outside of them. */
function minutesLeft({ fromMinute, toMinute, zone }: QuietHours, atMs: number): number | null {
  const length = (toMinute - fromMinute + MINUTES_PER_DAY) % MINUTES_PER_DAY
  const since = (minuteOfDay(zone, atMs) - fromMinute + MINUTES_PER_DAY) % MINUTES_PER_DAY
  return since < length ? length - since : null
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

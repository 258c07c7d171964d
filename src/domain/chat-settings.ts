import type { DangerLevel } from './alerting/state.ts'
import { isTimeZone, type QuietHours } from './quiet-hours.ts'

/** What a chat has set about its alerts, apart from the lines. Plain data: it is stored as it is. */
export interface ChatSettings {
  /** An alert that nobody has seen rings again after so long; `null`: it does not. */
  readonly repeatMinutes: Readonly<Record<DangerLevel, number | null>>
  /** So long without a verified reading, and the chat hears of it. */
  readonly blindMinutes: number
  /** The same while a loan is critical or worse. */
  readonly blindCriticalMinutes: number
  /** A debt worth less is shown and does not ring. US cents. */
  readonly dustFloorCents: number
  /** Hold warnings until they end. */
  readonly quiet: QuietHours | null
}

export const DEFAULT_SETTINGS: ChatSettings = {
  repeatMinutes: { warning: 240, critical: 30, liquidatable: 10 },
  blindMinutes: 10,
  blindCriticalMinutes: 3,
  dustFloorCents: 100,
  quiet: null,
}

/** Any of the settings; of the repeats, any of the levels. */
export type SomeSettings = Partial<Omit<ChatSettings, 'repeatMinutes'>> & {
  readonly repeatMinutes?: Partial<ChatSettings['repeatMinutes']>
}

/** The rules that one chat's alerts are decided by. */
export interface AlertRules extends ChatSettings {
  /** A second chat hears of what is critical and was not seen. */
  readonly escalates: boolean
}

export const REPEAT_LEVELS = ['warning', 'critical', 'liquidatable'] as const

/** What a setting may be, both ends included. */
export const LIMITS = {
  repeatMinutes: { min: 5, max: 1_440 },
  blindMinutes: { min: 1, max: 60 },
  dustFloorCents: { min: 0, max: 1_000_000 },
} as const

/** Whether it is a whole number that the setting may be. */
export function isWithin(limits: { min: number; max: number }, value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= limits.min && Number(value) <= limits.max
}

/** What is stored, made whole with the defaults. */
export function completeSettings(stored: SomeSettings | null): ChatSettings {
  return {
    ...DEFAULT_SETTINGS,
    ...stored,
    repeatMinutes: { ...DEFAULT_SETTINGS.repeatMinutes, ...stored?.repeatMinutes },
  }
}

/** What of a stored value can be used; anything else is left out, so that its default holds. */
export function usableSettings(value: unknown): SomeSettings {
  if (!isRecord(value)) return {}
  const { blindMinutes, blindCriticalMinutes, dustFloorCents, quiet } = value
  const repeats = isRecord(value['repeatMinutes']) ? value['repeatMinutes'] : {}
  return {
    ...(isWithin(LIMITS.blindMinutes, blindMinutes) && { blindMinutes }),
    ...(isWithin(LIMITS.blindMinutes, blindCriticalMinutes) && { blindCriticalMinutes }),
    ...(isWithin(LIMITS.dustFloorCents, dustFloorCents) && { dustFloorCents }),
    ...((quiet === null || isQuietHours(quiet)) && { quiet }),
    repeatMinutes: Object.fromEntries(
      REPEAT_LEVELS.flatMap((level) => {
        const minutes = Object.hasOwn(repeats, level) ? repeats[level] : undefined
        return minutes === null || isWithin(LIMITS.repeatMinutes, minutes) ? [[level, minutes]] : []
      }),
    ),
  }
}

const MINUTE_OF_DAY = { min: 0, max: 1_439 }

function isQuietHours(value: unknown): value is QuietHours {
  return (
    isRecord(value) &&
    isWithin(MINUTE_OF_DAY, value['fromMinute']) &&
    isWithin(MINUTE_OF_DAY, value['toMinute']) &&
    typeof value['zone'] === 'string' &&
    isTimeZone(value['zone'])
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

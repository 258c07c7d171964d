import type { DangerLevel } from './alerting/state.ts'
import type { QuietHours } from './quiet-hours.ts'

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

/** The rules that one chat's alerts are decided by. */
export interface AlertRules extends ChatSettings {
  /** A second chat hears of what is critical and was not seen. */
  readonly escalates: boolean
}

/** What is stored, made whole with the defaults. */
export function completeSettings(stored: Partial<ChatSettings> | null): ChatSettings {
  return {
    ...DEFAULT_SETTINGS,
    ...stored,
    repeatMinutes: { ...DEFAULT_SETTINGS.repeatMinutes, ...stored?.repeatMinutes },
  }
}

import type { Verified } from '../domain/alerting/state.ts'
import type { AlertFacts } from './alert-facts.ts'
import { healthPhrase } from './health.ts'
import { durationText, grouped, healthText, timeText } from './numbers.ts'

/** From here on a message says that it is late. */
const LATE_AFTER_MS = 60_000

/** Where the number is from, and who else says so. */
export function source(reading: Verified, facts: AlertFacts): string {
  const { nowMs, deliveryId, confirm, second } = facts
  const others =
    confirm === 'confirmed' && second
      ? `confirmed by ${second.endpoint}`
      : confirm === 'unconfirmed'
        ? 'unconfirmed, one source'
        : confirm === 'disputed'
          ? 'disputed'
          : 'one source'
  return `Block ${grouped(reading.block)} · ${timeText(reading.atMs, nowMs)} · ${reading.endpoint}, ${others} · ref ${deliveryId}`
}

/** `null` unless the sources disagree. */
export function disputedPhrase({ transition, confirm, second }: AlertFacts): string | null {
  const { reading } = transition
  if (confirm !== 'disputed' || !reading || !second) return null
  return `sources disagree: ${reading.endpoint} says ${said(reading.health)}, ${second.endpoint} says ${said(second.health)}`
}

function said(health: Verified['health'] | 'none'): string {
  if (health === 'none') return 'no such loan'
  return health.noDebt ? 'no debt' : healthText(health.healthWad)
}

/** What holds now, where that differs from what rang. */
export function presentLine({ transition, present, nowMs, ref }: AlertFacts): string | null {
  const { reading, kind } = transition
  if (!reading || !present || present.block <= reading.block) return null
  const now = healthPhrase(present.health, ref.protocol)
  if (now === healthPhrase(reading.health, ref.protocol) || kind === 'moved') return null
  return `Now: ${now} · block ${grouped(present.block)}, ${timeText(present.atMs, nowMs)}.`
}

/** What must be admitted about the way of a message. */
export function honesty({
  readyAtMs,
  nowMs,
  maybeRepeat,
  deliveryId,
}: Pick<AlertFacts, 'readyAtMs' | 'nowMs' | 'maybeRepeat' | 'deliveryId'>): (string | null)[] {
  const lateMs = nowMs - readyAtMs
  return [
    lateMs >= LATE_AFTER_MS ? `⏳ Late by ${durationText(lateMs)}: I could not send this sooner.` : null,
    maybeRepeat ? `↩ May be a repeat of ${deliveryId}: I could not tell whether it arrived.` : null,
  ]
}

import type { Reading } from '../domain/position.ts'
import { distancePhrase, healthPhrase } from './health.ts'
import { durationText, grouped } from './numbers.ts'
import { plain } from './plain.ts'

const MAX_REASON = 120

/** The present state of a loan in one line, for under an alert. `null`: the chain no longer has it. */
export function nowLine(reading: Reading | null, nowMs: number): string {
  if (reading === null || reading.kind === 'none')
    return 'I no longer find this loan. Once that is sure, I say so.'
  if (reading.kind === 'unknown') return `I cannot see it (${plain(reading.detail, MAX_REASON)}).`
  const age = durationText(nowMs - reading.block.timestamp * 1000)
  const source = `block ${grouped(reading.block.number)}, ${age} old, ${reading.endpoint}`
  if (reading.health.noDebt) return `no debt · ${source}`
  return `${healthPhrase(reading.health)} · ${distancePhrase(reading.health)} · ${source}`
}

import type { Health, Unit, Value } from '../domain/position.ts'
import { linesFor } from '../domain/thresholds.ts'
import { WAD } from '../domain/units.ts'
import { plain } from './plain.ts'

const THOUSAND = 1000

/** WAD with `digits` decimals, rounded down: health must never look better than it is. */
export function wadText(wad: bigint, digits: number): string {
  const scaled = wad / 10n ** BigInt(18 - digits)
  const unit = 10n ** BigInt(digits)
  const fraction = (scaled % unit).toString().padStart(digits, '0')
  return digits === 0 ? (scaled / unit).toString() : `${scaled / unit}.${fraction}`
}

/** A health factor as people read it: two decimals, four where the second decimal would hide the danger. */
export function healthText(healthWad: bigint): string {
  if (healthWad > 1000n * WAD) return '> 1000'
  const distance = healthWad > WAD ? healthWad - WAD : WAD - healthWad
  return wadText(healthWad, distance < WAD / 50n ? 4 : 2)
}

/** A threshold exactly as it is stored, at least two decimals. */
export function thresholdText(wad: bigint): string {
  return wadText(wad, 18).replace(/(\.\d\d\d*?)0+$/, '$1')
}

/** A threshold, with its critical line where that is not the usual one. */
export function linesText({
  warningWad,
  criticalWad,
}: {
  warningWad: bigint
  criticalWad?: bigint | undefined
}): string {
  const warning = thresholdText(warningWad)
  const usual = criticalWad === undefined || criticalWad === linesFor(warningWad).criticalWad
  return usual ? warning : `${warning}, critical at ${thresholdText(criticalWad)}`
}

/**
 * How far prices may fall before liquidation: `(1 - 1/health) x 100`, one decimal, rounded down. `null` at or under 1.
 */
export function percentToLiquidation(health: Health): string | null {
  if (health.noDebt || health.liquidatable || health.healthWad <= WAD) return null
  const permille = ((health.healthWad - WAD) * 1000n) / health.healthWad
  return `${permille / 10n}.${permille % 10n} %`
}

/** `$1,234.56`, or `1,234.56 UNIT` where the unit is not the dollar. Rounded to the nearest hundredth. */
export function valueText(value: Value, unit: Unit): string {
  const hundredths = roundTo(value, 2)
  const name = unit === 'USD' ? '' : ` ${plain(unit.slice('other:'.length), 12)}`
  if (value.amount > 0n && hundredths === 0n) return unit === 'USD' ? 'under $0.01' : `under 0.01${name}`
  const whole = grouped(hundredths / 100n)
  const number = `${whole}.${(hundredths % 100n).toString().padStart(2, '0')}`
  return unit === 'USD' ? `$${number}` : `${number}${name}`
}

function roundTo(value: Value, digits: number): bigint {
  if (value.decimals <= digits) return value.amount * 10n ** BigInt(digits - value.decimals)
  const divisor = 10n ** BigInt(value.decimals - digits)
  return (value.amount + divisor / 2n) / divisor
}

/** Thousands separated by commas. */
export function grouped(whole: bigint | number): string {
  return whole.toString().replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** `14:05 UTC`, with the day when it is not today. */
export function timeText(atMs: number, nowMs: number): string {
  const [day = '', time = ''] = new Date(atMs).toISOString().split('T')
  const today = new Date(nowMs).toISOString().slice(0, 10)
  return `${day === today ? '' : `${day} `}${time.slice(0, 5)} UTC`
}

/** `14:05 UTC`, for moments less than a day away. */
export function clockText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(11, 16)} UTC`
}

/** `40 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / THOUSAND))
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 36) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

import type { PositionDetail, TokenLine } from '../domain/detail.ts'
import type { Value } from '../domain/position.ts'

const LONGEST_YEARS = 5
const DAYS_PER_YEAR = 365

/**
 * How long it takes until interest alone makes the loan liquidatable, at the rates and prices of now: `about 4 months`,
 * rounded down. `null` when it does not get there, not within five years, or a rate is not known.
 */
export function timeByInterest(detail: PositionDetail): string | null {
  const { health } = detail
  if (health.noDebt || health.liquidatable) return null
  const owed = meanRate(detail.debt.map((line) => ({ line, weight: 1 })))
  const earned = meanRate(
    detail.collateral
      .filter(({ secures }) => secures)
      .map((line) => ({ line, weight: Number(line.thresholdWad) / 1e18 })),
  )
  if (owed === null || earned === null || owed <= earned) return null
  // Both sides compound, so health shrinks by the difference of the rates.
  const years = Math.log(Number(health.healthWad) / 1e18) / (owed - earned)
  return years >= 0 && years <= LONGEST_YEARS ? spanText(years * DAYS_PER_YEAR) : null
}

/** Yearly rate, 1 = 100 %, weighted by value; `null` when one of them is not known or there is nothing of value. */
function meanRate(items: readonly { line: TokenLine; weight: number }[]): number | null {
  let interest = 0
  let total = 0
  for (const { line, weight } of items) {
    const value = numberOf(line.value) * weight
    if (value === 0) continue
    if (line.yearlyRateWad === null) return null
    interest += (value * Number(line.yearlyRateWad)) / 1e18
    total += value
  }
  return total > 0 ? interest / total : null
}

function numberOf({ amount, decimals }: Value): number {
  return Number(amount) / 10 ** decimals
}

function spanText(days: number): string {
  if (days < 1 / 24) return 'less than an hour'
  if (days < 2) return about(days * 24, 'hour')
  if (days < 60) return about(days, 'day')
  const months = (days * 12) / DAYS_PER_YEAR
  return months < 24 ? about(months, 'month') : about(days / DAYS_PER_YEAR, 'year')
}

function about(count: number, noun: string): string {
  const whole = Math.floor(count)
  return `about ${whole} ${noun}${whole === 1 ? '' : 's'}`
}

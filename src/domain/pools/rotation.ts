import type { Supply } from './lending.ts'
import type { Opportunity } from './opportunity.ts'

/** What a user has now: a deposit and where it is. */
export interface Held {
  readonly supply: Supply
  /** As it is read now; `null` when that is not known. */
  readonly opportunity: Opportunity | null
}

/** A place to move to. */
export interface Target {
  readonly opportunity: Opportunity
  /** `false`: takes no deposits now. */
  readonly open: boolean
}

export interface RotationRules {
  /** The target must yield at least this many times what the user has now. */
  readonly multiplier: number
  /** What the two transactions of a move cost, in dollars; `null` when not known. */
  readonly moveCostUsd: number | null
  /** Deposits worth less are left alone. */
  readonly leastUsd: number
  /** How many pieces of advice at most. */
  readonly most: number
}

/** From -> to: all numbers are of the same token, so no price is at risk. */
export interface Rotation {
  readonly from: Opportunity
  readonly to: Opportunity
  readonly supply: Supply
  readonly valueUsd: number
  /** Simple yearly yields, fractions. */
  readonly yieldNow: number
  readonly yieldThere: number
  /** What the move earns more, in dollars a day. */
  readonly gainUsdPerDay: number
  /** After so many days the move has earned back what it costs; `null` when the cost is not known. */
  readonly breakEvenDays: number | null
}

export const DEFAULT_ROTATION: RotationRules = {
  multiplier: 1.3,
  moveCostUsd: null,
  leastUsd: 10,
  most: 3,
}

const DAYS_PER_YEAR = 365

/**
 * For each deposit the best place for the same token, if it is worth a move; the most gain first. What is not known (a worth, a
 * yield of now) gives no advice, and neither does a place of low trust or one that takes no deposits.
 */
export function rotations(
  { held, targets }: { held: readonly Held[]; targets: readonly Target[] },
  rules: RotationRules = DEFAULT_ROTATION,
): readonly Rotation[] {
  const byToken = new Map<string, Opportunity[]>()
  for (const { opportunity, open } of targets) {
    const [token, ...others] = opportunity.tokens
    // With a second token it would be another bet, not a better place for this one.
    if (!token || others.length > 0 || !open || opportunity.trust === 'low') continue
    const address = token.address.toLowerCase()
    byToken.set(address, [...(byToken.get(address) ?? []), opportunity])
  }
  return held
    .flatMap((one) => adviceFor(one, { places: byToken.get(one.supply.asset.address) ?? [], rules }))
    .sort(
      (a, b) =>
        b.gainUsdPerDay - a.gainUsdPerDay || (a.supply.opportunityId < b.supply.opportunityId ? -1 : 1),
    )
    .slice(0, rules.most)
}

function adviceFor(
  { supply, opportunity: from }: Held,
  { places, rules }: { places: readonly Opportunity[]; rules: RotationRules },
): Rotation[] {
  const { valueUsd } = supply
  if (from === null || valueUsd === null || !Number.isFinite(valueUsd) || valueUsd < rules.leastUsd) return []
  const yieldNow = from.yieldPerYear.total
  if (!Number.isFinite(yieldNow) || yieldNow < 0) return []
  const others = places.filter((place) => !isSame(place, from) && isFiniteYield(place))
  const best = others.reduce<Opportunity | null>(
    (top, place) => (top === null || place.yieldPerYear.total > top.yieldPerYear.total ? place : top),
    null,
  )
  if (best === null) return []
  const yieldThere = best.yieldPerYear.total
  if (yieldThere <= yieldNow || yieldThere < yieldNow * rules.multiplier) return []
  const gainUsdPerDay = (valueUsd * (yieldThere - yieldNow)) / DAYS_PER_YEAR
  const breakEvenDays = rules.moveCostUsd === null ? null : rules.moveCostUsd / gainUsdPerDay
  return [{ from, to: best, supply, valueUsd, yieldNow, yieldThere, gainUsdPerDay, breakEvenDays }]
}

function isSame(a: Opportunity, b: Opportunity): boolean {
  return a.source === b.source && a.id === b.id
}

function isFiniteYield({ yieldPerYear }: Opportunity): boolean {
  return Number.isFinite(yieldPerYear.total)
}

import type { PositionDetail, Price } from './detail.ts'

/** A price this near to one dollar is a stable's: its owner thinks in dollars anyway. */
const STABLE_PER_CENT = 2n
const DIGITS = 4
const MOST_PLACES = 18

/**
 * For one collateral against one debt that is no stable: what one is in terms of the other, now and where liquidation begins,
 * since a price in dollars says little where both move together. One sentence or none. Both numbers are cut, not rounded, to
 * the same number of places.
 */
export function ratioNotes({ collateral, debt }: Pick<PositionDetail, 'collateral' | 'debt'>): string[] {
  const [held, ...others] = collateral.filter(({ secures }) => secures)
  const [owed, ...further] = debt
  if (!held?.liquidationPrice || !owed || others.length > 0 || further.length > 0) return []
  if (held.token.address === owed.token.address || isStable(owed.price)) return []
  const now = ratioOf(held.price, owed.price)
  // Health only knows the one price relative to the other, so this one stays true while both move.
  const line = ratioOf(held.liquidationPrice, owed.price)
  if (!now || !line) return []
  const places = Math.max(placesFor(now), placesFor(line))
  if (places > MOST_PLACES) return []
  const [one, other] = [held.token.symbol, owed.token.symbol]
  return [`1 ${one} = ${cut(now, places)} ${other} now; liquidation at ${cut(line, places)} ${other}.`]
}

/** `over / under`, both above 0. */
interface Ratio {
  readonly over: bigint
  readonly under: bigint
}

function isStable({ amount, decimals, unit }: Price): boolean {
  if (unit !== 'USD') return false
  const one = 10n ** BigInt(decimals)
  const gap = amount > one ? amount - one : one - amount
  return gap * 100n <= one * STABLE_PER_CENT
}

function ratioOf(a: Price, b: Price): Ratio | null {
  if (a.unit !== b.unit || a.amount <= 0n || b.amount <= 0n) return null
  return { over: a.amount * 10n ** BigInt(b.decimals), under: b.amount * 10n ** BigInt(a.decimals) }
}

/** The places after the point at which enough digits are there to tell two close ratios apart. */
function placesFor({ over, under }: Ratio): number {
  let places = 0
  while (places <= MOST_PLACES && (over * 10n ** BigInt(places)) / under < 10n ** BigInt(DIGITS - 1)) {
    places += 1
  }
  return places
}

function cut({ over, under }: Ratio, places: number): string {
  const digits = ((over * 10n ** BigInt(places)) / under).toString().padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '')
  return places === 0 || fraction === '' ? whole : `${whole}.${fraction}`
}

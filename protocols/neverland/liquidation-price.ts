import type { Address } from '../../src/domain/address.ts'
import { WAD } from '../../src/domain/units.ts'
import { lowestPassing } from './bisect.ts'
import {
  type Account,
  averageBps,
  owedBase,
  type Part,
  type Rules,
  secures,
  sumUp,
  suppliedBase,
  unitOf,
} from './model.ts'

/**
 * The highest oracle price of `pricedAs` at which the account can be liquidated while all other prices stay: at it the health
 * is below 1, one unit of the oracle's last digit above it no longer. Everything that follows this price moves along, a debt
 * in the same token too. `null` when no fall of this price leads there.
 */
export function liquidationPrice(account: Account, pricedAs: Address): bigint | null {
  const { parts, rules } = account
  const sumsAt = (price: bigint) =>
    sumUp(
      parts.map((part) => (part.pricedAs === pricedAs ? { ...part, price } : part)),
      rules,
    )
  const isBelow = (price: bigint): boolean => {
    const { healthWad } = sumsAt(price)
    return healthWad !== null && healthWad < WAD
  }
  const levelAt = (price: bigint): bigint => {
    const { collateralBase, weightedBps } = sumsAt(price)
    return averageBps(collateralBase, weightedBps)
  }
  // With the token on both sides, rounding at a price near 0 says nothing: what counts is whether 0 itself leads there.
  const isOwed = parts.some((part) => part.pricedAs === pricedAs && part.owedRaw > 0n)
  if (isOwed && !isBelow(0n)) return null
  const safe = safePrice(account, pricedAs)
  if (safe === null) return null
  let high = safe
  for (;;) {
    // Cutting the average threshold makes health a saw: it falls by up to a basis point where a rising price lowers the
    // average to the next whole one. Between two teeth it only rises with the price, so each stretch is searched by itself.
    const level = levelAt(high)
    const falls = rules.averageCut && levelAt(0n) > level
    const low = falls ? lowestPassing({ from: 0n, to: high }, (price) => levelAt(price) <= level) : 0n
    if (isBelow(low)) {
      return isBelow(high) ? high : lowestPassing({ from: low, to: high }, (price) => !isBelow(price)) - 1n
    }
    if (low === 0n) return null
    high = low - 1n
  }
}

/**
 * A price from which on the account is safe whatever the rounding: the linear inequality "collateral times threshold covers
 * debt", with everything that rounding can take away taken away. `null` when every price is safe, or none is.
 */
function safePrice({ parts, rules }: Account, pricedAs: Address): bigint | null {
  const moving = parts.filter((part) => part.pricedAs === pricedAs)
  const scale = moving.reduce((largest, part) => (unitOf(part) > largest ? unitOf(part) : largest), 1n)
  let slope = 0n
  let fixed = 0n
  for (const part of parts) {
    const bps = secures(part, rules) ? effectiveBps(part, rules) : 0n
    if (part.pricedAs === pricedAs) {
      slope += (part.suppliedRaw * bps - part.owedRaw * 10_000n) * (scale / unitOf(part))
      fixed -= bps + 10_000n
    } else fixed += suppliedBase(part) * bps - owedBase(part, rules) * 10_000n
  }
  if (fixed >= 0n || slope <= 0n) return null
  return (-fixed * scale + slope - 1n) / slope
}

/** Cutting the average to whole basis points takes away less than one of them. */
function effectiveBps(part: Part, rules: Rules): bigint {
  return rules.averageCut && part.thresholdBps > 0n ? part.thresholdBps - 1n : part.thresholdBps
}

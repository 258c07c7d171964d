import { shortAddress } from '../domain/address.ts'
import type { Price, Token } from '../domain/detail.ts'
import type { Unit, Value } from '../domain/position.ts'
import { grouped, valueText } from './numbers.ts'
import { compact } from './plain.ts'

/** `up` for what somebody must pay, `down` for what they hold. */
export type Rounding = 'up' | 'down' | 'nearest'

const MAX_SYMBOL = 12
const MAX_PLACE = 20
const SIGNIFICANT = 4
const MAX_AMOUNT_DIGITS = 9
const MAX_PRICE_DIGITS = 18
/** From here on a number is shown as a power of ten. */
const HUGE = 10n ** 15n

/**
 * A number of tokens as people read it: two decimals from 100 on, four from 1 on, four significant digits below. Rounded
 * in the given direction at the last digit shown.
 */
export function amountText({ amount, decimals }: Value, rounding: Rounding): string {
  if (amount === 0n) return '0'
  const whole = wholeOf({ amount, decimals })
  if (whole >= HUGE) return powerText({ amount, decimals }, rounding)
  const wanted = whole >= 1n ? (whole >= 100n ? 2 : 4) : significantDigits({ amount, decimals })
  const digits = Math.min(decimals, wanted, MAX_AMOUNT_DIGITS)
  return digitsText({ amount, decimals }, { digits, atLeast: whole >= 100n ? digits : 0, rounding })
}

/** A price or ratio in its unit; only the dollar gets a dollar sign. */
export function priceText(price: Price, rounding: Rounding = 'nearest'): string {
  const number = priceNumber(price, rounding)
  if (price.unit !== 'USD')
    return `${number} ${compact(price.unit.slice('other:'.length), MAX_SYMBOL)}`.trim()
  return number.startsWith('under ') ? number.replace('under ', 'under $') : `$${number}`
}

/** What something is worth, as everywhere, but short even where a contract claims absurd numbers or names. */
export function worthText(value: Value, unit: Unit): string {
  const name = unit === 'USD' ? '' : compact(unit.slice('other:'.length), MAX_SYMBOL)
  if (wholeOf(value) < HUGE) return valueText(value, unit === 'USD' ? unit : `other:${name}`)
  const number = powerText(value, 'nearest')
  return unit === 'USD' ? `$${number}` : `${number} ${name}`.trim()
}

function priceNumber(price: Price, rounding: Rounding): string {
  if (price.amount === 0n) return '0'
  const whole = wholeOf(price)
  if (whole >= HUGE) return powerText(price, rounding)
  // A ratio of two like tokens moves in its third and fourth digit.
  const wanted = whole >= 1n ? (price.unit === 'USD' ? 2 : 4) : significantDigits(price)
  return digitsText(price, { digits: Math.min(wanted, MAX_PRICE_DIGITS), atLeast: 2, rounding })
}

function significantDigits({ amount, decimals }: Value): number {
  return decimals - amount.toString().length + SIGNIFICANT
}

function wholeOf({ amount, decimals }: Value): bigint {
  return amount / 10n ** BigInt(decimals)
}

/** `amount / 10^(decimals - digits)`, rounded. */
function scaledTo(value: Value, { digits, rounding }: { digits: number; rounding: Rounding }): bigint {
  const away = value.decimals - digits
  if (away <= 0) return value.amount * 10n ** BigInt(-away)
  const divisor = 10n ** BigInt(away)
  const carry = rounding === 'up' ? divisor - 1n : rounding === 'nearest' ? divisor / 2n : 0n
  return (value.amount + carry) / divisor
}

function digitsText(
  value: Value,
  how: { digits: number /** Zeros at the end are kept up to here. */; atLeast: number; rounding: Rounding },
): string {
  const { digits, atLeast } = how
  const unit = 10n ** BigInt(digits)
  const scaled = scaledTo(value, how)
  if (scaled === 0n) return `under ${fixed(1n, digits)}`
  const fraction = (scaled % unit).toString().padStart(digits, '0')
  const kept = digits === 0 ? '' : fraction.slice(0, atLeast) + fraction.slice(atLeast).replace(/0+$/, '')
  return kept === '' ? grouped(scaled / unit) : `${grouped(scaled / unit)}.${kept}`
}

function fixed(scaled: bigint, digits: number): string {
  return digits === 0 ? scaled.toString() : `0.${scaled.toString().padStart(digits, '0')}`
}

function powerText(value: Value, rounding: Rounding): string {
  const exponent = wholeOf(value).toString().length - 1
  const mantissa = { ...value, decimals: value.decimals + exponent }
  return `${digitsText(mantissa, { digits: SIGNIFICANT, atLeast: 0, rounding })} × 10^${exponent}`
}

/**
 * What to call each of these tokens: its symbol, or its address cut short where there is none, and both where another
 * token here has the same symbol.
 */
export function tokenNames(tokens: readonly Token[]): (token: Token) => string {
  const bySymbol = new Map<string, Set<string>>()
  for (const token of tokens) {
    const symbol = symbolOf(token).toLowerCase()
    bySymbol.set(symbol, (bySymbol.get(symbol) ?? new Set()).add(token.address))
  }
  return (token) => {
    const symbol = symbolOf(token)
    if (symbol === '') return shortAddress(token.address)
    const ambiguous = (bySymbol.get(symbol.toLowerCase())?.size ?? 0) > 1
    return ambiguous ? `${symbol} (${shortAddress(token.address)})` : symbol
  }
}

function symbolOf({ symbol }: Token): string {
  return compact(symbol, MAX_SYMBOL)
}

/** ` in eUSDC-2`, where the name of a token does not tell which of its places in the position is meant. */
export function placeText({ place }: { readonly place?: string }): string {
  const name = compact(place ?? '', MAX_PLACE)
  return name === '' ? '' : ` in ${name}`
}

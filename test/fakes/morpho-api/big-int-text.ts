/** How the API writes a BigInt: as text, as a number of any length, or now this and now that, as the real one does. */
export type BigIntStyle = 'text' | 'number' | 'mixed'

// No address, name or number of the API has this in it.
const MARK = '\u0001'

/** Gives each value the form in which it will be written; `mixed` begins with text. */
export function createBigIntWriter(style: BigIntStyle): (value: unknown) => string {
  let written = 0
  return (value) => {
    const digits = String(value)
    written += 1
    const asText = style === 'text' || (style === 'mixed' && written % 2 === 1)
    return asText ? digits : MARK + digits
  }
}

/** JSON in which the marked values are numbers, with every digit: JavaScript itself would round them. */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/"\\u0001(-?\d+)"/g, '$1')
}

/** 1.0 in 18-decimal fixed point, the scale of every health factor and threshold here. */
export const WAD = 10n ** 18n

/** What a contract returns as "no limit"; never a number to compute with or to show. */
export const MAX_UINT256 = 2n ** 256n - 1n

const DECIMAL = /^(\d{1,30})(?:[.,](\d{1,18}))?$/

/** Reads `1.35` (or `1,35`) as WAD without a float in between; `undefined` for anything else, NaN included. */
export function parseWad(text: string): bigint | undefined {
  const match = DECIMAL.exec(text.trim())
  if (!match) return undefined
  const [, whole = '0', fraction = ''] = match
  return BigInt(whole) * WAD + BigInt(fraction.padEnd(18, '0'))
}

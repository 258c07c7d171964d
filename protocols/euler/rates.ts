/** What a vault is asked for its rates, in the order that `supplyRateWad` takes them. */
export const RATE_GETTERS = ['interestRate', 'cash', 'totalBorrows', 'interestFee'] as const

const SECONDS_PER_YEAR = 31_536_000n
/** Of fees. */
const BPS = 10_000n

/** What depositors get of what borrowers pay, as a simple yearly rate with 18 decimals; `null` when a part is not known. */
export function supplyRateWad([perSecond, cash, borrows, feeBps]: readonly (bigint | null)[]): bigint | null {
  if (perSecond == null || cash == null || borrows == null || feeBps == null || feeBps > BPS) return null
  if (borrows === 0n) return 0n
  return (yearlyWad(perSecond) * borrows * (BPS - feeBps)) / ((cash + borrows) * BPS)
}

/** A rate per second with 27 decimals as a simple yearly one with 18. */
export function yearlyWad(perSecond: bigint): bigint {
  return (perSecond * SECONDS_PER_YEAR) / 10n ** 9n
}

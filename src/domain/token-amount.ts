import type { TokenAmount } from './alerting/transition.ts'
import type { Token } from './detail.ts'

/** So much of a token, as a person knows it; `null` when nobody said how much. */
export function tokenAmount(amountRaw: bigint | null, token: Token | undefined): TokenAmount | null {
  if (amountRaw === null || !token) return null
  return { symbol: token.symbol, amount: { amount: amountRaw, decimals: token.decimals } }
}

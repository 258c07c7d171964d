import type { Verified } from '../domain/alerting/state.ts'
import type { Value } from '../domain/position.ts'

/**
 * How much debt to repay to bring health to the target. Health is weighted collateral divided by debt, and repaying leaves
 * the collateral alone, so the debt left is `debt x health / target`. `null` when nothing is to be repaid.
 */
export function repayTo(targetWad: bigint, reading: Pick<Verified, 'health' | 'debt'>): Value | null {
  const { health, debt } = reading
  if (health.noDebt || health.healthWad >= targetWad) return null
  return { amount: debt.amount - (debt.amount * health.healthWad) / targetWad, decimals: debt.decimals }
}

import { WAD } from '../../src/domain/units.ts'

/** What health is made of, in the unit of account. `weighedValue`: collateral after its liquidation LTV. */
export interface Sums {
  readonly weighedValue: bigint
  readonly liabilityValue: bigint
}

/** One collateral among others. */
export interface Share {
  readonly amountRaw: bigint
  readonly weighedValue: bigint
  readonly ltvBps: bigint
}

const LTV_SCALE = 10_000n
/** A vault rounds down what the oracle says and then what the LTV leaves of it. */
const LOST_IN_ROUNDING = 2n

/** The worth before the LTV: the least that the contract's own rounding down weighs like this. */
export function worthOf({ weighedValue, ltvBps }: Share): bigint | null {
  return ltvBps === 0n ? null : ceilDiv(weighedValue * LTV_SCALE, ltvBps)
}

/**
 * The highest worth of one collateral at which the position can be liquidated while its price falls or rises, and with it that of
 * all collateral of the same asset (`together`: their weighed values, this one's included), and the others keep theirs; `null`
 * when no price leads there. Exact for a collateral that is alone with its asset, else up to a rounding below.
 */
export function liquidationWorth(
  { share, together }: { share: Share; together: bigint },
  { weighedValue, liabilityValue }: Sums,
): bigint | null {
  const others = weighedValue - together
  const bearable = liabilityValue - others
  if (liabilityValue === 0n || bearable < 0n || share.ltvBps === 0n) return null
  if (together === share.weighedValue) return ceilDiv((bearable + 1n) * LTV_SCALE, share.ltvBps) - 1n
  return (share.weighedValue * bearable * LTV_SCALE) / (share.ltvBps * together)
}

/** The least to repay so that health is at least `targetWad`, and what health then is; `null` without a debt left. */
export function repayFor(
  { debtRaw, weighedValue, liabilityValue }: Sums & { readonly debtRaw: bigint },
  targetWad: bigint,
): { readonly amountRaw: bigint; readonly healthWad: bigint | null } {
  const bearable = (weighedValue * WAD) / targetWad
  const rest = (debtRaw * bearable) / liabilityValue
  if (rest <= 0n) return { amountRaw: debtRaw, healthWad: null }
  return {
    amountRaw: debtRaw - rest,
    healthWad: (weighedValue * WAD) / ceilDiv(rest * liabilityValue, debtRaw),
  }
}

/** The least of one collateral to add, as worth grows in step with the amount; `null` where no amount counts. */
export function collateralFor(
  { share, sums }: { share: Share; sums: Sums },
  targetWad: bigint,
): { readonly amountRaw: bigint; readonly healthWad: bigint } | null {
  if (share.weighedValue === 0n || share.amountRaw === 0n) return null
  const needed = ceilDiv(targetWad * sums.liabilityValue, WAD) - sums.weighedValue + LOST_IN_ROUNDING
  const amountRaw = ceilDiv(needed * share.amountRaw, share.weighedValue)
  const after = sums.weighedValue + (amountRaw * share.weighedValue) / share.amountRaw - LOST_IN_ROUNDING
  return { amountRaw, healthWad: (after * WAD) / sums.liabilityValue }
}

export function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}

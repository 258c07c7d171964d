import type { Address } from '../../src/domain/address.ts'
import { WAD } from '../../src/domain/units.ts'

/** One reserve of an account, as `calculateUserAccountData` sees it. Amounts in the token's smallest unit. */
export interface Part {
  readonly asset: Address
  /** Whose price in the oracle counts: the asset's own, or the price source of an e-mode. */
  readonly pricedAs: Address
  /** What 10^decimals of the smallest unit cost, in base currency. */
  readonly price: bigint
  readonly decimals: number
  readonly suppliedRaw: bigint
  readonly owedRaw: bigint
  /** The owner lets it secure debts. */
  readonly enabled: boolean
  /** The reserve's own liquidation threshold. */
  readonly baseThresholdBps: bigint
  /** The one that applies: the e-mode's when it covers the reserve. */
  readonly thresholdBps: bigint
}

/** How one generation of the pool contract counts. */
export interface Rules {
  readonly name: 'classic' | 'hardened' | 'liquid'
  /** Debts in base currency are rounded up, not down. */
  readonly debtUp: boolean
  /** The average threshold is cut to whole basis points before it is used. */
  readonly averageCut: boolean
  /** Whether a supply that the owner enabled counts as collateral. */
  readonly counts: (part: Part) => boolean
}

/** Aave v3.0.2, which Neverland started from. */
const CLASSIC: Rules = {
  name: 'classic',
  debtUp: false,
  averageCut: true,
  counts: (part) => part.baseThresholdBps > 0n,
}

/** Neverland's hardened pool: rounds against the borrower and no longer skips a threshold of 0. */
const HARDENED: Rules = { name: 'hardened', debtUp: true, averageCut: false, counts: () => true }

/** Aave v3.6 and later: as hardened, but skips what has no threshold in the mode that applies. */
const LIQUID: Rules = {
  name: 'liquid',
  debtUp: true,
  averageCut: false,
  counts: (part) => part.thresholdBps > 0n,
}

const FIRST_LIQUID_REVISION = 9n

/** The rules a pool of this revision should follow first, then the others. */
export function rulesFor(revision: bigint | undefined): readonly Rules[] {
  if (revision === undefined || revision <= 1n) return [CLASSIC, HARDENED, LIQUID]
  return revision < FIRST_LIQUID_REVISION ? [HARDENED, CLASSIC, LIQUID] : [LIQUID, HARDENED, CLASSIC]
}

/** An account in base currency. `healthWad` is `null` when nothing is owed. */
export interface Sums {
  readonly collateralBase: bigint
  readonly debtBase: bigint
  /** Sum of collateral times threshold. */
  readonly weightedBps: bigint
  readonly healthWad: bigint | null
}

/** What an account holds and owes, and how its pool counts that. */
export interface Account<Each extends Part = Part> {
  readonly parts: readonly Each[]
  readonly rules: Rules
}

const FULL_BPS = 10_000n

/** What `GenericLogic.calculateUserAccountData` computes, on the same integers with the same rounding. */
export function sumUp(parts: readonly Part[], rules: Rules): Sums {
  let collateralBase = 0n
  let debtBase = 0n
  let weightedBps = 0n
  for (const part of parts) {
    if (secures(part, rules)) {
      const value = suppliedBase(part)
      collateralBase += value
      weightedBps += value * part.thresholdBps
    }
    debtBase += owedBase(part, rules)
  }
  if (debtBase === 0n) return { collateralBase, debtBase, weightedBps, healthWad: null }
  const healthWad = rules.averageCut
    ? wadDiv(percentMul(collateralBase, averageBps(collateralBase, weightedBps)), debtBase)
    : wadDiv(weightedBps, debtBase) / FULL_BPS
  return { collateralBase, debtBase, weightedBps, healthWad }
}

export function secures(part: Part, rules: Rules): boolean {
  return part.enabled && rules.counts(part)
}

export function suppliedBase(part: Part): bigint {
  return (part.suppliedRaw * part.price) / unitOf(part)
}

export function owedBase(part: Part, rules: Rules): bigint {
  const unit = unitOf(part)
  return (part.owedRaw * part.price + (rules.debtUp ? unit - 1n : 0n)) / unit
}

export function averageBps(collateralBase: bigint, weightedBps: bigint): bigint {
  return collateralBase === 0n ? 0n : weightedBps / collateralBase
}

export function unitOf(part: Part): bigint {
  return 10n ** BigInt(part.decimals)
}

// Aave's own two: both round half up.
function percentMul(value: bigint, bps: bigint): bigint {
  return (value * bps + FULL_BPS / 2n) / FULL_BPS
}

function wadDiv(value: bigint, by: bigint): bigint {
  return (value * WAD + by / 2n) / by
}

import { MAX_UINT256, WAD } from '../../src/domain/units.ts'

// Rounding as in Morpho.sol, SharesMathLib and MathLib of @morpho-org/morpho-blue 1.0.0.

const ORACLE_SCALE = 10n ** 36n
const VIRTUAL_ASSETS = 1n
const VIRTUAL_SHARES = 10n ** 6n
const MAX_UINT128 = 2n ** 128n - 1n

/** What a debt is counted with: a market after its interest was accrued to the block. Amounts in loan token units. */
export interface BorrowSide {
  readonly totalBorrowAssets: bigint
  readonly totalBorrowShares: bigint
}

/** What a deposit is counted with, likewise. */
export interface SupplySide {
  readonly totalSupplyAssets: bigint
  readonly totalSupplyShares: bigint
}

/** One position in a market. `priceE36`: loan token units per collateral unit, scaled by 1e36. */
export interface Loan extends BorrowSide {
  readonly borrowShares: bigint
  readonly collateral: bigint
  readonly priceE36: bigint
  readonly lltvWad: bigint
}

export interface LoanHealth {
  readonly debtAssets: bigint
  /** Worth of the collateral in loan token units. */
  readonly collateralAssets: bigint
  readonly maxBorrowAssets: bigint
  /** Floor of maxBorrow / debt; `null` without debt. */
  readonly healthWad: bigint | null
  readonly liquidatable: boolean
}

/**
 * `_isHealthy` of the contract with its own rounding: debt up, worth of the collateral down. `null` when the contract
 * itself would overflow on these numbers.
 */
export function loanHealth(loan: Loan): LoanHealth | null {
  const product = loan.collateral * loan.priceE36
  if (product > MAX_UINT256) return null
  const collateralAssets = product / ORACLE_SCALE
  if (collateralAssets * loan.lltvWad > MAX_UINT256) return null
  const maxBorrowAssets = (collateralAssets * loan.lltvWad) / WAD
  if (loan.borrowShares === 0n) {
    return { debtAssets: 0n, collateralAssets, maxBorrowAssets, healthWad: null, liquidatable: false }
  }
  const debtAssets = toAssetsUp(loan.borrowShares, loan)
  return {
    debtAssets,
    collateralAssets,
    maxBorrowAssets,
    healthWad: (maxBorrowAssets * WAD) / debtAssets,
    liquidatable: maxBorrowAssets < debtAssets,
  }
}

/** The highest oracle price at which the contract would let the position be liquidated; `null` when none does. */
export function liquidationPriceE36(loan: Loan): bigint | null {
  if (loan.borrowShares === 0n) return null
  const debtAssets = toAssetsUp(loan.borrowShares, loan)
  // With nothing that counts, no price makes it safe, and so none is the border.
  if (loan.collateral === 0n || loan.lltvWad === 0n) return null
  const worthNeeded = ceilDiv(debtAssets * WAD, loan.lltvWad)
  return ceilDiv(worthNeeded * ORACLE_SCALE, loan.collateral) - 1n
}

/**
 * The least to repay, in loan token units, so that health is at least `targetWad`. Never more than the debt; what cannot
 * be reached with a remaining debt is reached without any.
 */
export function repayFor(loan: Loan, targetWad: bigint): { amount: bigint; after: LoanHealth } | null {
  const now = loanHealth(loan)
  if (now?.healthWad == null) return null
  const bearable = (now.maxBorrowAssets * WAD) / targetWad
  let amount = now.debtAssets - bearable
  // Shares are burned rounded down, so the closed form can be a unit or two short.
  for (let tries = 0; tries < 8 && amount > 0n && amount < now.debtAssets; tries += 1) {
    const after = afterRepay(loan, amount)
    if (after?.healthWad != null && after.healthWad >= targetWad) return { amount, after }
    amount += 1n
  }
  const rest = { ...loan, borrowShares: 0n }
  const none = loanHealth(rest)
  return none && { amount: now.debtAssets, after: none }
}

/** The least collateral to add, in its own units; `null` when no amount does it. */
export function collateralFor(loan: Loan, targetWad: bigint): { amount: bigint; after: LoanHealth } | null {
  const now = loanHealth(loan)
  if (now?.healthWad == null || loan.priceE36 === 0n || loan.lltvWad === 0n) return null
  const maxBorrowNeeded = ceilDiv(targetWad * now.debtAssets, WAD)
  const worthNeeded = ceilDiv(maxBorrowNeeded * WAD, loan.lltvWad)
  const collateral = ceilDiv(worthNeeded * ORACLE_SCALE, loan.priceE36)
  if (collateral > MAX_UINT128) return null
  const after = loanHealth({ ...loan, collateral })
  return after && { amount: collateral - loan.collateral, after }
}

/** What supply shares would be paid out with. */
export function suppliedAssets(
  supplyShares: bigint,
  { totalSupplyAssets, totalSupplyShares }: SupplySide,
): bigint {
  return (supplyShares * (totalSupplyAssets + VIRTUAL_ASSETS)) / (totalSupplyShares + VIRTUAL_SHARES)
}

/**
 * The yearly rate of lenders, 1e18 = 100 %: what borrowers pay, on the part that is lent out, without the fee. All three
 * with 18 decimals.
 */
export function supplyRateWad(rates: {
  readonly borrowRateWad: bigint
  readonly utilisationWad: bigint
  readonly feeWad: bigint
}): bigint {
  const { borrowRateWad, utilisationWad, feeWad } = rates
  return (borrowRateWad * utilisationWad * (WAD - feeWad)) / (WAD * WAD)
}

/** `repay(assets)` of the contract. */
function afterRepay(loan: Loan, assets: bigint): LoanHealth | null {
  const shares = toSharesDown(assets, loan)
  if (shares > loan.borrowShares) return null
  return loanHealth({
    ...loan,
    borrowShares: loan.borrowShares - shares,
    totalBorrowShares: loan.totalBorrowShares - shares,
    totalBorrowAssets: loan.totalBorrowAssets > assets ? loan.totalBorrowAssets - assets : 0n,
  })
}

function toAssetsUp(shares: bigint, { totalBorrowAssets, totalBorrowShares }: BorrowSide): bigint {
  return ceilDiv(shares * (totalBorrowAssets + VIRTUAL_ASSETS), totalBorrowShares + VIRTUAL_SHARES)
}

function toSharesDown(assets: bigint, { totalBorrowAssets, totalBorrowShares }: BorrowSide): bigint {
  return (assets * (totalBorrowShares + VIRTUAL_SHARES)) / (totalBorrowAssets + VIRTUAL_ASSETS)
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}

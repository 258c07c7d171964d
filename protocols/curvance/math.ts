import { MAX_UINT256, WAD } from '../../src/domain/units.ts'

// Formula and rounding: NOTES.md.

const BPS = 10_000n
/** Far above any price, and low enough that no product with it leaves 256 bits for amounts that exist. */
const HIGHEST_PRICE = 2n ** 120n

/** Posted collateral. `scale` = 10^decimals; `priceWad`: the lower price of one whole underlying token in USD. */
export interface Collateral {
  readonly shares: bigint
  readonly exchangeRateWad: bigint
  readonly scale: bigint
  readonly priceWad: bigint
  /** Requirements including the 100 %: 13000 = 130 %. */
  readonly reqSoftBps: bigint
  readonly reqHardBps: bigint
}

/** What is owed. `priceWad`: the upper price. */
export interface Debt {
  readonly balance: bigint
  readonly scale: bigint
  readonly priceWad: bigint
}

/** Everything of one account in one market. */
export interface Loan {
  readonly collateral: readonly Collateral[]
  readonly debt: readonly Debt[]
  /** The margin for auctions; 0 = none. */
  readonly bufferBps: bigint
}

export interface LoanHealth {
  /** What the collateral is worth, before any requirement. */
  readonly collateralUsdWad: bigint
  readonly debtUsdWad: bigint
  /** Collateral that counts against the debt at the soft requirement, after the buffer. */
  readonly softUsdWad: bigint
  /** `null` without debt. */
  readonly healthWad: bigint | null
  /** How much of the position can be liquidated: 0 nothing, 1e18 everything. */
  readonly factorWad: bigint
  readonly liquidatable: boolean
}

/** `null` when the contracts themselves would overflow or divide by zero on these numbers. */
export function loanHealth({ collateral, debt, bufferBps }: Loan): LoanHealth | null {
  const worth = collateral.map(worthOf)
  if (!collateral.every(counts) || !debt.every(({ balance, priceWad }) => fits(balance * priceWad)))
    return null
  const collateralUsdWad = sum(worth)
  const softUsdWad = buffered(sum(collateral.map((one) => softOf(one))), bufferBps)
  const hardUsdWad = buffered(
    sum(collateral.map(({ reqHardBps }, index) => ((worth[index] ?? 0n) * BPS) / reqHardBps)),
    bufferBps,
  )
  const debtUsdWad = sum(debt.map(owedOf))
  if (!fits(softUsdWad * WAD) || !fits(collateralUsdWad * BPS)) return null
  const healthWad = debtUsdWad === 0n ? null : (softUsdWad * WAD) / debtUsdWad
  return {
    collateralUsdWad,
    debtUsdWad,
    softUsdWad,
    healthWad,
    factorWad: factorOf({ softUsdWad, hardUsdWad, debtUsdWad }),
    liquidatable: isLiquidatable(healthWad),
  }
}

/** Curvance's line is 1.0 of its own health, where auctions begin. */
export function isLiquidatable(healthWad: bigint | null): boolean {
  return healthWad !== null && healthWad <= WAD
}

/** The highest oracle price of that collateral at which the position can be liquidated; `null` when none is the border. */
export function liquidationPriceWad(loan: Loan, index: number): bigint | null {
  const liquidatableAt = (priceWad: bigint): boolean => {
    const collateral = loan.collateral.map((one, i) => (i === index ? { ...one, priceWad } : one))
    // What overflows is more than enough.
    return loanHealth({ ...loan, collateral })?.liquidatable ?? false
  }
  if (!liquidatableAt(0n) || liquidatableAt(HIGHEST_PRICE)) return null
  let low = 0n
  let high = HIGHEST_PRICE
  while (high - low > 1n) {
    const middle = (low + high) / 2n
    if (liquidatableAt(middle)) low = middle
    else high = middle
  }
  return low === 0n ? null : low
}

export interface Change {
  /** In the smallest unit of the underlying. */
  readonly amount: bigint
  readonly after: LoanHealth
}

/**
 * The least to repay of that debt so that health is at least `targetWad`; the whole balance where that takes all of it, or
 * where less than `smallestUsdWad` would be left, which Curvance does not allow.
 */
export function repayFor(
  loan: Loan,
  { index, targetWad, smallestUsdWad }: { index: number; targetWad: bigint; smallestUsdWad: bigint },
): Change | null {
  const now = loanHealth(loan)
  const debt = loan.debt[index]
  if (!now || !debt || debt.priceWad === 0n) return null
  const others = now.debtUsdWad - owedOf(debt)
  const bearable = (now.softUsdWad * WAD) / targetWad - others
  const kept = bearable <= 0n ? 0n : (bearable * debt.scale) / debt.priceWad
  const rest = owedOf({ ...debt, balance: kept }) < smallestUsdWad ? 0n : kept
  const after = loanHealth({
    ...loan,
    debt: loan.debt.map((one, i) => (i === index ? { ...one, balance: rest } : one)),
  })
  return rest < debt.balance && after ? { amount: debt.balance - rest, after } : null
}

/**
 * The least of that collateral to deposit so that health is at least `targetWad`; no more than what gives `roomShares`, which
 * may not get there (`null`: no limit). `null` when no amount helps.
 */
export function collateralFor(
  loan: Loan,
  { index, targetWad, roomShares }: { index: number; targetWad: bigint; roomShares: bigint | null },
): Change | null {
  const now = loanHealth(loan)
  const one = loan.collateral[index]
  if (!now || !one) return null
  const sharePrice = sharePriceOf(one)
  if (sharePrice === 0n) return null
  const soft = ceilDiv(targetWad * now.debtUsdWad, WAD)
  const total = loan.bufferBps === 0n ? soft : ceilDiv(soft * BPS, loan.bufferBps)
  const needed = total - sum(loan.collateral.map(softOf)) + softOf(one)
  const missing = ceilDiv(ceilDiv(needed * one.reqSoftBps, BPS) * one.scale, sharePrice) - one.shares
  if (missing <= 0n) return null
  // The rate is told rounded down: a little more of it makes sure that the shares are reached.
  const wanted = ceilDiv(missing * (one.exchangeRateWad + 1n), WAD)
  const most = roomShares === null ? wanted : (roomShares * one.exchangeRateWad) / WAD
  const fits = wanted <= most
  const amount = fits ? wanted : most
  const more = fits ? missing : (amount * WAD) / (one.exchangeRateWad + 1n)
  if (more === 0n) return null
  const after = loanHealth({
    ...loan,
    collateral: loan.collateral.map((other, i) =>
      i === index ? { ...other, shares: one.shares + more } : other,
    ),
  })
  return after && { amount, after }
}

/** What posted shares are worth in the underlying. */
export function assetsOf({ shares, exchangeRateWad }: Collateral): bigint {
  return (shares * exchangeRateWad) / WAD
}

export function worthOf(one: Collateral): bigint {
  return (one.shares * sharePriceOf(one)) / one.scale
}

export function owedOf({ balance, scale, priceWad }: Debt): bigint {
  return ceilDiv(balance * priceWad, scale)
}

function softOf(one: Collateral): bigint {
  return (worthOf(one) * BPS) / one.reqSoftBps
}

function sharePriceOf({ priceWad, exchangeRateWad }: Collateral): bigint {
  return (priceWad * exchangeRateWad) / WAD
}

function counts(one: Collateral): boolean {
  const { priceWad, exchangeRateWad, reqSoftBps, reqHardBps, shares } = one
  if (reqSoftBps === 0n || reqHardBps === 0n) return false
  return fits(priceWad * exchangeRateWad) && fits(shares * sharePriceOf(one))
}

function buffered(usdWad: bigint, bufferBps: bigint): bigint {
  return bufferBps === 0n ? usdWad : (usdWad * bufferBps) / BPS
}

function factorOf(values: { softUsdWad: bigint; hardUsdWad: bigint; debtUsdWad: bigint }): bigint {
  const { softUsdWad, hardUsdWad, debtUsdWad } = values
  if (softUsdWad >= debtUsdWad) return 0n
  if (debtUsdWad >= hardUsdWad) return WAD
  return ceilDiv((debtUsdWad - softUsdWad) * WAD, hardUsdWad - softUsdWad)
}

function fits(value: bigint): boolean {
  return value <= MAX_UINT256
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}

import { balancesOf } from '../../src/chain/tokens.ts'
import { shortAddress } from '../../src/domain/address.ts'
import type {
  CollateralLine,
  PositionDetail,
  Price,
  Token,
  TokenLine,
  WayOut,
} from '../../src/domain/detail.ts'
import type { PositionRef } from '../../src/domain/position.ts'
import type { Inspection, Rescue } from '../strategy.ts'
import { collateralFor, liquidationWorth, repayFor, type Sums, worthOf } from './math.ts'
import { notesOf } from './notes.ts'
import { healthOf } from './read.ts'
import { type Collateral, readWhole, type Whole, type WholeContext } from './whole.ts'

export interface InspectContext extends WholeContext {
  readonly appUrl: string
  readonly chainId: number
}

const NOT_CHECKED = 'Supply caps and pauses of the vaults are not checked.'

/** Prices come from dividing values by amounts: so many more decimals keep them from losing digits. */
const PRICE_DECIMALS = 18

export async function inspectPosition(ref: PositionRef, context: InspectContext): Promise<Inspection> {
  const whole = await readWhole(ref, context)
  return whole.kind === 'ok' ? { kind: 'ok', detail: detailOf({ ref, whole }, context) } : whole
}

/** Repay the token that is owed, or add to a collateral that counts. */
export async function rescuePosition(
  { ref, targetWad }: { ref: PositionRef; targetWad: bigint },
  context: InspectContext,
): Promise<Rescue> {
  const whole = await readWhole(ref, context)
  if (whole.kind !== 'ok') return whole
  const plain = detailOf({ ref, whole }, context)
  const detail = { ...plain, notes: [NOT_CHECKED, ...plain.notes] }
  const { health } = detail
  if (health.noDebt || health.healthWad >= targetWad) return { kind: 'ok', detail: plain, ways: [] }
  const sums = sumsOf(whole)
  const ways: Omit<WayOut, 'walletRaw'>[] = [
    way({ kind: 'repay', token: whole.asset, ...repayFor({ ...sums, debtRaw: whole.debtRaw }, targetWad) }),
    ...whole.collaterals.flatMap((share) => {
      const added = collateralFor({ share, sums }, targetWad)
      return added
        ? [{ ...way({ kind: 'add-collateral', token: share.token, ...added }), ...placeOf(share, whole) }]
        : []
    }),
  ]
  const wallet = await balancesOf(
    ways.map(({ token }) => token),
    { owner: ref.owner, at: context.at },
  )
  return {
    kind: 'ok',
    detail,
    ways: ways.map((one, index) => ({ ...one, walletRaw: wallet[index] ?? null })),
  }
}

function way(one: {
  kind: WayOut['kind']
  token: Token
  amountRaw: bigint
  healthWad: bigint | null
}): Omit<WayOut, 'walletRaw'> {
  const { kind, token, amountRaw, healthWad } = one
  return { kind, token, amountRaw, healthAfterWad: healthWad, reachesTarget: true }
}

function sumsOf({ liquidity }: Pick<Whole, 'liquidity'>): Sums {
  return { weighedValue: liquidity.collateralValue, liabilityValue: liquidity.liabilityValue }
}

function detailOf(
  { ref, whole }: { ref: PositionRef; whole: Whole },
  { at, appUrl, chainId }: InspectContext,
): PositionDetail {
  const { vault, liquidity, debtRaw, asset, place } = whole
  const debt: TokenLine = {
    token: asset,
    amountRaw: debtRaw,
    value: { amount: liquidity.liabilityValue, decimals: vault.unitDecimals },
    price: priceOf({ worth: liquidity.liabilityValue, amountRaw: debtRaw, token: asset }, whole),
    yearlyRateWad: whole.debtRateWad,
  }
  return {
    ref,
    health: healthOf(liquidity),
    collateral: whole.collaterals.flatMap((collateral) => lineOf(collateral, whole) ?? []),
    debt: liquidity.liabilityValue > 0n && debtRaw > 0n ? [debt] : [],
    unit: vault.unit,
    exact: false,
    mode: null,
    notes: notesOf(whole),
    url: `${appUrl}/account/${place.accountId}?chainId=${chainId}`,
    block: at.block,
    endpoint: at.endpoint,
  }
}

/** `null` for what cannot be priced because it does not count; the notes tell of it. */
function lineOf(collateral: Collateral, whole: Whole): CollateralLine | null {
  const { token, amountRaw, ltvBps, yearlyRateWad } = collateral
  const worth = worthOf(collateral)
  if (worth === null || amountRaw === 0n) return null
  const liquidation = liquidationOf(collateral, whole)
  return {
    token,
    ...placeOf(collateral, whole),
    amountRaw,
    value: { amount: worth, decimals: whole.vault.unitDecimals },
    price: priceOf({ worth, amountRaw, token }, whole),
    yearlyRateWad,
    secures: true,
    thresholdWad: ltvBps * 10n ** 14n,
    liquidationPrice: liquidation === null ? null : priceOf({ worth: liquidation, amountRaw, token }, whole),
  }
}

/** Several vaults may hold the same asset: one price moves them all, and the debt too where that is owed. */
function liquidationOf(share: Collateral, { vault, collaterals, ...whole }: Whole): bigint | null {
  // What a falling price takes from the collateral it takes from the debt as well, so it leads away from liquidation.
  if (share.token.address === vault.asset) return null
  const together = sum(
    collaterals.filter(({ token }) => token.address === share.token.address).map((one) => one.weighedValue),
  )
  return liquidationWorth({ share, together }, sumsOf(whole))
}

/** Which vault is meant, where two hold the same asset. */
function placeOf({ vault, token }: Collateral, { collaterals }: Whole): { readonly place?: string } {
  const others = collaterals.filter(
    (other) => other.token.address === token.address && other.vault.address !== vault.address,
  )
  if (others.length === 0) return {}
  const isUnique = others.every((other) => other.vault.symbol !== vault.symbol)
  return { place: isUnique ? vault.symbol : shortAddress(vault.address) }
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}

/** Of one whole token, when so many smallest units are worth so much. */
function priceOf(
  { worth, amountRaw, token }: { worth: bigint; amountRaw: bigint; token: Token },
  { vault }: Whole,
): Price {
  const scaled = worth * 10n ** BigInt(token.decimals + PRICE_DECIMALS)
  return {
    amount: amountRaw === 0n ? 0n : scaled / amountRaw,
    decimals: vault.unitDecimals + PRICE_DECIMALS,
    unit: vault.unit,
  }
}

import { balancesOf } from '../../src/chain/tokens.ts'
import type { Address } from '../../src/domain/address.ts'
import type {
  CollateralLine,
  PositionDetail,
  Price,
  Token,
  TokenLine,
  WayOut,
} from '../../src/domain/detail.ts'
import type { NoneReading, PositionRef, UnknownReading } from '../../src/domain/position.ts'
import type { Inspection, Rescue } from '../strategy.ts'
import type { Market } from './markets.ts'
import {
  collateralFor,
  type Loan,
  type LoanHealth,
  liquidationPriceE36,
  loanHealth,
  repayFor,
} from './math.ts'
import { preLiquidationNotes } from './pre-liquidation.ts'
import type { Prices } from './prices.ts'
import { yearlyBorrowRate } from './rates.ts'
import { healthOf, loanOf, type ReadContext, unitOf } from './read.ts'
import { readShares } from './shares.ts'
import { type MarketState, readStates } from './state.ts'

export interface InspectContext extends ReadContext {
  readonly appUrl: string
  readonly prices: Prices
  readonly preLiquidationFactory: Address
  readonly preLiquidations: (marketId: string) => readonly Address[]
}

/** One position with everything it consists of. */
interface Whole {
  readonly kind: 'ok'
  readonly market: Market
  readonly state: MarketState
  readonly loan: Loan
  readonly health: LoanHealth
  readonly collateralToken: Token
  readonly loanToken: Token
}

export async function inspectPosition(ref: PositionRef, context: InspectContext): Promise<Inspection> {
  const whole = await readWhole(ref, context)
  return whole.kind === 'ok' ? { kind: 'ok', detail: await detailOf({ ref, whole }, context) } : whole
}

/** Two ways: repay loan tokens, or add collateral. */
export async function rescuePosition(
  { ref, targetWad }: { ref: PositionRef; targetWad: bigint },
  context: InspectContext,
): Promise<Rescue> {
  const whole = await readWhole(ref, context)
  if (whole.kind !== 'ok') return whole
  const detail = await detailOf({ ref, whole }, context)
  const { healthWad } = whole.health
  if (healthWad === null || healthWad >= targetWad) return { kind: 'ok', detail, ways: [] }
  const tokens = [whole.loanToken, whole.collateralToken]
  const [walletLoan = null, walletCollateral = null] = await balancesOf(tokens, {
    owner: ref.owner,
    at: context.at,
  })
  const repay = repayFor(whole.loan, targetWad)
  const add = collateralFor(whole.loan, targetWad)
  const ways: WayOut[] = [
    ...(repay ? [wayOut('repay', { token: whole.loanToken, walletRaw: walletLoan, ...repay })] : []),
    ...(add
      ? [wayOut('add-collateral', { token: whole.collateralToken, walletRaw: walletCollateral, ...add })]
      : []),
  ]
  return { kind: 'ok', detail, ways }
}

function wayOut(
  kind: WayOut['kind'],
  way: { token: Token; amount: bigint; after: LoanHealth; walletRaw: bigint | null },
): WayOut {
  return {
    kind,
    token: way.token,
    amountRaw: way.amount,
    healthAfterWad: way.after.healthWad,
    reachesTarget: true,
    walletRaw: way.walletRaw,
  }
}

async function readWhole(
  ref: PositionRef,
  { morpho, markets, at }: ReadContext,
): Promise<Whole | NoneReading | UnknownReading> {
  const market = (await markets([ref.market], at)).get(ref.market)
  if (!market) return unknown('decode', 'the market could not be read')
  const { loan: loanToken, collateral: collateralToken } = market
  if (!loanToken || !collateralToken)
    return unknown('decode', 'a token of this market does not tell its decimals')
  const [states, [shares]] = await Promise.all([
    readStates([market], { morpho, at }),
    readShares([{ owner: ref.owner, marketId: ref.market }], { morpho, at }),
  ])
  if (!shares) return unknown('decode', 'the position could not be read')
  if (shares.borrowShares === 0n && shares.collateral === 0n) {
    return { kind: 'none', block: at.block, endpoint: at.endpoint }
  }
  const state = states.get(market.id)
  if (state?.kind !== 'ok') return state ?? unknown('decode', 'the market could not be read')
  const loan = loanOf({ market, state, shares })
  const health = loanHealth(loan)
  if (!health) return unknown('oracle', 'the price oracle answers with an impossible price')
  return { kind: 'ok', market, state, loan, health, collateralToken, loanToken }
}

async function detailOf(
  { ref, whole }: { ref: PositionRef; whole: Whole },
  context: InspectContext,
): Promise<PositionDetail> {
  const { market, loan, health, collateralToken, loanToken } = whole
  const { at, appUrl } = context
  const { unit, decimals } = unitOf(loanToken, market.params.loanToken)
  const priceDecimals = 36 + loanToken.decimals - collateralToken.decimals
  const price = (amountE36: bigint): Price =>
    priceDecimals >= 0
      ? { amount: amountE36, decimals: priceDecimals, unit }
      : { amount: amountE36 * 10n ** BigInt(-priceDecimals), decimals: 0, unit }
  const liquidationE36 = liquidationPriceE36(loan)
  const collateral: CollateralLine = {
    token: collateralToken,
    amountRaw: loan.collateral,
    value: { amount: health.collateralAssets, decimals },
    price: price(loan.priceE36),
    // Collateral is not lent on in Morpho.
    yearlyRateWad: 0n,
    secures: true,
    thresholdWad: loan.lltvWad,
    liquidationPrice: liquidationE36 === null ? null : price(liquidationE36),
  }
  const [rate, usdNote, preLiquidation] = await Promise.all([
    yearlyBorrowRate({ market: whole.market, words: whole.state.words }, at),
    dollarNote(whole, context),
    preLiquidationNotes({ owner: ref.owner, market }, context),
  ])
  const debt: TokenLine = {
    token: loanToken,
    amountRaw: health.debtAssets,
    value: { amount: health.debtAssets, decimals },
    price: { amount: 1n, decimals: 0, unit },
    yearlyRateWad: rate,
  }
  return {
    ref,
    health: healthOf(health),
    collateral: loan.collateral > 0n ? [collateral] : [],
    debt: loan.borrowShares > 0n ? [debt] : [],
    unit,
    exact: true,
    mode: null,
    notes: [
      ...(loan.collateral === 0n ? ['There is debt but no collateral left: bad debt.'] : []),
      ...preLiquidation,
      ...usdNote,
    ],
    url: `${appUrl}/monad/market/${market.id}`,
    block: at.block,
    endpoint: at.endpoint,
  }
}

/** Morpho itself knows no dollars; the API's prices are told as what they are. */
async function dollarNote(
  { market, collateralToken, loanToken, loan, health }: Whole,
  { prices, at }: InspectContext,
): Promise<string[]> {
  const byToken = await prices(market.id, at)
  const parts = [
    { name: 'collateral', amount: loan.collateral, token: collateralToken },
    { name: 'debt', amount: health.debtAssets, token: loanToken },
  ].flatMap(({ name, amount, token }) => {
    const price = byToken?.get(token.address)
    return price === undefined || amount === 0n ? [] : [`${name} $${dollars({ amount, token, price })}`]
  })
  return parts.length > 0
    ? [`In dollars about ${parts.join(', ')} (prices from Morpho's API, not from the chain).`]
    : []
}

/** For display only, so a float will do. */
function dollars({ amount, token, price }: { amount: bigint; token: Token; price: number }): string {
  const value = (Number(amount) / 10 ** token.decimals) * price
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 1000 ? 2 : 0 })
}

function unknown(reason: UnknownReading['reason'], detail: string): UnknownReading {
  return { kind: 'unknown', reason, detail }
}

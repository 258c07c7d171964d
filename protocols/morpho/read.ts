import type { ChainReader } from '../../src/chain/chain-reader.ts'
import type { Address } from '../../src/domain/address.ts'
import type { Token } from '../../src/domain/detail.ts'
import type { OkReading, PositionRef, Reading, Unit, UnknownReading } from '../../src/domain/position.ts'
import type { Market, Markets } from './markets.ts'
import { type Loan, type LoanHealth, loanHealth } from './math.ts'
import { readShares } from './shares.ts'
import type { StoredShares } from './slots.ts'
import { type MarketState, readStates } from './state.ts'

export interface ReadContext {
  readonly morpho: Address
  readonly markets: Markets
  readonly at: ChainReader
}

/** The identity of an owner's position in a market. */
export function positionRef(owner: Address, market: Pick<Market, 'id' | 'name'>): PositionRef {
  return {
    protocol: 'morpho',
    key: `morpho:${market.id}:${owner}`,
    owner,
    market: market.id,
    marketName: market.name,
  }
}

/** Reads positions from the chain alone: each market and its oracle once, each position one storage slot. */
export async function readPositions(
  refs: readonly PositionRef[],
  { morpho, markets, at }: ReadContext,
): Promise<Reading[]> {
  const known = await markets([...new Set(refs.map((ref) => ref.market))], at)
  const [states, shares] = await Promise.all([
    readStates([...known.values()], { morpho, at }),
    readShares(
      refs.map((ref) => ({ owner: ref.owner, marketId: ref.market })),
      { morpho, at },
    ),
  ])
  return refs.map((ref, index) => {
    const market = known.get(ref.market)
    const state = states.get(ref.market)
    if (!market || !state) return unknown('decode', 'the market could not be read')
    return reading({ market, state, shares: shares[index] ?? null }, at)
  })
}

/** A deposit without debt needs no oracle: it is counted in its own token. */
function deposit(
  market: Market,
  { collateral }: StoredShares,
): Pick<OkReading, 'collateral' | 'debt' | 'unit'> {
  const { unit, decimals } = unitOf(market.collateral, market.params.collateralToken)
  return { collateral: { amount: collateral, decimals }, debt: { amount: 0n, decimals }, unit }
}

function reading(
  {
    market,
    state,
    shares,
  }: { market: Market; state: MarketState | UnknownReading; shares: StoredShares | null },
  at: ChainReader,
): Reading {
  if (shares === null) return unknown('decode', 'the position could not be read')
  if (shares.borrowShares === 0n && shares.collateral === 0n) {
    return { kind: 'none', block: at.block, endpoint: at.endpoint }
  }
  const source = { block: at.block, endpoint: at.endpoint }
  if (shares.borrowShares === 0n) {
    return { kind: 'ok', health: { noDebt: true }, ...deposit(market, shares), ...source }
  }
  if (state.kind === 'unknown') return state
  const health = loanHealth(loanOf({ market, state, shares }))
  if (!health) return unknown('oracle', 'the price oracle answers with an impossible price')
  const { unit, decimals } = unitOf(market.loan, market.params.loanToken)
  return {
    kind: 'ok',
    health: healthOf(health),
    collateral: { amount: health.collateralAssets, decimals },
    debt: { amount: health.debtAssets, decimals },
    unit,
    ...source,
  }
}

export function loanOf(parts: { market: Market; state: MarketState; shares: StoredShares }): Loan {
  const { totalBorrowAssets, totalBorrowShares, priceE36 } = parts.state
  return {
    ...parts.shares,
    totalBorrowAssets,
    totalBorrowShares,
    priceE36,
    lltvWad: parts.market.params.lltvWad,
  }
}

export function healthOf({ healthWad, liquidatable }: LoanHealth) {
  return healthWad === null
    ? ({ noDebt: true } as const)
    : ({ noDebt: false, healthWad, liquidatable } as const)
}

/** Morpho counts in the loan token: there are no dollars on the chain. */
export function unitOf(token: Token | undefined, address: Address): { unit: Unit; decimals: number } {
  return token
    ? { unit: `other:${token.symbol}`, decimals: token.decimals }
    : { unit: `other:raw ${address.slice(0, 8)}`, decimals: 0 }
}

function unknown(reason: UnknownReading['reason'], detail: string): UnknownReading {
  return { kind: 'unknown', reason, detail }
}

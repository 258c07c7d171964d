import { type ApiData, type ApiMarket, type ApiPosition, DEFAULT_CHAIN_ID } from './data.ts'

export interface MarketFilters {
  chainId_in?: number[] | null
  uniqueKey_in?: string[] | null
  listed?: boolean | null
}

export interface PositionFilters {
  chainId_in?: number[] | null
  userAddress_in?: string[] | null
  marketUniqueKey_in?: string[] | null
  marketListed?: boolean | null
  borrowShares_gte?: BigIntInput | null
  supplyShares_gte?: BigIntInput | null
  collateral_gte?: BigIntInput | null
  healthFactor_lte?: number | null
  healthFactor_gte?: number | null
}

export interface Order {
  orderBy?: string | null
  orderDirection?: 'Asc' | 'Desc' | null
}

/** A position together with its market. */
export interface PositionRow {
  position: ApiPosition
  market: ApiMarket
}

type BigIntInput = string | number

/** The markets that the filter lets through, in order. */
export function marketRows(data: ApiData, { where, order }: { where: MarketFilters; order: Order }) {
  const rows = data.markets.filter(
    (market) =>
      isOneOf(market.chainId ?? DEFAULT_CHAIN_ID, where.chainId_in) &&
      isNamed(market.marketId, where.uniqueKey_in) &&
      (where.listed == null || (market.listed ?? true) === where.listed),
  )
  const value = (market: ApiMarket) => (order.orderBy === 'Lltv' ? market.lltv : BigInt(market.marketId))
  return inOrder(rows, { order, value, name: ({ marketId }) => marketId })
}

/** The positions that the filter lets through, in order. */
export function positionRows(data: ApiData, { where, order }: { where: PositionFilters; order: Order }) {
  const markets = new Map(data.markets.map((market) => [market.marketId, market]))
  const rows = data.positions.map((position): PositionRow => {
    const market = markets.get(position.marketId)
    if (market === undefined) throw new Error(`No market ${position.marketId} for a position`)
    return { position, market }
  })
  const kept = rows.filter(
    (row) => isInPlace(row, where) && isLargeEnough(row.position, where) && hasHealth(row.position, where),
  )
  return inOrder(kept, {
    order,
    value: ({ position }) => positionValue(position, order),
    name: ({ position }) => `${position.marketId} ${position.user}`,
  })
}

function isInPlace({ position, market }: PositionRow, where: PositionFilters): boolean {
  return (
    isOneOf(market.chainId ?? DEFAULT_CHAIN_ID, where.chainId_in) &&
    isNamed(position.user, where.userAddress_in) &&
    isNamed(position.marketId, where.marketUniqueKey_in) &&
    (where.marketListed == null || (market.listed ?? true) === where.marketListed)
  )
}

function isLargeEnough(position: ApiPosition, where: PositionFilters): boolean {
  return (
    position.borrowShares >= BigInt(where.borrowShares_gte ?? 0) &&
    position.supplyShares >= BigInt(where.supplyShares_gte ?? 0) &&
    position.collateral >= BigInt(where.collateral_gte ?? 0)
  )
}

function hasHealth({ healthFactor }: ApiPosition, where: PositionFilters): boolean {
  const { healthFactor_gte: least, healthFactor_lte: most } = where
  if (least == null && most == null) return true
  return healthFactor !== null && healthFactor >= (least ?? 0) && healthFactor <= (most ?? Infinity)
}

function positionValue(position: ApiPosition, { orderBy }: Order): bigint | number {
  switch (orderBy ?? 'BorrowShares') {
    case 'SupplyShares':
      return position.supplyShares
    case 'Collateral':
      return position.collateral
    case 'HealthFactor':
      // Unknown comes last when the worst is asked for first.
      return position.healthFactor ?? Infinity
    default:
      return position.borrowShares
  }
}

interface Sorting<T> {
  order: Order
  value: (row: T) => bigint | number
  /** Decides between equal values, so that pages fit together. */
  name: (row: T) => string
}

function inOrder<T>(rows: readonly T[], { order, value, name }: Sorting<T>): T[] {
  const sign = order.orderDirection === 'Asc' ? 1 : -1
  return [...rows].sort((a, b) => sign * compare(value(a), value(b)) || compare(name(a), name(b)))
}

function compare<T extends bigint | number | string>(a: T, b: T): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function isOneOf(value: number, wanted: readonly number[] | null | undefined): boolean {
  return wanted == null || wanted.includes(value)
}

function isNamed(name: string, wanted: readonly string[] | null | undefined): boolean {
  return wanted == null || wanted.some((one) => one.toLowerCase() === name.toLowerCase())
}

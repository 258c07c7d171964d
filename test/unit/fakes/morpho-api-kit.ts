import type { ApiAsset, ApiData, ApiMarket, ApiPosition } from '../../fakes/morpho-api/data.ts'

export interface Answer {
  status: number
  headers: Headers
  text: string
  body: Body
}

interface Body {
  data?: Record<string, { items: Row[] | null; pageInfo: PageInfo }> | null
  errors?: { message: string; extensions?: { code: string } }[]
}

interface PageInfo {
  countTotal: number
  count: number
  limit: number
  skip: number
}

type Row = Record<string, unknown> | null

export const POSITIONS = `
  query Positions($users: [String!], $first: Int, $skip: Int, $least: BigInt) {
    marketPositions(
      first: $first, skip: $skip, orderBy: BorrowShares, orderDirection: Desc,
      where: { chainId_in: [143], userAddress_in: $users, borrowShares_gte: $least }
    ) {
      items { healthFactor user { address } market { marketId lltv } state { collateral borrowShares supplyShares } }
      pageInfo { countTotal count limit skip }
    }
  }`

export const MARKETS = `
  query Markets($listed: Boolean) {
    markets(first: 100, where: { chainId_in: [143], listed: $listed }) {
      items {
        marketId lltv listed oracleAddress irmAddress
        loanAsset { symbol decimals priceUsd } collateralAsset { symbol }
        preLiquidations { items { address preLltv } }
      }
      pageInfo { countTotal }
    }
  }`

/** An address, or with 32 bytes a market id, that ends in the number. */
export function hex(number: number, bytes = 20): string {
  return `0x${number.toString(16).padStart(bytes * 2, '0')}`
}

function asset(symbol: string): ApiAsset {
  return { address: hex(symbol.length), symbol, decimals: 18, priceUsd: 4 }
}

export function market(number: number, more: Partial<ApiMarket> = {}): ApiMarket {
  return {
    marketId: hex(number, 32),
    lltv: 860_000_000_000_000_000n,
    oracleAddress: hex(7),
    irmAddress: hex(8),
    loanAsset: asset('USDC'),
    collateralAsset: asset('WMON'),
    ...more,
  }
}

export function position(number: number, more: Partial<ApiPosition> = {}): ApiPosition {
  return {
    marketId: hex(1, 32),
    user: hex(number),
    collateral: 10n ** 21n,
    borrowShares: BigInt(number),
    supplyShares: 0n,
    healthFactor: 1.5,
    ...more,
  }
}

/** One market with that many loans; the loan of owner n is n shares. */
export function dataOf(loans: number): ApiData {
  return { markets: [market(1)], positions: Array.from({ length: loans }, (_, index) => position(index + 1)) }
}

/** Posts a query; the body is empty when the answer is no JSON. */
export async function ask(url: string, request: { query: string; variables?: object }): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(20_000),
  })
  const text = await response.text()
  const { status, headers } = response
  return { status, headers, text, body: parseBody(text) }
}

function parseBody(text: string): Body {
  try {
    return JSON.parse(text) as Body
  } catch {
    return {}
  }
}

/** The owners of the positions in an answer, by their number. */
export function ownersIn({ body }: Answer): number[] {
  const items = body.data?.['marketPositions']?.items ?? []
  return items.map((row) => Number((row?.['user'] as { address: string }).address))
}

export function itemsIn({ body }: Answer, list = 'marketPositions'): Row[] | null | undefined {
  return body.data?.[list]?.items
}

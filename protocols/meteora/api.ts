import type { z } from 'zod'
import type { Api } from '../../src/chain/api.ts'
import type { Priority } from '../../src/chain/limiter.ts'
import { ApiError } from '../../src/errors.ts'
import { poolsPage, portfolioPage, positionsPage } from './rows.ts'

/** How the upstream is called, in messages to people too. */
export const METEORA_API_NAME = "Meteora's API"
export const METEORA_API = 'https://dlmm.datapi.meteora.ag'

export const PAGE_SIZE = 1_000
const PORTFOLIO_PAGE_SIZE = 50
const POSITIONS_PAGE_SIZE = 100

export interface ApiRequest {
  readonly priority: Priority
  readonly signal?: AbortSignal | undefined
}

export interface PoolsQuery {
  /** From 1. */
  readonly page: number
  readonly leastTvlUsd: number
  /** The oldest first does not move while pages are read; the biggest first does, and loses only dust where it is cut. */
  readonly order: 'oldest' | 'biggest'
}

/** Meteora's data API, as far as Buoy uses it. Failures are ApiError. */
export interface MeteoraApi {
  pools(query: PoolsQuery, request: ApiRequest): Promise<z.infer<typeof poolsPage>>
  /** Pools in which a wallet has positions. */
  portfolio(
    query: { wallet: string; page: number },
    request: ApiRequest,
  ): Promise<z.infer<typeof portfolioPage>>
  /** Positions of a wallet in one pool, with their bins. */
  positions(
    query: { wallet: string; pool: string },
    request: ApiRequest,
  ): Promise<z.infer<typeof positionsPage>>
}

export function createMeteoraApi({ url, api }: { url: string; api: Api }): MeteoraApi {
  async function get<T>(
    query: { path: string; params: Record<string, string>; schema: z.ZodType<T> },
    request: ApiRequest,
  ): Promise<T> {
    const address = `${url}${query.path}?${new URLSearchParams(query.params).toString()}`
    // Requests without a name were refused.
    const headers = { accept: 'application/json', 'user-agent': 'buoy' }
    const response = await api.fetch(request)(address, { headers })
    if (!response.ok) {
      throw new ApiError('bad-answer', { message: `${METEORA_API_NAME}: HTTP ${response.status}` })
    }
    const text = await response.text()
    // A page is big: what else waits gets its turn before it is parsed.
    await new Promise(setImmediate)
    const parsed = query.schema.safeParse(JSON.parse(text))
    if (!parsed.success)
      throw new ApiError('bad-answer', { message: `${METEORA_API_NAME}: no list in its answer` })
    return parsed.data
  }

  return {
    pools: ({ page, leastTvlUsd, order }, request) =>
      get(
        {
          path: '/pools',
          params: {
            page: `${page}`,
            page_size: `${PAGE_SIZE}`,
            sort_by: order === 'oldest' ? 'pool_created_at:asc' : 'tvl:desc',
            filter_by: `tvl>=${leastTvlUsd} && is_blacklisted=false`,
          },
          schema: poolsPage,
        },
        request,
      ),
    portfolio: ({ wallet, page }, request) =>
      get(
        {
          path: '/portfolio/open',
          params: { user: wallet, page: `${page}`, page_size: `${PORTFOLIO_PAGE_SIZE}` },
          schema: portfolioPage,
        },
        request,
      ),
    positions: ({ wallet, pool }, request) =>
      get(
        {
          path: `/positions/${pool}/pnl`,
          params: { user: wallet, status: 'open', page: '1', page_size: `${POSITIONS_PAGE_SIZE}` },
          schema: positionsPage,
        },
        request,
      ),
  }
}

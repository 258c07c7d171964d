import { GraphQLClient, gql } from 'graphql-request'
import { z } from 'zod'
import { checksumAddress } from '../../src/chain/address.ts'
import type { Api } from '../../src/chain/api.ts'
import type { Priority } from '../../src/chain/limiter.ts'
import type { Address } from '../../src/domain/address.ts'
import { ApiError } from '../../src/errors.ts'

export interface ApiRequest {
  readonly priority: Priority
  readonly signal?: AbortSignal | undefined
}

/** What a listing gave. `gaps`: why there may be more than `rows`; `null` when these are all. */
export interface Listing<T> {
  readonly rows: readonly T[]
  readonly gaps: string | null
}

export interface ListedPosition {
  readonly owner: Address
  readonly marketId: string
}

export interface ListedMarket {
  readonly id: string
  readonly preLiquidations: readonly Address[]
}

/** A market that Morpho's own app shows: anybody can make one, few are shown. */
export interface ShownMarket {
  readonly id: string
  /** Dollars per token that is lent; `null` where the API knows none. */
  readonly loanUsd: number | null
}

/** Morpho's GraphQL API, as far as Buoy uses it. Failures are ApiError. */
export interface MorphoApi {
  /** Where these owners (at most 100) may have collateral or debt. The chain says whether they do. */
  positions(owners: readonly Address[], request: ApiRequest): Promise<Listing<ListedPosition>>
  /** Every market of the chain. */
  markets(request: ApiRequest): Promise<Listing<ListedMarket>>
  /** The markets that Morpho vouches for. */
  shown(request: ApiRequest): Promise<Listing<ShownMarket>>
  /** Dollars per token of a market, for display only; tokens without a price are left out. */
  prices(marketId: string, request: ApiRequest): Promise<ReadonlyMap<string, number>>
}

/** How the upstream is called, in messages to people too. */
export const MORPHO_API_NAME = "Morpho's API"

/** The API refuses longer `_in` lists. */
export const MAX_OWNERS = 100
const FIRST_PAGE = 100
/** One corrupt row fails its whole page, whatever its size; small pages lose less. */
const PAGE_SIZES = [FIRST_PAGE, 25, 5, 1]
const MAX_ROWS = 10_000

export const POSITIONS_QUERY = gql`
  query Positions($chain: Int!, $owners: [String!]!, $first: Int!, $skip: Int!) {
    marketPositions(
      first: $first
      skip: $skip
      orderBy: BorrowShares
      orderDirection: Desc
      where: { chainId_in: [$chain], userAddress_in: $owners }
    ) {
      items {
        user { address }
        market { marketId }
        state { collateral borrowShares }
      }
      pageInfo { countTotal }
    }
  }
`

export const MARKETS_QUERY = gql`
  query Markets($chain: Int!, $first: Int!, $skip: Int!) {
    markets(first: $first, skip: $skip, where: { chainId_in: [$chain] }) {
      items {
        marketId
        preLiquidations { items { address } }
      }
      pageInfo { countTotal }
    }
  }
`

export const SHOWN_QUERY = gql`
  query Shown($chain: Int!, $first: Int!, $skip: Int!) {
    markets(first: $first, skip: $skip, where: { chainId_in: [$chain], listed: true }) {
      items {
        marketId
        loanAsset { address priceUsd }
      }
      pageInfo { countTotal }
    }
  }
`

export const PRICES_QUERY = gql`
  query Prices($chain: Int!, $markets: [String!]!, $first: Int!, $skip: Int!) {
    markets(first: $first, skip: $skip, where: { chainId_in: [$chain], uniqueKey_in: $markets }) {
      items {
        loanAsset { address priceUsd }
        collateralAsset { address priceUsd }
      }
      pageInfo { countTotal }
    }
  }
`

const address = z
  .string()
  .regex(/^0x[0-9a-f]{40}$/i)
  .transform((text) => text.toLowerCase() as Address)
const marketId = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/i)
  .transform((text) => text.toLowerCase())
/** BigInt comes as text or as a number. */
const amount = z.union([z.string().regex(/^\d{1,80}$/), z.number().nonnegative()])

const positionRow = z.object({
  user: z.object({ address }),
  market: z.object({ marketId }),
  // Without a state it is unknown what is there: the chain is asked.
  state: z.object({ collateral: amount, borrowShares: amount }).nullish(),
})
const marketRow = z.object({
  marketId,
  preLiquidations: z.object({ items: z.array(z.object({ address })).max(100).nullish() }).nullish(),
})
const priced = z.object({ address, priceUsd: z.number().positive().nullish() })
const priceRow = z.object({ loanAsset: priced, collateralAsset: priced.nullish() })

const shownRow = z.object({ marketId, loanAsset: priced })

const page = z.object({
  items: z.array(z.unknown()).max(1000),
  pageInfo: z.object({ countTotal: z.int().nonnegative() }).nullish(),
})

export function createMorphoApi(deps: { url: string; api: Api; chainId: number }): MorphoApi {
  async function ask(
    query: { document: string; variables: Record<string, unknown>; root: string },
    request: ApiRequest,
  ): Promise<z.infer<typeof page>> {
    const client = new GraphQLClient(deps.url, { fetch: deps.api.fetch(request) })
    let data: unknown
    try {
      data = await client.request(query.document, { chain: deps.chainId, ...query.variables })
    } catch (error) {
      if (error instanceof ApiError) throw error
      // Its messages repeat query and answer, so only the kind is kept.
      throw new ApiError('bad-answer', { message: `${MORPHO_API_NAME}: ${refusalOf(error)}` })
    }
    const parsed = z.object({ [query.root]: page }).safeParse(data)
    const found = parsed.data?.[query.root]
    if (!found) {
      throw new ApiError('bad-answer', { message: `${MORPHO_API_NAME}: no list in its answer` })
    }
    return found
  }

  /** All pages of a listing. A page that fails is asked for again in smaller parts; a single row that fails is a gap. */
  async function list<T>(
    query: { document: string; variables: Record<string, unknown>; root: string; row: z.ZodType<T> },
    request: ApiRequest,
  ): Promise<Listing<T>> {
    const rows: T[] = []
    let bad = 0
    let seen = 0
    let total: number | null = null
    let sizeIndex = 0
    while (seen < MAX_ROWS) {
      const first = PAGE_SIZES[sizeIndex] ?? 1
      let items: readonly unknown[]
      try {
        const answer = await ask({ ...query, variables: { ...query.variables, first, skip: seen } }, request)
        items = answer.items
        total = answer.pageInfo?.countTotal ?? total
      } catch (error) {
        // Only an answer that was refused can depend on the page; everything else is the API being down.
        if (!(error instanceof ApiError) || error.kind !== 'bad-answer') throw error
        if (sizeIndex < PAGE_SIZES.length - 1) {
          sizeIndex += 1
          continue
        }
        // Nothing came through yet, so it is not one bad row.
        if (seen === bad) throw error
        bad += 1
        seen += 1
        // What follows the bad row may well come in big pages again.
        sizeIndex = 0
        if (total !== null && seen >= total) break
        continue
      }
      for (const item of items) {
        const parsed = query.row.safeParse(item)
        if (parsed.success) rows.push(parsed.data)
        else bad += 1
      }
      seen += items.length
      if (items.length < first) break
    }
    return { rows, gaps: gapsOf({ bad, seen, total }) }
  }

  return {
    async positions(owners, request) {
      const asked = new Set<string>(owners)
      const variables = { owners: owners.map((owner) => checksumAddress(owner)) }
      const { rows, gaps } = await list(
        { document: POSITIONS_QUERY, root: 'marketPositions', row: positionRow, variables },
        request,
      )
      const open = rows.filter(
        ({ user, state }) =>
          asked.has(user.address) &&
          (state == null || isPositive(state.collateral) || isPositive(state.borrowShares)),
      )
      return {
        rows: open.map(({ user, market }) => ({ owner: user.address, marketId: market.marketId })),
        gaps,
      }
    },
    async markets(request) {
      const { rows, gaps } = await list(
        { document: MARKETS_QUERY, root: 'markets', row: marketRow, variables: {} },
        request,
      )
      const markets = rows.map((row) => ({
        id: row.marketId,
        preLiquidations: row.preLiquidations?.items?.map((item) => item.address) ?? [],
      }))
      return { rows: markets, gaps }
    },
    async shown(request) {
      const { rows, gaps } = await list(
        { document: SHOWN_QUERY, root: 'markets', row: shownRow, variables: {} },
        request,
      )
      return {
        rows: rows.map((row) => ({ id: row.marketId, loanUsd: row.loanAsset.priceUsd ?? null })),
        gaps,
      }
    },
    async prices(marketId, request) {
      const variables = { markets: [marketId] }
      const { rows } = await list(
        { document: PRICES_QUERY, root: 'markets', row: priceRow, variables },
        request,
      )
      const tokens = rows.flatMap(({ loanAsset, collateralAsset }) => [
        loanAsset,
        ...(collateralAsset ? [collateralAsset] : []),
      ])
      return new Map(
        tokens.flatMap((token) => (token.priceUsd == null ? [] : [[token.address, token.priceUsd]])),
      )
    },
  }
}

function isPositive(value: string | number): boolean {
  return typeof value === 'number' ? value > 0 : BigInt(value) > 0n
}

/** Rows move while pages are read, so a count that does not fit means that something may have been missed. */
function gapsOf({ bad, seen, total }: { bad: number; seen: number; total: number | null }): string | null {
  if (bad > 0) return `${bad} row(s) of Morpho's API were unusable`
  if (seen >= MAX_ROWS) return `Morpho's API lists more than ${MAX_ROWS} rows`
  if (total !== null && seen < total) return `Morpho's API gave ${seen} of ${total} rows`
  return null
}

function refusalOf(error: unknown): string {
  const text = error instanceof Error ? error.message : ''
  return text.includes('NOT_FOUND') ? 'it answered NOT_FOUND' : 'it refused the query'
}

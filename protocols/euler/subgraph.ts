import { GraphQLClient, gql } from 'graphql-request'
import { z } from 'zod'
import type { Api, ApiOptions } from '../../src/chain/api.ts'
import type { Address } from '../../src/domain/address.ts'
import { ApiError } from '../../src/errors.ts'
import { ACCOUNTS, accountIdOf, prefixOf } from './accounts.ts'

/** What the subgraph lists. `gaps`: why there may be more; `null` when that is all. */
export interface Listing {
  /** Ids of accounts that may have a loan, by owner. */
  readonly accountIds: ReadonlyMap<Address, readonly number[]>
  readonly gaps: string | null
  /** The newest block that it has taken in. */
  readonly block: number
}

/** Euler's subgraph, of the family that is keyed by address prefix. Failures are ApiError. */
export interface Subgraph {
  /** Which accounts of these owners (at most 100) are in use. The chain says whether they borrow. */
  accounts(
    owners: readonly Address[],
    request: ApiOptions & { readonly blockNumber: number },
  ): Promise<Listing>
}

export const MAX_OWNERS = 100
const ROWS = 1_000
/** Accounts of one owner times vaults; far more than anybody uses. */
const MAX_ENTRIES = 5_000
/** About a minute and a half: what is newer comes from events. */
const MAX_BLOCKS_BEHIND = 200

// Without `first` only 100 rows come.
const ACCOUNTS_QUERY = gql`
  query Accounts($prefixes: [ID!]!, $first: Int!) {
    trackingActiveAccounts(first: $first, where: { id_in: $prefixes }) { id borrows deposits }
    _meta { block { number } hasIndexingErrors }
  }
`

const answer = z.object({
  trackingActiveAccounts: z.array(z.unknown()).max(ROWS),
  _meta: z.object({ block: z.object({ number: z.int().nonnegative() }), hasIndexingErrors: z.boolean() }),
})

const lowerCase = (text: string): string => text.toLowerCase()
/** 40 bytes: account, then vault. */
const entries = z
  .array(
    z
      .string()
      .regex(/^0x[0-9a-f]{80}$/i)
      .transform(lowerCase),
  )
  .max(MAX_ENTRIES)
const row = z
  .object({
    id: z
      .string()
      .regex(/^0x[0-9a-f]{38}$/i)
      .transform(lowerCase),
    borrows: entries,
    deposits: entries,
  })
  .refine(({ id, borrows, deposits }) => [...borrows, ...deposits].every((entry) => prefixOf(entry) === id))

export function createSubgraph({ url, api }: { url: string; api: Pick<Api, 'fetch'> }): Subgraph {
  async function ask(prefixes: readonly string[], request: ApiOptions): Promise<z.infer<typeof answer>> {
    const client = new GraphQLClient(url, { fetch: api.fetch(request) })
    let data: unknown
    try {
      data = await client.request(ACCOUNTS_QUERY, { prefixes, first: ROWS })
    } catch (error) {
      if (error instanceof ApiError) throw error
      // Its messages repeat query and answer, so only the kind is kept.
      throw new ApiError('bad-answer', { message: 'it refused the query' })
    }
    const parsed = answer.safeParse(data)
    if (!parsed.success)
      throw new ApiError('bad-answer', { message: 'an answer without the list that was asked for' })
    return parsed.data
  }

  return {
    async accounts(owners, request) {
      const prefixes = [...new Set(owners.map(prefixOf))]
      const { trackingActiveAccounts: rows, _meta: meta } = await ask(prefixes, request)
      const used = new Map<string, Set<string>>()
      let bad = 0
      for (const item of rows) {
        const parsed = row.safeParse(item)
        if (!parsed.success) {
          bad += 1
          continue
        }
        const { id, borrows, deposits } = parsed.data
        used.set(
          id,
          new Set([...(used.get(id) ?? []), ...[...borrows, ...deposits].map((entry) => entry.slice(0, 42))]),
        )
      }
      const accountIds = new Map(
        owners.map((owner) => {
          const ids = [...(used.get(prefixOf(owner)) ?? [])].flatMap(
            (account) => accountIdOf(owner, account) ?? [],
          )
          return [owner, ids.slice(0, ACCOUNTS)]
        }),
      )
      const gaps = gapsOf({ bad, rows: rows.length, meta, blockNumber: request.blockNumber })
      return { accountIds, gaps, block: meta.block.number }
    },
  }
}

function gapsOf(seen: {
  bad: number
  rows: number
  meta: z.infer<typeof answer>['_meta']
  blockNumber: number
}): string | null {
  const behind = seen.blockNumber - seen.meta.block.number
  if (seen.bad > 0) return `${seen.bad} row(s) of Euler's subgraph were unusable`
  if (seen.rows >= ROWS) return `Euler's subgraph lists more than ${ROWS} rows`
  if (seen.meta.hasIndexingErrors) return "Euler's subgraph says that it has errors"
  if (behind > MAX_BLOCKS_BEHIND) return `Euler's subgraph is ${behind} blocks behind the chain`
  return null
}

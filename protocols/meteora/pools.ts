import type { Opportunity } from '../../src/domain/pools/opportunity.ts'
import { ApiError } from '../../src/errors.ts'
import type { PoolSnapshot, PoolSource, Suspect } from '../strategy.ts'
import { METEORA_API_NAME, type MeteoraApi, PAGE_SIZE, type PoolsQuery } from './api.ts'
import { identityOf, opportunityOf, type PoolIdentity } from './opportunity.ts'
import { movingRow, staticRow } from './rows.ts'

/** Requests of one refresh, with room under the API's 30 a second and 12,000 pools in reach. */
const MOST_REQUESTS = 12
/** Part of the rows that may be unusable or missing before none of them is believed. */
const MOST_BAD = 0.05
/** So much of what was there must be there again. */
const LEAST_LEFT = 0.5
/** Rows looked at in one go; other work gets its turn in between. */
const SLICE = 200
const IDENTITY_MS = 24 * 3_600_000

export interface MeteoraPoolsDeps {
  readonly api: MeteoraApi
  /** The lowest TVL that any chat wants to hear of, in dollars. */
  readonly leastTvlUsd: () => number
  readonly now: () => number
}

/** Meteora's pools as opportunities. */
export function createMeteoraPools({ api, leastTvlUsd, now }: MeteoraPoolsDeps): PoolSource {
  let identities = new Map<string, { identity: PoolIdentity; readAtMs: number }>()
  /** How many usable rows there were last time, and from which TVL on. */
  let last: { readonly usable: number; readonly leastTvlUsd: number } | null = null

  function readRow(item: unknown, seenAtMs: number): Opportunity | 'bad' | 'blacklisted' {
    const row = movingRow.safeParse(item)
    if (!row.success) return 'bad'
    if (row.data.is_blacklisted) return 'blacklisted'
    const known = identities.get(row.data.address)
    if (known && seenAtMs - known.readAtMs < IDENTITY_MS) {
      return opportunityOf({ row: row.data, identity: known.identity }, seenAtMs)
    }
    const facts = staticRow.safeParse(item)
    if (!facts.success) return 'bad'
    const identity = identityOf(facts.data)
    identities.set(row.data.address, { identity, readAtMs: seenAtMs })
    return opportunityOf({ row: row.data, identity }, seenAtMs)
  }

  async function readAll(signal: AbortSignal): Promise<PoolSnapshot | Suspect> {
    const least = leastTvlUsd()
    const seenAtMs = now()
    const { rows, total, cut, short } = await fetchAll({ leastTvlUsd: least }, signal)
    if (rows.length === 0) return suspect('an empty list')
    const found = new Map<string, Opportunity>()
    let bad = 0
    let seen = 0
    for (const item of rows) {
      seen += 1
      if (seen % SLICE === 0) await new Promise(setImmediate)
      const one = readRow(item, seenAtMs)
      if (one === 'bad') bad += 1
      // A row that moved between two pages comes twice.
      else if (one !== 'blacklisted') found.set(one.id, one)
    }
    signal.throwIfAborted()
    if (bad > rows.length * MOST_BAD) return suspect(`${bad} of ${rows.length} rows unusable`)
    // Rows that moved to a page already read are missed; a few of them are back next time.
    if (short > total * MOST_BAD) return suspect(`${total - short} of ${total} rows`)
    if (last && last.leastTvlUsd >= least && found.size < last.usable * LEAST_LEFT) {
      return suspect(`${found.size} pools where there were ${last.usable}`)
    }
    last = { usable: found.size, leastTvlUsd: least }
    identities = new Map([...identities].filter(([address]) => found.has(address)))
    return { kind: 'snapshot', opportunities: [...found.values()], atMs: seenAtMs, skipped: bad, cut }
  }

  /** `short`: how many rows fewer than the API says there are, beyond those cut on purpose. */
  async function fetchAll(
    { leastTvlUsd }: { leastTvlUsd: number },
    signal: AbortSignal,
  ): Promise<{ rows: unknown[]; total: number; cut: number; short: number }> {
    const ask = (query: Omit<PoolsQuery, 'leastTvlUsd'>) =>
      api.pools({ ...query, leastTvlUsd }, { priority: 'discovery', signal })
    let requests = 1
    let page = 1
    let order: PoolsQuery['order'] = 'oldest'
    let answer = await ask({ page, order })
    if (answer.total > MOST_REQUESTS * PAGE_SIZE) {
      order = 'biggest'
      answer = await ask({ page, order })
      requests += 1
    }
    const { total } = answer
    const rows = [...answer.data]
    while (answer.data.length > 0 && rows.length < total && requests < MOST_REQUESTS) {
      page += 1
      requests += 1
      answer = await ask({ page, order })
      for (const item of answer.data) rows.push(item)
    }
    const unique = new Set(rows.map((item) => (item as { address?: unknown } | null)?.address)).size
    const reach = Math.min(total, page * PAGE_SIZE)
    const complete = requests >= MOST_REQUESTS || rows.length >= total
    return {
      rows,
      total,
      cut: order === 'biggest' ? total - reach : 0,
      short: (complete ? reach : total) - unique,
    }
  }

  return {
    id: 'meteora',
    async refresh(signal) {
      try {
        return await readAll(signal)
      } catch (error) {
        if (!(error instanceof ApiError) || signal.aborted) throw error
        return { kind: 'suspect', reason: error.message }
      }
    },
  }
}

function suspect(what: string): Suspect {
  return { kind: 'suspect', reason: `${METEORA_API_NAME}: ${what}` }
}

import { sql } from 'kysely'
import type { Executor } from './schema.ts'

const SLOT_MS = 5 * 60_000
const HOUR_MS = 3_600_000
const RAW_KEPT_MS = 24 * HOUR_MS
const HOURS_KEPT_MS = 30 * 24 * HOUR_MS
/** Pools whose history is kept, the first of what is given: 288 + 720 rows each. */
export const MAX_POOLS_KEPT = 500

export interface YieldPoint {
  readonly atMs: number
  /** Fraction. */
  readonly yieldPerYear: number
  readonly tvlUsd: number | null
}

/**
 * Adds what pools yield now, one point for five minutes and the first of each hour for longer, and drops what is too old: five
 * minutes for a day, hours for a month. Only inside a transaction.
 */
export async function recordYields(
  tx: Executor,
  seen: {
    readonly pools: readonly {
      readonly key: string
      readonly yieldPerYear: number
      readonly tvlUsd: number | null
    }[]
    readonly nowMs: number
  },
): Promise<void> {
  const { nowMs } = seen
  const pools = [...new Map(seen.pools.slice(0, MAX_POOLS_KEPT).map((pool) => [pool.key, pool])).values()]
  if (pools.length > 0) {
    const rows = (grain: 'raw' | 'hour', at: number) =>
      pools.map(({ key, yieldPerYear, tvlUsd }) => ({
        pool: key,
        grain,
        at,
        yield_per_year: yieldPerYear,
        tvl_usd: tvlUsd,
      }))
    await tx
      .insertInto('pool_yields')
      .values(rows('raw', nowMs - (nowMs % SLOT_MS)))
      .onConflict((conflict) =>
        conflict.columns(['pool', 'grain', 'at']).doUpdateSet({
          yield_per_year: sql.ref('excluded.yield_per_year'),
          tvl_usd: sql.ref('excluded.tvl_usd'),
        }),
      )
      .execute()
    await tx
      .insertInto('pool_yields')
      .values(rows('hour', nowMs - (nowMs % HOUR_MS)))
      .onConflict((conflict) => conflict.columns(['pool', 'grain', 'at']).doNothing())
      .execute()
  }
  for (const [grain, keptMs] of [
    ['raw', RAW_KEPT_MS],
    ['hour', HOURS_KEPT_MS],
  ] as const) {
    await tx
      .deleteFrom('pool_yields')
      .where('grain', '=', grain)
      .where('at', '<', nowMs - keptMs)
      .execute()
  }
}

/** The history of one pool, oldest first: hours, and five minutes where there are any. */
export async function yieldsOf(db: Executor, asked: { key: string; sinceMs: number }): Promise<YieldPoint[]> {
  const rows = await db
    .selectFrom('pool_yields')
    .selectAll()
    .where('pool', '=', asked.key)
    .where('at', '>=', asked.sinceMs)
    .orderBy('at')
    .execute()
  const firstRaw = rows.find(({ grain }) => grain === 'raw')?.at ?? Number.POSITIVE_INFINITY
  return rows
    .filter(({ grain, at }) => grain === 'raw' || at < firstRaw)
    .map(({ at, yield_per_year, tvl_usd }) => ({ atMs: at, yieldPerYear: yield_per_year, tvlUsd: tvl_usd }))
}

import type { Database } from './schema.ts'

/** Counts about pools for `/stats`. */
export interface PoolStats {
  /** Chats that want to hear of pools. */
  readonly chats: number
  readonly tokens: number
  readonly told: number
  readonly points: number
  readonly wallets: number
  readonly positions: number
}

export async function poolStats(db: Database): Promise<PoolStats> {
  const count = async (
    table: 'pool_tokens' | 'pools_told' | 'pool_yields' | 'lp_wallets' | 'lp_ranges',
  ): Promise<number> => {
    const row = await db
      .selectFrom(table)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    return row.count
  }
  const chats = await db
    .selectFrom('pool_rules')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('enabled', '=', 1)
    .executeTakeFirstOrThrow()
  return {
    chats: chats.count,
    tokens: await count('pool_tokens'),
    told: await count('pools_told'),
    points: await count('pool_yields'),
    wallets: await count('lp_wallets'),
    positions: await count('lp_ranges'),
  }
}

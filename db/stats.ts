import { DRILL_MARKET, DRILL_OWNERS } from '../src/domain/drill.ts'
import { outboxDepth } from './outbox.ts'
import type { Database } from './schema.ts'

export interface StoredStats {
  /** Private chats that are not unreachable: each is one person. */
  readonly people: number
  readonly chats: Readonly<Record<string, number>>
  readonly wallets: number
  readonly positions: readonly { readonly protocol: string; readonly level: string; readonly count: number }[]
  readonly blind: number
  readonly outbox: { readonly waiting: number; readonly oldestCreatedAtMs: number | null }
}

/** The figures of `/stats` that live in the database. Counts only. */
export async function storedStats(db: Database): Promise<StoredStats> {
  const chats = await db
    .selectFrom('chats')
    .select((eb) => ['state', eb.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute()
  const wallets = await db
    .selectFrom('watches')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('owner', 'not like', `${DRILL_OWNERS}%`)
    .executeTakeFirstOrThrow()
  const positions = await db
    .selectFrom('alert_states')
    .innerJoin('positions', 'positions.id', 'alert_states.position_id')
    .select((eb) => ['positions.protocol', 'alert_states.level', eb.fn.countAll<number>().as('count')])
    .where('alert_states.closed', '=', 0)
    .where('positions.market', '<>', DRILL_MARKET)
    .groupBy(['positions.protocol', 'alert_states.level'])
    .orderBy('positions.protocol')
    .orderBy('alert_states.level')
    .execute()
  const blind = await db
    .selectFrom('alert_states')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('blind', '=', 1)
    .executeTakeFirstOrThrow()
  const people = await db
    .selectFrom('chats')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('kind', '=', 'private')
    .where('state', '<>', 'unreachable')
    .executeTakeFirstOrThrow()
  return {
    people: people.count,
    chats: Object.fromEntries(chats.map((row) => [row.state, row.count])),
    wallets: wallets.count,
    positions,
    blind: blind.count,
    outbox: await outboxDepth(db),
  }
}

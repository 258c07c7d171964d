import { forgetOldLenderStates, lenderKey, lenderStatesOf } from '../../db/lender-states.ts'
import { dueLpWallets, lpRangesOf } from '../../db/lp-wallets.ts'
import {
  commitAdvice,
  commitLenders,
  commitRanges,
  commitTurns,
  poolsUnderWay,
} from '../../db/pool-messages.ts'
import { poolsPaused } from '../../db/pool-pause.ts'
import { duePoolChats, poolTokensOf } from '../../db/pool-rules.ts'
import { type PoolWatcher, poolWatchers } from '../../db/pool-watchers.ts'
import { recordYields } from '../../db/pool-yields.ts'
import { forgetOldTold, poolsTold } from '../../db/pools-told.ts'
import { transact } from '../../db/transact.ts'
import { type Opportunity, opportunityKey } from '../domain/pools/opportunity.ts'
import type { LendersDeps } from '../pools/lenders.ts'
import type { RangesDeps } from '../pools/ranges.ts'
import type { SharedSnapshot } from '../pools/refresh.ts'
import type { RoundStore } from '../pools/round.ts'
import type { Context } from './context.ts'

/** Wallets whose deposits are looked at: a bound, not a promise. */
const MOST_WATCHERS = 2_000

export interface PoolStore {
  readonly round: RoundStore
  readonly lenders: Pick<LendersDeps, 'states' | 'keyOf' | 'commit'>
  readonly ranges: Pick<RangesDeps, 'due' | 'rangesOf' | 'commit'>
  paused(): Promise<boolean>
  watchers(): Promise<PoolWatcher[]>
  /** Adds a snapshot to the history, and drops what is too old. */
  record(snapshot: SharedSnapshot): Promise<void>
  /** Drops what nobody needs any more. */
  tidy(): Promise<void>
}

/** What the rounds about opportunities need of the database. */
export function createPoolStore({ db, now }: Pick<Context, 'db' | 'now'>): PoolStore {
  return {
    paused: () => poolsPaused(db),
    watchers: () => poolWatchers(db, { limit: MOST_WATCHERS }),
    round: {
      paused: () => poolsPaused(db),
      due: (limit) => duePoolChats(db, { nowMs: now(), limit }),
      async tokens(chatIds) {
        const lists = await poolTokensOf(db, chatIds)
        return new Map([...lists].map(([chatId, list]) => [chatId, list.map(({ address }) => address)]))
      },
      told: (chatIds) => poolsTold(db, chatIds),
      underWay: (chatIds) => poolsUnderWay(db, chatIds),
      commit: (work) => commitTurns(db, { ...work, nowMs: now() }),
      advise: (work) => commitAdvice(db, { ...work, nowMs: now() }),
    },
    lenders: {
      states: (chatIds) => lenderStatesOf(db, chatIds),
      keyOf: lenderKey,
      commit: (changes) => commitLenders(db, { changes, nowMs: now() }),
    },
    ranges: {
      due: (limit) => dueLpWallets(db, { nowMs: now(), limit }),
      rangesOf: (wallet) => lpRangesOf(db, wallet),
      commit: (change) => commitRanges(db, { change, nowMs: now() }),
    },
    async record({ index, opportunities }) {
      // Lending first: there is little of it, and it would have no place among the pools.
      const lending = opportunities.filter(({ kind }) => kind === 'lend')
      const best = index.all.slice(0, MOST_RECORDED).map(({ opportunity }) => opportunity)
      const pools = [...lending, ...best].map(point)
      await transact(db, (tx) => recordYields(tx, { pools, nowMs: now() }))
    },
    tidy: () =>
      transact(db, async (tx) => {
        const nowMs = now()
        await forgetOldTold(tx, { nowMs })
        await forgetOldLenderStates(tx, { nowMs })
        await recordYields(tx, { pools: [], nowMs })
      }),
  }
}

/** More are cut by the history itself. */
const MOST_RECORDED = 500

function point(opportunity: Opportunity): { key: string; yieldPerYear: number; tvlUsd: number | null } {
  const { yieldPerYear, tvlUsd } = opportunity
  return { key: opportunityKey(opportunity), yieldPerYear: yieldPerYear.total, tvlUsd }
}

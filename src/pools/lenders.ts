import type { LenderPlace } from '../../db/lender-states.ts'
import type { LenderChange } from '../../db/pool-messages.ts'
import type { PoolWatcher } from '../../db/pool-watchers.ts'
import {
  DEFAULT_LENDER_LINES,
  type LenderState,
  lenderStep,
  NEW_LENDER,
} from '../domain/pools/lender-alerts.ts'
import { type Opportunity, opportunityKey } from '../domain/pools/opportunity.ts'
import { isLending } from './advice.ts'
import type { Deposit } from './holdings.ts'

export interface LendersDeps {
  readonly watchers: () => Promise<readonly PoolWatcher[]>
  readonly depositsOf: (owner: PoolWatcher['owner']) => readonly Deposit[]
  readonly paused: () => Promise<boolean>
  readonly states: (chatIds: readonly number[]) => Promise<ReadonlyMap<string, LenderState>>
  readonly keyOf: (place: LenderPlace) => string
  readonly commit: (changes: readonly LenderChange[]) => Promise<void>
  readonly onQueued: (count: number) => void
}

/** Looks whether what people lend to runs dry, or earns less than they want. States and what is told of them are committed together. */
export type WatchLenders = (opportunities: readonly Opportunity[]) => Promise<void>

export function createLenders(deps: LendersDeps): WatchLenders {
  return async (opportunities) => {
    if (await deps.paused()) return
    const byKey = new Map(opportunities.filter(isLending).map((one) => [opportunityKey(one), one]))
    const watchers = await deps.watchers()
    const states = await deps.states([...new Set(watchers.map(({ chatId }) => chatId))])
    const changes: LenderChange[] = []
    for (const { chatId, threadId, owner, label, rules } of watchers) {
      const lines = { ...DEFAULT_LENDER_LINES, yieldPerYear: rules.lendLine ?? null }
      for (const { key: market, supply } of deps.depositsOf(owner)) {
        const opportunity = byKey.get(market)
        // Dust is nothing that anybody would hurry to take out.
        if (!opportunity || supply.amountRaw === 0n) continue
        const before = states.get(deps.keyOf({ chatId, owner, market })) ?? NEW_LENDER
        const { utilisation, liquidityRaw } = opportunity.lending
        const suppliedRaw = supply.amountRaw
        const { state, events } = lenderStep(before, {
          reading: {
            atMs: opportunity.seenAtMs,
            utilisation,
            liquidityRaw,
            suppliedRaw,
            yieldPerYear: opportunity.yieldPerYear.total,
          },
          lines,
        })
        if (events.length === 0 && isKnown(before, state)) continue
        const facts = { about: 'lender', owner, label, opportunity, suppliedRaw } as const
        const marks = { lines, told: [], seenAtMs: opportunity.seenAtMs }
        const messages = events.map((event) => ({
          chatId,
          threadId,
          payload: { ...facts, ...marks, event },
        }))
        changes.push({ chatId, owner, market, state, messages })
      }
    }
    if (changes.length === 0) return
    await deps.commit(changes)
    const queued = changes.reduce((sum, { messages }) => sum + messages.length, 0)
    if (queued > 0) deps.onQueued(queued)
  }
}

/** Kept anew once a day all the same, so that it is not forgotten. */
const KEPT_ANEW_MS = 86_400_000

function isKnown(before: LenderState, now: LenderState): boolean {
  return (
    before.dry === now.dry &&
    before.low === now.low &&
    before.clearDry === now.clearDry &&
    before.clearLow === now.clearLow &&
    (now.lastMs - before.lastMs < KEPT_ANEW_MS || before.lastMs === 0)
  )
}

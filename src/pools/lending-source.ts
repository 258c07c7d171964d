import type { LendingStrategy, PoolSource } from '../../protocols/strategy.ts'
import type { StrategyCall } from '../monitor/strategy-call.ts'

/** What lending earns at one protocol, as a source of opportunities. What a strategy cannot say is a suspect answer. */
export function createLendingSource(deps: {
  readonly strategy: LendingStrategy
  readonly strategyCall: StrategyCall
  readonly now: () => number
}): PoolSource {
  const { strategy, strategyCall, now } = deps
  return {
    id: strategy.id,
    async refresh() {
      const answer = await strategyCall.run({ strategy, priority: 'discovery' }, (at) => strategy.yields(at))
      if (!answer.ok) return { kind: 'suspect', reason: answer.reason }
      const { rows, skipped, gaps } = answer.value
      // No market at all is never true, and some of them are better than none: those missing are not told as gone.
      if (rows.length === 0) return { kind: 'suspect', reason: gaps ?? 'an empty list' }
      return { kind: 'snapshot', opportunities: rows, atMs: now(), skipped, cut: 0 }
    },
  }
}

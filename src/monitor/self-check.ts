import type { CheckLine, LendingStrategy } from '../../protocols/strategy.ts'
import type { StrategyCall } from './strategy-call.ts'

/** Asks every protocol whether its contracts are where and what they should be. A protocol that cannot be asked is one red line. */
export async function selfCheck(deps: {
  strategies: readonly LendingStrategy[]
  strategyCall: StrategyCall
}): Promise<CheckLine[]> {
  const perProtocol = await Promise.all(
    deps.strategies.map(async (strategy) => {
      const result = await deps.strategyCall.run({ strategy, priority: 'command' }, (at) =>
        strategy.selfCheck(at),
      )
      if (result.ok) return result.value
      return [{ ok: false, what: strategy.name, detail: `could not be checked: ${result.reason}` }]
    }),
  )
  return perProtocol.flat()
}

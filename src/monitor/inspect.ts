import type { Inspection, LendingStrategy, Rescue } from '../../protocols/strategy.ts'
import { type Inspect, SWITCHED_OFF } from '../domain/inspect.ts'
import type { StrategyCall } from './strategy-call.ts'

export interface InspectDeps {
  readonly strategies: readonly LendingStrategy[]
  readonly strategyCall: StrategyCall
}

/** A live look into one position, isolated and within the budget like every other call of a strategy. */
export function createInspect({ strategies, strategyCall }: InspectDeps): Inspect {
  return async ({ ref, targetWad }) => {
    const strategy = strategies.find(({ id }) => id === ref.protocol)
    if (!strategy) return SWITCHED_OFF
    const result = await strategyCall.run<Inspection | Rescue>({ strategy, priority: 'command' }, (at) =>
      targetWad === null ? strategy.inspect(ref, at) : strategy.rescue({ ref, targetWad }, at),
    )
    if (!result.ok) return { kind: 'unknown', reason: 'rpc', detail: result.reason }
    const { value } = result
    if (value.kind !== 'ok') return value
    return { kind: 'ok', detail: value.detail, ways: 'ways' in value ? value.ways : [] }
  }
}

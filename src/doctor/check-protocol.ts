import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { Address } from '../domain/address.ts'
import type { Finding } from '../domain/finding.ts'
import { selfCheck } from '../monitor/self-check.ts'
import type { StrategyCall } from '../monitor/strategy-call.ts'
import { apiSetting } from './api-setting.ts'

/** An address that nobody can own a loan with. */
const NOBODY: Address = '0x0000000000000000000000000000000000000001'
const SETTING = /BUOY_[A-Z0-9_]+/

/** The protocol's own lines, each red one with the setting to look at, and one search, which asks its indexer too. */
export async function checkProtocol(deps: {
  strategy: LendingStrategy
  strategyCall: StrategyCall
}): Promise<Finding[]> {
  const { strategy, strategyCall } = deps
  const [lines, search] = await Promise.all([
    selfCheck({ strategies: [strategy], strategyCall }),
    searchFinding(deps),
  ])
  return [
    ...lines.map(
      ({ ok, what, detail }): Finding => ({
        mark: ok ? 'good' : 'bad',
        what,
        detail,
        change: ok ? null : changeFor(detail, strategy),
      }),
    ),
    search,
  ]
}

async function searchFinding(deps: {
  strategy: LendingStrategy
  strategyCall: StrategyCall
}): Promise<Finding> {
  const { strategy, strategyCall } = deps
  const what = `${strategy.name} search`
  const found = await strategyCall.run({ strategy, priority: 'command' }, (at) =>
    strategy.discover([NOBODY], at),
  )
  const [discovery] = found.ok ? found.value : []
  if (discovery?.kind === 'complete') {
    return { mark: 'good', what, detail: 'an empty wallet was searched completely', change: null }
  }
  const detail = found.ok ? (discovery?.reason ?? 'no answer') : found.reason
  if (!found.ok) return { mark: 'bad', what, detail, change: changeFor(detail, strategy) }
  const change = 'Loans that are watched are read all the same; new ones may be found late'
  return { mark: 'doubtful', what, detail: `could miss loans: ${detail}`, change }
}

function changeFor(detail: string, strategy: LendingStrategy): string | null {
  if (SETTING.test(detail)) return null
  const api = apiSetting(detail)
  if (api !== null) return `Look at ${api}`
  const settings = [...new Set(strategy.contracts.map(({ configuredBy }) => configuredBy))]
  return `Look at the RPC lines first, then at ${settings.join(', ')}`
}

import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { EndpointStats } from '../chain/endpoint.ts'
import type { Config } from '../config.ts'
import type { Finding } from '../domain/finding.ts'
import type { StrategyCall } from '../monitor/strategy-call.ts'
import { checkApis } from './check-apis.ts'
import { checkDatabase } from './check-database.ts'
import { checkEndpoints } from './check-endpoints.ts'
import { checkDisk, checkNode } from './check-machine.ts'
import { checkProtocol } from './check-protocol.ts'
import { checkTelegram } from './check-telegram.ts'
import { limited } from './limited.ts'
import { withoutSecrets } from './without-secrets.ts'

export interface ExamineDeps {
  readonly config: Config
  readonly strategies: readonly LendingStrategy[]
  readonly strategyCall: StrategyCall
  readonly apis: () => readonly EndpointStats[]
  /** Wall-clock milliseconds. */
  readonly now: () => number
  /** A SQLite file up to this size is checked for damage, during which the process does nothing else. */
  readonly quickCheckBytes: number
}

/** More than one endpoint may hang before another one answers; the protocols' own limit is below this. */
const PROTOCOL_LIMIT_MS = 25_000

/** All checks at once, each within its time. Nothing is sent, written, migrated or taken from Telegram. */
export async function examine(deps: ExamineDeps): Promise<Finding[]> {
  const { config, strategies, strategyCall, now } = deps
  const { telegram, chain, database } = config
  const apisBefore = deps.apis()
  const [disk, stored, told, chained, ...protocols] = await Promise.all([
    limited({
      what: 'Disk for the database',
      change: 'Check the folder in BUOY_DATABASE_URL',
      run: () => checkDisk(database),
    }),
    limited({
      what: 'Database',
      change: 'Check BUOY_DATABASE_URL',
      run: () => checkDatabase(database, deps),
    }),
    limited({
      what: 'Telegram',
      change: 'Check the network of this machine, a proxy, and BUOY_TELEGRAM_API_ROOT',
      run: (signal) => checkTelegram({ ...telegram, now, signal }),
    }),
    checkEndpoints({ specs: chain.endpoints, chainId: chain.id, multicall3: chain.multicall3, now }),
    ...strategies.map((strategy) =>
      limited({
        what: strategy.name,
        change: 'Look at the RPC lines (BUOY_RPC_URLS)',
        run: () => checkProtocol({ strategy, strategyCall }),
        limitMs: PROTOCOL_LIMIT_MS,
      }),
    ),
  ])
  const findings = [
    checkNode(process.versions.node),
    ...disk,
    ...stored,
    ...told,
    ...chained,
    ...protocols.flat(),
    ...checkApis(apisBefore, deps.apis()),
  ]
  return withoutSecrets(findings, config)
}

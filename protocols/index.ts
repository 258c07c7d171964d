import type { Api } from '../src/chain/api.ts'
import type { Cache } from '../src/chain/cache.ts'
import type { Tokens } from '../src/chain/tokens.ts'
import type { ProtocolId } from '../src/domain/position.ts'
import { createMorpho, type MorphoConfig } from './morpho/index.ts'
import { createNeverland, type NeverlandConfig } from './neverland/index.ts'
import type { LendingStrategy } from './strategy.ts'

/** The protocols that are switched on; one entry each. */
export interface ProtocolsConfig {
  readonly neverland?: NeverlandConfig | undefined
  readonly morpho?: MorphoConfig | undefined
}

/** What strategies share or need from outside. */
export interface ProtocolsDeps {
  readonly cache: Cache
  readonly tokens: Tokens
  /** Where Morpho's API is reached; `null` for nowhere. */
  readonly morphoApi: Api | null
}

/** Protocols that can be switched on today, in the order they are shown. */
export const BUILT_PROTOCOLS = ['neverland', 'morpho'] as const satisfies readonly ProtocolId[]

/** The strategies that the configuration switches on. */
export function createStrategies(config: ProtocolsConfig, deps: ProtocolsDeps): LendingStrategy[] {
  return [
    ...(config.neverland ? [createNeverland(config.neverland, deps)] : []),
    ...(config.morpho ? [createMorpho(config.morpho, { ...deps, api: deps.morphoApi })] : []),
  ]
}

import type { Api } from '../src/chain/api.ts'
import type { Cache } from '../src/chain/cache.ts'
import type { Tokens } from '../src/chain/tokens.ts'
import type { Address } from '../src/domain/address.ts'
import type { ProtocolId } from '../src/domain/position.ts'
import { type CurvanceConfig, createCurvance } from './curvance/index.ts'
import { createEuler, type EulerConfig } from './euler/index.ts'
import { createMorpho, type MorphoConfig } from './morpho/index.ts'
import { createNeverland, type NeverlandConfig } from './neverland/index.ts'
import type { LendingStrategy } from './strategy.ts'

/** The protocols that are switched on; one entry each. */
export interface ProtocolsConfig {
  readonly neverland?: NeverlandConfig | undefined
  readonly morpho?: MorphoConfig | undefined
  readonly curvance?: CurvanceConfig | undefined
  readonly euler?: EulerConfig | undefined
}

/** What strategies share or need from outside. An API is `null` where none is configured. */
export interface ProtocolsDeps {
  readonly cache: Cache
  readonly tokens: Tokens
  /** The contract that calls go through. */
  readonly multicall: Address
  readonly morphoApi: Api | null
  readonly subgraphApi: Api | null
  readonly pythApi: Api | null
}

/** Protocols that can be switched on, in the order they are shown. */
export const BUILT_PROTOCOLS = [
  'neverland',
  'morpho',
  'curvance',
  'euler',
] as const satisfies readonly ProtocolId[]

/** The strategies that the configuration switches on. */
export function createStrategies(config: ProtocolsConfig, deps: ProtocolsDeps): LendingStrategy[] {
  return [
    ...(config.neverland ? [createNeverland(config.neverland, deps)] : []),
    ...(config.morpho ? [createMorpho(config.morpho, { ...deps, api: deps.morphoApi })] : []),
    ...(config.curvance ? [createCurvance(config.curvance, deps)] : []),
    ...(config.euler ? [createEuler(config.euler, deps)] : []),
  ]
}

import type { ProtocolId } from '../src/domain/position.ts'
import { createNeverland, type NeverlandConfig } from './neverland/index.ts'
import type { LendingStrategy } from './strategy.ts'

/** The protocols that exist here; one entry each. */
export interface ProtocolsConfig {
  readonly neverland?: NeverlandConfig | undefined
}

/** Protocols that can be switched on today, in the order they are shown. */
export const BUILT_PROTOCOLS = ['neverland'] as const satisfies readonly ProtocolId[]

/** The strategies that the configuration switches on. */
export function createStrategies(config: ProtocolsConfig): LendingStrategy[] {
  return [...(config.neverland ? [createNeverland(config.neverland)] : [])]
}

import type { DatabaseConfig } from '../db/database.ts'
import type { ProtocolsConfig } from '../protocols/index.ts'
import type { EndpointSpec } from './chain/endpoint.ts'
import { VARIABLES } from './config-schema.ts'
import { type Environment, readVariable, type Variable } from './config-variable.ts'
import type { Address } from './domain/address.ts'
import { ConfigError } from './errors.ts'

/** Everything the operator can set, read once, frozen. A protocol that is switched off has no settings at all. */
export interface Config {
  readonly telegram: {
    readonly token: string
    readonly apiRoot: string
    readonly adminIds: readonly number[]
    /** Chats that may use the bot; empty = everybody. */
    readonly allowedChats: readonly number[]
  }
  /** Most wallets that one chat may watch. */
  readonly maxWallets: number
  readonly chain: {
    readonly id: number
    readonly multicall3: Address
    readonly endpoints: readonly EndpointSpec[]
  }
  readonly database: DatabaseConfig
  readonly cycleSeconds: number
  readonly discoverySeconds: number
  readonly batchConcurrency: number
  readonly protocols: ProtocolsConfig
  /** Wait while another process works on the same database. */
  readonly standby: boolean
  /** Where `/healthz` and `/readyz` are; `null` for nowhere. */
  readonly http: { readonly host: string; readonly port: number } | null
  /** Called while everything is well; `null` for nothing. */
  readonly heartbeatUrl: string | null
  /** Where pools come from; `null` = nowhere. */
  readonly meteoraApiUrl: string | null
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'
}

export interface LoadedConfig {
  readonly config: Config
  /** Things that look like mistakes but do not stop the start. */
  readonly warnings: readonly string[]
}

export type { Environment }

/** Reads the environment. Throws ConfigError that lists every mistake at once, none of them with a secret in it. */
export function loadConfig(env: Environment): LoadedConfig {
  const mistakes: string[] = []
  function get<T>(variable: Variable<T>): T {
    const value = readVariable(env, variable)
    if (value.ok) return value.value
    mistakes.push(value.mistake)
    // Never used: a ConfigError is thrown below once all variables were looked at.
    return undefined as T
  }
  const neverland = {
    providers: get(VARIABLES.neverlandProviders),
    registry: get(VARIABLES.neverlandRegistry),
    vaultFactory: get(VARIABLES.neverlandVaultFactory),
  }
  const chainId = get(VARIABLES.chainId)
  const morpho = {
    morpho: get(VARIABLES.morphoAddress),
    preLiquidationFactory: get(VARIABLES.morphoPreLiquidationFactory),
    apiUrl: get(VARIABLES.morphoApi),
    chainId,
  }
  const euler = {
    evc: get(VARIABLES.eulerEvc),
    vaultFactory: get(VARIABLES.eulerVaultFactory),
    perspective: get(VARIABLES.eulerPerspective),
    subgraphUrl: get(VARIABLES.eulerSubgraph),
    pythUrl: get(VARIABLES.eulerPythUrl),
    pyth: get(VARIABLES.eulerPyth),
    chainId,
  }
  const curvance = { registry: get(VARIABLES.curvanceRegistry), reader: get(VARIABLES.curvanceReader) }
  const protocols = get(VARIABLES.protocols)
  const on = (id: (typeof protocols)[number]): boolean => mistakes.length === 0 && protocols.includes(id)
  const http = { host: get(VARIABLES.httpHost), port: get(VARIABLES.httpPort) }
  const config: Config = {
    telegram: {
      token: get(VARIABLES.telegramToken),
      apiRoot: get(VARIABLES.telegramApiRoot),
      adminIds: get(VARIABLES.adminIds),
      allowedChats: get(VARIABLES.allowedChats),
    },
    maxWallets: get(VARIABLES.maxWallets),
    chain: {
      id: chainId,
      multicall3: get(VARIABLES.multicall3),
      endpoints: get(VARIABLES.rpcUrls),
    },
    database: get(VARIABLES.database),
    cycleSeconds: get(VARIABLES.cycleSeconds),
    discoverySeconds: get(VARIABLES.discoverySeconds),
    batchConcurrency: get(VARIABLES.batchConcurrency),
    protocols: {
      ...(on('neverland') && { neverland }),
      ...(on('morpho') && { morpho }),
      ...(on('curvance') && { curvance }),
      ...(on('euler') && { euler }),
    },
    standby: get(VARIABLES.standby),
    http: http.port === 0 ? null : http,
    heartbeatUrl: get(VARIABLES.heartbeatUrl),
    meteoraApiUrl: get(VARIABLES.meteoraApi),
    logLevel: get(VARIABLES.logLevel),
  }
  if (mistakes.length > 0) {
    const count = mistakes.length === 1 ? 'One setting is' : `${mistakes.length} settings are`
    throw new ConfigError(
      `${count} not usable:\n\n${mistakes.join('\n\n')}\n\nPut settings into the environment or into a file named .env; .env.example explains each one.`,
    )
  }
  return { config: deepFreeze(config), warnings: unknownNames(env) }
}

function unknownNames(env: Environment): string[] {
  const known = Object.values(VARIABLES).flatMap(({ name, secret }) =>
    secret ? [name, `${name}_FILE`] : [name],
  )
  return Object.keys(env)
    .filter((name) => name.startsWith('BUOY_') && !name.startsWith('BUOY_TEST_') && !known.includes(name))
    .map((name) => {
      const near = known.find((other) => sharedPrefix(name, other) >= Math.min(name.length, other.length) - 3)
      return near === undefined
        ? `${name} is not a setting of Buoy`
        : `${name} is not a setting of Buoy; did you mean ${near}?`
    })
}

function sharedPrefix(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length += 1
  return length
}

/** The settings as they may be printed: no token, no RPC path, no database password. */
export function describeConfig(config: Config): Record<string, unknown> {
  return {
    telegram: config.telegram.apiRoot,
    admins: config.telegram.adminIds.length,
    chats:
      config.telegram.allowedChats.length === 0
        ? 'everybody'
        : `${config.telegram.allowedChats.length} allowed`,
    maxWallets: config.maxWallets,
    chainId: config.chain.id,
    endpoints: config.chain.endpoints.map(
      ({ url, requestsPerSecond }) => `${new URL(url).host} (${requestsPerSecond} rps)`,
    ),
    database:
      config.database.kind === 'sqlite'
        ? config.database.path
        : `postgres at ${new URL(config.database.url).host}`,
    cycleSeconds: config.cycleSeconds,
    discoverySeconds: config.discoverySeconds,
    batchConcurrency: config.batchConcurrency,
    protocols: Object.keys(config.protocols),
    standby: config.standby,
    http: config.http === null ? 'off' : `${config.http.host}:${config.http.port}`,
    heartbeat: config.heartbeatUrl === null ? 'none' : new URL(config.heartbeatUrl).host,
    pools: config.meteoraApiUrl === null ? 'none' : new URL(config.meteoraApiUrl).host,
    logLevel: config.logLevel,
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}

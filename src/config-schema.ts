import { z } from 'zod'
import type { DatabaseConfig } from '../db/database.ts'
import { BUILT_PROTOCOLS } from '../protocols/index.ts'
import { MORPHO, MORPHO_API, PRE_LIQUIDATION_FACTORY } from '../protocols/morpho/addresses.ts'
import {
  NEVERLAND_PROVIDERS,
  NEVERLAND_REGISTRY,
  NEVERLAND_VAULT_FACTORY,
} from '../protocols/neverland/addresses.ts'
import { parseAddress } from './chain/address.ts'
import type { EndpointSpec } from './chain/endpoint.ts'
import type { Variable } from './config-variable.ts'
import type { Address } from './domain/address.ts'

function variable<T>(definition: Variable<T>): Variable<T> {
  return definition
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

/** Adapts a reader that answers `undefined` for unusable text. */
function read<T>(reader: (text: string) => T | undefined): z.ZodType<T, string> {
  return z.string().transform((text, context) => {
    const value = reader(text)
    if (value === undefined) {
      context.addIssue({ code: 'custom', message: 'not usable' })
      return z.NEVER
    }
    return value
  })
}

function integer(min: number, max: number): z.ZodType<number, string> {
  return read((text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? value : undefined
  })
}

function address(text: string): Address | undefined {
  const parsed = parseAddress(text)
  return parsed.ok ? parsed.address : undefined
}

function addresses(text: string): readonly Address[] | undefined {
  const items = list(text).map(address)
  return items.length > 0 && items.every((item) => item !== undefined) ? items : undefined
}

function httpUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  return url.protocol === 'https:' || url.protocol === 'http:' ? text.replace(/\/+$/, '') : undefined
}

/** `null` for nothing: then there is no such service. */
const optionalUrl = z.string().transform((text, context) => {
  const url = text === '' ? null : httpUrl(text)
  if (url !== undefined) return url
  context.addIssue({ code: 'custom', message: 'not usable' })
  return z.NEVER
})

const ENDPOINT_DEFAULTS = { rps: 10, batch: 1, gas: 30_000_000, logs: 100 }

/** `url;rps=25;batch=100;gas=200000000;logs=100`. What is not said is assumed to be little. */
function endpointSpec(text: string): EndpointSpec | undefined {
  const [url = '', ...options] = text.split(';').map((part) => part.trim())
  if (httpUrl(url) === undefined) return undefined
  const limits = { ...ENDPOINT_DEFAULTS }
  for (const option of options) {
    const match = /^(rps|batch|gas|logs)=(\d{1,12})$/.exec(option)
    if (!match || Number(match[2]) === 0) return undefined
    limits[match[1] as keyof typeof limits] = Number(match[2])
  }
  return {
    url,
    requestsPerSecond: limits.rps,
    batchSize: limits.batch,
    gasPerCall: BigInt(limits.gas),
    logBlocks: limits.logs,
  }
}

function endpointSpecs(text: string): readonly EndpointSpec[] | undefined {
  const specs = list(text).map(endpointSpec)
  return specs.length > 0 && specs.every((spec) => spec !== undefined) ? specs : undefined
}

/** Monad's public endpoints with the limits their operators state. */
const PUBLIC_RPC = [
  'https://rpc.monad.xyz;rps=25;batch=100;gas=200000000;logs=100',
  'https://rpc1.monad.xyz;rps=15;batch=100;gas=200000000;logs=1000',
  'https://rpc2.monad.xyz;rps=30;batch=10;gas=30000000;logs=100',
  'https://rpc3.monad.xyz;rps=30;batch=10;gas=200000000;logs=1000',
  'https://rpc-mainnet.monadinfra.com;rps=20;batch=1;gas=200000000;logs=100',
].join(',')

function databaseUrl(text: string): DatabaseConfig | undefined {
  if (text.startsWith('file:') && text.length > 'file:'.length)
    return { kind: 'sqlite', path: text.slice('file:'.length) }
  return /^postgres(ql)?:\/\/./.test(text) && URL.canParse(text) ? { kind: 'postgres', url: text } : undefined
}

function ids(text: string): readonly number[] | undefined {
  const items = list(text).map((item) => (/^\d{1,16}$/.test(item) ? Number(item) : Number.NaN))
  return items.every((item) => Number.isSafeInteger(item) && item > 0) ? items : undefined
}

/** Groups and channels have negative ids. */
function chatIds(text: string): readonly number[] | undefined {
  const items = list(text).map((item) => (/^-?\d{1,16}$/.test(item) ? Number(item) : Number.NaN))
  return items.every((item) => Number.isSafeInteger(item) && item !== 0) ? items : undefined
}

function protocols(text: string): readonly (typeof BUILT_PROTOCOLS)[number][] | undefined {
  const items = list(text).map((item) => BUILT_PROTOCOLS.find((id) => id === item.toLowerCase()))
  return items.length > 0 && items.every((item) => item !== undefined) ? [...new Set(items)] : undefined
}

export const VARIABLES = {
  telegramToken: variable({
    name: 'BUOY_TELEGRAM_TOKEN',
    schema: read((text) => (/^\d{3,20}:[\w-]{20,}$/.test(text) ? text : undefined)),
    fallback: null,
    secret: true,
    expected: 'the token that @BotFather gave you: digits, a colon, letters and digits',
    example: '123456789:AAE-your-own-token-from-BotFather_00',
  }),
  telegramApiRoot: variable({
    name: 'BUOY_TELEGRAM_API_ROOT',
    schema: read(httpUrl),
    fallback: 'https://api.telegram.org',
    secret: false,
    expected: 'the http(s) address of a Bot API server',
    example: 'https://api.telegram.org',
  }),
  adminIds: variable({
    name: 'BUOY_ADMIN_IDS',
    schema: read(ids),
    fallback: '',
    secret: false,
    expected: 'numeric Telegram user ids, comma separated (not @names)',
    example: '123456789,987654321',
  }),
  allowedChats: variable({
    name: 'BUOY_ALLOWED_CHATS',
    schema: read(chatIds),
    fallback: '',
    secret: false,
    expected: 'numeric chat ids, comma separated (groups are negative); empty for everybody',
    example: '123456789,-1001234567890',
  }),
  maxWallets: variable({
    name: 'BUOY_MAX_WALLETS',
    schema: integer(1, 10_000),
    fallback: '50',
    secret: false,
    expected: 'a whole number, 1 to 10000',
    example: '50',
  }),
  rpcUrls: variable({
    name: 'BUOY_RPC_URLS',
    schema: read(endpointSpecs),
    fallback: PUBLIC_RPC,
    secret: true,
    expected:
      'http(s) addresses, comma separated, each with its limits: url;rps=25;batch=10;gas=200000000;logs=100',
    example: 'https://rpc.monad.xyz;rps=25;batch=100;gas=200000000;logs=100,https://rpc1.monad.xyz;rps=15',
  }),
  chainId: variable({
    name: 'BUOY_CHAIN_ID',
    schema: integer(1, 2 ** 31),
    fallback: '143',
    secret: false,
    expected: 'a chain id',
    example: '143',
  }),
  multicall3: variable({
    name: 'BUOY_MULTICALL3',
    schema: read(address),
    fallback: '0xcA11bde05977b3631167028862bE2a173976CA11',
    secret: false,
    expected: 'a contract address',
    example: '0xcA11bde05977b3631167028862bE2a173976CA11',
  }),
  database: variable({
    name: 'BUOY_DATABASE_URL',
    schema: read(databaseUrl),
    fallback: 'file:./data/buoy.db',
    secret: true,
    expected: 'file:<path> for SQLite, or postgres://user@host/name',
    example: 'file:./data/buoy.db',
  }),
  cycleSeconds: variable({
    name: 'BUOY_CYCLE_SECONDS',
    schema: integer(1, 3600),
    fallback: '15',
    secret: false,
    expected: 'whole seconds, 1 to 3600',
    example: '15',
  }),
  discoverySeconds: variable({
    name: 'BUOY_DISCOVERY_SECONDS',
    schema: integer(1, 86_400),
    fallback: '300',
    secret: false,
    expected: 'whole seconds, 1 to 86400',
    example: '300',
  }),
  batchConcurrency: variable({
    name: 'BUOY_BATCH_CONCURRENCY',
    schema: integer(1, 100),
    fallback: '10',
    secret: false,
    expected: 'a whole number, 1 to 100',
    example: '10',
  }),
  protocols: variable({
    name: 'BUOY_PROTOCOLS',
    schema: read(protocols),
    fallback: BUILT_PROTOCOLS.join(','),
    secret: false,
    expected: `one or more of ${BUILT_PROTOCOLS.join(', ')}, comma separated`,
    example: BUILT_PROTOCOLS.join(','),
  }),
  neverlandProviders: variable({
    name: 'BUOY_NEVERLAND_PROVIDERS',
    schema: read(addresses),
    fallback: NEVERLAND_PROVIDERS.join(','),
    secret: false,
    expected: 'PoolAddressesProvider addresses, comma separated',
    example: '0x49D75170F55C964dfdd6726c74fdEDEe75553A0f',
  }),
  neverlandRegistry: variable({
    name: 'BUOY_NEVERLAND_REGISTRY',
    schema: read(address),
    fallback: NEVERLAND_REGISTRY,
    secret: false,
    expected: 'the address of the PoolAddressesProviderRegistry',
    example: '0xD0CCDe10CAcd12f1c839Db6400B82a82ab90fa9B',
  }),
  neverlandVaultFactory: variable({
    name: 'BUOY_NEVERLAND_VAULT_FACTORY',
    schema: read(address),
    fallback: NEVERLAND_VAULT_FACTORY,
    secret: false,
    expected: 'the address of the UserVaultFactory',
    example: '0xe82f2fa836BC5DB42a36C66027c0113BcAA28143',
  }),
  morphoAddress: variable({
    name: 'BUOY_MORPHO_ADDRESS',
    schema: read(address),
    fallback: MORPHO,
    secret: false,
    expected: 'the address of the Morpho contract',
    example: '0xD5D960E8C380B724a48AC59E2DfF1b2CB4a1eAee',
  }),
  morphoPreLiquidationFactory: variable({
    name: 'BUOY_MORPHO_PRELIQUIDATION_FACTORY',
    schema: read(address),
    fallback: PRE_LIQUIDATION_FACTORY,
    secret: false,
    expected: 'the address of the PreLiquidationFactory',
    example: '0xB5b3e541abd19799E0c65905a5a42BD37d6c94c0',
  }),
  morphoApi: variable({
    name: 'BUOY_MORPHO_API_URL',
    schema: optionalUrl,
    fallback: MORPHO_API,
    emptyCounts: true,
    secret: false,
    expected: "the http(s) address of Morpho's GraphQL API, or nothing to use the chain alone",
    example: MORPHO_API,
  }),
  logLevel: variable({
    name: 'BUOY_LOG_LEVEL',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']),
    fallback: 'info',
    secret: false,
    expected: 'fatal, error, warn, info, debug or trace',
    example: 'info',
  }),
} as const

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { describeConfig, type Environment, loadConfig } from '../../src/config.ts'
import { VARIABLES } from '../../src/config-schema.ts'
import { ConfigError } from '../../src/errors.ts'

const TOKEN = '123456789:AAE-a_token_of_nobody_0123456789abcde'
const valid: Environment = { BUOY_TELEGRAM_TOKEN: TOKEN }

function mistakesOf(env: Environment): string {
  try {
    loadConfig(env)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).message
  }
  throw new Error('the configuration was accepted')
}

describe('configuration', () => {
  it('needs nothing but a token', () => {
    const { config, warnings } = loadConfig(valid)
    expect(warnings).toEqual([])
    expect(config.chain.id).toBe(143)
    expect(config.chain.endpoints).toHaveLength(5)
    expect(config.database).toEqual({ kind: 'sqlite', path: './data/buoy.db' })
    expect(config.cycleSeconds).toBe(15)
    expect(config.protocols.neverland?.providers).toHaveLength(5)
  })

  it('is frozen all the way down', () => {
    const { config } = loadConfig(valid)
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.chain.endpoints[0])).toBe(true)
  })

  it('says that the token is missing, what is expected and an example', () => {
    const text = mistakesOf({})
    expect(text).toContain('One setting is not usable')
    expect(text).toContain('BUOY_TELEGRAM_TOKEN\n  read:     nothing (it is required)\n  expected: the token')
    expect(text).toContain('example:  BUOY_TELEGRAM_TOKEN=')
  })

  it('takes an empty API address for a choice and an unset one for the default', () => {
    const base = { BUOY_TELEGRAM_TOKEN: TOKEN }
    expect(loadConfig(base).config.protocols.morpho?.apiUrl).toBe('https://api.morpho.org/graphql')
    const off = loadConfig({ ...base, BUOY_MORPHO_API_URL: '' }).config
    expect(off.protocols.morpho?.apiUrl).toBeNull()
    expect(loadConfig(base).config.protocols.curvance?.reader).toMatch(/^0x/)
    expect(loadConfig({ ...base, BUOY_CURVANCE_READER: '' }).config.protocols.curvance?.reader).toBeNull()
  })

  it('lists every mistake at once', () => {
    const text = mistakesOf({
      BUOY_TELEGRAM_TOKEN: 'nonsense',
      BUOY_TELEGRAM_API_ROOT: 'ftp://x',
      BUOY_ADMIN_IDS: '@ada',
      BUOY_ALLOWED_CHATS: 'all',
      BUOY_MAX_WALLETS: '0',
      BUOY_RPC_URLS: 'https://a.example;rps=0',
      BUOY_CHAIN_ID: 'monad',
      BUOY_MULTICALL3: '0xcA11bde05977b3631167028862bE2a173976CA12',
      BUOY_DATABASE_URL: 'mysql://x',
      BUOY_CYCLE_SECONDS: '0',
      BUOY_DISCOVERY_SECONDS: 'NaN',
      BUOY_BATCH_CONCURRENCY: '1e3',
      BUOY_PROTOCOLS: 'aave',
      BUOY_NEVERLAND_PROVIDERS: '0x123',
      BUOY_NEVERLAND_REGISTRY: ' ',
      BUOY_NEVERLAND_VAULT_FACTORY: '0x',
      BUOY_MORPHO_ADDRESS: 'morpho.eth',
      BUOY_MORPHO_PRELIQUIDATION_FACTORY: '1',
      BUOY_MORPHO_API_URL: 'api.morpho.org',
      BUOY_EULER_EVC: '0x0',
      BUOY_EULER_VAULT_FACTORY: 'factory',
      BUOY_EULER_PERSPECTIVE: '0x3',
      BUOY_EULER_SUBGRAPH_URL: 'goldsky',
      BUOY_EULER_PYTH_URL: 'pyth.network',
      BUOY_EULER_PYTH: '0xg',
      BUOY_CURVANCE_REGISTRY: '0x1',
      BUOY_CURVANCE_READER: '0x2',
      BUOY_STANDBY: 'maybe',
      BUOY_HTTP_HOST: 'http://here',
      BUOY_HTTP_PORT: '70000',
      BUOY_HEARTBEAT_URL: 'ping.example',
      BUOY_METEORA_API_URL: 'dlmm',
      BUOY_LOG_LEVEL: 'loud',
    })
    expect(text).toContain('32 settings are not usable')
    for (const { name } of Object.values(VARIABLES)) {
      expect(text.includes(`${name}\n  read:`), name).toBe(name !== 'BUOY_NEVERLAND_REGISTRY')
    }
  })

  it.each([
    ['BUOY_TELEGRAM_TOKEN', 'my-secret-but-wrong-token'],
    ['BUOY_RPC_URLS', 'rpc.example/v2/secret-key'],
    ['BUOY_DATABASE_URL', 'mysql://buoy:secret@db/buoy'],
  ])('never prints what it read for %s', (name, value) => {
    const text = mistakesOf({ ...valid, [name]: value })
    expect(text).toContain(name)
    expect(text).not.toContain('secret')
  })

  it('reads the limits of each endpoint', () => {
    const { config } = loadConfig({
      ...valid,
      BUOY_RPC_URLS: 'http://127.0.0.1:8545, https://rpc.example/key;rps=300;batch=10;gas=8100000;logs=1000',
    })
    expect(config.chain.endpoints).toEqual([
      {
        url: 'http://127.0.0.1:8545',
        requestsPerSecond: 10,
        batchSize: 1,
        gasPerCall: 30_000_000n,
        logBlocks: 100,
      },
      {
        url: 'https://rpc.example/key',
        requestsPerSecond: 300,
        batchSize: 10,
        gasPerCall: 8_100_000n,
        logBlocks: 1_000,
      },
    ])
  })

  it('knows the limits of the public endpoints', () => {
    const { config } = loadConfig(valid)
    const limits = config.chain.endpoints.map(({ requestsPerSecond, batchSize, gasPerCall, logBlocks }) => [
      requestsPerSecond,
      batchSize,
      gasPerCall,
      logBlocks,
    ])
    expect(limits).toEqual([
      [25, 100, 200_000_000n, 100],
      [15, 100, 200_000_000n, 1_000],
      [30, 10, 30_000_000n, 100],
      [30, 10, 200_000_000n, 1_000],
      [20, 1, 200_000_000n, 100],
    ])
  })

  it('works alone, serves health on this machine and calls nobody unless told otherwise', () => {
    const { standby, http, heartbeatUrl } = loadConfig(valid).config
    expect([standby, http, heartbeatUrl]).toEqual([false, { host: '127.0.0.1', port: 8130 }, null])
    const other = loadConfig({ ...valid, BUOY_STANDBY: '1', BUOY_HTTP_PORT: '0' }).config
    expect([other.standby, other.http]).toEqual([true, null])
  })

  it('cannot hold settings of a protocol that is switched off', () => {
    const { config } = loadConfig({ ...valid, BUOY_PROTOCOLS: 'Neverland' })
    expect(Object.keys(config.protocols)).toEqual(['neverland'])
  })

  it('warns about names that look like a mistyped setting', () => {
    const { warnings } = loadConfig({ ...valid, BUOY_CYCLE_SECOND: '5', BUOY_COLOUR: 'blue', OTHER: 'x' })
    expect(warnings).toEqual([
      'BUOY_CYCLE_SECOND is not a setting of Buoy; did you mean BUOY_CYCLE_SECONDS?',
      'BUOY_COLOUR is not a setting of Buoy',
    ])
  })

  it('prints itself without token, RPC path or database password', () => {
    const { config } = loadConfig({
      ...valid,
      BUOY_RPC_URLS: 'https://rpc.example/v2/secret-key?apikey=secret',
      BUOY_DATABASE_URL: 'postgres://buoy:secret@db.example/buoy',
      BUOY_HEARTBEAT_URL: 'https://ping.example/secret-check',
    })
    const printed = JSON.stringify(describeConfig(config))
    expect(printed).toContain('rpc.example')
    expect(printed).toContain('postgres at db.example')
    expect(printed).toContain('"heartbeat":"ping.example"')
    expect(printed).not.toMatch(/secret|AAE/)
  })
})

describe('secrets from files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'buoy-config-'))
  const file = join(folder, 'token')
  afterEach(() => {
    rmSync(file, { force: true })
  })

  it('reads a token from a file, without the line end', () => {
    writeFileSync(file, `${TOKEN}\n`)
    expect(loadConfig({ BUOY_TELEGRAM_TOKEN_FILE: file }).config.telegram.token).toBe(TOKEN)
  })

  it('says that the file cannot be read', () => {
    expect(mistakesOf({ BUOY_TELEGRAM_TOKEN_FILE: file })).toContain('that file cannot be read (ENOENT)')
  })

  it('refuses a value and a file for the same setting', () => {
    writeFileSync(file, TOKEN)
    expect(mistakesOf({ ...valid, BUOY_TELEGRAM_TOKEN_FILE: file })).toContain('set one of them')
  })
})

describe('.env.example', () => {
  const text = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')

  it('holds every variable with its default, and no other', () => {
    const listed = [...text.matchAll(/^#?(BUOY_[A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [name, value])
    const expected = Object.values(VARIABLES).map(({ name, fallback }) => [name, fallback ?? ''])
    expect([...listed].sort()).toEqual([...expected].sort())
  })

  it('marks every variable that may come from a file', () => {
    for (const { name, secret } of Object.values(VARIABLES)) {
      const comment =
        text
          .slice(0, text.search(new RegExp(`^#?${name}=`, 'm')))
          .split('\n\n')
          .pop() ?? ''
      expect(comment.includes('(file)'), name).toBe(secret)
    }
  })
})

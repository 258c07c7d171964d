import { Api, GrammyError, HttpError } from 'grammy'
import { describe, expect, it } from 'vitest'
import { createEndpoint } from '../../../src/chain/endpoint.ts'
import { loadConfig } from '../../../src/config.ts'
import { createChatTag, createLogger } from '../../../src/ops/logger.ts'
import { createScrub, secretsOfConfig, secretsOfUrl } from '../../../src/ops/scrub.ts'

const TOKEN = '123456789:AAE-a_token_of_nobody_0123456789abcde'
const RPC = 'http://127.0.0.1:1/v2/key-of-nobody-0123456789?apikey=other-key-9876'
const ADDRESS = '0x49D75170F55C964dfdd6726c74fdEDEe75553A0f'

function loggerInto(lines: string[]): ReturnType<typeof createLogger> {
  return createLogger({
    level: 'info',
    secrets: [TOKEN, ...secretsOfUrl(RPC)],
    write: (line) => {
      lines.push(line)
    },
  })
}

async function failure(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('it did not fail')
}

describe('the log', () => {
  it('holds no token after a request to Telegram failed on the network, however the error is logged', async () => {
    const api = new Api(TOKEN, { apiRoot: 'http://127.0.0.1:1', sensitiveLogs: true })
    const error = await failure(() => api.getMe())
    expect(error).toBeInstanceOf(HttpError)
    const lines: string[] = []
    const log = loggerInto(lines)
    log.error(error, 'as the object')
    log.error({ err: error }, 'as err')
    log.error({ error }, 'as error')
    log.error({ inner: (error as HttpError).error }, 'unknown field')
    log.error(`as text ${String((error as HttpError).error)}`)
    expect(lines).toHaveLength(5)
    expect(lines.join('')).not.toContain(TOKEN.split(':')[1])
    expect(lines.join('')).not.toContain(TOKEN)
    expect(lines[4]).toContain('/bot[secret]/getMe')
  })

  it('holds neither path nor query of an RPC address after a request failed', async () => {
    const endpoint = createEndpoint({
      spec: { url: RPC, requestsPerSecond: 100, gasPerCall: 1n, batchSize: 1, logBlocks: 1 },
      chainId: 143,
      now: () => 0,
    })
    const error = await failure(() => endpoint.head('command'))
    const lines: string[] = []
    const log = loggerInto(lines)
    log.error({ err: error, stats: endpoint.stats() }, 'rpc')
    log.error({ url: RPC }, 'by mistake')
    await endpoint.stop()
    expect(lines.join('')).not.toMatch(/key-of-nobody|other-key/)
    expect(lines[1]).toContain('[secret]')
  })

  it('does not repeat the text of a message that Telegram refused', () => {
    const error = new GrammyError(
      'Call failed',
      { ok: false, error_code: 400, description: 'Bad Request' },
      'sendMessage',
      { text: 'a private number' },
    )
    const lines: string[] = []
    loggerInto(lines).error({ err: error }, 'refused')
    expect(lines.join('')).toContain('Call failed')
    expect(lines.join('')).not.toContain('private number')
  })

  it('shortens addresses anywhere in a line and leaves hashes alone', () => {
    const hash = `0x${'ab'.repeat(32)}`
    const lines: string[] = []
    loggerInto(lines).info(
      { position: `neverland:${ADDRESS}:${ADDRESS.toLowerCase()}`, hash },
      `of ${ADDRESS}`,
    )
    expect(lines[0]).toContain('neverland:0x49D7…3A0f:0x49d7…3a0f')
    expect(lines[0]).toContain(hash)
    expect(lines[0]).not.toMatch(/0x[0-9a-fA-F]{40}(?![0-9a-fA-F])/)
  })

  it('follows the causes of an error', () => {
    const lines: string[] = []
    loggerInto(lines).error({ err: new Error('outer', { cause: new Error('inner') }) }, 'x')
    expect(lines[0]).toContain('inner')
  })

  it('writes one JSON object per line with an ISO time', () => {
    const lines: string[] = []
    loggerInto(lines).info({ positions: 3 }, 'cycle')
    const parsed = JSON.parse(lines[0] ?? '') as Record<string, unknown>
    expect(parsed).toMatchObject({ level: 30, positions: 3, msg: 'cycle' })
    expect(parsed['time']).toMatch(/^\d{4}-\d\d-\d\dT/)
  })
})

describe('scrubbing', () => {
  it('knows a bot token by its shape, also one that is not ours', () => {
    expect(createScrub([])(`https://api.telegram.org/bot${TOKEN}/getMe`)).toBe(
      'https://api.telegram.org/bot[token]/getMe',
    )
  })

  it('finds a secret that JSON has escaped', () => {
    const secret = 'with"quote\\and-slash'
    expect(createScrub([secret])(JSON.stringify({ secret }))).toBe('{"secret":"[secret]"}')
  })

  it('knows every setting that is marked as secret', () => {
    const { config } = loadConfig({
      BUOY_TELEGRAM_TOKEN: TOKEN,
      BUOY_RPC_URLS: RPC,
      BUOY_DATABASE_URL: 'postgres://postgres:pass%40word-of-nobody@db.example/buoy?sslmode=require',
      BUOY_EULER_SUBGRAPH_URL: 'https://graph.example/api/key-of-subgraph-0123/subgraphs',
      BUOY_EULER_PYTH_URL: 'https://pyth.example/hermes?token=key-of-pyth-0123',
      BUOY_HEARTBEAT_URL: 'https://ping.example/key-of-heartbeat-0123',
    })
    const scrub = createScrub(secretsOfConfig(config))
    const said = [
      TOKEN,
      RPC,
      'postgres://postgres:pass%40word-of-nobody@db.example/buoy?sslmode=require',
      'password pass@word-of-nobody is wrong',
      '/api/key-of-subgraph-0123/subgraphs',
      '/hermes?token=key-of-pyth-0123',
      '/key-of-heartbeat-0123',
    ]
    for (const line of said) {
      expect(scrub(line)).toContain('[secret]')
      expect(scrub(line)).not.toMatch(/of.nobody|key-of|other-key/)
    }
    expect(scrub('postgres at db.example, sslmode=require')).toBe('postgres at db.example, sslmode=require')
  })

  it('leaves a plain public endpoint readable', () => {
    expect(secretsOfUrl('https://rpc.monad.xyz')).toEqual([])
  })
})

describe('chat tags', () => {
  it('are the same for the same chat and differ between chats and installations', () => {
    const tag = createChatTag('a')
    expect(tag(5)).toBe(tag(5))
    expect(tag(5)).not.toBe(tag(6))
    expect(tag(5)).not.toBe(createChatTag('b')(5))
    expect(tag(5)).toMatch(/^[0-9a-f]{8}$/)
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { createJsonRpc, type JsonRpc, type JsonRpcOptions } from '../../src/chain/json-rpc.ts'
import { EndpointError } from '../../src/errors.ts'
import { serve, type TestServer } from './chain-kit.ts'

const KEY = 'SECRETKEY0123456789abcdef'
const NOW_MS = Date.UTC(2026, 10, 22, 12, 0, 0)
const servers: TestServer[] = []
const clients: JsonRpc[] = []

afterEach(async () => {
  for (const rpc of clients.splice(0)) await rpc.stop()
  for (const server of servers.splice(0)) await server.stop()
})

type Answer = Parameters<typeof serve>[0]

async function client(answer: Answer, options: Partial<JsonRpcOptions> = {}) {
  const server = await serve(answer)
  servers.push(server)
  const url = `${server.url}/v2/${KEY}?apikey=${KEY}`
  const rpc = createJsonRpc({ url, timeoutMs: 5_000, maxBytes: 100_000, now: () => NOW_MS, ...options })
  clients.push(rpc)
  return rpc
}

interface HttpAnswer {
  readonly text: string
  readonly status?: number
  readonly headers?: Record<string, string>
}

function answering({ text, status = 200, headers = {} }: HttpAnswer): Answer {
  return ({ response }) => response.writeHead(status, headers).end(text)
}

function json(content: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: 1, ...content })
}

async function failureOf(work: Promise<unknown>): Promise<EndpointError> {
  const outcome: unknown = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(EndpointError)
  return outcome as EndpointError
}

/** All that a logger may print of an error: its own text and that of its causes. */
function everythingSaid(error: unknown): string {
  const parts: string[] = []
  for (let at = error; at instanceof Error; at = at.cause) parts.push(at.message, String(at.stack))
  return parts.join('\n')
}

const ASK = { method: 'eth_chainId', params: [] }

describe('JSON-RPC over HTTP', () => {
  it('sends one plain JSON-RPC 2.0 request, each with an id of its own, and resolves with the result', async () => {
    const bodies: unknown[] = []
    const rpc = await client(({ request, response, body }) => {
      expect([request.method, request.headers['content-type']]).toEqual(['POST', 'application/json'])
      bodies.push(JSON.parse(body))
      response.end(json({ result: ['0x8f', { deep: null }] }))
    })
    expect(await rpc.request({ method: 'eth_call', params: [{ to: '0x1' }, 'latest'] })).toEqual([
      '0x8f',
      { deep: null },
    ])
    await rpc.request(ASK)
    expect(bodies).toEqual([
      { jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{ to: '0x1' }, 'latest'] },
      { jsonrpc: '2.0', id: 2, method: 'eth_chainId', params: [] },
    ])
  })

  it('takes null and an empty error field as an answer', async () => {
    const nothing = await client(answering({ text: json({ result: null }) }))
    expect(await nothing.request(ASK)).toBeNull()
    const noError = await client(answering({ text: json({ result: '0x1', error: null }) }))
    expect(await noError.request(ASK)).toBe('0x1')
  })

  it.each([
    { what: 'an HTML page', text: '<!doctype html><p>wait</p>', status: 200, kind: 'bad-answer' },
    { what: 'an HTML page with 403', text: '<html>', status: 403, kind: 'bad-answer' },
    { what: 'an empty body', text: '', status: 200, kind: 'bad-answer' },
    { what: 'a list', text: '[]', status: 200, kind: 'bad-answer' },
    { what: 'a number', text: '17', status: 200, kind: 'bad-answer' },
    { what: 'neither result nor error', text: '{"jsonrpc":"2.0","id":1}', status: 200, kind: 'bad-answer' },
    { what: 'an error of another shape', text: '{"error":"overloaded"}', status: 200, kind: 'bad-answer' },
    { what: 'half a body', text: '{"jsonrpc":"2.0","result":"0x', status: 200, kind: 'bad-answer' },
    { what: '500', text: 'oops', status: 500, kind: 'unreachable' },
    { what: '502 as JSON without an error', text: '{"result":"0x1"}', status: 502, kind: 'unreachable' },
    {
      what: 'a refused call',
      text: '{"error":{"code":3,"message":"execution reverted"}}',
      status: 200,
      kind: 'rpc-error',
    },
    {
      what: 'a limit in the body',
      text: '{"error":{"code":-32005,"message":"too many requests"}}',
      status: 200,
      kind: 'rate-limited',
    },
    {
      what: '429 in the body',
      text: '{"error":{"code":429,"message":"too many"}}',
      status: 200,
      kind: 'rate-limited',
    },
    { what: '429', text: 'slow down', status: 429, kind: 'rate-limited' },
  ] as const)('says what kind of failure it is: $what', async ({ text, status, kind }) => {
    const rpc = await client(answering({ text, status }))
    expect((await failureOf(rpc.request(ASK))).kind).toBe(kind)
  })

  it.each([
    ['limit exceeded', 'rate-limited'],
    ['daily request count exceeded, request rate limited', 'rate-limited'],
    ['project ID request rate exceeded', 'rate-limited'],
    ['You have exceeded the limit of 25 calls per second', 'rate-limited'],
    ['query returned more than 10000 results', 'rpc-error'],
    ['limit exceeded: range too large', 'rpc-error'],
    ['block range limit exceeded', 'rpc-error'],
    ['response size exceeded the limit', 'rpc-error'],
    ['', 'rpc-error'],
  ] as const)('takes the limit of -32005 for what its text says: %s', async (message, kind) => {
    const rpc = await client(answering({ text: json({ error: { code: -32_005, message } }) }))
    expect((await failureOf(rpc.request(ASK))).kind).toBe(kind)
  })

  it.each([
    ['7', 7_000],
    ['0', 0],
    ['0.5', 500],
    ['899', 899_000],
    ['99999', 900_000],
    ['Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 11:59:00 GMT', 0],
    ['Mon, 23 Nov 2026 12:00:00 GMT', 900_000],
    ['2026-11-22T12:00:30Z', undefined],
    ['Sun, 99 Nov 2026 12:00:30 GMT', undefined],
    ['-3', undefined],
    ['soon', undefined],
    [undefined, undefined],
  ] as const)('reads Retry-After %s as %s ms', async (header, expected) => {
    const rpc = await client(
      answering({ text: '', status: 429, headers: header === undefined ? {} : { 'retry-after': header } }),
    )
    expect((await failureOf(rpc.request(ASK))).retryAfterMs).toBe(expected)
  })

  it('reads no more than the longest answer that is allowed', async () => {
    let written = 0
    const rpc = await client(
      ({ response }) => {
        const piece = Buffer.alloc(64 * 1024, 'x')
        const more = (): void => {
          // Until the reader hangs up.
          while (!response.destroyed && response.write(piece)) written += piece.length
        }
        response.writeHead(200).on('drain', more)
        more()
      },
      { maxBytes: 200_000 },
    )
    const error = await failureOf(rpc.request(ASK))
    expect([error.kind, error.message]).toEqual(['bad-answer', 'answer over 200000 bytes'])
    await expect.poll(() => written).toBeLessThan(50_000_000)
  })

  it('takes an answer of exactly the longest length', async () => {
    const text = json({ result: 'é'.repeat(100) })
    const maxBytes = Buffer.byteLength(text)
    expect(await (await client(answering({ text }), { maxBytes })).request(ASK)).toBe('é'.repeat(100))
    const shorter = await client(answering({ text }), { maxBytes: maxBytes - 1 })
    expect((await failureOf(shorter.request(ASK))).kind).toBe('bad-answer')
  })

  it('gives up at its deadline, before the headers and in the middle of the body', async () => {
    const silent = await client(() => undefined, { timeoutMs: 40 })
    expect(await failureOf(silent.request(ASK))).toMatchObject({
      kind: 'timeout',
      message: 'no answer within 0.04 s',
    })
    const stuck = await client(({ response }) => response.writeHead(200).write('{"result":'), {
      timeoutMs: 40,
    })
    expect((await failureOf(stuck.request(ASK))).kind).toBe('timeout')
  })

  it('ends at once when the caller gives up', async () => {
    const giveUp = new AbortController()
    const rpc = await client(() => {
      giveUp.abort()
    })
    expect(await failureOf(rpc.request({ ...ASK, signal: giveUp.signal }))).toMatchObject({
      kind: 'unreachable',
    })
    await failureOf(rpc.request({ ...ASK, signal: AbortSignal.abort() }))
  })

  it('follows no redirect, where the key would go along', async () => {
    let asked = 0
    const rpc = await client(({ response }) => {
      asked += 1
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    expect((await failureOf(rpc.request(ASK))).kind).toBe('unreachable')
    expect(asked).toBe(1)
  })

  it('says a refused connection by its code', async () => {
    const server = await serve(answering({ text: '' }))
    await server.stop()
    const rpc = createJsonRpc({
      url: `${server.url}/${KEY}`,
      timeoutMs: 1_000,
      maxBytes: 1_000,
      now: Date.now,
    })
    const error = await failureOf(rpc.request(ASK))
    expect(error).toMatchObject({ kind: 'unreachable', message: 'connection failed (ECONNREFUSED)' })
    expect(everythingSaid(error)).not.toContain(KEY)
  })

  it.each([
    { what: 'a page that repeats the address', text: `no such path /v2/${KEY}`, status: 404 },
    { what: 'a short text that repeats the key', text: `${KEY}?`, status: 200 },
    {
      what: 'an error that repeats the key',
      text: json({ error: { code: -32_000, message: `bad key ${KEY}` } }),
      status: 401,
    },
    {
      what: 'a limit that repeats the key',
      text: json({ error: { code: -32_005, message: `too many requests of ${KEY}` } }),
      status: 200,
    },
    { what: 'an odd answer that repeats the key', text: json({ error: KEY }), status: 200 },
    { what: 'a server error that repeats the key', text: KEY, status: 503 },
  ])('never repeats an access key: $what', async ({ text, status }) => {
    const rpc = await client(answering({ text, status }))
    const said = everythingSaid(await failureOf(rpc.request(ASK)))
    expect(said).not.toContain(KEY)
    expect(said).not.toContain(KEY.slice(0, 9))
  })
})

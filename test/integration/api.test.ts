import { GraphQLClient, gql } from 'graphql-request'
import { afterEach, describe, expect, it } from 'vitest'
import { type Api, type ApiDeps, createApi } from '../../src/chain/api.ts'
import { ApiError, EndpointError } from '../../src/errors.ts'
import { serve, type TestServer } from './chain-kit.ts'

const KEY = 'SECRETKEY0123456789abcdef'
const servers: TestServer[] = []
const apis: Api[] = []

afterEach(async () => {
  for (const api of apis.splice(0)) await api.stop()
  for (const server of servers.splice(0)) await server.stop()
})

type Answer = Parameters<typeof serve>[0]

async function start(answer: Answer, options: Partial<ApiDeps> = {}) {
  const bodies: string[] = []
  const server = await serve((exchange) => {
    bodies.push(exchange.body)
    return answer(exchange)
  })
  servers.push(server)
  let nowMs = Date.UTC(2026, 10, 22)
  const url = `${server.url}/graphql?key=${KEY}`
  const api = createApi({
    url,
    requestsPerSecond: 1_000,
    timeoutMs: 2_000,
    maxBytes: 10_000,
    now: () => nowMs,
    random: () => 0.5,
    name: 'positions API',
    ...options,
  })
  apis.push(api)
  const advance = (ms: number): void => {
    nowMs += ms
  }
  return { api, url, server, bodies, advance }
}

interface HttpAnswer {
  readonly text: string
  readonly status?: number
  readonly headers?: Record<string, string>
}

function answering({ text, status = 200, headers = {} }: HttpAnswer): Answer {
  return ({ response }) => response.writeHead(status, headers).end(text)
}

/** What a client gets, as text; or its failure. */
async function get({ api, url }: { api: Api; url: string }, signal?: AbortSignal): Promise<unknown> {
  try {
    const response = await api.fetch({ priority: 'cycle', signal })(url)
    return await response.text()
  } catch (error) {
    return error
  }
}

describe('an HTTP API behind the limiter', () => {
  it('answers a GraphQL client, which hands over its query', async () => {
    const { api, url, bodies } = await start(answering({ text: '{"data":{"markets":[{"id":"0x1"}]}}' }))
    const client = new GraphQLClient(url, { fetch: api.fetch({ priority: 'discovery' }) })
    const query = gql`query ($first: Int!) { markets(first: $first) { id } }`
    expect(await client.request(query, { first: 5 })).toEqual({ markets: [{ id: '0x1' }] })
    expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ variables: { first: 5 } })
    expect(api.stats()).toEqual({
      name: 'positions API',
      state: 'ready',
      calls: 1,
      callsPerMinute: 1,
      errors: 0,
      queued: 0,
      lastError: null,
    })
  })

  it('passes on the errors of GraphQL and JSON answers of 4xx, which are no failures of the API', async () => {
    const setup = await start(answering({ text: '{"errors":[{"message":"no such field"}]}', status: 400 }))
    const response = await setup.api.fetch({ priority: 'cycle' })(setup.url)
    expect([response.status, await response.json()]).toEqual([
      400,
      { errors: [{ message: 'no such field' }] },
    ])
    const client = new GraphQLClient(setup.url, { fetch: setup.api.fetch({ priority: 'cycle' }) })
    await expect(client.request('{ x }')).rejects.toThrow('no such field')
    expect(setup.api.stats()).toMatchObject({ state: 'ready', errors: 0 })
  })

  it.each([
    { what: 'a page', text: '<html>wait</html>', kind: 'bad-answer', said: 'not JSON' },
    { what: 'a page with 404', text: '<html>', status: 404, kind: 'bad-answer', said: 'not JSON' },
    { what: 'half a body', text: '{"data":{"mar', kind: 'bad-answer', said: 'not JSON' },
    { what: 'nothing', text: '', kind: 'bad-answer', said: 'not JSON' },
    { what: 'too much', text: `"${'x'.repeat(20_000)}"`, kind: 'bad-answer', said: 'over 10000 bytes' },
    { what: '500', text: '{"error":"oops"}', status: 500, kind: 'unreachable', said: 'HTTP 500' },
    { what: '429', text: '{}', status: 429, kind: 'rate-limited', said: 'rate limit' },
    {
      what: 'a redirect',
      text: '',
      status: 302,
      headers: { location: '/elsewhere' },
      kind: 'unreachable',
      said: 'redirect',
    },
    { what: 'a closed connection', text: null, kind: 'unreachable', said: 'connection' },
  ])('that answers with $what has failed, in words without the key', async ({ kind, said, ...how }) => {
    const { text } = how
    const answer: Answer = text === null ? ({ response }) => response.destroy() : answering({ ...how, text })
    const setup = await start(answer)
    const error = await get(setup)
    expect(error).toBeInstanceOf(ApiError)
    // Another RPC endpoint would not help.
    expect(error).not.toBeInstanceOf(EndpointError)
    expect(error).toMatchObject({ kind })
    expect(String(error)).toContain(said)
    expect(String(error)).toContain('positions API: ')
    expect(JSON.stringify([String(error), (error as Error).stack, setup.api.stats()])).not.toContain(KEY)
    expect(setup.api.stats()).toMatchObject({ state: 'resting', errors: 1, calls: 1 })
  })

  it('that does not answer has failed after its deadline', async () => {
    const setup = await start(() => undefined, { timeoutMs: 40 })
    expect(await get(setup)).toMatchObject({ name: 'ApiError', kind: 'timeout' })
  })

  it('is left alone for as long as it asked, and is asked again then', async () => {
    let status = 429
    const setup = await start(({ response }) => response.writeHead(status, { 'retry-after': '90' }).end('{}'))
    expect(await get(setup)).toMatchObject({ kind: 'rate-limited', retryAfterMs: 90_000 })
    status = 200
    setup.advance(89_999)
    expect(await get(setup)).toMatchObject({ kind: 'busy', message: 'positions API: left alone for 1 s' })
    expect(setup.bodies).toHaveLength(1)
    setup.advance(1)
    expect(await get(setup)).toBe('{}')
    expect(setup.api.stats()).toMatchObject({ state: 'ready', errors: 1 })
  })

  it('rests longer after each failure', async () => {
    const setup = await start(answering({ text: '{}', status: 500 }))
    const asked: number[] = []
    for (let second = 0; second < 20; second += 1) {
      const before = setup.bodies.length
      await get(setup)
      if (setup.bodies.length > before) asked.push(second)
      setup.advance(1_000)
    }
    expect(asked).toEqual([0, 1, 3, 7, 15])
  })

  it('is asked for nothing at another host, where a key might go along', async () => {
    const { api, bodies } = await start(answering({ text: '{}' }))
    const other = await start(answering({ text: '{}' }))
    const send = api.fetch({ priority: 'cycle' })
    await expect(send(other.url)).rejects.toThrow(TypeError)
    await expect(send('https://positions.example/graphql')).rejects.toThrow('another host')
    expect([bodies, other.bodies]).toEqual([[], []])
  })

  it('is not blamed when the caller gives up', async () => {
    const giveUp = new AbortController()
    const setup = await start(() => {
      giveUp.abort()
    })
    expect(await get(setup, giveUp.signal)).toBeInstanceOf(ApiError)
    expect(await get(setup, AbortSignal.abort())).toBeInstanceOf(Error)
    expect(setup.api.stats()).toMatchObject({ state: 'ready', errors: 0, calls: 1 })
  })

  it('ends what is under way when it is stopped', async () => {
    const setup = await start(() => undefined)
    const waiting = get(setup)
    await expect.poll(() => setup.bodies.length).toBe(1)
    await setup.api.stop()
    expect(await waiting).toBeInstanceOf(ApiError)
    expect(await get(setup)).toBeInstanceOf(ApiError)
  })
})

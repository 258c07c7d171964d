import { afterEach, describe, expect, it, vi } from 'vitest'
import { createHttp, type Http, type HttpRequest } from '../../src/chain/http.ts'
import { EndpointError } from '../../src/errors.ts'
import { serve, type TestServer } from './chain-kit.ts'

const servers: TestServer[] = []
const clients: Http[] = []

afterEach(async () => {
  vi.useRealTimers()
  for (const http of clients.splice(0)) await http.stop()
  for (const server of servers.splice(0)) await server.stop()
})

type Answer = Parameters<typeof serve>[0]

/** A client, and the connections that the server saw, by their number of requests. */
async function start(answer: Answer, headers: Record<string, string> = {}) {
  const connections = new Map<unknown, number>()
  const server = await serve((exchange) => {
    const { socket } = exchange.request
    connections.set(socket, (connections.get(socket) ?? 0) + 1)
    // Node's own server would say "timeout=5" and close after that.
    for (const [name, value] of Object.entries(headers)) exchange.response.setHeader(name, value)
    return answer(exchange)
  })
  servers.push(server)
  const http = createHttp({ timeoutMs: 5_000, maxBytes: 100_000, now: Date.now })
  clients.push(http)
  const request: HttpRequest = { url: server.url, method: 'POST', headers: {}, body: '{}' }
  return { http, request, requestsPerConnection: () => [...connections.values()] }
}

const ok: Answer = ({ response }) => response.end('{}')

/** Lets that much time pass for the client's timers, in the small steps that it looks at the clock. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) await vi.advanceTimersByTimeAsync(500)
}

async function withPauses(http: Http, request: HttpRequest): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
  for (let round = 0; round < 4; round += 1) {
    await http.exchange(request)
    await pass(8_000)
  }
}

describe('connections to an upstream', () => {
  it('are kept open over pauses of more than five seconds', async () => {
    const { http, request, requestsPerConnection } = await start(ok, { 'keep-alive': 'timeout=60' })
    await withPauses(http, request)
    expect(requestsPerConnection()).toEqual([4])
  })

  it('are given up before the server closes them, when it says how long it waits', async () => {
    const { http, request, requestsPerConnection } = await start(ok, { 'keep-alive': 'timeout=5' })
    await withPauses(http, request)
    expect(requestsPerConnection()).toEqual([1, 1, 1, 1])
  })

  it('are hardly more than one for a hundred requests one after the other', async () => {
    const { http, request, requestsPerConnection } = await start(ok)
    for (let round = 0; round < 100; round += 1) await http.exchange(request)
    // The next request may begin before the last connection is known to be free.
    expect(requestsPerConnection().length).toBeLessThanOrEqual(2)
  })

  it('are kept also after a refusal', async () => {
    const { http, request, requestsPerConnection } = await start(({ response }) => {
      response.writeHead(429).end('slow down')
    })
    for (let round = 0; round < 20; round += 1) await http.exchange(request).catch(() => undefined)
    expect(requestsPerConnection().length).toBeLessThanOrEqual(2)
  })

  it('are never more than eight', async () => {
    let under = 0
    let most = 0
    const { http, request, requestsPerConnection } = await start(async ({ response }) => {
      under += 1
      most = Math.max(most, under)
      await new Promise((resolve) => setTimeout(resolve, 20))
      under -= 1
      response.end('{}')
    })
    await Promise.all(Array.from({ length: 40 }, () => http.exchange(request)))
    expect(most).toBe(8)
    expect(requestsPerConnection().length).toBe(8)
  })

  it('are closed by a stop, and what is under way fails', async () => {
    const { http, request } = await start(() => undefined)
    const waiting = http.exchange(request).catch((error: unknown) => error)
    await http.stop()
    expect(await waiting).toBeInstanceOf(EndpointError)
    expect(await http.exchange(request).catch((error: unknown) => error)).toBeInstanceOf(EndpointError)
  })
})

describe('an answer', () => {
  it('with 503 and a time to wait says both', async () => {
    const { http, request } = await start(({ response }) => {
      response.writeHead(503, { 'retry-after': '20' }).end()
    })
    await expect(http.exchange(request)).rejects.toMatchObject({ kind: 'unreachable', retryAfterMs: 20_000 })
  })

  it('that ends in the middle of its length is a failed connection', async () => {
    const { http, request } = await start(({ response }) => {
      response.writeHead(200, { 'content-length': '100' }).write('{"half":')
      setImmediate(() => response.destroy())
    })
    await expect(http.exchange(request)).rejects.toMatchObject({ kind: 'unreachable' })
  })
})

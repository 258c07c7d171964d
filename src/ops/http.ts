import { createServer, type ServerResponse } from 'node:http'
import { StartError } from '../errors.ts'
import type { HealthReport } from './health.ts'

export interface HttpDeps {
  readonly host: string
  readonly port: number
  readonly report: () => Promise<HealthReport>
}

export interface HttpServer {
  /** Throws StartError when the port cannot be had. */
  start(): Promise<void>
  stop(): Promise<void>
}

const HTTP_OK = 200
const HTTP_NOT_FOUND = 404
const HTTP_NOT_ALLOWED = 405
const HTTP_RED = 503
const MAX_CONNECTIONS = 64
const REQUEST_MS = 10_000

/** `/healthz`: is it well (also on standby)? `/readyz`: does it do the work? 200 for yes and 503 for no, with the reasons as JSON. */
export function createHttpServer({ host, port, report }: HttpDeps): HttpServer {
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS },
    (request, response) => {
      // Nothing is read from whoever asks.
      request.resume()
      const [path] = (request.url ?? '').split('?')
      if (path !== '/healthz' && path !== '/readyz') answer(response, { status: HTTP_NOT_FOUND, body: {} })
      else if (request.method !== 'GET' && request.method !== 'HEAD')
        answer(response, { status: HTTP_NOT_ALLOWED, body: {} })
      else void health(path, response)
    },
  )
  server.maxConnections = MAX_CONNECTIONS

  async function health(path: '/healthz' | '/readyz', response: ServerResponse): Promise<void> {
    const { ready, ...said } = await report()
    const isWell = path === '/readyz' ? ready : said.status !== 'red'
    answer(response, { status: isWell ? HTTP_OK : HTTP_RED, body: { ...said, ready } })
  }

  return {
    async start() {
      await new Promise<void>((resolve, reject) => {
        server.once('error', (error: NodeJS.ErrnoException) => {
          reject(new StartError(unusable({ host, port, code: error.code }), { cause: error }))
        })
        server.listen({ host, port }, () => {
          // A connection that fails later is the caller's affair.
          server.on('error', () => undefined)
          resolve()
        })
      })
    },
    async stop() {
      if (!server.listening) return
      const closed = new Promise<void>((resolve) =>
        server.close(() => {
          resolve()
        }),
      )
      server.closeAllConnections()
      await closed
    },
  }
}

function answer(response: ServerResponse, { status, body }: { status: number; body: object }): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(`${JSON.stringify(body)}\n`)
}

function unusable(at: { host: string; port: number; code: string | undefined }): string {
  const why =
    at.code === 'EADDRINUSE' ? 'another program uses it' : `the system refuses it (${at.code ?? 'unknown'})`
  return (
    `The health page cannot listen on ${at.host} port ${at.port}: ${why}. ` +
    'Set BUOY_HTTP_PORT to a free port, or to 0 to do without.'
  )
}

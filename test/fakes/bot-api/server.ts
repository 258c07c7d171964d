import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { ApiError, errorBody } from './api-error.ts'
import { parseBody, readBytes } from './body.ts'
import type { IncomingCall, Reply } from './dispatch.ts'
import type { StoredFile } from './files.ts'

/** A listening socket that can go away and come back on the same port. */
export interface Listener {
  /** Listens, on the same port as before when there was one. Returns the port. */
  listen(): Promise<number>
  /** Stops listening and cuts every connection. */
  close(): Promise<void>
}

/** What a server hands its requests to. */
export interface ServerHandlers {
  call(call: IncomingCall): Promise<Reply>
  file(request: { token: string; path: string }): StoredFile | undefined
  control(request: { name: string; body: Buffer }): Promise<{ status: number; body: object }>
}

/** What one request is about. */
export interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  url: URL
}

const ERROR_PAGE = '<html><head><title>Bad Gateway</title></head><body>upstream unavailable</body></html>'

function sendJson(response: ServerResponse, answer: { status: number; body: object }): void {
  const text = JSON.stringify(answer.body)
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
}

function sendReply(response: ServerResponse, reply: Reply): void {
  if (reply.kind === 'drop') response.socket?.destroy()
  else if (reply.kind === 'json') sendJson(response, reply)
  else response.writeHead(reply.status, { 'content-type': 'text/html' }).end(ERROR_PAGE)
}

function notFound(response: ServerResponse): void {
  sendJson(response, { status: 404, body: errorBody(new ApiError({ code: 404, description: 'Not Found' })) })
}

async function serveCall(
  handlers: ServerHandlers,
  { request, response, url, token, method }: Exchange & { token: string; method: string },
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) gone.abort()
  })
  const contentType = request.headers['content-type'] ?? ''
  const body = parseBody(await readBytes(request), { contentType, query: url.searchParams })
  const reply = await handlers.call({ ...body, token, method, signal: gone.signal })
  if (!response.destroyed) sendReply(response, reply)
}

/** Answers one HTTP request: a method call, a file download or a control function. */
export async function serve(handlers: ServerHandlers, exchange: Exchange): Promise<void> {
  const { request, response, url } = exchange
  const path = decodeURIComponent(url.pathname)
  const call = /^\/bot([^/]+)\/(?:test\/)?(\w+)$/.exec(path)
  const file = /^\/file\/bot([^/]+)\/(.+)$/.exec(path)
  const control = /^\/control\/(\w+)$/.exec(path)
  if (call !== null) {
    await serveCall(handlers, { ...exchange, token: call[1] ?? '', method: call[2] ?? '' })
  } else if (file !== null) {
    const found = handlers.file({ token: file[1] ?? '', path: file[2] ?? '' })
    if (found === undefined) notFound(response)
    else response.writeHead(200, { 'content-type': found.type }).end(found.bytes)
  } else if (control !== null) {
    sendJson(response, await handlers.control({ name: control[1] ?? '', body: await readBytes(request) }))
  } else notFound(response)
}

/** Creates a listener for a port; 0 means any free one, which is then kept. */
export function createListener(
  place: { host: string; port: number },
  onRequest: (exchange: Exchange) => Promise<void>,
): Listener {
  let { port } = place
  let server: Server | null = null
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    onRequest({ request, response, url }).catch((error: unknown) => {
      const refusal =
        error instanceof ApiError ? error : new ApiError({ code: 500, description: String(error) })
      if (!response.headersSent && !response.destroyed) {
        sendJson(response, { status: refusal.code, body: errorBody(refusal) })
      }
    })
  }
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        if (server !== null) {
          resolve(port)
          return
        }
        // No idle timeout: closing an idle connection just as a client reuses it would look like a fault.
        const created = createServer({ keepAliveTimeout: 0 }, handle)
        created.once('error', reject)
        created.listen(port, place.host, () => {
          port = (created.address() as AddressInfo).port
          server = created
          resolve(port)
        })
      }),
    close: async () => {
      const closing = server
      server = null
      if (closing === null) return
      const closed = once(closing, 'close')
      closing.close()
      closing.closeAllConnections()
      await closed
      // Lets a client in this process notice its cut sockets, so that it will not try to reuse one.
      for (let turn = 0; turn < 3; turn += 1) await setImmediate()
    },
  }
}

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { createRequestLog, type RequestCounts } from './request-log.ts'
import {
  blocksBefore,
  concerns,
  type RpcFault,
  type RpcMessage,
  rewriteReply,
  rewriteRequest,
} from './rpc-faults.ts'

export interface RpcProxy {
  url: string
  port: number
  /** Takes effect for requests that arrive from now on; they stay on the same port after `down`. */
  set: (fault: RpcFault) => Promise<void>
  /** What has arrived since the start or the last reset. */
  requests: () => RequestCounts
  resetRequests: () => void
  /** Drops all connections. Safe to call twice. */
  stop: () => Promise<void>
}

const DEFAULT_OVERSIZED_BYTES = 64 * 1024 * 1024
const GATEWAY_PAGE =
  '<!doctype html><html><head><title>Just a moment</title></head><body>Please wait</body></html>'

/** A JSON-RPC endpoint in front of another one, which can be made to fail in the ways that real endpoints do. */
export async function createRpcProxy({ target }: { target: string }): Promise<RpcProxy> {
  const log = createRequestLog()
  const stopping = new AbortController()
  let fault: RpcFault = { kind: 'ok' }

  const server = createServer((request, response) => {
    answer({ request, response }).catch(() => {
      // The client hung up, the proxy stops or the node is gone: a dropped connection says it best.
      response.destroy()
    })
  })

  async function answer({ request, response }: Exchange): Promise<void> {
    const body = await readBody(request)
    const calls = log.record(body)
    const hit = fault.methods === undefined || calls.some((call) => concerns(fault, call.method))
    const present: RpcFault = hit ? fault : { kind: 'ok' }
    if (present.kind === 'hang') return
    if (present.kind === 'slow') await delay(present.ms, undefined, { signal: stopping.signal })
    if (await answerWithoutNode({ response, fault: present })) return
    const reply = await askNode({ target, body, fault: present, signal: stopping.signal })
    response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body)
  }

  await listen(server, 0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    set: async (next) => {
      fault = next
      if (next.kind === 'down') await close(server)
      else await listen(server, port)
    },
    requests: log.counts,
    resetRequests: log.reset,
    stop: async () => {
      stopping.abort()
      await close(server)
    },
  }
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
}

async function listen(server: Server, port: number): Promise<void> {
  if (server.listening) return
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

async function answerWithoutNode({
  response,
  fault,
}: {
  response: ServerResponse
  fault: RpcFault
}): Promise<boolean> {
  if (fault.kind === 'status') {
    const headers = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) }
    response.writeHead(fault.status, { 'content-type': 'text/plain', ...headers }).end('no')
    return true
  }
  if (fault.kind === 'html') {
    response.writeHead(200, { 'content-type': 'text/html' }).end(GATEWAY_PAGE)
    return true
  }
  if (fault.kind === 'oversized') {
    await sendOversized(response, fault.bytes ?? DEFAULT_OVERSIZED_BYTES)
    return true
  }
  return false
}

async function sendOversized(response: ServerResponse, bytes: number): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' })
  await pipeline(zeros(bytes), response)
}

function* zeros(bytes: number): Generator<Buffer> {
  const piece = Buffer.alloc(64 * 1024, '0')
  for (let left = bytes; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length))
}

interface NodeRequest {
  target: string
  body: string
  fault: RpcFault
  signal: AbortSignal
}

async function askNode({
  target,
  body,
  fault,
  signal,
}: NodeRequest): Promise<{ status: number; body: string }> {
  const post = async (text: string) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(target, { method: 'POST', headers, body: text, signal })
    return { status: response.status, body: await response.text() }
  }
  if (fault.kind === 'ok' || fault.kind === 'slow') return await post(body)
  const calls = JSON.parse(body) as RpcMessage | RpcMessage[]
  let sent = calls
  if (fault.kind === 'stale') {
    const head = await post('{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}')
    const oldHead = blocksBefore(String((JSON.parse(head.body) as RpcMessage).result), fault.blocks)
    const rewrite = (call: RpcMessage) =>
      concerns(fault, call.method) ? rewriteRequest(call, oldHead) : call
    sent = Array.isArray(calls) ? calls.map(rewrite) : rewrite(calls)
  }
  const reply = await post(JSON.stringify(sent))
  return { status: reply.status, body: rewriteBody(reply.body, { calls, fault }) }
}

function rewriteBody(
  body: string,
  { calls, fault }: { calls: RpcMessage | RpcMessage[]; fault: RpcFault },
): string {
  const replies = JSON.parse(body) as RpcMessage | RpcMessage[]
  if (!Array.isArray(replies) || !Array.isArray(calls)) {
    if (Array.isArray(replies) || Array.isArray(calls)) return body
    return JSON.stringify(rewriteReply(fault, { call: calls, reply: replies }))
  }
  const byId = new Map(calls.map((call) => [call.id, call]))
  return JSON.stringify(
    replies.map((reply) => rewriteReply(fault, { call: byId.get(reply.id) ?? {}, reply })),
  )
}

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BigIntStyle } from './big-int-text.ts'
import { damage } from './damage.ts'
import type { ApiData, ApiSource } from './data.ts'
import { type ApiRequest, createSchema, executeRequest, parseRequest } from './execute.ts'
import { type ApiFault, createFaultSwitch } from './faults.ts'
import { type FollowedChain, type FollowOptions, followedBy } from './follow-chain.ts'
import { answerWithFault, sendJson } from './http-answer.ts'
import { type ApiRequestRecord, createRequestLog, type RequestLog } from './record.ts'

export interface FakeMorphoApiOptions {
  /** Default: nothing. */
  data?: ApiData | ApiSource
  /** Default mixed, as the real one does. */
  bigInts?: BigIntStyle
}

export interface FakeMorphoApi {
  /** Where queries are posted to. */
  readonly url: string
  readonly port: number
  /** Answers from these data from now on; a function is asked for every request. */
  serve(data: ApiData | ApiSource): void
  /** Answers from the positions that were opened on the chain, as they are at its head. */
  followChain(chain: FollowedChain, options?: FollowOptions): void
  /** Takes effect for requests that arrive from now on; the port stays the same after `down`. */
  set(fault: ApiFault): Promise<void>
  /** How many requests the present fault has hit. */
  hits(): number
  /** Everything that has arrived since the start or the last clearing, oldest first. */
  requests(): readonly ApiRequestRecord[]
  clearRequests(): void
  /** Resolves when that many requests, of one list or of all, have arrived. */
  waitForRequests: RequestLog['waitFor']
  /** Drops all connections. Safe to call twice. */
  stop(): Promise<void>
}

const PATH = '/graphql'
const MAX_REQUEST_BYTES = 1024 * 1024

/** Starts a GraphQL server that stands in for Morpho's API. */
export async function createFakeMorphoApi(options: FakeMorphoApiOptions = {}): Promise<FakeMorphoApi> {
  const schema = createSchema(options.bigInts ?? 'mixed')
  const faults = createFaultSwitch()
  const log = createRequestLog()
  const stopping = new AbortController()
  let source = toSource(options.data ?? { markets: [], positions: [] })

  const server = createServer((incoming, response) => {
    answer(incoming, response).catch(() => {
      // The client hung up, the fake stops or its data cannot be had: a dropped connection says it best.
      response.destroy()
    })
  })

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    if (incoming.method !== 'POST' || incoming.url !== PATH) {
      response.writeHead(404).end()
      return
    }
    const request = readRequest(await readBody(incoming))
    const parsed = parseRequest(schema, request)
    const fault = faults.take(parsed.lists)
    const kind = fault.kind === 'ok' ? null : fault.kind
    const record = log.add({ ...request, lists: parsed.lists, headers: incoming.headers, fault: kind })
    response.once('finish', () => {
      log.finish(record, response.statusCode)
    })
    if (await answerWithFault({ response, fault, signal: stopping.signal })) return
    const { document, errors } = parsed
    if (document === undefined || errors.length > 0) {
      sendJson(response, { status: 400, body: { errors } })
      return
    }
    const { data, ...rest } = await executeRequest({ schema, document, request, source, fault })
    sendJson(response, { status: 200, body: { ...rest, data: damage(data, fault) } })
  }

  await listen(server, 0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${PATH}`,
    port,
    serve: (data) => {
      source = toSource(data)
    },
    followChain: (chain, followOptions = {}) => {
      source = followedBy(chain, followOptions)
    },
    set: async (fault) => {
      faults.set(fault)
      if (fault.kind === 'down') await close(server)
      else await listen(server, port)
    },
    hits: faults.hits,
    requests: log.list,
    clearRequests: log.clear,
    waitForRequests: log.waitFor,
    stop: async () => {
      stopping.abort()
      await close(server)
    },
  }
}

function toSource(data: ApiData | ApiSource): ApiSource {
  return typeof data === 'function' ? data : () => data
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

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer)
    bytes += (chunk as Buffer).length
    if (bytes > MAX_REQUEST_BYTES) throw new Error('The request is too large')
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** An empty query, which is refused like any other wrong one, when the body is no request. */
function readRequest(body: string): ApiRequest {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    parsed = {}
  }
  const { query, variables, operationName } = (parsed ?? {}) as Record<string, unknown>
  return {
    query: typeof query === 'string' ? query : '',
    variables: typeof variables === 'object' && variables !== null ? { ...variables } : {},
    operationName: typeof operationName === 'string' ? operationName : null,
  }
}

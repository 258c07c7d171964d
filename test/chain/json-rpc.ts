export interface JsonRpc {
  readonly url: string
  /** One call. Throws with the node's own message when the node answers with an error. */
  send: (method: string, params?: readonly unknown[]) => Promise<unknown>
  /** Several independent calls in one request; the node may run them in any order. */
  sendAll: (calls: readonly RpcCall[]) => Promise<unknown[]>
}

interface RpcCall {
  method: string
  params: readonly unknown[]
}

interface RpcReply {
  id: number
  result?: unknown
  error?: { code: number; message: string; data?: unknown }
}

/** A minimal JSON-RPC client over fetch: no caching, no retries, so that tests see what the node says. */
export function createJsonRpc(url: string, signal?: AbortSignal): JsonRpc {
  let lastId = 0

  function envelope(call: RpcCall) {
    lastId += 1
    return { jsonrpc: '2.0', id: lastId, method: call.method, params: call.params }
  }

  async function post(body: unknown): Promise<unknown> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    })
    if (!response.ok) throw new Error(`The node answered HTTP ${response.status}: ${await response.text()}`)
    return await response.json()
  }

  return {
    url,
    send: async (method, params = []) => {
      const request = envelope({ method, params })
      return unwrap((await post(request)) as RpcReply, method)
    },
    sendAll: async (calls) => {
      if (calls.length === 0) return []
      const requests = calls.map(envelope)
      const replies = new Map(((await post(requests)) as RpcReply[]).map((reply) => [reply.id, reply]))
      return requests.map((request) => unwrap(replies.get(request.id), request.method))
    },
  }
}

function unwrap(reply: RpcReply | undefined, method: string): unknown {
  if (reply === undefined) throw new Error(`${method}: no reply in the batch`)
  if (reply.error !== undefined) throw new Error(`${method}: ${reply.error.message}`)
  return reply.result
}

/** A number as JSON-RPC writes it. */
export function toHexQuantity(value: bigint | number): string {
  return `0x${BigInt(value).toString(16)}`
}

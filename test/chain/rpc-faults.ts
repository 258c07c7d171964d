export interface RpcAnswer {
  params: readonly unknown[]
  result: string
}

type FaultKind =
  | { kind: 'ok' }
  /** Connections are refused. */
  | { kind: 'down' }
  /** Requests are taken and never answered. */
  | { kind: 'hang' }
  | { kind: 'slow'; ms: number }
  | { kind: 'status'; status: number; retryAfter?: string | number }
  /** HTTP 200 with the page of some gateway. */
  | { kind: 'html' }
  /** HTTP 200 and a body of that many bytes; default 64 MiB. */
  | { kind: 'oversized'; bytes?: number }
  /** Default chain id 1. */
  | { kind: 'wrong-chain-id'; chainId?: number }
  /** The head, and every call at the head, is that many blocks old. */
  | { kind: 'stale'; blocks: number }
  /** The first bytes of an eth_call result; default half of them. */
  | { kind: 'truncate'; keepBytes?: number }
  /** The result 0x, as a node without the contract gives it. */
  | { kind: 'empty' }
  | { kind: 'lie'; rewrite: (answer: RpcAnswer) => string }

/** What goes wrong, and for which methods; faults of results concern eth_call when none are named. */
export type RpcFault = FaultKind & { methods?: readonly string[] }

export interface RpcMessage {
  id?: unknown
  method?: string
  params?: unknown[]
  result?: unknown
}

/** Whether the fault concerns a request of that method. */
export function concerns(fault: RpcFault, method: string | undefined): boolean {
  return fault.methods === undefined || (method !== undefined && fault.methods.includes(method))
}

/** The request as a node would understand it whose head is the given block. */
export function rewriteRequest(call: RpcMessage, oldHead: string): RpcMessage {
  const position = HEAD_PARAMETER[call.method ?? '']
  if (position === undefined) return call
  const params = [...(call.params ?? [])]
  if (params[position] !== undefined && params[position] !== 'latest') return call
  params[position] = oldHead
  return { ...call, params }
}

// Where the block is named in the parameters.
const HEAD_PARAMETER: Record<string, number | undefined> = {
  eth_getBlockByNumber: 0,
  eth_call: 1,
  eth_getCode: 1,
  eth_getBalance: 1,
  eth_getStorageAt: 2,
}

/** The node's reply with the fault in it. */
export function rewriteReply(
  fault: RpcFault,
  { call, reply }: { call: RpcMessage; reply: RpcMessage },
): RpcMessage {
  const { result } = reply
  if (typeof result !== 'string' || !isTarget(fault, call.method)) return reply
  switch (fault.kind) {
    case 'wrong-chain-id': {
      const chainId = fault.chainId ?? 1
      return {
        ...reply,
        result: call.method === 'net_version' ? String(chainId) : `0x${chainId.toString(16)}`,
      }
    }
    case 'stale':
      return { ...reply, result: blocksBefore(result, fault.blocks) }
    case 'truncate': {
      const keepBytes = fault.keepBytes ?? Math.floor((result.length - 2) / 4)
      return { ...reply, result: result.slice(0, 2 + keepBytes * 2) }
    }
    case 'empty':
      return { ...reply, result: '0x' }
    case 'lie':
      return { ...reply, result: fault.rewrite({ params: call.params ?? [], result }) }
    case 'ok':
    case 'down':
    case 'hang':
    case 'slow':
    case 'status':
    case 'html':
    case 'oversized':
      return reply
  }
}

/** The block that many blocks earlier, but not before the first. */
export function blocksBefore(head: string, blocks: number): string {
  return `0x${Math.max(0, Number(head) - blocks).toString(16)}`
}

function isTarget(fault: RpcFault, method: string | undefined): boolean {
  if (method === undefined || !concerns(fault, method)) return false
  if (fault.kind === 'wrong-chain-id') return ['eth_chainId', 'net_version'].includes(method)
  if (fault.kind === 'stale') return method === 'eth_blockNumber'
  return (fault.methods ?? ['eth_call']).includes(method)
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Interface } from 'ethers'
import type { Call } from '../../src/chain/chain-reader.ts'
import { createRpc, type Pinned, type Rpc } from '../../src/chain/rpc.ts'
import type { Address } from '../../src/domain/address.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import type { RpcProxy } from '../chain/rpc-proxy.ts'

/** Answers every call with its own calldata. */
export const ECHO = '0x00000000000000000000000000000000000ec000'
/** Refuses every call, with its calldata as the reason. */
export const REFUSE = '0x00000000000000000000000000000000000bad00'
/** Refuses every call without a word. */
export const SILENT = '0x00000000000000000000000000000000005e1e00'
/** Burns about 9,000,000 gas, more than the low-gas pool has, and answers with 1. */
export const HUNGRY = '0x0000000000000000000000000000000000fee000'

/** Puts the contracts above on the chain. */
export async function addTestContracts(chain: LocalChain): Promise<void> {
  const codes = {
    [ECHO]: '0x366000600037366000f3',
    [REFUSE]: '0x366000600037366000fd',
    [SILENT]: '0x60006000fd',
    [HUNGRY]: '0x620557305b6001900380600457600160005260206000f3',
  }
  for (const [address, code] of Object.entries(codes)) await chain.rpc.send('anvil_setCode', [address, code])
}

/** A clock that only moves when told. */
export interface Clock {
  readonly now: () => number
  advance(ms: number): void
}

/** Starts at the newest block of the chain, so that its head is as fresh as can be. */
export async function createClock(chain: LocalChain): Promise<Clock> {
  const head = (await chain.rpc.send('eth_getBlockByNumber', ['latest', false])) as { timestamp: string }
  let nowMs = Number(head.timestamp) * 1000
  return {
    now: () => nowMs,
    advance(ms) {
      nowMs += ms
    },
  }
}

export interface RpcSetup {
  readonly urls: readonly string[]
  readonly chain: LocalChain
  readonly now: () => number
  /** Default: as `now`. */
  readonly wallNow?: () => number
  readonly chainId?: number
  readonly gasPerCall?: bigint
  readonly requestsPerSecond?: readonly number[]
  readonly batchSize?: number
  readonly logBlocks?: number
}

export function rpcFor(setup: RpcSetup): Rpc {
  const { urls, chain, now } = setup
  return createRpc({
    specs: urls.map((url, index) => ({
      url,
      requestsPerSecond: setup.requestsPerSecond?.[index] ?? 1_000,
      gasPerCall: setup.gasPerCall ?? 200_000_000n,
      batchSize: setup.batchSize ?? 1,
      logBlocks: setup.logBlocks ?? 100,
    })),
    chainId: setup.chainId ?? 143,
    multicall: chain.addresses.multicall3 as Address,
    now,
    wallNow: setup.wallNow ?? now,
    // Rests of exactly the length that is written down.
    random: () => 0.5,
  })
}

/** The value, or the reason as an error. */
export async function valueOf<T>(pinned: Promise<Pinned<T>>): Promise<T> {
  const result = await pinned
  if (result.ok) return result.value
  throw new Error(result.reason)
}

/** Why it failed; the value as an error when it did not. */
export async function reasonOf(pinned: Promise<Pinned<unknown>>): Promise<string> {
  const result = await pinned
  if (!result.ok) return result.reason
  throw new Error('it did not fail')
}

export interface TestServer {
  readonly url: string
  readonly host: string
  stop(): Promise<void>
}

/** An HTTP server whose answers are up to the test. */
export async function serve(
  answer: (exchange: { request: IncomingMessage; response: ServerResponse; body: string }) => unknown,
): Promise<TestServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      Promise.resolve(answer({ request, response, body })).catch(() => {
        response.destroy()
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** Passes a request on to the chain. */
export async function forward(chain: LocalChain, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(chain.url, { method: 'POST', headers, body })
  return await response.text()
}

/** Calls that come back as they are, each with a number of its own. */
export function echoes(count: number): Call[] {
  return Array.from({ length: count }, (_, index) => ({
    to: ECHO,
    data: `0x${index.toString(16).padStart(8, '0')}`,
  }))
}

const aggregate = new Interface([
  'function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[] returnData)',
])

/** How many calls each aggregate3 that arrives carries, without the three that prove the block; and its gas. */
export function spyOnCalls(proxy: RpcProxy): { sizes: number[]; gas: unknown[] } {
  const seen: { sizes: number[]; gas: unknown[] } = { sizes: [], gas: [] }
  void proxy.set({
    kind: 'lie',
    rewrite: ({ params, result }) => {
      const [call] = params as [{ data: string; gas: unknown }]
      const [calls] = aggregate.decodeFunctionData('aggregate3', call.data) as unknown as [unknown[]]
      seen.sizes.push(calls.length - 3)
      seen.gas.push(call.gas)
      return result
    },
  })
  return seen
}

interface RpcExchange {
  readonly method: string
  readonly params: readonly unknown[]
  readonly result: unknown
}

/** The chain behind a server that changes its answers as told; batches are refused. */
export async function serveChanged(
  chain: LocalChain,
  change: (exchange: RpcExchange) => unknown,
): Promise<TestServer> {
  return await serve(async ({ response, body }) => {
    const { method, params } = JSON.parse(body) as { method: string; params: unknown[] }
    const answer = JSON.parse(await forward(chain, body)) as { result?: unknown }
    response.end(JSON.stringify({ ...answer, result: change({ method, params, result: answer.result }) }))
  })
}

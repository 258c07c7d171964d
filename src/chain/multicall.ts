import { Interface } from 'ethers'
import { z } from 'zod'
import type { BlockRef } from '../domain/position.ts'
import { EndpointError } from '../errors.ts'
import type { Call, CallResult } from './chain-reader.ts'

const multicall3 = new Interface([
  'function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[] returnData)',
  'function getBlockNumber() view returns (uint256 blockNumber)',
  'function getCurrentBlockTimestamp() view returns (uint256 timestamp)',
  'function getLastBlockHash() view returns (bytes32 blockHash)',
])
const HEADER = ['getBlockNumber', 'getCurrentBlockTimestamp', 'getLastBlockHash'].map((name) =>
  multicall3.encodeFunctionData(name),
)
const resultsSchema = z.array(z.tuple([z.boolean(), z.string()]))

/** Fits Monad's low-gas pool (8.1 M) at about 70,000 gas per Aave account read. */
const CHUNK = 100
const SMALL_CHUNK = 10
const LOW_GAS_POOL = 8_100_000n

export interface MulticallDeps {
  readonly block: BlockRef
  readonly address: `0x${string}`
  readonly gasPerCall: bigint
  /** Sends one eth_call at the pinned block, with an explicit gas limit. */
  readonly ethCall: (call: { to: string; data: string; gas: string }) => Promise<string>
}

/**
 * Many calls as few `aggregate3` calls with allow-failure. Each carries block number, timestamp and parent hash along;
 * a mismatch with the pinned block fails the chunk. A chunk the endpoint refuses is halved down to single calls. A call
 * that fails without a word inside a big chunk may have run out of gas, so it gets a second try in a small one.
 */
export function createMulticall(deps: MulticallDeps): (calls: readonly Call[]) => Promise<CallResult[]> {
  const { block, address, ethCall } = deps

  async function attempt(calls: readonly Call[], gas: bigint): Promise<CallResult[]> {
    const header = HEADER.map((callData) => ({ target: address, allowFailure: false, callData }))
    const body = calls.map((call) => ({ target: call.to, allowFailure: true, callData: call.data }))
    const data = multicall3.encodeFunctionData('aggregate3', [[...header, ...body]])
    const answer = await ethCall({ to: address, data, gas: `0x${gas.toString(16)}` })
    const results = decodeResults(answer, calls.length + HEADER.length)
    checkHeader(results.slice(0, HEADER.length), block)
    return results.slice(HEADER.length)
  }

  async function chunk(calls: readonly Call[], gas: bigint): Promise<CallResult[]> {
    try {
      return await attempt(calls, gas)
    } catch (error) {
      const tooBig =
        error instanceof EndpointError && (error.kind === 'rpc-error' || error.kind === 'bad-answer')
      if (!tooBig || calls.length <= 1) throw error
      const middle = Math.ceil(calls.length / 2)
      return [...(await chunk(calls.slice(0, middle), gas)), ...(await chunk(calls.slice(middle), gas))]
    }
  }

  async function inChunks(
    calls: readonly Call[],
    options: { size: number; gas: bigint },
  ): Promise<CallResult[]> {
    const parts: Promise<CallResult[]>[] = []
    for (let start = 0; start < calls.length; start += options.size) {
      parts.push(chunk(calls.slice(start, start + options.size), options.gas))
    }
    return (await Promise.all(parts)).flat()
  }

  return async (calls) => {
    const lowGas = deps.gasPerCall < LOW_GAS_POOL ? deps.gasPerCall : LOW_GAS_POOL
    const results = await inChunks(calls, { size: CHUNK, gas: lowGas })
    const silent = calls
      .map((call, index) => ({ call, index }))
      .filter(({ index }) => results[index]?.ok === false && results[index].data === '0x')
    if (silent.length === 0) return results
    const again = await inChunks(
      silent.map(({ call }) => call),
      { size: SMALL_CHUNK, gas: deps.gasPerCall },
    )
    silent.forEach(({ index }, position) => {
      const second = again[position]
      if (second) results[index] = second
    })
    return results
  }
}

function decodeResults(answer: string, expected: number): CallResult[] {
  let decoded: unknown
  try {
    const [rows] = multicall3.decodeFunctionResult('aggregate3', answer).toArray(true) as unknown[]
    decoded = rows
  } catch (cause) {
    throw new EndpointError('bad-answer', { message: 'undecodable multicall answer', cause })
  }
  const rows = resultsSchema.safeParse(decoded)
  if (!rows.success || rows.data.length !== expected) {
    throw new EndpointError('bad-answer', { message: 'multicall answered for a different number of calls' })
  }
  return rows.data.map(([ok, data]) => ({ ok, data }))
}

function checkHeader(header: readonly CallResult[], block: BlockRef): void {
  const [number, timestamp, parentHash] = header.map((result) =>
    /^0x[0-9a-f]{64}$/.test(result.data) ? result.data : null,
  )
  const matches =
    number != null &&
    timestamp != null &&
    BigInt(number) === BigInt(block.number) &&
    BigInt(timestamp) === BigInt(block.timestamp) &&
    parentHash === block.parentHash
  if (!matches) throw new EndpointError('stale', { message: 'the answer belongs to another block' })
}

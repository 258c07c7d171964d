import type { BlockRef } from '../domain/position.ts'
import { DecodeError, EndpointError, isRefusal } from '../errors.ts'
import type { Capacity } from './capacity.ts'
import type { Call, CallResult, ChainReader } from './chain-reader.ts'
import { cutIntoChunks, estimateGas } from './chunks.ts'
import { decodeAggregate3, encodeAggregate3 } from './codec.ts'
import { decodeWords } from './words.ts'

/** getBlockNumber, getCurrentBlockTimestamp, getLastBlockHash */
const HEADER = ['0x42cbb15c', '0x0f28c97d', '0x27e86d6e']

/** Calls with at most this much gas run in Monad's low-gas pool, which takes 1,000 at once; the other one takes 20. */
const LOW_GAS_POOL = 8_100_000n
/** Gas of a block: no provider simulates more for long. */
const MOST_GAS = 150_000_000n
/** Estimates may be wrong: a request is planned to use this share of its gas. */
const FILL = 0.6
const SLOW_MS = 4_000
const SECOND_TRY_CALLS = 10
const SECOND_TRY_REQUESTS = 10

export interface EthCall {
  readonly to: string
  readonly data: string
  readonly gas: string
}

export interface MulticallDeps {
  readonly block: BlockRef
  readonly address: `0x${string}`
  readonly gasPerCall: bigint
  /** Estimated gas that one request to this endpoint may carry. */
  readonly capacity: Capacity
  /** Sends one eth_call at the pinned block, with an explicit gas limit; tells how long the endpoint took. */
  readonly ethCall: (call: EthCall) => Promise<{ readonly answer: string; readonly tookMs: number }>
}

/** Estimated gas that a request to such an endpoint may carry when all is well. */
export function plannedGas(gasPerCall: bigint): number {
  return Math.floor(Number(mostGas(gasPerCall)) * FILL)
}

function mostGas(gasPerCall: bigint): bigint {
  return gasPerCall < MOST_GAS ? gasPerCall : MOST_GAS
}

/**
 * Many calls as few `aggregate3` calls with allow-failure. Each carries block number, timestamp and parent hash along; a mismatch
 * with the pinned block fails the chunk. A few calls go to the low-gas pool, many into few big requests. A chunk the endpoint
 * refuses is halved down to single calls, and later chunks are smaller. A call that fails without a word inside a big chunk may
 * have run out of gas, so it gets a second try in a small one.
 */
export function createMulticall(deps: MulticallDeps): Pick<ChainReader, 'call' | 'sequences'> {
  const { block, address, capacity, ethCall } = deps
  const bigGas = mostGas(deps.gasPerCall)
  const lowGas = bigGas < LOW_GAS_POOL ? bigGas : LOW_GAS_POOL

  async function attempt(calls: readonly Call[], gas: bigint): Promise<CallResult[]> {
    const size = estimateGas(calls)
    const header = HEADER.map((data) => ({ to: address, data, allowFailure: false }))
    const body = calls.map(({ to, data }) => ({ to, data, allowFailure: true }))
    const data = encodeAggregate3([...header, ...body])
    try {
      const { answer, tookMs } = await ethCall({ to: address, data, gas: `0x${gas.toString(16)}` })
      const results = decodeAnswer(answer, calls.length + HEADER.length)
      checkHeader(results.splice(0, HEADER.length), block)
      if (tookMs > SLOW_MS) capacity.refused(size)
      else capacity.passed(size)
      return results
    } catch (error) {
      if (error instanceof EndpointError && (isRefusal(error) || error.kind === 'timeout')) {
        capacity.refused(size)
      }
      throw error
    }
  }

  async function chunk(calls: readonly Call[], gas: bigint): Promise<CallResult[]> {
    try {
      return await attempt(calls, gas)
    } catch (error) {
      if (!(error instanceof EndpointError) || !isRefusal(error) || calls.length <= 1) throw error
      const middle = Math.ceil(calls.length / 2)
      return [...(await chunk(calls.slice(0, middle), gas)), ...(await chunk(calls.slice(middle), gas))]
    }
  }

  async function inChunks(
    chunks: readonly Call[][],
    gasOf: (calls: Call[]) => bigint,
  ): Promise<CallResult[]> {
    return (await Promise.all(chunks.map((calls) => chunk(calls, gasOf(calls))))).flat()
  }

  /** `mayHaveStarved`: whether a result may mean that the gas ran out. */
  async function run(
    calls: readonly Call[],
    mayHaveStarved: (result: CallResult, index: number) => boolean,
  ): Promise<CallResult[]> {
    const few = estimateGas(calls) <= Number(lowGas)
    const limit = few ? Math.min(Number(lowGas), capacity.limit()) : capacity.limit()
    const results = await inChunks(cutIntoChunks(calls, limit), (part) =>
      estimateGas(part) <= Number(lowGas) ? lowGas : bigGas,
    )
    const starved = [...results.entries()].flatMap(([index, result]) =>
      mayHaveStarved(result, index) ? [index] : [],
    )
    if (starved.length === 0) return results
    const size = Math.max(SECOND_TRY_CALLS, Math.ceil(starved.length / SECOND_TRY_REQUESTS))
    const again = starved.flatMap((index) => calls[index] ?? [])
    const chunks = Array.from({ length: Math.ceil(again.length / size) }, (_, index) =>
      again.slice(index * size, (index + 1) * size),
    )
    const second = await inChunks(chunks, () => bigGas)
    starved.forEach((index, position) => {
      const result = second[position]
      if (result) results[index] = result
    })
    return results
  }

  return {
    call: (calls) => run(calls, isSilent),
    async sequences(sequences) {
      const calls = sequences.map((sequence) => sequenceCall(sequence, address))
      const open = (result: CallResult, index: number): CallResult[] => {
        const count = sequences[index]?.length ?? 0
        if (result.ok) return decodeAnswer(result.data, count)
        return Array.from({ length: count }, () => ({ ok: false, data: '0x' }))
      }
      const results = await run(calls, (result, index) => open(result, index).some(isSilent))
      return results.map(open)
    },
  }
}

/** One call that runs all of them one after the other: Multicall3 calling itself. */
function sequenceCall(sequence: readonly Call[], address: `0x${string}`): Call {
  return {
    to: address,
    data: encodeAggregate3(sequence.map(({ to, data }) => ({ to, data, allowFailure: true }))),
    gas: estimateGas(sequence),
  }
}

function isSilent(result: CallResult): boolean {
  return !result.ok && result.data === '0x'
}

function decodeAnswer(answer: string, expected: number): CallResult[] {
  try {
    return decodeAggregate3(answer, expected)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw new EndpointError('bad-answer', {
      message: `undecodable multicall answer: ${error.message}`,
      cause: error,
    })
  }
}

function checkHeader(header: readonly CallResult[], block: BlockRef): void {
  const [number, timestamp, parentHash] = header.map(({ data }) =>
    data.length === 66 ? decodeWords(data, 1)[0] : undefined,
  )
  const matches =
    number === BigInt(block.number) &&
    timestamp === BigInt(block.timestamp) &&
    parentHash === BigInt(block.parentHash)
  if (!matches) throw new EndpointError('stale', { message: 'the answer belongs to another block' })
}

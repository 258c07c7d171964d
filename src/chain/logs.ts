import { z } from 'zod'
import type { Address } from '../domain/address.ts'
import type { BlockRef } from '../domain/position.ts'
import { EndpointError, isRefusal } from '../errors.ts'
import type { ChainLog } from './chain-log.ts'
import type { Endpoint } from './endpoint.ts'
import type { BatchItem } from './json-rpc.ts'
import type { Priority } from './limiter.ts'

/** Logs of any of the addresses with any of the first topics; both inclusive: `fromBlock`, `toBlock`. */
export interface LogQuery {
  readonly addresses: readonly Address[]
  readonly topics: readonly string[]
  readonly fromBlock: number
  readonly toBlock: number
  readonly priority: Priority
  readonly signal?: AbortSignal | undefined
}

interface Range {
  readonly from: number
  readonly to: number
}

const MAX_LOGS_PER_REQUEST = 10_000
/** Enough for one query; the rest is asked for next time. */
const MAX_LOGS = 50_000
const MAX_RANGES = 200
/** Answers of a batch share the size cap of one answer. */
const MAX_BATCH = 10

const quantity = z
  .string()
  .regex(/^0x[0-9a-f]{1,12}$/i)
  .transform(Number)
const word = z.string().regex(/^0x[0-9a-f]{64}$/i)
const logSchema = z.object({
  address: z.string().regex(/^0x[0-9a-f]{40}$/i),
  topics: z.array(word).max(4),
  data: z.string().regex(/^0x(?:[0-9a-f]{2})*$/i),
  blockNumber: quantity,
  blockHash: word,
  transactionHash: word,
  logIndex: quantity,
  removed: z.literal(false).optional(),
})

/**
 * Event logs from one endpoint, in ranges of what it allows, halved where it refuses; oldest first. Ends early, at the `toBlock` it
 * tells, when there is more than one query should bring. Throws EndpointError: `busy` when the endpoint has not seen `toBlock`
 * yet, `bad-answer` for a log that was not asked for or has another shape.
 */
export async function readLogs(
  at: { readonly endpoint: Endpoint; readonly block: BlockRef },
  query: LogQuery,
): Promise<{ logs: ChainLog[]; toBlock: number }> {
  const { endpoint } = at
  const { addresses, topics, fromBlock, toBlock } = query
  // To a node, no addresses means all of them.
  if (addresses.length === 0 || topics.length === 0 || fromBlock > toBlock) return { logs: [], toBlock }
  const head = at.block.number < toBlock ? await endpoint.head('command') : at.block
  if (head.number < toBlock) {
    throw new EndpointError('busy', { message: `has not seen block ${toBlock} yet` })
  }
  const logs: ChainLog[] = []
  let next = fromBlock
  let ranges = 0
  while (next <= toBlock && logs.length < MAX_LOGS && ranges < MAX_RANGES) {
    const group = nextRanges({ from: next, to: toBlock }, endpoint)
    const items = await endpoint.batch(
      group.map((range) => request(range, query)),
      query,
    )
    for (const [index, range] of group.entries()) {
      logs.push(...(await settle({ item: items[index], range }, { endpoint, query })))
      next = range.to + 1
    }
    ranges += group.length
  }
  return { logs, toBlock: next - 1 }
}

function nextRanges({ from, to }: Range, endpoint: Endpoint): Range[] {
  const size = endpoint.logRange.limit()
  const count = Math.min(endpoint.batchSize, MAX_BATCH, Math.ceil((to - from + 1) / size))
  return Array.from({ length: count }, (_, index) => ({
    from: from + index * size,
    to: Math.min(from + (index + 1) * size - 1, to),
  }))
}

function request({ from, to }: Range, { addresses, topics, signal }: LogQuery) {
  const blocks = { fromBlock: `0x${from.toString(16)}`, toBlock: `0x${to.toString(16)}` }
  return { method: 'eth_getLogs', params: [{ address: addresses, topics: [topics], ...blocks }], signal }
}

/** The logs of one range; halves of it where the endpoint refuses. */
async function settle(
  { item, range }: { item: BatchItem | undefined; range: Range },
  context: { endpoint: Endpoint; query: LogQuery },
): Promise<ChainLog[]> {
  const { endpoint, query } = context
  const blocks = range.to - range.from + 1
  if (!item) throw new EndpointError('bad-answer', { message: 'no answer for a range of logs' })
  const tooMany = item.ok && Array.isArray(item.result) && item.result.length > MAX_LOGS_PER_REQUEST
  if (item.ok && !tooMany) {
    endpoint.logRange.passed(blocks)
    return parseLogs(item.result, { range, query })
  }
  const error = item.ok ? new EndpointError('bad-answer', { message: 'too many logs' }) : item.error
  if (!isRefusal(error) || blocks === 1) throw error
  endpoint.logRange.refused(blocks)
  const middle = range.from + Math.floor(blocks / 2) - 1
  const halves = [
    { from: range.from, to: middle },
    { from: middle + 1, to: range.to },
  ]
  const logs: ChainLog[] = []
  for (const half of halves) {
    const [again] = await endpoint.batch([request(half, query)], query)
    logs.push(...(await settle({ item: again, range: half }, context)))
  }
  return logs
}

function parseLogs(answer: unknown, { range, query }: { range: Range; query: LogQuery }): ChainLog[] {
  const parsed = z.array(logSchema).safeParse(answer)
  if (!parsed.success) throw new EndpointError('bad-answer', { message: 'logs of another shape' })
  const addresses = new Set<string>(query.addresses.map((address) => address.toLowerCase()))
  const topics = new Set(query.topics.map((topic) => topic.toLowerCase()))
  const logs = parsed.data.map((log): ChainLog => {
    const { blockNumber, logIndex } = log
    return {
      address: log.address.toLowerCase() as Address,
      topics: log.topics.map((topic) => topic.toLowerCase()),
      data: log.data.toLowerCase(),
      blockNumber,
      blockHash: log.blockHash.toLowerCase(),
      transactionHash: log.transactionHash.toLowerCase(),
      logIndex,
    }
  })
  const asked = ({ address, topics: [first = ''], blockNumber }: ChainLog): boolean =>
    blockNumber >= range.from && blockNumber <= range.to && addresses.has(address) && topics.has(first)
  if (!logs.every(asked)) throw new EndpointError('bad-answer', { message: 'logs that were not asked for' })
  logs.sort((a, b) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex)
  const twice = logs.some((log, index) => {
    const before = logs[index - 1]
    return before?.blockNumber === log.blockNumber && before.logIndex === log.logIndex
  })
  if (twice) throw new EndpointError('bad-answer', { message: 'the same log twice' })
  return logs
}

import { createEndpoint, type Endpoint, type EndpointSpec } from '../chain/endpoint.ts'
import { checkAge, parseBlock } from '../chain/head.ts'
import { readLogs } from '../chain/logs.ts'
import { createPinnedReader } from '../chain/pinned-reader.ts'
import type { Address } from '../domain/address.ts'
import type { BlockRef } from '../domain/position.ts'
import { EndpointError } from '../errors.ts'

export interface EndpointCheckDeps {
  readonly spec: EndpointSpec
  readonly chainId: number
  readonly multicall3: Address
  readonly now: () => number
  readonly signal: AbortSignal
}

/** What an endpoint showed. `faults`: what makes it useless; `doubts`: what costs something. Each with what to change. */
export interface EndpointReport {
  readonly name: string
  /** Its newest block, when it is on the right chain. */
  readonly head: BlockRef | null
  /** How old that block was when it came. */
  readonly ageMs: number
  /** How long one request took. */
  readonly tookMs: number
  readonly faults: readonly Trouble[]
  readonly doubts: readonly Trouble[]
}

interface Trouble {
  readonly detail: string
  readonly change: string
}

/** An event that nobody emits: the question is what the endpoint lets pass, not what it finds. */
const NO_TOPIC = `0x${'0'.repeat(63)}1`
const READS_NUMBER = '0x42cbb15c'

/** Asks one endpoint, through its own limits, for what the bot will ask it: chain id, head, a multicall, logs. */
export async function checkEndpoint(deps: EndpointCheckDeps): Promise<EndpointReport> {
  const endpoint = createEndpoint(deps)
  const failed = (error: unknown, change: string): EndpointReport => ({
    name: endpoint.name,
    head: null,
    ageMs: 0,
    tookMs: 0,
    faults: [{ detail: messageOf(error), change }],
    doubts: [],
  })
  try {
    return await ask(endpoint, deps)
  } catch (error) {
    return failed(error, 'Look at this address in BUOY_RPC_URLS, or take it out')
  } finally {
    await endpoint.stop()
  }
}

async function ask(endpoint: Endpoint, deps: EndpointCheckDeps): Promise<EndpointReport> {
  const { chainId, now, signal } = deps
  const request = { priority: 'command', signal } as const
  const { result: id } = await endpoint.timed({ method: 'eth_chainId', params: [], ...request })
  const { result, tookMs } = await endpoint.timed({
    method: 'eth_getBlockByNumber',
    params: ['latest', false],
    ...request,
  })
  const report = { name: endpoint.name, tookMs: Math.round(tookMs), doubts: [] }
  if (Number(id) !== chainId) {
    const detail = `serves chain ${Number(id)}, expected ${chainId}`
    const change = 'Take it out of BUOY_RPC_URLS, or correct BUOY_CHAIN_ID'
    return { ...report, head: null, ageMs: 0, faults: [{ detail, change }] }
  }
  const head = parseBlock(result)
  if (!head) throw new EndpointError('bad-answer', { message: 'no usable block' })
  const ageMs = now() - head.timestamp * 1000
  const unfit = checkAge(head, { nowMs: now(), wallMs: now() })
  const faults = [
    ...(unfit === undefined
      ? []
      : [{ detail: unfit, change: 'Take it out of BUOY_RPC_URLS, unless this clock is wrong' }]),
    ...(await tryMulticall(endpoint, { ...deps, head })),
  ]
  return { ...report, head, ageMs, faults, doubts: await tryLogs(endpoint, { ...deps, head }) }
}

type WithHead = EndpointCheckDeps & { readonly head: BlockRef }

async function tryMulticall(endpoint: Endpoint, deps: WithHead): Promise<Trouble[]> {
  const { head, multicall3, signal } = deps
  const at = createPinnedReader({
    endpoint,
    block: head,
    multicall: multicall3,
    priority: 'command',
    signal,
  })
  const change = 'Check BUOY_MULTICALL3, and gas= of this endpoint in BUOY_RPC_URLS'
  try {
    const there = await at.hasCode(multicall3)
    if (!there) return [{ detail: 'no Multicall3 at its address', change: 'Correct BUOY_MULTICALL3' }]
    const [answer] = await at.call([{ to: multicall3, data: READS_NUMBER }])
    return answer?.ok ? [] : [{ detail: 'Multicall3 does not answer', change }]
  } catch (error) {
    return [{ detail: `multicall failed: ${messageOf(error)}`, change }]
  }
}

async function tryLogs(endpoint: Endpoint, deps: WithHead): Promise<Trouble[]> {
  const { head, multicall3, spec, signal } = deps
  const change = 'Set a smaller logs= for this endpoint in BUOY_RPC_URLS'
  try {
    await readLogs(
      { endpoint, block: head },
      {
        addresses: [multicall3],
        topics: [NO_TOPIC],
        fromBlock: Math.max(0, head.number - spec.logBlocks + 1),
        toBlock: head.number,
        priority: 'command',
        signal,
      },
    )
    const taken = endpoint.logRange.limit()
    if (taken >= spec.logBlocks) return []
    return [{ detail: `refused the logs of ${spec.logBlocks} blocks at once`, change }]
  } catch (error) {
    return [{ detail: `no logs: ${messageOf(error)}`, change }]
  }
}

function messageOf(error: unknown): string {
  if (error instanceof EndpointError) return error.message
  throw error
}

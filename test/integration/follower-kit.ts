import { setTimeout as sleep } from 'node:timers/promises'
import { ensureChat } from '../../db/chats.ts'
import { readCursor } from '../../db/cursors.ts'
import { openDatabase } from '../../db/database.ts'
import { dueMarks } from '../../db/dirty-owners.ts'
import { createFollowerStore, type FollowerStore } from '../../db/follower-store.ts'
import { positionsOf } from '../../db/positions.ts'
import type { Database } from '../../db/schema.ts'
import { transact } from '../../db/transact.ts'
import { addWatch } from '../../db/watches.ts'
import type { Discovery, LendingStrategy, LogEvent } from '../../protocols/strategy.ts'
import type { ChainLog } from '../../src/chain/chain-log.ts'
import type { Address } from '../../src/domain/address.ts'
import type { ProtocolId } from '../../src/domain/position.ts'
import { createLogFollower, type LogFollower, type LogFollowerDeps } from '../../src/monitor/log-follower.ts'
import { createStrategyCall } from '../../src/monitor/strategy-call.ts'
import { chainDoubleAt, refOf, strategyDouble } from '../unit/monitor/kit.ts'

/** A chain double: a head, logs, and the block at which strategies are asked. It proves wiring, not the chain. */
export interface ChainDouble {
  head: number
  /** Where discovery looks; the head when left out. */
  discoveryBlock?: number
  headFails?: string
  readonly logs: Map<ProtocolId, { block: number; event: LogEvent }[]>
  readonly failing: Map<ProtocolId, 'fails' | 'hangs'>
  /** Blocks that one answer covers at most. */
  blocksPerAnswer: number
  readonly asked: { protocol: ProtocolId; fromBlock: number; toBlock: number }[]
}

export interface FollowerBed {
  readonly db: Database
  readonly chain: ChainDouble
  readonly clock: { ms: number }
  readonly events: string[]
  readonly errors: unknown[]
  /** What discovery answers; complete and empty when nothing is set. */
  readonly discoveries: Map<Address, Discovery>
  readonly readNow: { protocol: ProtocolId; owners: readonly Address[] }[]
  readonly follower: LogFollower
  watch(owner: Address): Promise<void>
  /** Lets one whole round happen. */
  round(): Promise<void>
  cursor(protocol: ProtocolId): Promise<number | null>
  /** Owners marked on a protocol, due or not. */
  marked(protocol: ProtocolId): Promise<string[]>
  found(owner: Address): Promise<string[]>
  stop(): Promise<void>
}

/** The log follower on a real database, with doubles for the chain and the protocols. */
export async function createFollowerBed(
  protocols: readonly ProtocolId[],
  over: (bed: { chain: ChainDouble; store: FollowerStore }) => Partial<LogFollowerDeps> = () => ({}),
): Promise<FollowerBed> {
  const database = await openDatabase({ kind: 'sqlite', path: ':memory:' })
  const { db } = database
  const chain: ChainDouble = {
    head: 10_000,
    logs: new Map(),
    failing: new Map(),
    blocksPerAnswer: 1_000,
    asked: [],
  }
  const clock = { ms: 1_800_000_000_000 }
  const events: string[] = []
  const errors: unknown[] = []
  const discoveries = new Map<Address, Discovery>()
  const readNow: FollowerBed['readNow'] = []
  const stopping = new AbortController()
  const gate = createGate(protocols.length)
  const strategies = protocols.map((id) => loggingDouble(id, discoveries))
  const store = createFollowerStore({ db, now: () => clock.ms })
  const strategyCall = createStrategyCall({
    pinned: async (_, work) => ({
      ok: true,
      value: await work(chainDoubleAt(chain.discoveryBlock ?? chain.head)),
    }),
    budgetMs: 5_000,
    stopping: stopping.signal,
    onBug: (error) => errors.push(error),
  })
  const deps: LogFollowerDeps = {
    strategies,
    strategyCall,
    quickCall: strategyCall,
    head: async () => {
      await gate.pass()
      if (chain.headFails !== undefined) return { ok: false, reason: chain.headFails }
      return { ok: true, value: chainDoubleAt(chain.head).block }
    },
    logs: (request) => logsDouble(chain, request),
    store,
    readNow: (work) => {
      readNow.push(work)
      return Promise.resolve()
    },
    now: () => clock.ms,
    intervalMs: 1,
    budgetMs: 5_000,
    onConfigChanged: (protocol) => {
      events.push(`config ${protocol}`)
    },
    onCommitted: (committed) => {
      for (const { chatId, transition } of committed) events.push(`told ${transition.kind} in ${chatId}`)
    },
    onLiquidated: ({ protocol, block }) => events.push(`liquidated ${protocol} at ${block}`),
    sweepSoon: () => events.push('sweep'),
    onTrouble: (protocol, reason) => events.push(`${protocol}: ${reason ?? 'well again'}`),
    onBug: (error) => errors.push(error),
    onError: (error) => errors.push(error),
    ...over({ chain, store }),
  }
  const follower = createLogFollower(deps)
  return {
    db,
    chain,
    clock,
    events,
    errors,
    discoveries,
    readNow,
    follower,
    async watch(owner) {
      await ensureChat(db, { id: 7, kind: 'private', nowMs: clock.ms })
      const watch = { chatId: 7, owner, label: null, threadId: null, nowMs: clock.ms }
      await transact(db, (tx) => addWatch(tx, watch))
    },
    async round() {
      follower.start()
      await gate.reached()
      gate.open()
      await gate.reached()
    },
    cursor: (protocol) => readCursor(db, protocol),
    async marked(protocol) {
      const all = { protocol, nowMs: Number.MAX_SAFE_INTEGER, limit: 1_000 }
      return (await dueMarks(db, all)).map(({ owner }) => owner)
    },
    found: async (owner) => (await positionsOf(db, owner)).map(({ ref }) => ref.key),
    async stop() {
      stopping.abort()
      await follower.stop()
      await database.close()
    },
  }
}

/** Holds the rounds of all protocols at their beginning until the test lets them go together. */
function createGate(protocols: number) {
  let waiting: (() => void)[] = []
  let arrived: (() => void) | undefined
  return {
    pass: () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve)
        if (waiting.length === protocols) arrived?.()
      }),
    reached: () =>
      new Promise<void>((resolve) => {
        if (waiting.length === protocols) resolve()
        else arrived = resolve
      }),
    open() {
      const go = waiting
      waiting = []
      for (const one of go) one()
    },
  }
}

/** A strategy double whose events are written in the logs as they are. */
function loggingDouble(id: ProtocolId, discoveries: ReadonlyMap<Address, Discovery>): LendingStrategy {
  return {
    ...strategyDouble(id, () => Promise.resolve([])),
    discover: (owners) =>
      Promise.resolve(owners.map((owner) => discoveries.get(owner) ?? { kind: 'complete', refs: [] })),
    describeLiquidation: () => Promise.resolve({ marketName: 'Double', repaid: null, seized: null }),
    logs: {
      filter: () => Promise.resolve({ addresses: [refOf(id, '0x1').owner], topics: [id] }),
      decode: (log) => {
        if (log.data === 'bug') throw new TypeError('a bug in the decoder double')
        return [JSON.parse(log.data) as LogEvent]
      },
    },
  }
}

type LogsRequest = Parameters<LogFollowerDeps['logs']>[0]

async function logsDouble(
  chain: ChainDouble,
  { topics, fromBlock, toBlock, signal }: LogsRequest,
): ReturnType<LogFollowerDeps['logs']> {
  const protocol = topics[0] as ProtocolId
  chain.asked.push({ protocol, fromBlock, toBlock })
  const fault = chain.failing.get(protocol)
  if (fault === 'fails') return { ok: false, reason: 'rpc.example: down' }
  if (fault === 'hangs') {
    await sleep(60_000, undefined, { signal }).catch(() => undefined)
    return { ok: false, reason: 'took too long' }
  }
  const last = Math.min(toBlock, fromBlock + chain.blocksPerAnswer - 1)
  const logs = (chain.logs.get(protocol) ?? [])
    .filter(({ block }) => block >= fromBlock && block <= last)
    .map(({ block, event }) => logOf(block, event))
  return { ok: true, value: { logs, toBlock: last } }
}

function logOf(blockNumber: number, event: LogEvent): ChainLog {
  const data = JSON.stringify(event, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
  return {
    address: '0x1',
    topics: [],
    data,
    blockNumber,
    blockHash: '0x',
    transactionHash: '0x',
    logIndex: 0,
  }
}

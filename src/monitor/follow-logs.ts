import type { CommittedTransition } from '../../db/commit-transitions.ts'
import type { FollowerStore } from '../../db/follower-store.ts'
import type { LendingStrategy, LiquidatedEvent, LogEvent, LogFilter } from '../../protocols/strategy.ts'
import type { ChainLog } from '../chain/chain-log.ts'
import type { Pinned, PinOptions } from '../chain/rpc.ts'
import type { Address } from '../domain/address.ts'
import type { ProtocolId } from '../domain/position.ts'
import { createDescribeLiquidations, type LiquidationSeen } from './describe-liquidations.ts'
import type { StrategyCall } from './strategy-call.ts'

/**
 * The logs of a range of blocks, both ends included, out of one endpoint. The answer may end before `toBlock`; its own
 * `toBlock` says where. Must end when `signal` fires.
 */
export type ReadLogs = (
  request: LogFilter & PinOptions & { readonly fromBlock: number; readonly toBlock: number },
) => Promise<Pinned<{ logs: ChainLog[]; toBlock: number }>>

export interface FollowDeps {
  readonly strategyCall: StrategyCall
  /** For what is nice to know before something is told. */
  readonly quickCall: StrategyCall
  readonly logs: ReadLogs
  readonly store: Pick<FollowerStore, 'readCursor' | 'takeEvents' | 'watchedAmong' | 'watchedLike'>
  /** Reads the stored positions of these owners on one protocol now, as the cycle would. */
  readonly readNow: (work: { protocol: ProtocolId; owners: readonly Address[] }) => Promise<unknown>
  readonly now: () => number
  /** What was remembered about a protocol no longer holds. Done before the cursor passes the event. */
  readonly onConfigChanged: (protocol: ProtocolId) => Promise<void> | void
  /** A watched owner was liquidated; told after it is stored. */
  readonly onLiquidated: (event: LiquidatedEvent & { protocol: ProtocolId; block: number }) => void
  /** Liquidations that were stored and are to be told. */
  readonly onCommitted: (committed: readonly CommittedTransition[]) => void
  readonly onError: (error: unknown) => void
  /** A decoder that throws: a bug that costs the events of that log, not those of the others. */
  readonly onBug: (error: unknown, protocol: ProtocolId) => void
  /** The gap was too wide to read: everything must be looked at again. */
  readonly sweepSoon: () => void
}

export type Followed =
  /** `cursor`: the block up to which everything was taken in. */
  { readonly ok: true; readonly cursor: number } | { readonly ok: false; readonly reason: string }

interface Chunk {
  readonly filter: LogFilter
  readonly cursor: number
  readonly target: number
  readonly signal: AbortSignal
}

/** As many blocks are asked for at a time, so that no answer grows without bounds. */
const CHUNK_BLOCKS = 100
/** After a gap wider than this, looking at everybody is cheaper than reading what happened. */
const MAX_GAP_BLOCKS = 5_000
const FILTER_REUSE_MS = 60_000
/** `0x` and 19 bytes: what the 256 accounts of an owner have in common. */
const PREFIX_LENGTH = 40
/** Whoever looks at everybody may be answered by an endpoint that is this far behind. */
const OVERLAP_BLOCKS = 20

const tooLong = { ok: false, reason: 'took too long' } as const
const overtaken = { ok: false, reason: 'somebody else took in these events' } as const

/** Takes in what happened on one protocol after its cursor, up to the block `target`. */
export function createFollowLogs(
  deps: FollowDeps,
): (
  strategy: LendingStrategy,
  until: { readonly target: number; readonly signal: AbortSignal },
) => Promise<Followed> {
  const describe = createDescribeLiquidations({
    strategyCall: deps.quickCall,
    watchedAmong: (owners) => deps.store.watchedAmong(owners),
  })
  const filters = new Map<ProtocolId, { readonly filter: LogFilter; readonly atMs: number }>()

  async function takeChunk(strategy: LendingStrategy, chunk: Chunk): Promise<Followed> {
    const protocol = strategy.id
    const answer = await readChunk(chunk)
    if (!answer.ok) return answer
    const { logs, toBlock: to } = answer.value
    const { touched, prefixes, liquidations, configChanged } = decodeAll(strategy, logs)
    await addOwners(prefixes, touched)
    if (configChanged) {
      filters.delete(protocol)
      await deps.onConfigChanged(protocol)
    }
    const toTell = await describe(strategy, liquidations)
    if (chunk.signal.aborted) return tooLong
    const kept = await deps.store.takeEvents({
      protocol,
      from: chunk.cursor,
      to,
      touched,
      liquidations: toTell,
      nowMs: deps.now(),
    })
    if (!kept) return overtaken
    for (const { event, block } of liquidations) {
      if (kept.marked.includes(event.owner)) deps.onLiquidated({ ...event, protocol, block })
    }
    await tellOf(protocol, kept.committed)
    return { ok: true, cursor: to }
  }

  /** What is left of these loans is shown beside what was lost, so it is read at once. */
  async function tellOf(protocol: ProtocolId, committed: readonly CommittedTransition[]): Promise<void> {
    if (committed.length === 0) return
    deps.onCommitted(committed)
    const owners = [...new Set(committed.map(({ ref }) => ref.owner))]
    try {
      await deps.readNow({ protocol, owners })
    } catch (error) {
      deps.onError(error)
    }
  }

  /** Anew after a while, and after a change of configuration: there may be a market more to follow. */
  async function filterOf(strategy: LendingStrategy): Promise<Pinned<LogFilter>> {
    const known = filters.get(strategy.id)
    if (known && deps.now() - known.atMs < FILTER_REUSE_MS) return { ok: true, value: known.filter }
    const call = { strategy, priority: 'discovery' } as const
    const asked = await deps.strategyCall.run(call, (at) => strategy.logs.filter(at))
    if (asked.ok) filters.set(strategy.id, { filter: asked.value, atMs: deps.now() })
    return asked
  }

  async function readChunk({ filter, cursor, target, signal }: Chunk): ReturnType<ReadLogs> {
    const fromBlock = cursor + 1
    const toBlock = Math.min(cursor + CHUNK_BLOCKS, target)
    const { addresses, topics } = filter
    // An empty list means "any" to an endpoint; here it means that there is nothing to follow yet.
    if (addresses.length === 0 || topics.length === 0) return { ok: true, value: { logs: [], toBlock } }
    const answer = await deps.logs({ addresses, topics, fromBlock, toBlock, priority: 'discovery', signal })
    if (!answer.ok) return answer
    const to = answer.value.toBlock
    if (to >= fromBlock && to <= toBlock) return answer
    return { ok: false, reason: `asked for blocks ${fromBlock} to ${toBlock}, answered up to ${to}` }
  }

  /** Events of sub-accounts name no owner; only the store knows which watched one begins like that. */
  async function addOwners(
    prefixes: ReadonlyMap<string, number>,
    touched: Map<Address, number>,
  ): Promise<void> {
    if (prefixes.size === 0) return
    for (const owner of await deps.store.watchedLike([...prefixes.keys()])) {
      const block = prefixes.get(owner.slice(0, PREFIX_LENGTH)) ?? 0
      touched.set(owner, Math.max(block, touched.get(owner) ?? 0))
    }
  }

  function decodeAll(strategy: LendingStrategy, logs: readonly ChainLog[]) {
    const touched = new Map<Address, number>()
    const prefixes = new Map<string, number>()
    const liquidations: LiquidationSeen[] = []
    let configChanged = false
    for (const log of logs) {
      for (const event of decode(strategy, log)) {
        if (event.kind === 'configChanged') {
          configChanged = true
          continue
        }
        if (event.kind === 'touchedPrefix') {
          prefixes.set(event.prefix, Math.max(log.blockNumber, prefixes.get(event.prefix) ?? 0))
          continue
        }
        touched.set(event.owner, Math.max(log.blockNumber, touched.get(event.owner) ?? 0))
        if (event.kind === 'liquidated')
          liquidations.push({ event, block: log.blockNumber, logIndex: log.logIndex })
      }
    }
    return { touched, prefixes, liquidations, configChanged }
  }

  function decode(strategy: LendingStrategy, log: ChainLog): readonly LogEvent[] {
    try {
      return strategy.logs.decode(log)
    } catch (error) {
      deps.onBug(error, strategy.id)
      return []
    }
  }

  return async (strategy, { target, signal }) => {
    const protocol = strategy.id
    const stored = await deps.store.readCursor(protocol)
    let cursor = stored
    if (cursor === null || Math.abs(target - cursor) > MAX_GAP_BLOCKS) {
      // At the first start everybody is looked at anyway. A gap is told before it is skipped: among what is skipped may be
      // anything.
      if (cursor !== null) {
        await deps.onConfigChanged(protocol)
        deps.sweepSoon()
      }
      const to = Math.max(0, target - OVERLAP_BLOCKS)
      const jumped = {
        protocol,
        from: stored,
        to,
        touched: new Map<Address, number>(),
        liquidations: [],
        nowMs: deps.now(),
      }
      if (!(await deps.store.takeEvents(jumped))) return overtaken
      cursor = to
    }
    while (cursor < target) {
      if (signal.aborted) return tooLong
      const filter = await filterOf(strategy)
      if (!filter.ok) return filter
      const taken = await takeChunk(strategy, { filter: filter.value, cursor, target, signal })
      if (!taken.ok) return taken
      cursor = taken.cursor
    }
    return { ok: true, cursor }
  }
}

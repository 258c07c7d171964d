import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadStates } from '../../db/alert-states.ts'
import { ensureChat } from '../../db/chats.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import { openDatabase } from '../../db/database.ts'
import { createFollowerStore } from '../../db/follower-store.ts'
import { movePosition } from '../../db/move-position.ts'
import { duePositions, duePositionsOf, positionsOf, storeFound, watchedOwners } from '../../db/positions.ts'
import type { Database } from '../../db/schema.ts'
import { transact } from '../../db/transact.ts'
import { addWatch } from '../../db/watches.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { AlertState } from '../../src/domain/alerting/state.ts'
import type { Check } from '../../src/domain/check.ts'
import { PHASES } from '../../src/domain/schedule.ts'
import { createCheck } from '../../src/monitor/check.ts'
import { type CycleFigures, createCycle } from '../../src/monitor/cycle.ts'
import { createSweep, type SweepReport } from '../../src/monitor/discovery.ts'
import { createLogFollower, type LogFollower } from '../../src/monitor/log-follower.ts'
import type { Loop } from '../../src/monitor/loop.ts'
import { type CycleReport, createScheduler } from '../../src/monitor/scheduler.ts'
import { createStrategyCall } from '../../src/monitor/strategy-call.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import { createClock, rpcFor } from './chain-kit.ts'
import { readLogsFrom } from './chain-logs.ts'
import { lower, neverlandOf } from './neverland-kit.ts'

export const CHAT = 77

export interface MonitorOptions {
  readonly chain: LocalChain
  readonly strategies?: readonly LendingStrategy[]
  readonly budgetMs?: number
  /** How the cycle commits; as the application does unless given. */
  readonly commit?: typeof commitTransitions
}

/** The monitor as the application builds it, on a database file and the local chain, without Telegram. */
export interface MonitorBed {
  readonly db: Database
  readonly proxy: RpcProxy
  readonly errors: unknown[]
  readonly cycles: CycleReport[]
  readonly sweeps: SweepReport[]
  /** What the log follower told, in words. */
  readonly events: string[]
  readonly check: Check
  /** One turn around all positions, at a block of its own. */
  turn(): Promise<CycleFigures>
  /** Lets time pass on the chain and for the monitor alike. */
  pass(seconds: number): Promise<void>
  watch(owner: string): Promise<void>
  /** Watches it and stores the positions that discovery finds now. */
  add(owner: string): Promise<void>
  scheduler(intervalMs: number): Loop
  sweep(intervalMs: number): Loop
  follower(intervalMs: number): LogFollower
  stateOf(owner: string): Promise<AlertState | undefined>
  told(): Promise<string[]>
  stop(): Promise<void>
}

export async function createMonitorBed(options: MonitorOptions): Promise<MonitorBed> {
  const { chain } = options
  const strategies = options.strategies ?? [neverlandOf(chain)]
  const folder = await mkdtemp(join(tmpdir(), 'buoy-monitor-'))
  const database = await openDatabase({ kind: 'sqlite', path: join(folder, 'buoy.db') })
  const { db } = database
  const proxy = await createRpcProxy({ target: chain.url })
  const clock = await createClock(chain)
  const rpc = rpcFor({ urls: [proxy.url], chain, now: clock.now })
  const stopping = new AbortController()
  const errors: unknown[] = []
  const cycles: CycleReport[] = []
  const sweeps: SweepReport[] = []
  const events: string[] = []
  const loops: Loop[] = []
  const onError = (error: unknown): void => {
    errors.push(error)
  }
  const strategyCall = createStrategyCall({
    pinned: (pin, work) => rpc.pinned(pin, work),
    budgetMs: options.budgetMs ?? 5_000,
    stopping: stopping.signal,
    onBug: onError,
  })
  const cycle = createCycle({
    strategies,
    strategyCall,
    duePositions: (range) => duePositions(db, range),
    commit: (work) => (options.commit ?? commitTransitions)(db, work),
    move: (move) => transact(db, (tx) => movePosition(tx, move)),
    concurrency: 4,
    now: clock.now,
    stopping: stopping.signal,
    onCommitted: () => undefined,
    onBatchError: onError,
    onMoveError: onError,
  })
  const check = createCheck({ strategies, strategyCall })

  async function pass(seconds: number): Promise<void> {
    await chain.accrueTime(seconds)
    clock.advance((await createClock(chain)).now() - clock.now())
  }

  async function watch(owner: string): Promise<void> {
    await ensureChat(db, { id: CHAT, kind: 'private', nowMs: clock.now() })
    const wallet = { owner: lower(owner), label: null, threadId: null }
    await transact(db, (tx) => addWatch(tx, { ...wallet, chatId: CHAT, nowMs: clock.now() }))
  }

  return {
    db,
    proxy,
    errors,
    cycles,
    sweeps,
    events,
    check,
    pass,
    watch,
    async turn() {
      await pass(1)
      return await cycle([{ from: 0, to: PHASES }])
    },
    async add(owner) {
      await watch(owner)
      await pass(1)
      const [protocols = []] = await check({ wallets: [{ owner: lower(owner), known: [] }] })
      const refs = protocols.flatMap(({ positions }) => positions.map(({ ref }) => ref))
      await transact(db, (tx) => storeFound(tx, { refs, nowMs: clock.now() }))
    },
    scheduler(intervalMs) {
      const loop = createScheduler({
        cycle: async (ranges) => {
          await pass(1)
          return await cycle(ranges)
        },
        intervalMs,
        monotonicNow: () => performance.now(),
        onCycle: (report) => cycles.push(report),
        onError,
      })
      loops.push(loop)
      return loop
    },
    sweep(intervalMs) {
      const loop = createSweep({
        strategies,
        strategyCall,
        watchedOwners: () => watchedOwners(db),
        storeFound: (refs) => transact(db, (tx) => storeFound(tx, { refs, nowMs: clock.now() })),
        intervalMs,
        onSweep: (report) => sweeps.push(report),
        onError,
      })
      loops.push(loop)
      return loop
    },
    follower(intervalMs) {
      const loop = createLogFollower({
        strategies,
        strategyCall,
        head: () => rpc.pinned({ priority: 'discovery' }, (at) => Promise.resolve(at.block)),
        logs: readLogsFrom(proxy.url),
        store: createFollowerStore({ db, now: clock.now }),
        readNow: async (work) => cycle({ positions: await duePositionsOf(db, work) }),
        now: clock.now,
        intervalMs,
        budgetMs: options.budgetMs ?? 5_000,
        onConfigChanged: (protocol) => {
          events.push(`config ${protocol}`)
        },
        quickCall: strategyCall,
        onCommitted: () => undefined,
        onLiquidated: ({ key }) => events.push(`liquidated ${key}`),
        sweepSoon: () => events.push('sweep'),
        onTrouble: (protocol, reason) =>
          events.push(`${protocol} ${reason === null ? 'well again' : 'in trouble'}`),
        onBug: onError,
        onError,
      })
      loops.push(loop)
      return loop
    },
    async stateOf(owner) {
      const [position] = await positionsOf(db, lower(owner))
      return position && (await loadStates(db, [position.id])).get(`${CHAT}:${position.id}`)
    },
    async told() {
      const rows = await db.selectFrom('outbox').select('kind').orderBy('id').execute()
      return rows.map(({ kind }) => kind)
    },
    async stop() {
      stopping.abort()
      for (const loop of loops) await loop.stop()
      await rpc.stop()
      await proxy.stop()
      await database.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

import { loadStates } from '../../db/alert-states.ts'
import { ensureChat } from '../../db/chats.ts'
import { commitTransitions } from '../../db/commit-transitions.ts'
import { confirm, unconfirmed } from '../../db/confirmations.ts'
import { openDatabase } from '../../db/database.ts'
import { movePosition } from '../../db/move-position.ts'
import { duePositions, positionsOf, storeFound } from '../../db/positions.ts'
import type { Database, OutboxRow } from '../../db/schema.ts'
import { transact } from '../../db/transact.ts'
import { addWatch } from '../../db/watches.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import { decide } from '../../src/domain/alerting/decide.ts'
import type { Verdict } from '../../src/domain/alerting/second-look.ts'
import type { AlertState } from '../../src/domain/alerting/state.ts'
import { PHASES } from '../../src/domain/schedule.ts'
import { createCycle } from '../../src/monitor/cycle.ts'
import { createStrategyCall } from '../../src/monitor/strategy-call.ts'
import { createVerifier } from '../../src/monitor/verifier.ts'
import type { LocalChain } from '../chain/local-chain.ts'
import { createRpcProxy, type RpcProxy } from '../chain/rpc-proxy.ts'
import { createClock, rpcFor } from './chain-kit.ts'
import { lower, neverlandOf, refIn } from './neverland-kit.ts'

/** Cycle and verifier on a real database and the local chain, through endpoints that can be made to lie. */
export interface VerifierBed {
  readonly db: Database
  readonly proxies: readonly RpcProxy[]
  readonly verdicts: Verdict[]
  readonly now: () => number
  add(owner: string): Promise<void>
  /** One turn around all positions. */
  turn(): Promise<void>
  /** Lets time pass on the chain and for the monitor alike. */
  pass(seconds: number): Promise<void>
  /** Endpoints that failed are tried again. */
  wakeEndpoints(): Promise<void>
  /** The verifier runs until it has taken one look. */
  verify(): Promise<void>
  rows(): Promise<OutboxRow[]>
  stateOf(owner: string): Promise<AlertState | undefined>
  stop(): Promise<void>
}

export interface VerifierBedOptions {
  readonly chain: LocalChain
  readonly endpoints: number
  readonly chats?: readonly number[]
  readonly strategy?: LendingStrategy
}

export async function createVerifierBed(options: VerifierBedOptions): Promise<VerifierBed> {
  const { chain, endpoints, chats = [1], strategy = neverlandOf(chain) } = options
  const database = await openDatabase({ kind: 'sqlite', path: ':memory:' })
  const { db } = database
  const proxies = await Promise.all(
    Array.from({ length: endpoints }, () => createRpcProxy({ target: chain.url })),
  )
  const clock = await createClock(chain)
  const rpc = rpcFor({ urls: proxies.map(({ url }) => url), chain, now: clock.now })
  const stopping = new AbortController()
  const verdicts: Verdict[] = []
  const onError = (error: unknown): void => {
    throw error
  }
  const strategyCall = createStrategyCall({
    pinned: (pin, work) => rpc.pinned(pin, work),
    budgetMs: 5_000,
    stopping: stopping.signal,
    onBug: onError,
  })
  const cycle = createCycle({
    strategies: [strategy],
    strategyCall,
    duePositions: (range) => duePositions(db, range),
    commit: (work) => commitTransitions(db, work),
    move: (move) => transact(db, (tx) => movePosition(tx, move)),
    concurrency: 4,
    now: clock.now,
    stopping: stopping.signal,
    onCommitted: () => undefined,
    onBatchError: onError,
    onMoveError: onError,
  })

  async function pass(seconds: number): Promise<void> {
    await chain.accrueTime(seconds)
    clock.advance((await createClock(chain)).now() - clock.now())
  }

  return {
    db,
    proxies,
    verdicts,
    now: clock.now,
    pass,
    async add(owner) {
      for (const chatId of chats) {
        await ensureChat(db, { id: chatId, kind: 'private', nowMs: clock.now() })
        const watch = { chatId, owner: lower(owner), label: null, threadId: null, nowMs: clock.now() }
        await transact(db, (tx) => addWatch(tx, watch))
      }
      await transact(db, (tx) => storeFound(tx, { refs: [refIn(chain, { owner })], nowMs: clock.now() }))
    },
    async turn() {
      await pass(1)
      await cycle([{ from: 0, to: PHASES }])
    },
    async wakeEndpoints() {
      await pass(4)
      await rpc.trackHeads()
    },
    async verify() {
      let looked: () => void = () => undefined
      const once = new Promise<void>((resolve) => {
        looked = resolve
      })
      const verifier = createVerifier({
        strategies: [strategy],
        strategyCall,
        endpoints: () => rpc.stats().map(({ name }) => name),
        unconfirmed: async (nowMs) => {
          const rows = await unconfirmed(db, nowMs)
          looked()
          return rows
        },
        confirm: (work) => confirm(db, work),
        async apply(readings) {
          await commitTransitions(db, { readings, nowMs: clock.now(), decide })
        },
        now: clock.now,
        onVerdict: (_, verdict) => verdicts.push(verdict),
        onError,
      })
      verifier.start()
      await once
      // What has begun is ended.
      await verifier.stop()
    },
    rows: () => db.selectFrom('outbox').selectAll().orderBy('id').execute(),
    async stateOf(owner) {
      const [position] = await positionsOf(db, lower(owner))
      return position && (await loadStates(db, [position.id])).get(`${chats[0]}:${position.id}`)
    },
    async stop() {
      stopping.abort()
      await rpc.stop()
      for (const proxy of proxies) await proxy.stop()
      await database.close()
    },
  }
}

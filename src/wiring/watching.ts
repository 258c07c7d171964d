import { createFollowerStore } from '../../db/follower-store.ts'
import { movePosition } from '../../db/move-position.ts'
import { duePositions, duePositionsOf, storeFound, watchedOwners } from '../../db/positions.ts'
import { transact } from '../../db/transact.ts'
import type { Address } from '../domain/address.ts'
import type { ProtocolId } from '../domain/position.ts'
import { createCycle } from '../monitor/cycle.ts'
import { createSweep } from '../monitor/discovery.ts'
import { createLogFollower, type LogFollower } from '../monitor/log-follower.ts'
import type { Loop } from '../monitor/loop.ts'
import { type CycleReport, createScheduler, isVerified } from '../monitor/scheduler.ts'
import type { Alerts } from './alerts.ts'
import type { Context } from './context.ts'
import type { Reading } from './reading.ts'

/** The loops that look: at health every cycle, at events, and slowly at everything. */
export interface Watching {
  readonly loops: readonly Loop[]
  /** The last turn around all positions; `null` before the first. */
  lastCycle(): (CycleReport & { readonly atMs: number }) | null
  readonly follower: LogFollower
  /** Reads the stored positions of these owners on one protocol now, as the cycle would. */
  readonly readNow: (work: { protocol: ProtocolId; owners: readonly Address[] }) => Promise<unknown>
}

const EVENTS_BUDGET_MS = 20_000

export interface WatchingDeps {
  readonly reading: Reading
  readonly alerts: Alerts
  /** A whole turn in which everything was tried and something was seen. */
  readonly onVerified: () => void
}

export function createWatching(context: Context, { reading, alerts, onVerified }: WatchingDeps): Watching {
  const { config, log, db, now, stopping } = context
  const { strategies, strategyCall, rpc } = reading
  let last: (CycleReport & { atMs: number }) | null = null
  const cycle = createCycle({
    strategies,
    strategyCall,
    duePositions: (range) => duePositions(db, range),
    commit: (work) => alerts.store(work),
    move: (move) => transact(db, (tx) => movePosition(tx, move)),
    concurrency: config.batchConcurrency,
    now,
    stopping,
    onCommitted: (committed) => {
      alerts.announce(committed)
    },
    observe: (key, healthWad) => {
      reading.calm.observe(key, healthWad)
    },
    onBatchError: (error) => {
      log.error({ err: error }, 'a batch of readings could not be stored')
    },
    onMoveError: (error, ref) => {
      log.error({ err: error, position: ref.key }, 'where a debt moved could not be stored')
    },
  })
  const scheduler = createScheduler({
    cycle,
    intervalMs: config.cycleSeconds * 1000,
    monotonicNow: () => performance.now(),
    onCycle: (report) => {
      last = { ...report, atMs: now() }
      log.info(rounded(report), 'cycle')
      if (isVerified(report)) onVerified()
    },
    onError: (error) => {
      log.error({ err: error }, 'cycle failed')
    },
  })
  const sweep = createSweep({
    strategies,
    strategyCall,
    watchedOwners: () => watchedOwners(db),
    storeFound: (refs) => transact(db, (tx) => storeFound(tx, { refs, nowMs: now() })),
    intervalMs: config.discoverySeconds * 1000,
    onSweep: (report) => {
      log.info(report, 'sweep')
    },
    onError: (error) => {
      log.error({ err: error }, 'sweep failed')
    },
  })
  const readNow: Watching['readNow'] = async (work) => cycle({ positions: await duePositionsOf(db, work) })
  const follower = createLogFollower({
    strategies,
    strategyCall,
    quickCall: reading.quickCall,
    store: createFollowerStore({ db, now }),
    head: () => rpc.head('discovery'),
    logs: (query) => rpc.logs(query),
    readNow,
    now,
    intervalMs: config.cycleSeconds * 1000,
    budgetMs: EVENTS_BUDGET_MS,
    sweepSoon: () => {
      sweep.poke()
    },
    onConfigChanged: async (protocol) => {
      await reading.forget(protocol)
      log.info({ protocol }, 'the protocol changed its markets')
    },
    onLiquidated: ({ protocol, key, block }) => {
      log.warn({ protocol, position: key, block }, 'a watched position was liquidated')
    },
    onCommitted: (committed) => {
      alerts.announce(committed)
    },
    onTrouble: (protocol, reason) => {
      if (reason === null) log.info({ protocol }, 'events are followed again')
      else log.warn({ protocol, reason }, 'events cannot be followed; the sweep still looks')
    },
    onBug: (error, protocol) => {
      log.error({ err: error, protocol }, 'an event could not be decoded')
    },
    onError: (error) => {
      log.error({ err: error }, 'following events failed')
    },
  })
  return { loops: [scheduler, sweep, follower], lastCycle: () => last, follower, readNow }
}

function rounded(report: CycleReport): CycleReport {
  return { ...report, durationMs: Math.round(report.durationMs), workMs: Math.round(report.workMs) }
}

import type { FollowerStore } from '../../db/follower-store.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import type { Pinned } from '../chain/rpc.ts'
import type { BlockRef, ProtocolId } from '../domain/position.ts'
import { createLookAgain, type DirtyOwnersDeps } from './dirty-owners.ts'
import { createFollowLogs, type FollowDeps } from './follow-logs.ts'
import { createLoop, type Loop } from './loop.ts'

export interface LogFollowerDeps extends FollowDeps, DirtyOwnersDeps {
  readonly strategies: readonly LendingStrategy[]
  readonly store: FollowerStore
  readonly head: () => Promise<Pinned<BlockRef>>
  readonly intervalMs: number
  /** A protocol that takes longer goes on in the next round, so that it does not hold up the others. */
  readonly budgetMs: number
  /** A protocol whose events cannot be read: told once with the first reason, and with `null` when they can again. */
  readonly onTrouble: (protocol: ProtocolId, reason: string | null) => void
}

export interface FollowerLag {
  readonly protocol: ProtocolId
  /** Blocks between the newest one seen and the last one taken in; `null` before the first round. */
  readonly blocksBehind: number | null
  /** Why nothing is taken in at present. */
  readonly trouble: string | null
}

export interface LogFollower extends Loop {
  lag(): FollowerLag[]
}

/** Blocks this close to the head may still be replaced by others. */
const LAG_BLOCKS = 3
const ROUND_TIMEOUT_MS = 120_000

/**
 * Follows the events of every protocol and looks again at the watched owners whom they touch. Each protocol has a cursor of
 * its own: one that fails holds up only itself. Whatever it misses, the slow sweep finds.
 */
export function createLogFollower(deps: LogFollowerDeps): LogFollower {
  const follow = createFollowLogs(deps)
  const lookAgain = createLookAgain(deps)
  const cursors = new Map<ProtocolId, number>()
  const troubles = new Map<ProtocolId, string>()
  let headNumber: number | null = null

  function report(protocol: ProtocolId, reason: string | null): void {
    const changes = troubles.has(protocol) !== (reason !== null)
    if (reason === null) troubles.delete(protocol)
    else troubles.set(protocol, reason)
    if (changes) deps.onTrouble(protocol, reason)
  }

  async function followOne(
    strategy: LendingStrategy,
    until: { target: number; signal: AbortSignal },
  ): Promise<void> {
    const protocol = strategy.id
    const end = AbortSignal.any([until.signal, AbortSignal.timeout(deps.budgetMs)])
    const followed = await follow(strategy, { target: until.target, signal: end })
    if (until.signal.aborted) return
    const cursor = followed.ok ? followed.cursor : await deps.store.readCursor(protocol)
    if (cursor !== null) cursors.set(protocol, cursor)
    report(protocol, followed.ok ? null : followed.reason)
  }

  async function roundOf(
    strategy: LendingStrategy,
    until: { target: number | null; signal: AbortSignal },
  ): Promise<void> {
    const { target, signal } = until
    try {
      if (target !== null) await followOne(strategy, { target, signal })
    } catch (error) {
      deps.onError(error)
    }
    try {
      // Also when no new events can be read: marks from before wait.
      if (!signal.aborted) await lookAgain(strategy, signal)
    } catch (error) {
      deps.onError(error)
    }
  }

  async function round(strategy: LendingStrategy, signal: AbortSignal): Promise<void> {
    const head = await Promise.race([deps.head(), stopped(signal)])
    if (signal.aborted) return
    if (head.ok) headNumber = Math.max(headNumber ?? 0, head.value.number)
    else report(strategy.id, head.reason)
    const target = head.ok ? Math.max(0, head.value.number - LAG_BLOCKS) : null
    await roundOf(strategy, { target, signal })
  }

  // One loop each, so that a protocol that hangs keeps nobody else waiting for the next round.
  const loops = deps.strategies.map((strategy) =>
    createLoop({
      round: (signal) => round(strategy, signal),
      pauseMs: deps.intervalMs,
      timeoutMs: ROUND_TIMEOUT_MS,
      onError: deps.onError,
    }),
  )
  return {
    start() {
      for (const loop of loops) loop.start()
    },
    poke() {
      for (const loop of loops) loop.poke()
    },
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()))
    },
    lag: () =>
      deps.strategies.map(({ id }) => {
        const cursor = cursors.get(id)
        return {
          protocol: id,
          blocksBehind: cursor === undefined || headNumber === null ? null : Math.max(0, headNumber - cursor),
          trouble: troubles.get(id) ?? null,
        }
      }),
  }
}

/** Others wait for the same head, so it is not cancelled; only this round stops waiting for it. */
function stopped(signal: AbortSignal): Promise<Pinned<never>> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve({ ok: false, reason: 'stopping' })
    })
  })
}

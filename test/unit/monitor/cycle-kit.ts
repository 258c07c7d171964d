import type { StoredPosition } from '../../../db/positions.ts'
import type { LendingStrategy } from '../../../protocols/strategy.ts'
import type { ProtocolId, Reading } from '../../../src/domain/position.ts'
import { type CycleDeps, createCycle } from '../../../src/monitor/cycle.ts'
import { createStrategyCall } from '../../../src/monitor/strategy-call.ts'
import { NOW_MS } from '../views/kit.ts'
import { ownerAt, pinnedDouble, refOf, storedAt } from './kit.ts'

/** Everything that is due. */
export const WHOLE = [{ from: 0, to: 65_536 }]

/** Positions of some owners, each with one on every protocol named. */
export function positionsOf(owners: number, protocols: readonly ProtocolId[]): StoredPosition[] {
  return Array.from({ length: owners }, (_, owner) =>
    protocols.map((protocol, index) =>
      storedAt(owner * protocols.length + index, refOf(protocol, ownerAt(owner))),
    ),
  ).flat()
}

type Commit = CycleDeps['commit']

interface Setup {
  readonly run: ReturnType<typeof createCycle>
  readonly commits: Parameters<Commit>[0][]
  readonly errors: unknown[]
  readonly stopping: AbortController
  /** What was committed for each position, by key. */
  readonly committed: () => Map<string, Reading>
}

/** A cycle over these positions, with doubles for everything around it. */
export function setUp(
  due: readonly StoredPosition[],
  over: Partial<CycleDeps> & { strategies: readonly LendingStrategy[] },
): Setup {
  const commits: Parameters<Commit>[0][] = []
  const errors: unknown[] = []
  const stopping = new AbortController()
  const run = createCycle({
    strategyCall: createStrategyCall({
      pinned: pinnedDouble,
      budgetMs: 20_000,
      stopping: stopping.signal,
      onBug: () => undefined,
    }),
    duePositions: () => Promise.resolve([...due]),
    concurrency: 10,
    now: () => NOW_MS,
    stopping: stopping.signal,
    onCommitted: () => undefined,
    onBatchError: (error) => errors.push(error),
    move: () => Promise.reject(new Error('nothing moves here')),
    onMoveError: (error) => errors.push(error),
    ...over,
    async commit(work) {
      commits.push(work)
      return (await over.commit?.(work)) ?? []
    },
  })
  const committed = () =>
    new Map(
      commits.flatMap(({ readings }) => readings.map(({ position, reading }) => [position.ref.key, reading])),
    )
  return { run, commits, errors, stopping, committed }
}

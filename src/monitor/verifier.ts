import type { PositionReading } from '../../db/commit-transitions.ts'
import type { Confirmation, Unconfirmed } from '../../db/confirmations.ts'
import type { LendingStrategy } from '../../protocols/strategy.ts'
import { judgeSecondLook, secondLookOf, type Verdict } from '../domain/alerting/second-look.ts'
import type { ProtocolId, Reading } from '../domain/position.ts'
import { groupsOf, type LookGroup } from './look-groups.ts'
import { createLoop, type Loop } from './loop.ts'
import type { StrategyCall } from './strategy-call.ts'

export interface VerifierDeps {
  readonly strategies: readonly LendingStrategy[]
  /** With a budget that leaves time for another try. */
  readonly strategyCall: Pick<StrategyCall, 'read'>
  /** Names of all endpoints, whether they answer or not. */
  readonly endpoints: () => readonly string[]
  readonly unconfirmed: (nowMs: number) => Promise<Unconfirmed[]>
  /** Stores verdicts; answers with the rows that still waited for one. */
  readonly confirm: (work: {
    confirmations: readonly Confirmation[]
    nowMs: number
  }) => Promise<ReadonlySet<number>>
  /** Decides and stores what a reading means that contradicts the one that rang. */
  readonly apply: (readings: readonly PositionReading[]) => Promise<void>
  readonly now: () => number
  /** An alarm got its verdict and may go. */
  readonly onVerdict: (row: Unconfirmed, verdict: Verdict) => void
  readonly onError: (error: unknown) => void
}

const PAUSE_MS = 500
const ROUND_TIMEOUT_MS = 30_000

interface Looked {
  readonly rows: readonly Unconfirmed[]
  readonly reading: Reading
}

/**
 * Takes a second look at alarms before they are worded as certain, outside every cycle and transaction. Each position is read once,
 * however many chats wait for it. What fails is tried again until the alarm's time is over; the rows under way are
 * nobody else's concern, so that a protocol that hangs keeps no other waiting. `poke` it when something was committed.
 */
export function createVerifier(deps: VerifierDeps): Loop {
  const strategies = new Map<ProtocolId, LendingStrategy>(deps.strategies.map((one) => [one.id, one]))
  const underWay = new Map<number, Promise<void>>()
  let mayWait = true

  async function look(group: LookGroup, strategy: LendingStrategy): Promise<void> {
    const { positions, avoid, fromBlock } = group
    const refs = positions.map(([first]) => first.ref)
    const readings = await deps.strategyCall.read({ strategy, priority: 'verify', refs, avoid, fromBlock })
    const looked = positions.flatMap((rows, index): Looked[] => {
      const reading = readings[index]
      return reading ? [{ rows, reading }] : []
    })
    await settle(looked)
  }

  async function settle(looked: readonly Looked[]): Promise<void> {
    const verdicts = new Map<Unconfirmed, Verdict>()
    const confirmations: Confirmation[] = []
    for (const { rows, reading } of looked) {
      // It says nothing: there may be time for another try.
      if (reading.kind === 'unknown') continue
      const second = secondLookOf(reading)
      for (const row of rows) verdicts.set(row, judgeSecondLook(row.transition, reading))
      for (const verdict of new Set(rows.flatMap((row) => verdicts.get(row) ?? []))) {
        const rowIds = rows.filter((row) => verdicts.get(row) === verdict).map(({ rowId }) => rowId)
        confirmations.push({ rowIds, verdict, second })
      }
    }
    if (confirmations.length === 0) return
    const changed = await deps.confirm({ confirmations, nowMs: deps.now() })
    for (const [row, verdict] of verdicts) if (changed.has(row.rowId)) deps.onVerdict(row, verdict)
    const contradictions = looked.flatMap(({ rows, reading }): PositionReading[] => {
      const [row] = rows.filter((one) => changed.has(one.rowId) && verdicts.get(one) === 'disputed')
      // Where a debt moved is for the cycle to store first.
      const moved = reading.kind === 'none' && reading.movedTo !== undefined
      return row && !moved ? [{ position: { id: row.positionId, ref: row.ref }, reading }] : []
    })
    if (contradictions.length > 0) await deps.apply(contradictions)
  }

  function begin(group: LookGroup): void {
    const strategy = strategies.get(group.protocol)
    if (!strategy) return
    const rowIds = group.positions.flat().map(({ rowId }) => rowId)
    const work = look(group, strategy)
      .catch((error: unknown) => {
        deps.onError(error)
      })
      .finally(() => {
        for (const rowId of rowIds) underWay.delete(rowId)
      })
    for (const rowId of rowIds) underWay.set(rowId, work)
  }

  async function round(): Promise<void> {
    if (!mayWait) return
    mayWait = false
    try {
      const rows = await deps.unconfirmed(deps.now())
      mayWait ||= rows.length > 0
      const fresh = rows.filter(({ rowId }) => !underWay.has(rowId))
      for (const group of groupsOf(fresh, { nowMs: deps.now(), endpoints: deps.endpoints() })) begin(group)
    } catch (error) {
      mayWait = true
      throw error
    }
  }

  const loop = createLoop({
    round,
    pauseMs: PAUSE_MS,
    timeoutMs: ROUND_TIMEOUT_MS,
    onError: deps.onError,
  })
  return {
    start: () => {
      loop.start()
    },
    poke() {
      mayWait = true
      loop.poke()
    },
    async stop() {
      await loop.stop()
      await Promise.all(underWay.values())
    },
  }
}

import type { LendingOpportunity } from '../domain/pools/lending.ts'
import { type Opportunity, opportunityKey } from '../domain/pools/opportunity.ts'
import { DEFAULT_ROTATION, type Rotation, rotations } from '../domain/pools/rotation.ts'
import { isWorthAgain, type Told } from '../domain/pools/tell.ts'
import type { Deposit } from './holdings.ts'

/** Two transactions of up to half a million gas at Monad's least price of 100 gwei, with MON at five dollars: rather too much. */
const MOVE_COST_USD = 0.5

export function isLending(opportunity: Opportunity): opportunity is LendingOpportunity {
  return 'lending' in opportunity
}

/** Better places for these deposits, the most gain first. */
export function adviceFor(
  deposits: readonly Deposit[],
  at: { byKey: ReadonlyMap<string, Opportunity>; multiplier: number },
): readonly Rotation[] {
  const targets = [...at.byKey.values()]
    .filter(isLending)
    .map((opportunity) => ({ opportunity, open: opportunity.lending.open }))
  const held = deposits.map(({ key, supply }) => ({ supply, opportunity: at.byKey.get(key) ?? null }))
  return rotations(
    { held, targets },
    { ...DEFAULT_ROTATION, multiplier: at.multiplier, moveCostUsd: MOVE_COST_USD },
  )
}

/** What of it is worth a message: never told, or materially better than what was told and not told lately. */
export function worthTelling(
  advice: readonly Rotation[],
  at: { owner: string; told: ReadonlyMap<string, Told>; multiplier: number; nowMs: number },
): { rotations: readonly Rotation[]; told: readonly Told[] } {
  const worth = advice.flatMap((rotation) => {
    const key = rotationKey(at.owner, rotation)
    const before = at.told.get(key) ?? null
    const isWorth = before === null || isWorthAgain(rotation.yieldThere, { ...at, before })
    const mark = {
      key,
      yieldPerYear: rotation.yieldThere,
      score: 0,
      atMs: at.nowMs,
      risen: before !== null,
    }
    return isWorth ? [{ rotation, mark }] : []
  })
  return { rotations: worth.map(({ rotation }) => rotation), told: worth.map(({ mark }) => mark) }
}

function rotationKey(owner: string, { from, to }: Rotation): string {
  return `move:${owner}:${opportunityKey(from)}>${opportunityKey(to)}`
}

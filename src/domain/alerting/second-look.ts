import type { Health, NoneReading, OkReading, Reading } from '../position.ts'
import { levelUnder } from './levels.ts'
import { depthOf, type Verified } from './state.ts'
import type { Transition } from './transition.ts'

/** For so long an alarm waits for its second look. */
export const SECOND_LOOK_MS = 20_000

/** A change of health beyond this share of what it was is looked at twice. */
const JUMP_PERCENT = 20n
/** Two readings of health this close to each other agree, on whichever side of a line they are. */
const CLOSE_PERCENT = 2n

/** What the second source said, as it is kept beside the alarm. `none`: that there is no such position. */
export interface SecondLook {
  readonly endpoint: string
  readonly block: number
  readonly health: Health | 'none'
}

export function secondLookOf(second: OkReading | NoneReading): SecondLook {
  const health = second.kind === 'none' ? 'none' : second.health
  return { endpoint: second.endpoint, block: second.block.number, health }
}

/** Whether another source must be asked before this is worded as certain: a fall to critical or worse, or a jump. */
export function needsSecondLook({ kind, from, to, repeat, reading, before }: Transition): boolean {
  if (repeat || !reading || (kind !== 'warning' && kind !== 'critical' && kind !== 'liquidatable'))
    return false
  const fell = depthOf(to) > depthOf(from) && depthOf(to) >= depthOf('critical')
  return fell || jumped(reading, before)
}

function jumped(reading: Verified, before: Verified | null): boolean {
  if (!before || before.health.noDebt || reading.health.noDebt) return false
  return differs(reading.health.healthWad, { from: before.health.healthWad, percent: JUMP_PERCENT })
}

function differs(a: bigint, than: { from: bigint; percent: bigint }): boolean {
  const gap = a > than.from ? a - than.from : than.from - a
  return gap * 100n > than.from * than.percent
}

export type Verdict = 'confirmed' | 'unconfirmed' | 'disputed'

/**
 * What a second reading of the same position says about an alarm. `unconfirmed`: it says nothing, or the same source said it
 * twice.
 */
export function judgeSecondLook(transition: Transition, second: Reading): Verdict {
  const { reading, to, lines } = transition
  if (!reading || second.kind === 'unknown') return 'unconfirmed'
  if (second.kind === 'none' || second.health.noDebt) return 'disputed'
  const rang = reading.health.noDebt ? null : reading.health.healthWad
  // The level may be the same and the fall untrue all the same.
  const isFarBetter =
    rang !== null &&
    second.health.healthWad > rang &&
    differs(second.health.healthWad, { from: rang, percent: JUMP_PERCENT })
  if (isFarBetter) return 'disputed'
  const agrees =
    depthOf(levelUnder(second.health, lines)) >= depthOf(to) ||
    (to !== 'liquidatable' &&
      rang !== null &&
      !differs(second.health.healthWad, { from: rang, percent: CLOSE_PERCENT }))
  if (!agrees) return 'disputed'
  return second.endpoint === reading.endpoint ? 'unconfirmed' : 'confirmed'
}

import type { Health, Unit, Value } from '../position.ts'
import type { Lines } from '../thresholds.ts'
import { WAD } from '../units.ts'
import { type AlertState, type Clearance, type DangerLevel, depthOf, type Level } from './state.ts'

const MIN_MARGIN_WAD = WAD / 1000n
const MIN_READINGS_TO_LEAVE = 2
const MIN_SECONDS_TO_LEAVE = 60

/** The level a reading is under by itself. On the line counts as under it. */
export function levelUnder(health: Health, lines: Lines): Level {
  if (health.noDebt) return 'safe'
  if (health.liquidatable) return 'liquidatable'
  if (health.healthWad <= lines.criticalWad) return 'critical'
  return health.healthWad <= lines.warningWad ? 'warning' : 'safe'
}

/** What decides whether a debt is worth an alarm. */
export interface DebtWorth {
  readonly health: Health
  readonly debt: Value
  readonly unit: Unit
}

/**
 * Whether the debt is worth less than the floor (US cents). Only dollars can be compared, and a debt that an oracle calls
 * worthless is no small debt.
 */
export function isDust({ health, debt, unit }: DebtWorth, floorCents: number): boolean {
  if (health.noDebt || unit !== 'USD' || debt.amount <= 0n) return false
  if (!(floorCents > 0)) return false
  const floor = BigInt(Math.min(Math.ceil(floorCents), Number.MAX_SAFE_INTEGER))
  return debt.amount * 100n < floor * 10n ** BigInt(debt.decimals)
}

/** Whether everything put up is worth less than the debt, so that no liquidation can make the lenders whole. */
export function isBadDebt(reading: {
  health: Health
  collateral: Value
  collateralNote?: 'weighed'
  debt: Value
}): boolean {
  const { health, collateral, debt } = reading
  if (health.noDebt || !health.liquidatable) return false
  // Collateral that is shown weighed may well be worth more.
  if (reading.collateralNote === 'weighed') return collateral.amount === 0n
  const worth = (value: Value, other: Value): bigint => value.amount * 10n ** BigInt(other.decimals)
  return worth(collateral, debt) < worth(debt, collateral)
}

/** How far above a line health must be before it counts towards leaving: 10 % of the line's distance to 1, at least 0.001. */
export function leaveMarginWad(lineWad: bigint): bigint {
  const tenth = (lineWad - WAD) / 10n
  return tenth > MIN_MARGIN_WAD ? tenth : MIN_MARGIN_WAD
}

function isClear(level: DangerLevel, at: { health: Health; lines: Lines }): boolean {
  if (at.health.noDebt) return true
  if (level === 'liquidatable') return !at.health.liquidatable
  const lineWad = level === 'critical' ? at.lines.criticalWad : at.lines.warningWad
  return !at.health.liquidatable && at.health.healthWad >= lineWad + leaveMarginWad(lineWad)
}

function isReleased(
  level: DangerLevel,
  state: { clearance: Clearance | null; blockTimestamp: number },
): boolean {
  const { clearance } = state
  if (!clearance || clearance.readings < MIN_READINGS_TO_LEAVE) return false
  // Leaving "liquidatable" needs the contract's own word twice, and no wait on top of it.
  return level === 'liquidatable' || state.blockTimestamp - clearance.sinceS >= MIN_SECONDS_TO_LEAVE
}

/**
 * The level after a verified reading: a worse one at once, a better one only when the reading and those before it have
 * been clear of the line for two readings and 60 seconds of block time. Block time, because it neither jumps with the
 * machine's clock nor stops while the process is down.
 */
export function nextLevel(
  state: AlertState,
  reading: { health: Health; lines: Lines; blockTimestamp: number },
): { level: Level; clear: AlertState['clear'] } {
  const clear: Record<DangerLevel, Clearance | null> = { liquidatable: null, critical: null, warning: null }
  let level = levelUnder(reading.health, reading.lines)
  for (const held of ['liquidatable', 'critical', 'warning'] as const) {
    if (depthOf(held) > depthOf(state.level)) continue
    if (isClear(held, reading)) {
      const before = state.clear[held]
      clear[held] = {
        readings: (before?.readings ?? 0) + 1,
        sinceS: before?.sinceS ?? reading.blockTimestamp,
      }
    }
    const released = isReleased(held, { clearance: clear[held], blockTimestamp: reading.blockTimestamp })
    if (!released && depthOf(held) > depthOf(level)) level = held
  }
  return { level, clear }
}

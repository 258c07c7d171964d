import { parseWad, WAD } from './units.ts'

export const MIN_WARNING_WAD = 1_001n * 10n ** 15n
export const MAX_WARNING_WAD = 10n * WAD
export const DEFAULT_WARNING_WAD = 15n * 10n ** 17n

const MIN_PROPOSAL_WAD = 101n * 10n ** 16n
const LIQUIDATABLE_PROPOSAL_WAD = 105n * 10n ** 16n

/** The two lines of a position, 1e18 = 1.0. The third, liquidation, is the protocol's own predicate. */
export interface Lines {
  readonly warningWad: bigint
  readonly criticalWad: bigint
}

/** Reads a threshold a person typed. Only 1.001 to 10 makes sense; NaN, signs and exponents are refused. */
export function parseThreshold(text: string): bigint | undefined {
  const wad = parseWad(text)
  return wad !== undefined && wad >= MIN_WARNING_WAD && wad <= MAX_WARNING_WAD ? wad : undefined
}

/** The lines of a threshold. `critical` lies a quarter of the way from 1 to `warning`, unless one between them was set. */
export function linesFor(warningWad: bigint, criticalWad: bigint | null = null): Lines {
  const isUsable = criticalWad !== null && criticalWad > WAD && criticalWad < warningWad
  return { warningWad, criticalWad: isUsable ? criticalWad : WAD + (warningWad - WAD) / 4n }
}

/**
 * The threshold to start with for a loan of this health: 60 % of its present distance to 1, within 1.01 and 1.5,
 * because a loop of correlated assets lives at 1.05 and a volatile pair does not.
 */
export function proposeThreshold(health: { healthWad: bigint; liquidatable: boolean }): bigint {
  if (health.liquidatable) return LIQUIDATABLE_PROPOSAL_WAD
  const proposal = WAD + ((health.healthWad - WAD) * 6n) / 10n
  // Rounded down to three decimals: what is stored is what the message can show.
  const rounded = proposal - (proposal % 10n ** 15n)
  if (rounded < MIN_PROPOSAL_WAD) return MIN_PROPOSAL_WAD
  return rounded > DEFAULT_WARNING_WAD ? DEFAULT_WARNING_WAD : rounded
}

export type ThresholdSource = 'position' | 'protocol' | 'wallet' | 'proposed' | 'chat'

/** A threshold as it was set; with it comes its critical line, `null` for the usual one. */
export interface SetLines {
  readonly warningWad: bigint
  readonly criticalWad: bigint | null
}

export interface ThresholdLevels {
  readonly position?: SetLines | undefined
  readonly protocol?: SetLines | undefined
  readonly wallet?: SetLines | undefined
  /** What Buoy proposed for this position; gives way to anything a person set. */
  readonly proposed?: SetLines | undefined
  readonly chat: SetLines
}

/** The lines that apply, and which level they come from: the most specific one a person set wins. */
export function resolveThreshold(levels: ThresholdLevels): Lines & { source: ThresholdSource } {
  const source =
    (['position', 'protocol', 'wallet', 'proposed'] as const).find((one) => levels[one]) ?? 'chat'
  const { warningWad, criticalWad } = levels[source] ?? levels.chat
  return { ...linesFor(warningWad, criticalWad), source }
}

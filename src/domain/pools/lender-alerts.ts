/** What is known of a market that a user lends to, at one time. `null`: not read, which changes nothing. */
export interface LenderReading {
  readonly atMs: number
  /** 0 to 1. */
  readonly utilisation: number | null
  /** What could be taken out by all together, and what this user has in; same token, smallest unit. */
  readonly liquidityRaw: bigint | null
  readonly suppliedRaw: bigint | null
  /** Simple yearly yield, a fraction. */
  readonly yieldPerYear: number | null
}

/** Where the user wants to be told. */
export interface LenderLines {
  /** Dry from this utilisation on. */
  readonly utilisation: number
  /** Told when the yield falls below; `null`: not wanted. */
  readonly yieldPerYear: number | null
}

/** What is remembered for one user and market. Plain data: it is stored as it is. */
export interface LenderState {
  readonly dry: boolean
  readonly low: boolean
  /** Readings in a row that were clear of the line, by which a state ends. */
  readonly clearDry: number
  readonly clearLow: number
  /** Of the newest reading that counted; an older one changes nothing. */
  readonly lastMs: number
}

export type LenderEvent =
  /** `reason`: too much is lent out, or less is left than the user has in. */
  | { readonly kind: 'dry'; readonly reason: 'utilisation' | 'liquidity' }
  | { readonly kind: 'liquid' }
  | { readonly kind: 'rate-low' }
  | { readonly kind: 'rate-back' }

export interface LenderStep {
  readonly state: LenderState
  readonly events: readonly LenderEvent[]
}

export const DEFAULT_LENDER_LINES: LenderLines = { utilisation: 0.95, yieldPerYear: null }

/** Nothing was told yet, and nothing is wrong yet. */
export const NEW_LENDER: LenderState = {
  dry: false,
  low: false,
  clearDry: 0,
  clearLow: 0,
  lastMs: 0,
}

/** So far below its line utilisation has to be to count as clear of it, in parts of what is free at the line. */
const CLEAR_OF_UTILISATION = 0.25
/** So many hundredths more than the user has in must be there to count as clear. */
const CLEAR_LIQUIDITY_PERCENT = 120n
/** So much above its line a yield has to be, relative to it. */
const CLEAR_OF_YIELD = 0.1
/** In a row, so that a market that moves about its line is told of once. */
const CLEAR_READINGS = 2

/**
 * One reading after the other: each crossing is told once, whatever happens near the line. `events` are in the order worth telling;
 * money that cannot be taken out comes before a rate.
 */
export function lenderStep(
  state: LenderState,
  { reading, lines }: { reading: LenderReading; lines: LenderLines },
): LenderStep {
  if (!(reading.atMs > state.lastMs)) return { state, events: [] }
  const dryness = drynessOf(reading, lines)
  const lowness = lownessOf(reading, lines)
  if (dryness === null && (lowness === null || reading.yieldPerYear === null)) return { state, events: [] }
  const dry = follow({ on: state.dry, clear: state.clearDry }, dryness)
  const low = follow({ on: state.low, clear: state.clearLow }, lowness)
  const events: LenderEvent[] = []
  if (dry.on && !state.dry && dryness?.reason) events.push({ kind: 'dry', reason: dryness.reason })
  if (!dry.on && state.dry) events.push({ kind: 'liquid' })
  if (low.on && !state.low) events.push({ kind: 'rate-low' })
  // Whoever took the line away does not want to hear of it.
  if (!low.on && state.low && lines.yieldPerYear !== null) events.push({ kind: 'rate-back' })
  return {
    state: { dry: dry.on, low: low.on, clearDry: dry.clear, clearLow: low.clear, lastMs: reading.atMs },
    events,
  }
}

/** `over`: beyond the line; `clear`: well away from it. Between the two nothing changes. */
interface Verdict {
  readonly where: 'over' | 'between' | 'clear'
  readonly reason?: 'utilisation' | 'liquidity'
}

/** `null` when nothing is known. A part that is not known can neither raise nor end anything. */
function drynessOf(reading: LenderReading, lines: LenderLines): Verdict | null {
  const lent = utilisationVerdict(reading.utilisation, lines.utilisation)
  const left = liquidityVerdict(reading)
  if (left === 'over') return { where: 'over', reason: 'liquidity' }
  if (lent === 'over') return { where: 'over', reason: 'utilisation' }
  if (left === null && lent === null) return null
  return { where: lent === 'clear' && left === 'clear' ? 'clear' : 'between' }
}

function utilisationVerdict(utilisation: number | null, line: number): Verdict['where'] | null {
  if (utilisation === null || !Number.isFinite(utilisation)) return null
  if (utilisation >= line) return 'over'
  return utilisation <= line - (1 - line) * CLEAR_OF_UTILISATION ? 'clear' : 'between'
}

function liquidityVerdict({ liquidityRaw, suppliedRaw }: LenderReading): Verdict['where'] | null {
  if (liquidityRaw === null || suppliedRaw === null) return null
  if (liquidityRaw < suppliedRaw) return 'over'
  return liquidityRaw * 100n >= suppliedRaw * CLEAR_LIQUIDITY_PERCENT ? 'clear' : 'between'
}

function lownessOf({ yieldPerYear }: LenderReading, lines: LenderLines): Verdict | null {
  if (lines.yieldPerYear === null) return { where: 'clear' }
  if (yieldPerYear === null || !Number.isFinite(yieldPerYear)) return null
  if (yieldPerYear < lines.yieldPerYear) return { where: 'over' }
  return { where: yieldPerYear >= lines.yieldPerYear * (1 + CLEAR_OF_YIELD) ? 'clear' : 'between' }
}

interface Followed {
  readonly on: boolean
  readonly clear: number
}

function follow(before: Followed, verdict: Verdict | null): Followed {
  if (verdict === null) return before
  if (verdict.where === 'over') return { on: true, clear: 0 }
  if (!before.on || verdict.where === 'between') return { on: before.on, clear: 0 }
  const clear = before.clear + 1
  return clear >= CLEAR_READINGS ? { on: false, clear: 0 } : { on: true, clear }
}

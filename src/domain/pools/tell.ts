import { type Opportunity, opportunityKey } from './opportunity.ts'
import type { PoolRules } from './rules.ts'
import type { Score } from './score.ts'

/** An opportunity with its rank. */
export interface Ranked {
  readonly opportunity: Opportunity
  readonly score: Score
}

/** What a chat was last told of one opportunity. */
export interface Told {
  readonly key: string
  /** Fraction per year. */
  readonly yieldPerYear: number
  readonly score: number
  readonly atMs: number
  /** Told as better and not back since: then only a bigger step counts. */
  readonly risen: boolean
}

export type Reason = 'new' | 'better'

export interface Tip {
  readonly ranked: Ranked
  readonly reason: Reason
  /** Told before; `null` of a new one. */
  readonly before: Told | null
}

export interface Telling {
  /** The best first; empty = nothing to say. */
  readonly tips: readonly Tip[]
  /** Worth telling too, but there was no room. They are not marked and come next time. */
  readonly more: number
  /** The first message to this chat: a digest of what there is. */
  readonly first: boolean
  /** To be written together with the message, never before it is accepted. */
  readonly told: readonly Told[]
  /** Came down again: to be written at any time. */
  readonly settled: readonly Told[]
}

/** Between two messages about the same opportunity. */
export const COOLDOWN_MS = 6 * 3_600_000
/** Less than that is not worth a message, however many times more than almost nothing: 1 % a year. */
const LEAST_STEP = 0.01
/** Down to this part of the line it crossed, it counts as back. */
const BACK_AT = 0.8
export const MOST_TIPS = 5
export const MOST_FIRST_TIPS = 10

export interface TellingFacts {
  /** All that matches, the best first. */
  readonly ranked: readonly Ranked[]
  /** Whatever this chat was ever told and not forgotten, also of what is not there now. */
  readonly told: ReadonlyMap<string, Told>
  readonly rules: Pick<PoolRules, 'multiplier'>
  /** Yield of what the people have now, and which it is; an empty set and `null` when not known. */
  readonly has: { readonly yieldPerYear: number | null; readonly keys: ReadonlySet<string> }
  /** Nothing was ever told to this chat. */
  readonly first: boolean
  readonly nowMs: number
}

/**
 * What to tell a chat: what is new, or materially better than what it was last told. Only what was told counts, not the last
 * look, so slow growth is told once it adds up; and what vanished and returns as it was is nothing new.
 */
export function decideTelling(facts: TellingFacts): Telling {
  const worth: Tip[] = []
  const settled: Told[] = []
  for (const ranked of facts.ranked) {
    const key = opportunityKey(ranked.opportunity)
    const before = facts.told.get(key) ?? null
    if (before?.risen && isBack(ranked, { before, multiplier: facts.rules.multiplier }))
      settled.push({ ...before, risen: false })
    const reason = reasonFor({ ranked, key, before }, facts)
    if (reason) worth.push({ ranked, reason, before })
  }
  const tips = worth.slice(0, facts.first ? MOST_FIRST_TIPS : MOST_TIPS)
  const told = tips.map(({ ranked, reason }) => toldNow(ranked, { reason, nowMs: facts.nowMs }))
  const marked = new Set(told.map(({ key }) => key))
  return {
    tips,
    more: worth.length - tips.length,
    first: facts.first,
    told,
    settled: settled.filter(({ key }) => !marked.has(key)),
  }
}

function toldNow({ opportunity, score }: Ranked, at: { reason: Reason; nowMs: number }): Told {
  return {
    key: opportunityKey(opportunity),
    yieldPerYear: opportunity.yieldPerYear.total,
    score: score.score,
    atMs: at.nowMs,
    risen: at.reason === 'better',
  }
}

function reasonFor(
  one: { ranked: Ranked; key: string; before: Told | null },
  { has, rules, nowMs }: TellingFacts,
): Reason | null {
  const { total } = one.ranked.opportunity.yieldPerYear
  if (one.ranked.score.score <= 0 || has.keys.has(one.key)) return null
  if (has.yieldPerYear !== null && !isBetter(total, { than: has.yieldPerYear, times: rules.multiplier }))
    return null
  if (one.before === null) return 'new'
  return isWorthAgain(total, { before: one.before, multiplier: rules.multiplier, nowMs }) ? 'better' : null
}

/** Whether a yield is materially better than what was told, and that was not told lately. */
export function isWorthAgain(
  total: number,
  { before, multiplier, nowMs }: { before: Told; multiplier: number; nowMs: number },
): boolean {
  if (nowMs - before.atMs < COOLDOWN_MS) return false
  const times = before.risen ? multiplier / BACK_AT : multiplier
  return isBetter(total, { than: before.yieldPerYear, times })
}

/** Never a division: what was told may have been 0. */
function isBetter(now: number, line: { than: number; times: number }): boolean {
  return now >= line.than * line.times && now - line.than >= LEAST_STEP
}

function isBack({ opportunity }: Ranked, line: { before: Told; multiplier: number }): boolean {
  return opportunity.yieldPerYear.total < line.before.yieldPerYear * line.multiplier * BACK_AT
}

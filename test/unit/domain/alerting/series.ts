import {
  type Decision,
  type DecisionInput,
  decide,
  decideLiquidation,
} from '../../../../src/domain/alerting/decide.ts'
import type { AlertState } from '../../../../src/domain/alerting/state.ts'
import type { Transition } from '../../../../src/domain/alerting/transition.ts'
import { type AlertRules, DEFAULT_SETTINGS } from '../../../../src/domain/chat-settings.ts'
import type {
  BlockRef,
  Health,
  PositionRef,
  Reading,
  UnknownReason,
} from '../../../../src/domain/position.ts'
import { type Lines, linesFor } from '../../../../src/domain/thresholds.ts'
import { parseWad, WAD } from '../../../../src/domain/units.ts'

/**
 * A story of one position in one line, for example `1.6 1.4 +60s 1.7`:
 *
 * - `1.4` a health; under 1 it is liquidatable by itself. `liq:1.02`: the protocol says so above 1.
 * - `nodebt` a deposit, `none` no such position, `moved` none either, because the debt continues in the market `Elsewhere`
 * - `?` could not be read (`?oracle`: for that reason)
 * - `same` the last answer of the chain once more, from the same block
 * - `back` the next reading comes from a block below the newest that answered so far
 * - `+60s`, `+5min`, `+2h` the next reading comes that much later instead of `everySeconds`
 * - `line:1.3` from the next reading on this is the threshold
 *
 * - `dust:1.05` a health whose debt is worth half a dollar, `bad:0.6` one whose collateral is worth less than the debt
 * - `seen` somebody presses "Seen", `snooze:2h` "Snooze": both answer the level of that moment
 * - `liquidated` the protocol's own event, in the block of the reading before it; `liquidated:same` once more
 *
 * Any reading may end in `@name`: another endpoint gave it.
 */
export interface SeriesOptions {
  readonly warning?: number
  readonly everySeconds?: number
  /** Play on from here. */
  readonly from?: AlertState
  /** What differs from the defaults. */
  readonly rules?: Partial<AlertRules>
}

/** One step of a story: a reading, ready for `decide`, or what somebody or the protocol did after it. */
export interface Step {
  readonly token: string
  readonly act: 'read' | 'seen' | 'snooze' | 'liquidated'
  /** For `snooze`: how long. */
  readonly ms: number
  readonly logIndex: number
  /** The last one, where the step is none itself. */
  readonly reading: Reading
  readonly lines: Lines
  readonly rules: AlertRules
  readonly nowMs: number
}

export interface Played extends Step {
  readonly before: AlertState | null
  readonly decision: Decision
}

/** What holds unless a story says otherwise: no repeats, so that a story tells of one rule at a time. */
export const QUIET_RULES: AlertRules = {
  ...DEFAULT_SETTINGS,
  repeatMinutes: { warning: null, critical: null, liquidatable: null },
  escalates: false,
}

export const START_MS = Date.UTC(2026, 0, 15, 14, 0)
const FIRST_BLOCK = 1_000_000
const OWNER = '0x1234567890abcdef1234567890abcdef12345678'
const ELSEWHERE: PositionRef = {
  protocol: 'euler',
  key: `euler:elsewhere:${OWNER}`,
  owner: OWNER,
  market: 'elsewhere',
  marketName: 'Elsewhere',
}
const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 }

export function wad(text: string): bigint {
  const value = parseWad(text)
  if (value === undefined) throw new Error(`not a health or threshold: ${text}`)
  return value
}

export function blockAt(number: number, nowMs: number): BlockRef {
  const hash = `0x${number.toString(16).padStart(64, '0')}`
  return { number, timestamp: Math.floor(nowMs / 1000), hash, parentHash: hash }
}

/** The readings of a story, in order, with the time, block and lines of each. */
export function stepsOf(text: string, options: SeriesOptions = {}): Step[] {
  const every = (options.everySeconds ?? 15) * 1000
  let lines = linesFor(wad(String(options.warning ?? 1.5)))
  let nowMs = START_MS - every
  let next = FIRST_BLOCK
  let newest = FIRST_BLOCK
  let gapMs = every
  let back = false
  let lastAnswer: Exclude<Reading, { kind: 'unknown' }> | undefined
  const steps: Step[] = []
  let logIndex = 0
  for (const token of text.split(/\s+/).filter(Boolean)) {
    const gap = /^\+(\d+)(s|min|h)$/.exec(token)
    if (gap) {
      gapMs = Number(gap[1]) * (SECONDS[gap[2] ?? ''] ?? 0) * 1000
    } else if (token === 'back') {
      back = true
    } else if (token.startsWith('line:')) {
      lines = linesFor(wad(token.slice('line:'.length)))
    } else if (/^(seen$|snooze:|liquidated)/.test(token)) {
      const last = steps.at(-1)
      if (!last) throw new Error(`${token} needs a reading before it`)
      const [act = '', detail = ''] = token.split(':')
      const duration = /^(\d+)(s|min|h)$/.exec(detail)
      if (act === 'liquidated' && detail !== 'same') logIndex += 1
      const ms = duration ? Number(duration[1]) * (SECONDS[duration[2] ?? ''] ?? 0) * 1000 : 0
      steps.push({ ...last, token, act: act as Step['act'], ms, logIndex, nowMs })
    } else {
      nowMs += gapMs
      if (!back) next += 1
      const block = back ? blockAt(newest - 1, nowMs - every) : blockAt(next, nowMs)
      const reading = readingOf(token, { block, lastAnswer })
      if (reading.kind !== 'unknown') {
        lastAnswer = reading
        newest = Math.max(newest, reading.block.number)
      }
      const rules = { ...QUIET_RULES, ...options.rules }
      steps.push({ token, act: 'read', ms: 0, logIndex, reading, lines, rules, nowMs })
      gapMs = every
      back = false
    }
  }
  return steps
}

function readingOf(
  token: string,
  at: { block: BlockRef; lastAnswer: Exclude<Reading, { kind: 'unknown' }> | undefined },
): Reading {
  const [what = '', endpoint = 'first'] = token.split('@')
  const { block, lastAnswer } = at
  if (what.startsWith('?')) {
    const reason = (what.slice(1) || 'rpc') as UnknownReason
    return { kind: 'unknown', reason, detail: `no answer (${reason})` }
  }
  if (what === 'none') return { kind: 'none', block, endpoint }
  if (what === 'moved') return { kind: 'none', movedTo: ELSEWHERE, block, endpoint }
  if (what === 'same') {
    if (!lastAnswer) throw new Error('`same` needs an answer before it')
    return { ...lastAnswer, endpoint }
  }
  return {
    kind: 'ok',
    health: healthOf(what),
    collateral: { amount: what.startsWith('bad:') ? 90_000n : 120_000n, decimals: 1 },
    debt: { amount: what === 'nodebt' ? 0n : what.startsWith('dust:') ? 50n : 1_000_000n, decimals: 2 },
    unit: 'USD',
    block,
    endpoint,
  }
}

function healthOf(what: string): Health {
  if (what === 'nodebt') return { noDebt: true }
  const [word = '', number] = what.split(':')
  const forced = word === 'liq'
  const healthWad = wad(number ?? word)
  return { noDebt: false, healthWad, liquidatable: forced || healthWad < WAD }
}

/** Runs `decide` over the steps, each on the state the one before left. */
export function play(steps: readonly Step[], from: AlertState | null = null): Played[] {
  let state = from
  return steps.map((step) => {
    const before = state
    const decision = decisionOf(step, state)
    state = decision.state
    return { ...step, before, decision }
  })
}

function decisionOf(step: Step, state: AlertState | null): Decision {
  const { act, reading, lines, rules, nowMs } = step
  if (act === 'read') {
    const input: DecisionInput = { state, reading, lines, rules, nowMs }
    return decide(input)
  }
  if (!state) throw new Error(`nothing was read before ${step.token}`)
  const { level } = state
  if (act === 'seen') return { state: { ...state, seen: { level, atMs: nowMs } }, transitions: [] }
  if (act === 'snooze')
    return { state: { ...state, snooze: { level, untilMs: nowMs + step.ms } }, transitions: [] }
  const liquidation = { block: state.lastBlock, logIndex: step.logIndex, repaid: null, seized: null }
  return decideLiquidation({ state, liquidation, lines, rules, nowMs })
}

/** The transitions of a story as they were decided. */
export function transitionsOf(text: string, options: SeriesOptions = {}): Transition[] {
  return play(stepsOf(text, options), options.from ?? null).flatMap(({ decision }) => [
    ...decision.transitions,
  ])
}

/** What is remembered at the end of a story. */
export function stateAfter(text: string, options: SeriesOptions = {}): AlertState {
  const last = play(stepsOf(text, options), options.from ?? null).at(-1)
  if (!last) throw new Error('the story has no reading')
  return last.decision.state
}

/** What is told in a story, as words: `warning`, `recovered:warning` (from a deeper level), `new-low`, `blind` ... */
export function series(text: string, options: SeriesOptions = {}): string[] {
  return transitionsOf(text, options).map(wordFor)
}

export function wordFor({ kind, newLow, repeat, to }: Transition): string {
  if (repeat) return `repeat:${kind}`
  if (newLow) return 'new-low'
  return kind === 'recovered' && to !== 'safe' ? `recovered:${to}` : kind
}

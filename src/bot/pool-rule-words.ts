import {
  LEAST_TVL_USD,
  type PoolRules,
  PRESETS,
  type Preset,
  type RiskCeiling,
} from '../domain/pools/rules.ts'
import { plain } from '../views/plain.ts'
import { RULE_PAGES, type RulePage } from '../views/pools/rules.ts'

/** What somebody wants of `/poolalerts`. */
export type RuleWish =
  | { readonly kind: 'show'; readonly page: RulePage | null }
  | { readonly kind: 'switch'; readonly enabled: boolean }
  | { readonly kind: 'preset'; readonly preset: Preset }
  | { readonly kind: 'reset' }
  | { readonly kind: 'change'; readonly page: RulePage; readonly change: (before: PoolRules) => PoolRules }
  /** One line for the person, and what to type instead. */
  | { readonly kind: 'wrong'; readonly error: string; readonly example: string }

type Words = readonly string[]

const MOST_USD = 1e9
const MOST_YIELD_PERCENT = 100_000
const HOUR_MS = 3_600_000
const MOST_AGE_MS = 365 * 24 * HOUR_MS
const EVERY_MS = { least: 15 * 60_000, most: 24 * HOUR_MS }
const MULTIPLIER = { least: 1.05, most: 100 }
const TURNOVER = { least: 1, most: 10_000 }
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['m', 60_000],
  ['min', 60_000],
  ['h', HOUR_MS],
  ['d', 24 * HOUR_MS],
])

const KINDS: ReadonlyMap<string, PoolRules['kinds']> = new Map([
  ['pool', 'pool'],
  ['pools', 'pool'],
  ['lend', 'lend'],
  ['lending', 'lend'],
  ['all', 'all'],
])
const YES_NO: ReadonlyMap<string, boolean> = new Map([
  ['yes', true],
  ['no', false],
])
/** Other words for the same rule. */
const SAME_RULE: ReadonlyMap<string, string> = new Map([
  ['kinds', 'kind'],
  ['interval', 'every'],
  ['better', 'multiplier'],
])

interface Rule {
  readonly page: RulePage
  readonly example: string
  readonly expected: string
  readonly read: (words: Words) => ((before: PoolRules) => PoolRules) | undefined
}

const RULES: Readonly<Record<string, Rule>> = {
  tvl: {
    page: 'tvl',
    example: 'tvl 50000',
    expected: 'dollars from 1,000 to 1,000,000,000',
    read: one(
      (text) => within(moneyOf(text), { least: LEAST_TVL_USD, most: MOST_USD }),
      (minTvlUsd) => ({ minTvlUsd }),
    ),
  },
  fees24h: {
    page: 'fees',
    example: 'fees24h 100',
    expected: 'dollars from 0 to 1,000,000,000',
    read: one(
      (text) => within(moneyOf(text), { least: 0, most: MOST_USD }),
      (minFees24hUsd) => ({ minFees24hUsd }),
    ),
  },
  fees30m: {
    page: 'fees',
    example: 'fees30m 10',
    expected: 'dollars from 0 to 1,000,000,000',
    read: one(
      (text) => within(moneyOf(text), { least: 0, most: MOST_USD }),
      (minFees30mUsd) => ({ minFees30mUsd }),
    ),
  },
  yield: {
    page: 'yield',
    example: 'yield 20',
    expected: 'percent a year from 0 to 100,000',
    read: one(
      (text) => within(numberOf(text.replace(/%$/, '')), { least: 0, most: MOST_YIELD_PERCENT }),
      (percent) => ({ minYield: percent / 100 }),
    ),
  },
  lendrate: {
    page: 'lendrate',
    example: 'lendrate 3',
    expected: 'percent a year from 0 to 100,000, or off',
    read: one(
      (text) =>
        text === 'off'
          ? 'off'
          : within(numberOf(text.replace(/%$/, '')), { least: 0, most: MOST_YIELD_PERCENT }),
      (percent) => ({ lendLine: percent === 'off' ? null : percent / 100 }),
    ),
  },
  age: {
    page: 'age',
    example: 'age 7d',
    expected: 'a time like 12h or 7d, at most 365d',
    read: one(
      (text) => (text === 'any' ? 0 : within(timeOf(text), { least: 0, most: MOST_AGE_MS })),
      risk('minAgeMs'),
    ),
  },
  every: {
    page: 'every',
    example: 'every 1h',
    expected: 'a time from 15m to 24h',
    read: one(
      (text) => within(timeOf(text), EVERY_MS),
      (intervalMs) => ({ intervalMs }),
    ),
  },
  multiplier: {
    page: 'multiplier',
    example: 'multiplier 1.5',
    expected: 'a number from 1.05 to 100',
    read: one(
      (text) => within(numberOf(text.replace(/[x×]$/, '')), MULTIPLIER),
      (multiplier) => ({ multiplier }),
    ),
  },
  kind: {
    page: 'kind',
    example: 'kind all',
    expected: 'pool, lend or all',
    read: one(
      (text) => KINDS.get(text),
      (kinds) => ({ kinds }),
    ),
  },
  'risk verified': {
    page: 'risk',
    example: 'risk verified all',
    expected: 'all, one or none',
    read: one((text) => (['all', 'one', 'none'] as const).find((word) => word === text), risk('verified')),
  },
  'risk frozen': {
    page: 'risk',
    example: 'risk frozen no',
    expected: 'yes or no',
    read: one((text) => YES_NO.get(text), risk('allowFreezable')),
  },
  'risk volume': {
    page: 'risk',
    example: 'risk volume 50',
    expected: 'times a day from 1 to 10,000',
    read: one((text) => within(numberOf(text.replace(/[x×]$/, '')), TURNOVER), risk('maxTurnover')),
  },
}
/** Reads what was typed after `/poolalerts`; the buttons of the menu carry the same words. */
export function readRuleWish(text: string): RuleWish {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const [first, second] = words
  if (first === undefined) return { kind: 'show', page: null }
  if (words.length === 1) {
    if (first === 'on' || first === 'off') return { kind: 'switch', enabled: first === 'on' }
    if (first === 'reset') return { kind: 'reset' }
    const page = RULE_PAGES.find((name) => name === first)
    if (page) return { kind: 'show', page }
  }
  const name = first === 'preset' && words.length === 2 ? second : words.length === 1 ? first : undefined
  const preset = PRESETS.find((one) => one === name)
  if (preset) return { kind: 'preset', preset }
  return readRule(words)
}

function readRule(words: Words): RuleWish {
  const [first = '', second = ''] = words
  const key = first === 'risk' ? `risk ${second}` : (SAME_RULE.get(first) ?? first)
  const rule = Object.hasOwn(RULES, key) ? RULES[key] : undefined
  if (!rule) {
    const known =
      first === 'risk'
        ? 'verified, frozen and volume'
        : `on, off, reset, ${PRESETS.join(', ')}, yield, tvl, fees24h, fees30m, age, risk, every, multiplier and kind`
    return wrong(
      `I read “${plain(first === 'risk' ? second : first)}”; I know ${known}.`,
      first === 'risk' ? 'risk verified all' : 'yield 20',
    )
  }
  const rest = words.slice(first === 'risk' ? 2 : 1)
  const change = rule.read(rest)
  if (!change)
    return wrong(`I read “${plain(rest.join(' '))}” for ${key}; I need ${rule.expected}.`, rule.example)
  return { kind: 'change', page: rule.page, change }
}

function wrong(error: string, example: string): RuleWish {
  return { kind: 'wrong', error: `${error} Nothing was changed.`, example: `/poolalerts ${example}` }
}

/** A rule of one word. */
function one<T>(
  read: (text: string) => T | undefined,
  patch: (value: T) => Partial<PoolRules> | ((before: PoolRules) => Partial<PoolRules>),
): Rule['read'] {
  return (words) => {
    const [text, more] = words
    const value = text === undefined || more !== undefined ? undefined : read(text)
    if (value === undefined) return undefined
    return (before) => {
      const change = patch(value)
      return { ...before, ...(typeof change === 'function' ? change(before) : change) }
    }
  }
}

function risk<K extends keyof RiskCeiling>(key: K) {
  return (value: RiskCeiling[K]) =>
    (before: PoolRules): Partial<PoolRules> => ({ risk: { ...before.risk, [key]: value } })
}

/** `50000`, `$50,000`, `50k`, `1.5M`. */
function moneyOf(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^\$?([\d.,]{1,20})([km])?$/.exec(text) ?? []
  const plainDigits = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(digits) ? digits.replaceAll(',', '') : digits
  const number = numberOf(plainDigits)
  return number === undefined ? undefined : number * (unit === 'k' ? 1_000 : unit === 'm' ? 1_000_000 : 1)
}

function numberOf(text: string): number | undefined {
  return /^\d{1,12}(\.\d{1,6})?$/.test(text) ? Number(text) : undefined
}

function timeOf(text: string): number | undefined {
  const match = /^(\d{1,5})(m|min|h|d)$/.exec(text)
  const unit = UNIT_MS.get(match?.[2] ?? '')
  return match && unit !== undefined ? Number(match[1]) * unit : undefined
}

function within(
  value: number | undefined,
  { least, most }: { least: number; most: number },
): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined
}

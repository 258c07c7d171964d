import { FormattedString, fmt } from '@grammyjs/parse-mode'
import { type PoolRules, PRESETS, type Preset } from '../../domain/pools/rules.ts'
import { durationText } from '../numbers.ts'
import { type Button, lines, type View, view } from '../view.ts'
import { moneyText, percentText } from './parts.ts'
import { sidesText } from './tokens.ts'

export const RULE_PAGES = [
  'yield',
  'tvl',
  'fees',
  'age',
  'risk',
  'every',
  'multiplier',
  'kind',
  'lendrate',
] as const
export type RulePage = (typeof RULE_PAGES)[number]

export interface RulesFacts {
  readonly enabled: boolean
  readonly preset: Preset
  readonly rules: PoolRules
  /** The rules are no longer those of the preset. */
  readonly changed: boolean
  /** On the chat's list. */
  readonly tokens: number
  /** Alerts of the chat are off altogether. */
  readonly stopped: boolean
}

const VERIFIED = {
  all: 'every token verified',
  one: 'at least one token verified',
  none: 'unverified tokens too',
} as const
const KINDS = { all: 'pools and lending', pool: 'pools only', lend: 'lending only' } as const

/** `/poolalerts`: what this chat is told of, and when. */
export function rulesView(facts: RulesFacts): View {
  const { enabled, preset, rules, changed, tokens, stopped } = facts
  return view(
    lines([
      fmt`${enabled ? '🔔' : '🔕'} Pool alerts are ${FormattedString.b(enabled ? 'on' : 'off')}, with the preset ${preset}${changed ? ', changed by you' : ''}.`,
      enabled && stopped ? '⏸ But alerts are off in this chat altogether. /resume turns them on.' : null,
      tokens === 0
        ? 'Tokens: any, because your list is empty.'
        : `Tokens: ${tokens} on your list. ${sidesText(rules)}`,
      ...RULE_PAGES.map((page) => ruleText(page, rules)),
    ]),
    [
      [
        enabled ? { text: '🔕 Turn off', data: 'pal:off' } : { text: '🔔 Turn on', data: 'pal:on' },
        ...(changed ? [{ text: `Reset to ${preset}`, data: 'pal:reset' }] : []),
      ],
      PRESETS.map((name) => ({ text: name === preset ? `✓ ${name}` : name, data: `pal:${name}` })),
      [page('Yield', 'yield'), page('TVL', 'tvl'), page('Fees', 'fees'), page('Age', 'age')],
      [
        page('Risk', 'risk'),
        page('How often', 'every'),
        page('Better by', 'multiplier'),
        page('Kinds', 'kind'),
        page('My lending', 'lendrate'),
      ],
      [
        { text: 'Tokens', data: 'tokens' },
        { text: 'All now', data: 'pools' },
      ],
    ],
  )
}

function page(text: string, name: RulePage): Button {
  return { text, data: `pal:${name}` }
}

/** What one rule does now, in words. */
export function ruleText(name: RulePage, rules: PoolRules): string {
  const { risk } = rules
  switch (name) {
    case 'yield':
      return `Yield: at least ${percentText(rules.minYield)} a year.`
    case 'tvl':
      return `Money in it: at least ${moneyText(rules.minTvlUsd)}.`
    case 'fees':
      return `Fees of a pool: at least ${moneyText(rules.minFees24hUsd)} in 24 h and ${moneyText(rules.minFees30mUsd)} in 30 min.`
    case 'age':
      return risk.minAgeMs === 0
        ? 'Age of a pool: any.'
        : `Age of a pool: at least ${durationText(risk.minAgeMs)}.`
    case 'risk':
      return `Risk of a pool: ${VERIFIED[risk.verified]}; ${risk.allowFreezable ? 'also' : 'no'} unverified tokens that somebody can freeze; its money traded at most ${risk.maxTurnover} times a day.`
    case 'every':
      return `I look every ${durationText(rules.intervalMs)}.`
    case 'multiplier':
      return `I tell what is new, or ${rules.multiplier} times better than what I told you or than what you have.`
    case 'kind':
      return `Kinds: ${KINDS[rules.kinds]}.`
    case 'lendrate':
      return rules.lendLine == null
        ? 'What you lend: I tell when the market runs dry, not when its rate falls.'
        : `What you lend: I tell when the market runs dry, or earns less than ${percentText(rules.lendLine)} a year.`
  }
}

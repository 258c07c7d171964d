import { FormattedString, fmt } from '@grammyjs/parse-mode'
import { type PoolRules, PRESETS, type Preset } from '../../domain/pools/rules.ts'
import { durationText } from '../numbers.ts'
import { plain } from '../plain.ts'
import { lines, nearestPage, pageButtons, paged, type View, view } from '../view.ts'
import { moneyText, percentText } from './parts.ts'

const VERIFIED = {
  all: 'every token verified',
  one: 'at least one token verified',
  none: 'unverified tokens too',
} as const
const KINDS = { all: 'pools and lending', pool: 'pools only', lend: 'lending only' } as const

/** `/poolalerts`: what this chat is told of, and when. */
export function rulesView(facts: {
  enabled: boolean
  preset: Preset
  rules: PoolRules
  tokens: number
}): View {
  const { enabled, preset, rules, tokens } = facts
  const { risk } = rules
  const sides =
    rules.sides === 'both'
      ? `both sides on your list or one of ${rules.quotes.length} quote tokens`
      : 'one side on your list is enough'
  return view(
    lines([
      fmt`${enabled ? '🔔' : '🔕'} Pool alerts are ${FormattedString.b(enabled ? 'on' : 'off')}, from the preset ${preset}: ${KINDS[rules.kinds]}.`,
      tokens === 0 ? 'Tokens: any, because your list is empty.' : `Tokens: ${tokens} on your list, ${sides}.`,
      `At least ${percentText(rules.minYield)} a year and ${moneyText(rules.minTvlUsd)} in it.`,
      `Fees of a pool: at least ${moneyText(rules.minFees30mUsd)} in 30 min and ${moneyText(rules.minFees24hUsd)} in 24 h.`,
      `Risk: ${VERIFIED[risk.verified]}, ${durationText(risk.minAgeMs)} old or older, traded at most ${risk.maxTurnover} times a day${risk.allowFreezable ? '' : ', no unverified token that can be frozen'}.`,
      `I look every ${durationText(rules.intervalMs)} and tell what is new, or ${rules.multiplier} times better than what I told you or than what you have.`,
    ]),
    [
      PRESETS.map((name) => ({ text: name === preset ? `• ${name}` : name, data: `poolpreset:${name}` })),
      [
        { text: enabled ? 'Turn off' : 'Turn on', data: `poolalerts:${enabled ? 'off' : 'on'}` },
        { text: 'Tokens', data: 'tokens' },
        { text: 'All now', data: 'pools:0' },
      ],
    ],
  )
}

/** `/tokens`: the list, by address, because anybody may choose a symbol. */
export function tokensView(
  tokens: readonly { readonly address: string; readonly symbol: string }[],
  { page: asked }: { page: number },
): View {
  const add = fmt`Add one with ${FormattedString.code('/tokens add <mint or address>')}.`
  if (tokens.length === 0) return view(lines(['No tokens on your list: any token will do.', add]))
  const pages = paged(
    tokens.map(
      ({ address, symbol }, index) =>
        fmt`${index + 1}. ${plain(symbol)} ${FormattedString.code(plain(address, 64) || '?')}`,
    ),
    200,
  )
  const page = nearestPage(asked, pages.length)
  return view(lines(['Tokens you want to hear of:', ...(pages[page] ?? []), '', add]), [
    ...pageButtons({ page, pages: pages.length }, (to) => `tokens:${to}`),
    [{ text: 'Alert rules', data: 'poolalerts' }],
  ])
}

import { FormattedString, fmt } from '@grammyjs/parse-mode'
import type { PoolRules } from '../../domain/pools/rules.ts'
import { durationText } from '../numbers.ts'
import { type Button, lines, type View, view } from '../view.ts'
import { moneyText, percentText } from './parts.ts'
import { type RulePage, ruleText } from './rules.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const YIELDS = [5, 10, 20, 50, 100]
const LEND_RATES = [1, 2, 3, 5, 10]
const TVLS = [1_000, 10_000, 50_000, 100_000, 1_000_000]
const FEES_24H = [0, 50, 100, 1_000, 10_000]
const FEES_30M = [0, 10, 50, 100, 1_000]
const AGES_MS = [0, HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS]
const VERIFIED = [
  ['all', 'every token'],
  ['one', 'one token'],
  ['none', 'none'],
] as const
const TURNOVERS = [5, 10, 50, 100, 500]
const EVERY_MINUTES = [15, 30, 60, 240, 1_440]
const MULTIPLIERS = [1.1, 1.3, 1.5, 2, 3]
const KINDS = [
  ['all', 'both'],
  ['pool', 'pools'],
  ['lend', 'lending'],
] as const

const BACK: Button = { text: '‹ Alerts', data: 'pal:' }

interface Page {
  readonly hint: string | null
  readonly examples: readonly string[]
  readonly choices: (rules: PoolRules) => readonly (readonly Button[])[]
}

/** The choice that holds is ticked. */
function choice(text: string, { data, chosen }: { data: string; chosen: boolean }): Button {
  return { text: chosen ? `✓ ${text}` : text, data: `pal:${data}` }
}

const PAGES: Readonly<Record<RulePage, Page>> = {
  lendrate: {
    hint: 'For what wallets of this chat lend. A simple yearly rate, as the market pays it now.',
    examples: ['lendrate 3', 'lendrate off'],
    choices: ({ lendLine = null }) => [
      [
        choice('off', { data: 'lendrate off', chosen: lendLine === null }),
        ...LEND_RATES.map((percent) =>
          choice(percentText(percent / 100), {
            data: `lendrate ${percent}`,
            chosen: lendLine === percent / 100,
          }),
        ),
      ],
    ],
  },
  yield: {
    hint: 'Per year: of pools from the fees of the last 24 hours, of lending the rate of now. Past numbers are no promise.',
    examples: ['yield 20'],
    choices: ({ minYield }) => [
      YIELDS.map((percent) =>
        choice(percentText(percent / 100), { data: `yield ${percent}`, chosen: minYield === percent / 100 }),
      ),
    ],
  },
  tvl: {
    hint: 'In a pool all that is in it; of lending what could be taken out at once.',
    examples: ['tvl 50000', 'tvl 1.5M'],
    choices: ({ minTvlUsd }) => [
      TVLS.map((usd) => choice(moneyText(usd), { data: `tvl ${usd}`, chosen: minTvlUsd === usd })),
    ],
  },
  fees: {
    hint: 'All fees of the pool, not yours. The first row is for 24 h, the second for 30 min.',
    examples: ['fees24h 100', 'fees30m 10'],
    choices: ({ minFees24hUsd, minFees30mUsd }) => [
      FEES_24H.map((usd) =>
        choice(moneyText(usd), { data: `fees24h ${usd}`, chosen: minFees24hUsd === usd }),
      ),
      FEES_30M.map((usd) =>
        choice(moneyText(usd), { data: `fees30m ${usd}`, chosen: minFees30mUsd === usd }),
      ),
    ],
  },
  age: {
    hint: 'Most pools that are made to steal do not get old.',
    examples: ['age 7d', 'age 12h'],
    choices: ({ risk }) => [
      AGES_MS.map((ms) =>
        choice(ms === 0 ? 'any' : ms < DAY_MS ? `${ms / HOUR_MS} h` : `${ms / DAY_MS} d`, {
          data: `age ${ms / HOUR_MS}h`,
          chosen: risk.minAgeMs === ms,
        }),
      ),
    ],
  },
  risk: {
    hint: 'First row: how many tokens must be verified. Second: unverified tokens that can be frozen. Third: how often a day the money in it may be traded; much more than that is mostly trading with oneself.',
    examples: ['risk verified all', 'risk frozen no', 'risk volume 50'],
    choices: ({ risk }) => [
      VERIFIED.map(([word, text]) =>
        choice(text, { data: `risk verified ${word}`, chosen: risk.verified === word }),
      ),
      [
        choice('not frozen', { data: 'risk frozen no', chosen: !risk.allowFreezable }),
        choice('may be frozen', { data: 'risk frozen yes', chosen: risk.allowFreezable }),
      ],
      TURNOVERS.map((times) =>
        choice(`${times}×`, { data: `risk volume ${times}`, chosen: risk.maxTurnover === times }),
      ),
    ],
  },
  every: {
    hint: 'At most one message each time, and none when there is nothing new.',
    examples: ['every 1h', 'every 30m'],
    choices: ({ intervalMs }) => [
      EVERY_MINUTES.map((minutes) =>
        choice(durationText(minutes * 60_000), {
          data: `every ${minutes}m`,
          chosen: intervalMs === minutes * 60_000,
        }),
      ),
    ],
  },
  multiplier: {
    hint: null,
    examples: ['multiplier 1.5'],
    choices: ({ multiplier }) => [
      MULTIPLIERS.map((times) =>
        choice(`${times}×`, { data: `multiplier ${times}`, chosen: multiplier === times }),
      ),
    ],
  },
  kind: {
    hint: 'Pools are on Solana (Meteora), lending is on Monad.',
    examples: ['kind all'],
    choices: ({ kinds }) => [
      KINDS.map(([word, text]) => choice(text, { data: `kind ${word}`, chosen: kinds === word })),
    ],
  },
}

/** One rule: what it does now, its usual values as buttons, and how to type any other. */
export function rulePageView(name: RulePage, rules: PoolRules): View {
  const { hint, examples, choices } = PAGES[name]
  return view(
    lines([
      FormattedString.b(ruleText(name, rules)),
      hint,
      '',
      'Or type:',
      ...examples.map((example) => fmt`${FormattedString.code(`/poolalerts ${example}`)}`),
    ]),
    [...choices(rules), [BACK]],
  )
}

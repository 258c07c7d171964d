import { FormattedString, fmt } from '@grammyjs/parse-mode'
import type { Opportunity } from '../../domain/pools/opportunity.ts'
import { type Score, turnoverPerDay } from '../../domain/pools/score.ts'
import type { Ranked } from '../../domain/pools/tell.ts'
import { PROTOCOL_NAMES } from '../names.ts'
import { durationText, grouped } from '../numbers.ts'
import { compact, plain } from '../plain.ts'
import { lines } from '../view.ts'

/** `12.3 %`, `0.04 %`, `1,240 %`. Never `NaN %`. */
export function percentText(fraction: number): string {
  if (!Number.isFinite(fraction)) return '? %'
  const percent = fraction * 100
  const size = Math.abs(percent)
  if (size >= 100) return `${grouped(Math.round(percent))} %`
  return `${percent.toFixed(size >= 10 || size === 0 ? 1 : 2)} %`
}

/** `$950`, `$12k`, `$1.3M`. */
export function moneyText(usd: number | null): string {
  if (usd === null || !Number.isFinite(usd)) return 'unknown'
  if (usd < 1_000) return `$${Math.round(usd)}`
  if (usd < 999_500) return `$${(usd / 1_000).toFixed(usd < 9_950 ? 1 : 0)}k`
  return usd < 1e9 ? `$${(usd / 1e6).toFixed(1)}M` : `$${(usd / 1e9).toFixed(1)}B`
}

/** A name that strangers chose, with something to press on even where nothing of it can be shown. */
export function nameText(name: string): string {
  return compact(name, 32) || 'a pool without a name'
}

export function sourceName(source: Opportunity['source']): string {
  return source === 'meteora' ? 'Meteora' : PROTOCOL_NAMES[source]
}

const TRUST_SIGNS = { high: '✅', medium: '⚠️', low: '❗' } as const
const TRUST_WORDS = {
  high: 'all tokens verified',
  medium: 'not all tokens verified',
  low: 'unverified tokens',
} as const

/** One opportunity: what it yields and of what, how much is in it, how old it is, and why it stands where it stands. */
export function opportunityBlock({ opportunity, score }: Ranked, head: string): FormattedString {
  const { kind, tvlUsd, ageMs, trust, link, tokens, pool } = opportunity
  const age = ageMs === null ? 'age unknown' : `${durationText(ageMs)} old`
  const turnover = turnoverPerDay(opportunity)
  const addresses = tokens.filter(({ verified }) => verified !== true)
  return lines([
    fmt`${head} ${FormattedString.link(nameText(opportunity.name), link)} · ${sourceName(opportunity.source)} · ${FormattedString.b(`${percentText(opportunity.yieldPerYear.total)} a year`)}`,
    `   ${partsText(opportunity)}`,
    `   ${kind === 'lend' ? 'free to withdraw' : 'TVL'} ${moneyText(tvlUsd)} · ${kind === 'lend' ? '' : `${age} · `}${TRUST_SIGNS[trust]} ${kind === 'lend' ? `trust ${trust}` : TRUST_WORDS[trust]}`,
    turnover === null || pool === undefined
      ? null
      : `   traded ${turnover.toFixed(1)} times a day${pool.freezable === false ? '' : ' · ❗ a token can be frozen'}`,
    ...addresses
      .slice(0, 2)
      .map(
        (token) =>
          fmt`   ${compact(token.symbol, 12)}: ${FormattedString.code(plain(token.address, 64) || '?')}`,
      ),
    `   ${whyText(score)}`,
  ])
}

/** What a rank is made of. */
export function whyText(score: Score): string {
  const spike = score.capped ? ' · a spike was cut' : ''
  const outliers = score.outliers.length > 0 ? ` · left out as outlier: ${score.outliers.join(', ')}` : ''
  return `score ${scoreText(score.score)} = ${percentText(score.perDay)} a day × TVL ${factor(score.tvlFactor)} × age ${factor(score.ageFactor)} × trust ${factor(score.trustFactor)}${spike}${outliers}`
}

/** How old what is shown is. */
export function ageLine({ seenAtMs, nowMs }: { seenAtMs: number; nowMs: number }): string {
  return `Data is ${durationText(nowMs - seenAtMs)} old.`
}

export function partsText({ kind, yieldPerYear, windows }: Opportunity): string {
  const { base, reward, fee } = yieldPerYear
  const parts = [
    ...(base > 0 || kind === 'lend' ? [`interest ${percentText(base)}`] : []),
    ...(reward > 0 ? [`rewards ${percentText(reward)}`] : []),
    ...(fee > 0 || kind === 'pool' ? [`fees ${percentText(fee)}`] : []),
  ].join(' + ')
  if (!windows) return parts
  return `${parts} · fees ÷ TVL: ${percentText(windows['24h'])} in 24 h, ${percentText(windows['30m'])} in 30 min`
}

/** In hundredths of a percent a day, so that it is a number that people can compare. */
export function scoreText(score: number): string {
  return (score * 10_000).toFixed(1)
}

function factor(value: number): string {
  return value.toFixed(2)
}

export const PAST =
  'Past fees are no promise. A pool shows its average; your range decides, and a loss against holding is not in it.'

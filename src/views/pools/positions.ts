import { FormattedString, fmt } from '@grammyjs/parse-mode'
import { shortAddress } from '../../domain/address.ts'
import type { LpPosition, LpPositions } from '../../domain/pools/position.ts'
import { type Range, type RangeNews, type RangeState, rangeOf } from '../../domain/pools/range.ts'
import { compact, plain } from '../plain.ts'
import { type Button, lines, nearestPage, pageButtons, paged, type View, view } from '../view.ts'
import { moneyText, nameText } from './parts.ts'

export interface LpWalletShown {
  readonly wallet: string
  readonly label: string | null
}

const ICONS = { in: '🟢', near: '🟠', out: '🔴', unknown: '❔' } as const
const SIDES = { low: 'lower', high: 'upper' } as const

/** One wallet of `/lp`: where its positions stand, those out of range first. `done`: what was just done. */
export function lpView(
  { wallet, label }: LpWalletShown,
  read: LpPositions & { page: number; done?: string | undefined },
): View {
  const name = fmt`${FormattedString.b(walletText({ wallet, label }))} on Meteora`
  const head = read.done === undefined ? name : lines([read.done, name])
  const gaps = read.gaps === null ? null : `⚠️ There may be more: ${compact(read.gaps, 60)}.`
  if (read.positions.length === 0) {
    return view(lines([head, gaps ?? 'No open position in a pool.', gaps ? 'I saw no position.' : null]), [
      walletButtons(wallet, 0),
    ])
  }
  const order = ['out', 'near', 'unknown', 'in']
  const sorted = read.positions
    .map((position) => ({ position, range: rangeOf(position.bins) }))
    .sort((a, b) => order.indexOf(a.range.kind) - order.indexOf(b.range.kind))
  const pages = paged(
    sorted.map(({ position, range }) => positionBlock(position, range)),
    1_000,
  )
  const page = nearestPage(read.page, pages.length)
  return view(lines([head, gaps, ...(pages[page] ?? [])]), [
    ...pageButtons({ page, pages: pages.length }, (to) => `lppage:${wallet}:${to}`),
    walletButtons(wallet, page),
  ])
}

function walletButtons(wallet: string, page: number): Button[] {
  return [
    { text: 'Refresh', data: `lppage:${wallet}:${page}` },
    { text: 'Stop watching', data: `lprm:${wallet}` },
    { text: 'All wallets', data: 'lp' },
  ]
}

/** `/lp` without a wallet: those that are watched, with where their positions were when last looked at. */
export function lpWalletsView(
  wallets: readonly (LpWalletShown & { readonly ranges: readonly RangeState[] })[],
  { most, done = null }: { most: number; done?: string | null },
): View {
  const add = fmt`Watch one: ${FormattedString.code('/lp <Solana wallet> [label]')}`
  if (wallets.length === 0) {
    return view(lines([done, 'I watch no positions on Meteora here. I tell when one leaves its range.', add]))
  }
  return view(
    lines([
      done,
      FormattedString.b(`Positions on Meteora: ${wallets.length} of at most ${most} wallets`),
      ...wallets.map(
        ({ ranges, ...wallet }, index) =>
          fmt`${index + 1}. ${walletText(wallet)} ${FormattedString.code(plain(wallet.wallet, 64) || '?')}
   ${rangesText(ranges)}`,
      ),
      '',
      'As last looked at: 🟢 in range, 🟠 near the edge, 🔴 out of range, ❔ unknown.',
      add,
    ]),
    wallets.map((wallet) => [
      { text: compact(walletText(wallet), 20), data: `lpshow:${wallet.wallet}` },
      { text: '✕ Stop watching', data: `lprm:${wallet.wallet}` },
    ]),
  )
}

function rangesText(ranges: readonly RangeState[]): string {
  if (ranges.length === 0) return 'no position seen yet'
  const count = (kind: keyof typeof ICONS): number =>
    ranges.filter(({ range, unknownSinceMs }) => (unknownSinceMs === null ? range : 'unknown') === kind)
      .length
  const order = ['out', 'near', 'unknown', 'in'] as const
  return order.flatMap((kind) => (count(kind) > 0 ? [`${ICONS[kind]} ${count(kind)}`] : [])).join(' · ')
}

/** A wallet that is no longer watched. */
export function lpRemovedView(wallet: string): View {
  return view(fmt`🗑 ${FormattedString.code(plain(wallet, 64))} is no longer watched.`, [
    [
      { text: 'Watch it again', data: `lpadd:${wallet}` },
      { text: 'All wallets', data: 'lp' },
    ],
  ])
}

/** The source did not answer: nothing is known, and nothing is said to be well. */
export function lpFailedView(
  { wallet, label }: LpWalletShown,
  { why, done }: { why: string; done?: string | undefined },
): View {
  return view(
    lines([
      done ?? null,
      fmt`❔ ${FormattedString.b(walletText({ wallet, label }))}: I could not read its positions now (${compact(why, 60)}). That says nothing about them.`,
    ]),
    [walletButtons(wallet, 0)],
  )
}

function positionBlock(position: LpPosition, range: Range): FormattedString {
  const { name, link, poolValueUsd, poolUnclaimedUsd } = position
  return lines([
    fmt`${ICONS[range.kind]} ${FormattedString.link(nameText(name), link)} · ${rangeText(range)}`,
    `   your positions in this pool ${moneyText(poolValueUsd)} · unclaimed fees ${moneyText(poolUnclaimedUsd)}`,
  ])
}

function rangeText(range: Range): string {
  switch (range.kind) {
    case 'in':
      return `in range, ${bins(range.binsLeft)} to the ${SIDES[range.side]} edge`
    case 'near':
      return `near the ${SIDES[range.side]} edge, ${bins(range.binsLeft)} left`
    case 'out':
      return range.binsAway === null
        ? 'out of range'
        : `out of range, ${bins(range.binsAway)} past the ${SIDES[range.side]} edge`
    case 'unknown':
      return 'I cannot tell whether it is in range'
  }
}

function bins(count: number): string {
  return count === 1 ? '1 bin' : `${count} bins`
}

const NEWS_ICONS: Record<RangeNews, string> = { near: '🟠', out: '🔴', back: '🟢', unknown: '❔' }

/** A position left its range, comes near the edge, is back, or cannot be seen. */
export function rangeAlertView(
  { wallet, label }: LpWalletShown,
  { position, news }: { position: LpPosition; news: RangeNews },
): View {
  const range = rangeOf(position.bins)
  const what = news === 'back' ? `back, ${rangeText(range)}` : rangeText(range)
  const hint: Record<RangeNews, string | null> = {
    near: 'Past the edge it earns no fees.',
    out: 'It earns no fees until the price is back or you move it.',
    back: 'It earns fees again.',
    unknown: 'That says nothing about the position itself.',
  }
  return view(
    lines([
      `${NEWS_ICONS[news]} ${walletText({ wallet, label })} · ${nameText(position.name)} · ${what}`,
      hint[news],
      fmt`${FormattedString.link('Open on Meteora', position.link)}`,
    ]),
    [[{ text: 'All positions', data: `lpshow:${wallet}` }]],
  )
}

function walletText({ wallet, label }: LpWalletShown): string {
  const name = label === null ? '' : plain(label)
  return name === '' ? shortAddress(wallet) : name
}

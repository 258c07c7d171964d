import { FormattedString, fmt } from '@grammyjs/parse-mode'
import { shortAddress } from '../../domain/address.ts'
import type { LpPosition, LpPositions } from '../../domain/pools/position.ts'
import { type Range, type RangeNews, rangeOf } from '../../domain/pools/range.ts'
import { compact, plain } from '../plain.ts'
import { lines, nearestPage, pageButtons, paged, type View, view } from '../view.ts'
import { moneyText, nameText } from './parts.ts'

export interface LpWalletShown {
  readonly wallet: string
  readonly label: string | null
}

const ICONS = { in: '🟢', near: '🟠', out: '🔴', unknown: '❔' } as const
const SIDES = { low: 'lower', high: 'upper' } as const

/** `/lp`: where the positions of a wallet stand, those out of range first. */
export function lpView({ wallet, label }: LpWalletShown, read: LpPositions & { page: number }): View {
  const head = fmt`${FormattedString.b(walletText({ wallet, label }))} on Meteora`
  const gaps = read.gaps === null ? null : `⚠️ There may be more: ${compact(read.gaps, 60)}.`
  if (read.positions.length === 0) {
    return view(lines([head, gaps ?? 'No open position in a pool.', gaps ? 'I saw no position.' : null]))
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
    ...pageButtons({ page, pages: pages.length }, (to) => `lp:${to}`),
    [{ text: 'Refresh', data: `lp:${page}` }],
  ])
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
    [[{ text: 'All positions', data: 'lp:0' }]],
  )
}

function walletText({ wallet, label }: LpWalletShown): string {
  const name = label === null ? '' : plain(label)
  return name === '' ? shortAddress(wallet) : name
}

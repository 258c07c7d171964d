import { FormattedString, fmt } from '@grammyjs/parse-mode'
import type { ThresholdSource } from '../domain/thresholds.ts'
import { type CheckedPosition, type CheckedWallet, compare, walletBlock, worstOf } from './check.ts'
import { positionName, walletName } from './names.ts'
import { healthText, linesText, thresholdText } from './numbers.ts'
import { lines, nearestPage, pageButtons, paged, type View, view } from './view.ts'

const STOPPED = '⏸ Alerts are off in this chat. /resume turns them on.'

const MAX_PROPOSALS_SHOWN = 6
const WALLET_UNITS_IN_ADD = 2000

export const SOURCES: Record<ThresholdSource, string> = {
  position: 'set for this loan',
  protocol: 'set for this protocol',
  wallet: 'set for this wallet',
  proposed: 'proposed from its health',
  chat: 'the default here',
}

export interface AddedFacts {
  readonly wallet: CheckedWallet
  readonly isNew: boolean
  /** Alerts of this wallet went to another topic so far. */
  readonly topicChanged: boolean
  /** Thresholds this command changed: what, from, to. */
  readonly changes: readonly {
    readonly what: string
    readonly from: bigint | null
    readonly to: bigint
    /** Of the new line; shown where it is not the usual one. */
    readonly criticalWad?: bigint
  }[]
  /** Loans that got a proposed threshold just now. */
  readonly proposed: readonly { readonly position: CheckedPosition; readonly warningWad: bigint }[]
  readonly sweepMinutes: number
  readonly stopped: boolean
}

/** The answer to `/add`. */
export function addedView(facts: AddedFacts): View {
  const { wallet, isNew } = facts
  const head = isNew ? `✅ Watching ${walletName(wallet)}.` : `I was already watching ${walletName(wallet)}.`
  const settings = facts.changes.map(({ what, from, to, criticalWad }) =>
    from === null || from === to
      ? `${what} rings at ${linesText({ warningWad: to, criticalWad })}.`
      : `${what} rings at ${linesText({ warningWad: to, criticalWad })} now; it was ${thresholdText(from)}.`,
  )
  const proposals = facts.proposed
    .slice(0, MAX_PROPOSALS_SHOWN)
    .map(({ position, warningWad }) => proposalLine(position, warningWad))
  const unsaid = facts.proposed.length - proposals.length
  if (unsaid > 0) proposals.push(`… and ${unsaid} more: /list shows them.`)
  const unchanged = !isNew && settings.length === 0 && proposals.length === 0 ? 'Nothing was changed.' : null
  return view(
    lines([
      head,
      ...settings,
      unchanged,
      facts.topicChanged ? 'Its alerts come to this topic from now on.' : null,
      '',
      walletBlock(wallet, WALLET_UNITS_IN_ADD),
      ...(proposals.length > 0 ? ['', ...proposals] : []),
      emptyHint(facts),
      facts.stopped ? STOPPED : null,
    ]),
    [
      [
        { text: 'Check now', data: 'check' },
        { text: 'My wallets', data: 'list' },
      ],
    ],
  )
}

function proposalLine({ ref, reading }: CheckedPosition, warningWad: bigint): string {
  const name = positionName(ref)
  const line = thresholdText(warningWad)
  if (reading.kind !== 'ok' || reading.health.noDebt) return `${name} rings at ${line}.`
  if (reading.health.liquidatable) return `${name} rings at ${line}, because it can be liquidated already.`
  const health = healthText(reading.health.healthWad)
  return `${name} rings at ${line}: my proposal for a loan that starts at ${health}. /add with a number sets your own.`
}

function emptyHint({ wallet, sweepMinutes }: AddedFacts): string | null {
  if (wallet.positions.length > 0) return null
  return `I look again every ${sweepMinutes} min and watch whatever it opens.`
}

export interface ListedWallet {
  readonly watchId: number
  readonly owner: string
  readonly label: string | null
  readonly positions: readonly {
    readonly name: string
    readonly warningWad: bigint
    readonly criticalWad?: bigint
    readonly source: ThresholdSource
  }[]
}

/** `/list`: every wallet and when its loans ring, in pages. */
export function listView(list: { wallets: readonly ListedWallet[]; stopped: boolean; page: number }): View {
  if (list.wallets.length === 0) {
    return view(
      lines([
        'No wallet is watched in this chat yet.',
        fmt`Send an address, or ${FormattedString.code('/add 0x… 1.4 Main')}.`,
      ]),
      [[{ text: 'Help', data: 'help' }]],
    )
  }
  const pages = paged(list.wallets.map(listedBlock), 200)
  const page = nearestPage(list.page, pages.length)
  return view(lines([list.stopped ? STOPPED : null, ...(pages[page] ?? [])]), [
    ...pageButtons({ page, pages: pages.length }, (to) => `list:${to}`),
    [
      { text: 'Check now', data: 'check' },
      { text: 'Thresholds', data: 'threshold' },
      { text: 'Remove one', data: 'remove' },
    ],
  ])
}

const MAX_LOANS_LISTED = 20

function listedBlock(wallet: ListedWallet, index: number): FormattedString {
  const shown = wallet.positions.slice(0, MAX_LOANS_LISTED)
  const left = wallet.positions.length - shown.length
  return lines([
    fmt`${index + 1}. ${FormattedString.b(walletName(wallet))} ${FormattedString.code(wallet.owner)}`,
    ...(shown.length === 0 ? ['   no loan found so far'] : []),
    ...shown.map((loan) => `   ${loan.name} · rings at ${linesText(loan)} (${SOURCES[loan.source]})`),
    left > 0 ? `   … and ${left} more` : null,
  ])
}

/** Telegram allows 64 bytes behind a button; a filter that does not fit is left out. */
function checkData(page: number, filter: string): string {
  const data = `page:${page}:${filter}`
  return new TextEncoder().encode(data).length <= 64 ? data : `page:${page}:`
}

/** `/check` over one or more wallets, the one with the worst loan first; `filter` is what was typed after it. */
export function checkView(
  wallets: readonly CheckedWallet[],
  { filter, page: asked }: { filter: string; page: number },
): View {
  const sorted = [...wallets].sort((a, b) => compare(worstOf(a), worstOf(b)))
  const pages = paged(
    sorted.map((wallet) => walletBlock(wallet)),
    0,
  )
  const page = nearestPage(asked, pages.length)
  return view(FormattedString.join(pages[page] ?? [], '\n\n'), [
    ...pageButtons({ page, pages: pages.length }, (to) => checkData(to, filter)),
    [
      { text: 'Refresh', data: checkData(page, filter) },
      { text: 'My wallets', data: 'list' },
    ],
  ])
}

/** A pasted address: looked at, not stored. */
export function lookView(wallet: CheckedWallet, watched: boolean): View {
  return view(walletBlock(wallet), [
    watched
      ? [{ text: 'My wallets', data: 'list' }]
      : [
          { text: 'Watch', data: `add:${wallet.owner}` },
          { text: 'Help', data: 'help' },
        ],
  ])
}

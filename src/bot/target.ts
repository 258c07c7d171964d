import type { StoredWallet } from '../../db/bot-store.ts'
import type { ProtocolId } from '../domain/position.ts'
import { positionName, walletName } from '../views/names.ts'
import { plain } from '../views/plain.ts'
import type { Arguments, Parsed } from './arguments.ts'

export type StoredPositionItem = StoredWallet['positions'][number]

/** What the words of a command point at: the whole chat, a wallet, a protocol of it, or one loan. */
export interface Target {
  readonly wallet: StoredWallet | null
  readonly protocol: ProtocolId | null
  readonly position: StoredPositionItem | null
}

/**
 * Finds the wallet (by address or label) and the loan (by the name of its market) that the words mean. Words that fit
 * nothing are an error: a setting must never land somewhere else than it was meant for.
 */
export function findTarget(wallets: readonly StoredWallet[], words: Arguments): Parsed<Target> {
  const { wallet, rest } = findWallet(wallets, words)
  if (words.owner !== null && !wallet) return wrong('I read an address that is not watched here.')
  if (rest === '') return { ok: true, value: { wallet, protocol: words.protocol, position: null } }
  const matches = matching(scopeOf(wallets, wallet), { protocol: words.protocol, rest })
  const [match, another] = matches
  if (match && !another) {
    return { ok: true, value: { wallet: match.wallet, protocol: words.protocol, position: match.position } }
  }
  if (another) {
    const names = matches.map(
      (one) => `${walletName(one.wallet.watch)} · ${positionName(one.position.position.ref)}`,
    )
    return wrong(
      `“${plain(rest)}” fits several loans: ${names.slice(0, 5).join('; ')}. Name one more closely.`,
    )
  }
  return nothingFits(wallets, rest)
}

export interface StoredLoan {
  readonly wallet: StoredWallet
  readonly position: StoredPositionItem
}

/**
 * Every open loan that the words can mean, and the wallets they were looked for in. Words that fit nothing are an error; no
 * loans without one means that none is stored.
 */
export function findLoans(
  wallets: readonly StoredWallet[],
  words: Arguments,
): Parsed<{ readonly wallets: readonly StoredWallet[]; readonly loans: readonly StoredLoan[] }> {
  const { wallet, rest } = findWallet(wallets, words)
  if (words.owner !== null && !wallet) return wrong('I read an address that is not watched here.')
  const scope = scopeOf(wallets, wallet)
  const loans = matching(scope, { protocol: words.protocol, rest })
  if (loans.length === 0 && rest !== '') return nothingFits(wallets, rest)
  return { ok: true, value: { wallets: scope, loans } }
}

function scopeOf(wallets: readonly StoredWallet[], named: StoredWallet | null): readonly StoredWallet[] {
  return named === null ? wallets : [named]
}

function matching(
  wallets: readonly StoredWallet[],
  { protocol, rest }: { protocol: ProtocolId | null; rest: string },
): StoredLoan[] {
  return wallets.flatMap((wallet) =>
    wallet.positions
      .filter(
        ({ position: { ref }, closed }) =>
          !closed && (protocol ?? ref.protocol) === ref.protocol && fits(positionName(ref), rest),
      )
      .map((position) => ({ wallet, position })),
  )
}

function findWallet(
  wallets: readonly StoredWallet[],
  words: Arguments,
): { wallet: StoredWallet | null; rest: string } {
  const text = words.label ?? ''
  if (words.owner !== null) {
    return { wallet: wallets.find(({ watch }) => watch.owner === words.owner) ?? null, rest: text }
  }
  const lower = text.toLowerCase()
  const byLongestLabel = wallets
    .filter(({ watch }) => watch.label !== null && startsWithWord(lower, watch.label.toLowerCase()))
    .sort((a, b) => (b.watch.label?.length ?? 0) - (a.watch.label?.length ?? 0))
  const [wallet] = byLongestLabel
  return wallet
    ? { wallet, rest: text.slice(wallet.watch.label?.length ?? 0).trim() }
    : { wallet: null, rest: text }
}

function startsWithWord(text: string, start: string): boolean {
  return text === start || text.startsWith(`${start} `)
}

/** Whether the name has every one of the words in it. A number must be there as a whole: account 7 is not account 71. */
export function fits(name: string, words: string): boolean {
  const lower = name.toLowerCase()
  const whole = new Set(lower.split(/\s+/))
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => (/^\d+$/.test(word) ? whole.has(word) : lower.includes(word)))
}

function known(wallets: readonly StoredWallet[]): string {
  if (wallets.length === 0) return 'No wallet is watched here yet.'
  return `Wallets here: ${wallets
    .slice(0, 10)
    .map(({ watch }) => walletName(watch))
    .join(', ')}.`
}

function nothingFits(wallets: readonly StoredWallet[], rest: string): { ok: false; error: string } {
  return wrong(`I read “${plain(rest)}”; no wallet or loan here is called that. ${known(wallets)}`)
}

function wrong(error: string): { ok: false; error: string } {
  return { ok: false, error }
}

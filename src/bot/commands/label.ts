import { FormattedString, fmt } from '@grammyjs/parse-mode'
import type { StoredWallet } from '../../../db/bot-store.ts'
import { walletName } from '../../views/names.ts'
import { plain } from '../../views/plain.ts'
import { usageView } from '../../views/usage.ts'
import { view } from '../../views/view.ts'
import { listView } from '../../views/wallets.ts'
import { parseArguments } from '../arguments.ts'
import type { Command, CommandDeps } from '../command.ts'

const EXAMPLE = '/label Main Savings'

/** `/label <label or address> <new label>`: renames a wallet. With one wallet the first part may be left out. */
export function labelCommand(deps: CommandDeps): Command {
  return async (request) => {
    const parsed = parseArguments(request.text, deps)
    if (!parsed.ok) return usageView(parsed.error, EXAMPLE)
    if (parsed.value.thresholdWad !== null || parsed.value.protocol !== null) {
      return usageView(
        'I read a number or a protocol in this; put such a label in quotes.',
        '/label Main "Wallet 2"',
      )
    }
    const wallets = await deps.store.wallets(request.chatId)
    if (wallets.length === 0) return listView({ wallets: [], stopped: request.stopped, page: 0 })
    const { owner, label } = parsed.value
    const words = label ?? ''
    const wallet = chosen(wallets, { owner, words })
    if (!wallet) {
      return usageView(
        'I need to know which wallet: its label or address first, then the new label.',
        EXAMPLE,
      )
    }
    const old = wallet.watch.label
    const named = owner === null && old !== null && startsWith(words, old)
    const name = named ? words.slice(old.length).trim() : words
    if (name === '') return usageView(`I read no new label for ${walletName(wallet.watch)}.`, EXAMPLE)
    if (wallets.some(({ watch }) => watch.id !== wallet.watch.id && same(watch.label, name))) {
      return usageView(`Another wallet is called “${plain(name)}” already.`, EXAMPLE)
    }
    await deps.store.setLabel(request.chatId, { watchId: wallet.watch.id, label: name })
    const before = walletName(wallet.watch)
    return view(fmt`${before} is called ${FormattedString.b(plain(name))} now.`, [
      [{ text: 'My wallets', data: 'list' }],
    ])
  }
}

function chosen(
  wallets: readonly StoredWallet[],
  by: { owner: string | null; words: string },
): StoredWallet | undefined {
  if (by.owner !== null) return wallets.find(({ watch }) => watch.owner === by.owner)
  const named = wallets
    .filter(({ watch }) => watch.label !== null && startsWith(by.words, watch.label))
    .sort((a, b) => (b.watch.label?.length ?? 0) - (a.watch.label?.length ?? 0))
  return named[0] ?? (wallets.length === 1 ? wallets[0] : undefined)
}

function startsWith(words: string, label: string): boolean {
  const lower = words.toLowerCase()
  return lower === label.toLowerCase() || lower.startsWith(`${label.toLowerCase()} `)
}

function same(a: string | null, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase()
}

import { FormattedString, fmt } from '@grammyjs/parse-mode'
import { walletName } from '../../views/names.ts'
import { plain } from '../../views/plain.ts'
import { usageView } from '../../views/usage.ts'
import { type View, view } from '../../views/view.ts'
import { listView } from '../../views/wallets.ts'
import { parseArguments } from '../arguments.ts'
import type { Command, CommandDeps } from '../command.ts'
import { labels, select } from './check.ts'

const EXAMPLE = '/remove Main'
const MAX_BUTTONS = 50

/** `/remove`: stops watching one wallet; without a word it asks which. */
export function removeCommand(deps: CommandDeps): Command {
  return async (request) => {
    const parsed = parseArguments(request.text, deps)
    if (!parsed.ok) return usageView(parsed.error, EXAMPLE)
    const { owner, label, protocol, thresholdWad } = parsed.value
    if (protocol !== null || thresholdWad !== null) {
      return usageView(
        '/remove takes a label or an address; a single line goes with /threshold … default.',
        EXAMPLE,
      )
    }
    const wallets = await deps.store.wallets(request.chatId)
    if (wallets.length === 0) return listView({ wallets: [], stopped: request.stopped, page: 0 })
    if (owner === null && label === null) {
      const buttons = wallets
        .slice(0, MAX_BUTTONS)
        .map(({ watch }) => [{ text: walletName(watch), data: `rm:${watch.id}` }])
      return view(new FormattedString('Which wallet shall I stop watching?'), buttons)
    }
    const chosen = select(wallets, parsed.value)
    if (chosen.length > 1) return usageView('Several wallets have this label; use the address.', EXAMPLE)
    const [wallet] = chosen
    if (!wallet) {
      const read = owner === null ? `“${plain(label ?? '')}” as a label` : 'an address'
      return usageView(
        `I read ${read} that is not watched here; your wallets are ${labels(wallets)}.`,
        EXAMPLE,
      )
    }
    return removeOne(deps, { chatId: request.chatId, watchId: wallet.watch.id })
  }
}

/** Button `rm:<watch>`. */
export function removeButton(deps: CommandDeps): Command {
  return ({ chatId, text }) => removeOne(deps, { chatId, watchId: Number(text) })
}

async function removeOne(deps: CommandDeps, which: { chatId: number; watchId: number }): Promise<View> {
  const removed = await deps.store.remove(which.chatId, which.watchId)
  if (!removed) return view(new FormattedString('This wallet is no longer watched here.'))
  const { watch, undoId } = removed
  return view(
    fmt`🗑 ${FormattedString.b(walletName(watch))} ${FormattedString.code(watch.owner)} is no longer watched. Its thresholds are gone too.`,
    [
      [
        { text: 'Undo', data: `undo:${undoId}` },
        { text: 'My wallets', data: 'list' },
      ],
    ],
  )
}

/** Button `undo:<id>`: puts a removed wallet back as it was. */
export function undoButton(deps: CommandDeps): Command {
  return async ({ chatId, text }) => {
    const restored = await deps.store.undo(chatId, Number(text))
    if (restored === 'expired') {
      return view(new FormattedString('This can no longer be undone. Send the address to watch it again.'))
    }
    if (restored === 'watched again')
      return view(new FormattedString('This wallet is watched again already.'))
    return view(
      fmt`✅ ${FormattedString.b(walletName(restored))} is watched again, with its thresholds as they were.`,
      [
        [
          { text: 'Check now', data: 'check' },
          { text: 'My wallets', data: 'list' },
        ],
      ],
    )
  }
}

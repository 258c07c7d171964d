import { FormattedString } from '@grammyjs/parse-mode'
import type { StoredWallet } from '../../../db/bot-store.ts'
import type { Address } from '../../domain/address.ts'
import { plain } from '../../views/plain.ts'
import { usageView } from '../../views/usage.ts'
import { type View, view } from '../../views/view.ts'
import { checkView, listView, lookView } from '../../views/wallets.ts'
import { type Arguments, parseArguments } from '../arguments.ts'
import type { Answer, Command, CommandDeps, CommandRequest } from '../command.ts'
import { look } from '../look.ts'

const EXAMPLE = '/check Main'

/** `/check`: reads the chat's wallets now, or those that the label, address or protocol selects. */
export function checkCommand(deps: CommandDeps): Command {
  return (request) => check(deps, { request, filter: request.text.trim(), page: 0 })
}

/** Button `page:<number>:<what was typed>`: reads again and shows that page. */
export function checkPageButton(deps: CommandDeps): Command {
  return (request) => {
    const [, page = '0', filter = ''] = /^(\d{0,4}):?(.*)$/s.exec(request.text) ?? []
    return check(deps, { request, filter, page: Number(page) })
  }
}

async function check(
  deps: CommandDeps,
  { request, filter, page }: { request: CommandRequest; filter: string; page: number },
): Promise<Answer> {
  const parsed = parseArguments(filter, deps)
  if (!parsed.ok) return usageView(parsed.error, EXAMPLE)
  if (parsed.value.thresholdWad !== null) {
    return usageView('I read a number; /check takes a label, an address or a protocol.', EXAMPLE)
  }
  const wallets = await deps.store.wallets(request.chatId)
  const { owner, label, protocol } = parsed.value
  const chosen = select(wallets, parsed.value)
  if (owner !== null && chosen.length === 0) return () => lookAt(deps, owner)
  if (chosen.length === 0) {
    if (wallets.length === 0) return listView({ wallets: [], stopped: request.stopped, page: 0 })
    return usageView(
      `I read “${plain(label ?? '')}” as a label; your wallets are ${labels(wallets)}.`,
      EXAMPLE,
    )
  }
  return async () =>
    checkView(
      await look(deps.check, {
        wallets: chosen.map((stored) => ({ owner: stored.watch.owner as Address, stored })),
        ...(protocol !== null && { protocols: [protocol] }),
        nowMs: deps.now,
      }),
      { filter, page },
    )
}

/** The wallets that an address or label means; all when neither was given. */
export function select(
  wallets: readonly StoredWallet[],
  by: Pick<Arguments, 'owner' | 'label'>,
): readonly StoredWallet[] {
  if (by.owner !== null) return wallets.filter(({ watch }) => watch.owner === by.owner)
  const label = by.label?.toLowerCase()
  return label === undefined ? wallets : wallets.filter(({ watch }) => watch.label?.toLowerCase() === label)
}

export function labels(wallets: readonly StoredWallet[]): string {
  const named = wallets.flatMap(({ watch }) => (watch.label === null ? [] : [`“${plain(watch.label)}”`]))
  return named.length > 0 ? named.slice(0, 10).join(', ') : 'without labels: use the address'
}

async function lookAt(deps: CommandDeps, owner: Address): Promise<View> {
  const [wallet] = await look(deps.check, { wallets: [{ owner, stored: undefined }], nowMs: deps.now })
  return wallet ? lookView(wallet, false) : view(new FormattedString('I could not look at it.'))
}

/** A pasted address or link: an instant look that stores nothing. */
export function pasteCommand(deps: CommandDeps): Command {
  return async (request) => {
    const parsed = parseArguments(request.text, deps)
    if (!parsed.ok) return usageView(parsed.error, '0x1234567890abcdef1234567890abcdef12345678')
    const { owner } = parsed.value
    if (owner === null) return usageView('I read no address in this. /help shows what I can do.', EXAMPLE)
    const stored = await deps.store.wallet(request.chatId, owner)
    return async () => {
      const [wallet] = await look(deps.check, { wallets: [{ owner, stored }], nowMs: deps.now })
      return wallet
        ? lookView(wallet, stored !== undefined)
        : view(new FormattedString('I could not look at it.'))
    }
  }
}

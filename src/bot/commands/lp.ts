import { FormattedString } from '@grammyjs/parse-mode'
import type { PoolDesk } from '../../domain/pools/desk.ts'
import { isSolanaAddress } from '../../domain/solana.ts'
import { plain, segments } from '../../views/plain.ts'
import { lpFailedView, lpRemovedView, lpView, lpWalletsView } from '../../views/pools/positions.ts'
import { poolsOffView } from '../../views/pools/switched-off.ts'
import { usageView } from '../../views/usage.ts'
import { type View, view } from '../../views/view.ts'
import type { Answer, Command, CommandDeps, CommandRequest } from '../command.ts'

const EXAMPLE = '/lp 7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU Main'
const MAX_LABEL = 32
const MAX_LABEL_UNITS = MAX_LABEL * 8

/** `/lp [Solana wallet] [label]`: watches the positions of a wallet on Meteora; without one shows those that are watched. */
export function lpCommand(deps: CommandDeps): Command {
  return async (request) => {
    const desk = readable(deps)
    if ('body' in desk) return desk
    const [wallet, ...words] = request.text.split(/\s+/).filter((word) => word !== '')
    if (wallet === undefined) return walletsOf(deps, request)
    if (!isSolanaAddress(wallet)) return usageView(notAWallet(wallet), EXAMPLE)
    const label = words.join(' ')
    if (segments(label).length > MAX_LABEL || label.length > MAX_LABEL_UNITS)
      return usageView(`A label can have ${MAX_LABEL} characters. Nothing was changed.`, EXAMPLE)
    return watch(deps, { request, desk, wallet, label: label === '' ? null : label })
  }
}

/** Buttons `lp` and `lpshow:<wallet>`: all wallets, or where the positions of one stand. */
export function lpShowButton(deps: CommandDeps): Command {
  return async (request) => {
    const desk = readable(deps)
    if ('body' in desk) return desk
    if (!isSolanaAddress(request.text)) return walletsOf(deps, request)
    return one(deps, { request, desk, wallet: request.text, page: 0 })
  }
}

/** Button `lppage:<wallet>:<page>`. */
export function lpPageButton(deps: CommandDeps): Command {
  return async (request) => {
    const desk = readable(deps)
    if ('body' in desk) return desk
    const [wallet = '', page] = request.text.split(':')
    return one(deps, { request, desk, wallet, page: Number(page) })
  }
}

/** Button `lprm:<wallet>`. */
export function lpRemoveButton({ poolChoices }: CommandDeps): Command {
  return async ({ chatId, text }) =>
    (await poolChoices.unwatch(chatId, text))
      ? lpRemovedView(text)
      : view(new FormattedString('This wallet is no longer watched here.'))
}

/** Button `lpadd:<wallet>`: watches one again. */
export function lpAddButton(deps: CommandDeps): Command {
  return async (request) => {
    const desk = readable(deps)
    if ('body' in desk) return desk
    if (!isSolanaAddress(request.text)) return usageView(notAWallet(request.text), EXAMPLE)
    return watch(deps, { request, desk, wallet: request.text, label: null })
  }
}

function readable({ pools }: CommandDeps): PoolDesk | View {
  if (!pools) return poolsOffView()
  if (pools.hasPools) return pools
  return view(new FormattedString('Pools are switched off on this bot; only lending is looked at.'))
}

function notAWallet(text: string): string {
  if (/^0x/i.test(text))
    return 'I read an address of Monad; positions on Meteora belong to a Solana wallet. Nothing was changed.'
  return `I read “${plain(text, 48)}”; a Solana wallet is base58 of 32 bytes. Nothing was changed.`
}

async function walletsOf({ poolChoices }: CommandDeps, { chatId }: CommandRequest): Promise<View> {
  return lpWalletsView(await poolChoices.wallets(chatId), { most: poolChoices.most.wallets })
}

interface Looked {
  readonly request: CommandRequest
  readonly desk: PoolDesk
  readonly wallet: string
}

async function watch(
  deps: CommandDeps,
  { request, desk, wallet, label }: Looked & { label: string | null },
): Promise<Answer> {
  const { chatId, threadId } = request
  const watched = await deps.poolChoices.watch({ chatId, threadId, wallet, label })
  if (watched === 'full') {
    const { wallets: most } = deps.poolChoices.most
    return usageView(
      `This chat watches ${most} Solana wallets, and there is room for no more. /lp removes one. Nothing was changed.`,
      '/lp',
    )
  }
  const done =
    watched === 'added'
      ? '✅ Watched from now on: I tell when a position comes near its edge, leaves its range or is back.'
      : '✅ Watched already.'
  return () => look({ desk, wallet, label, page: 0, done })
}

/** Only wallets of this chat: a button may be as old as it likes. */
async function one(
  { poolChoices }: CommandDeps,
  { request, desk, wallet, page }: Looked & { page: number },
): Promise<Answer> {
  const watched = (await poolChoices.wallets(request.chatId)).find((item) => item.wallet === wallet)
  if (!watched)
    return view(new FormattedString('This wallet is no longer watched here. /lp shows those that are.'))
  return () => look({ desk, wallet, label: watched.label, page })
}

async function look({
  desk,
  wallet,
  label,
  page,
  done,
}: {
  desk: PoolDesk
  wallet: string
  label: string | null
  page: number
  done?: string
}): Promise<View> {
  const read = await desk.positions(wallet)
  if ('failed' in read) return lpFailedView({ wallet, label }, { why: read.failed, done })
  return lpView({ wallet, label }, { ...read, page, done })
}

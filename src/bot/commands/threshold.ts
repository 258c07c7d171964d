import { FormattedString } from '@grammyjs/parse-mode'
import type { StoredWallet } from '../../../db/bot-store.ts'
import type { ThresholdTarget } from '../../../db/set-threshold.ts'
import { DEFAULT_WARNING_WAD } from '../../domain/thresholds.ts'
import { PROTOCOL_NAMES, positionName, walletName } from '../../views/names.ts'
import {
  chooseThresholdView,
  type LoanLine,
  thresholdChangedView,
  thresholdsView,
} from '../../views/threshold.ts'
import { usageView } from '../../views/usage.ts'
import { type View, view } from '../../views/view.ts'
import { parseArguments } from '../arguments.ts'
import type { Command, CommandDeps } from '../command.ts'
import { findTarget, type StoredPositionItem, type Target } from '../target.ts'

const EXAMPLE = '/threshold Main 1.4'
const CRITICAL_EXAMPLE = '/threshold Main 1.4 critical 1.1'
const RESET = /(?:^|\s)(default|reset|off)$/i
const WAD_PER_MILLI = 10n ** 15n

/** `/threshold`: shows or sets the line of the chat, a wallet, a protocol of it, or one loan. */
export function thresholdCommand(deps: CommandDeps): Command {
  return async (request) => {
    const { chatId } = request
    const reset = RESET.test(request.text.trim())
    const words = request.text.trim().replace(RESET, '')
    const parsed = parseArguments(words, { ...deps, namesLoans: true, takesCritical: true })
    if (!parsed.ok) return usageView(parsed.error, /\bcritical\b/i.test(words) ? CRITICAL_EXAMPLE : EXAMPLE)
    const wallets = await deps.store.wallets(chatId)
    const found = findTarget(wallets, parsed.value)
    if (!found.ok) return usageView(found.error, EXAMPLE)
    const { thresholdWad, criticalWad } = parsed.value
    if (thresholdWad === null && !reset) {
      const { position, wallet } = found.value
      if (position && wallet) return chooseThresholdView(loanLine(wallet, position))
      return thresholdsView({
        chatWad: request.chatWarningWad,
        loans: (wallet ? [wallet] : wallets).flatMap(openLoans),
      })
    }
    const place = placeOf(found.value, wallets)
    if (!place)
      return usageView('For a protocol I need to know the wallet too.', '/threshold Main neverland 1.3')
    return change(deps, {
      chatId,
      ...place,
      warningWad: thresholdWad,
      ...(reset ? { criticalWad: null } : criticalWad !== undefined && { criticalWad }),
    })
  }
}

interface Place {
  readonly target: ThresholdTarget
  readonly what: string
}

function placeOf(
  { wallet, protocol, position }: Target,
  wallets: readonly StoredWallet[],
): Place | undefined {
  if (position && wallet) {
    const { key } = position.position.ref
    return {
      target: { kind: 'position', watchId: wallet.watch.id, key },
      what: `${walletName(wallet.watch)} · ${positionName(position.position.ref)}`,
    }
  }
  const only = wallet ?? (protocol !== null && wallets.length === 1 ? wallets[0] : undefined)
  if (protocol !== null) {
    return (
      only && {
        target: { kind: 'protocol', watchId: only.watch.id, protocol },
        what: `${walletName(only.watch)} on ${PROTOCOL_NAMES[protocol]}`,
      }
    )
  }
  if (only) return { target: { kind: 'wallet', watchId: only.watch.id }, what: walletName(only.watch) }
  return { target: { kind: 'chat' }, what: 'This chat' }
}

async function change(
  deps: CommandDeps,
  request: Place & { chatId: number; warningWad: bigint | null; criticalWad?: bigint | null },
): Promise<View> {
  const { chatId, target, warningWad, what, criticalWad } = request
  const effect = await deps.store.setThreshold(chatId, {
    target,
    warningWad,
    ...(criticalWad !== undefined && { criticalWad }),
  })
  const named = effect.loans.map(({ watch, ref, lines, moved, level }) => ({
    name: `${walletName(watch)} · ${positionName(ref)}`,
    warningWad: lines.warningWad,
    criticalWad: lines.criticalWad,
    source: lines.source,
    moved,
    level,
  }))
  return thresholdChangedView({
    what,
    from: effect.before,
    to: target.kind === 'chat' ? (warningWad ?? DEFAULT_WARNING_WAD) : warningWad,
    ...(effect.after && { criticalWad: effect.after.criticalWad }),
    moved: named.filter(({ moved }) => moved),
    kept: named.filter(({ moved, warningWad: line }) => !moved && line !== warningWad),
  })
}

function openLoans(wallet: StoredWallet): LoanLine[] {
  return wallet.positions.filter(({ closed }) => !closed).map((item) => loanLine(wallet, item))
}

function loanLine({ watch }: StoredWallet, { position, lines }: StoredPositionItem): LoanLine {
  return {
    watchId: watch.id,
    positionId: position.id,
    name: `${walletName(watch)} · ${positionName(position.ref)}`,
    warningWad: lines.warningWad,
    criticalWad: lines.criticalWad,
    source: lines.source,
  }
}

const GONE = view(new FormattedString('This loan is no longer watched here.'))

function findLoan(
  wallets: readonly StoredWallet[],
  ids: { watchId: number; positionId: number },
): { wallet: StoredWallet; item: StoredPositionItem } | undefined {
  const wallet = wallets.find(({ watch }) => watch.id === ids.watchId)
  const item = wallet?.positions.find(({ position }) => position.id === ids.positionId)
  return wallet && item && { wallet, item }
}

/** Button `th:<watch>:<position>`: the choices for one loan. */
export function chooseThresholdButton(deps: CommandDeps): Command {
  return async ({ chatId, text }) => {
    const [watchId = 0, positionId = 0] = text.split(':').map(Number)
    const loan = findLoan(await deps.store.wallets(chatId), { watchId, positionId })
    return loan ? chooseThresholdView(loanLine(loan.wallet, loan.item)) : GONE
  }
}

/** Button `ts:<watch>:<position>:<thousandths>`: sets one loan's line; 0 takes it away. */
export function setThresholdButton(deps: CommandDeps): Command {
  return async ({ chatId, text }) => {
    const [watchId = 0, positionId = 0, milli = 0] = text.split(':').map(Number)
    const loan = findLoan(await deps.store.wallets(chatId), { watchId, positionId })
    if (!loan) return GONE
    const { ref } = loan.item.position
    return change(deps, {
      chatId,
      target: { kind: 'position', watchId, key: ref.key },
      what: `${walletName(loan.wallet.watch)} · ${positionName(ref)}`,
      warningWad: milli === 0 ? null : BigInt(milli) * WAD_PER_MILLI,
    })
  }
}

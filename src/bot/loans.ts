import type { StoredWallet } from '../../db/bot-store.ts'
import type { Address } from '../domain/address.ts'
import type { Health } from '../domain/position.ts'
import type { CheckedPosition } from '../views/check.ts'
import type { ShownLoan } from '../views/loan.ts'
import { type LoanChoice, loansView, noLoanView } from '../views/loans.ts'
import { positionName } from '../views/names.ts'
import { usageView } from '../views/usage.ts'
import { listView } from '../views/wallets.ts'
import type { Arguments } from './arguments.ts'
import type { Answer, CommandDeps, CommandRequest, Reply } from './command.ts'
import { look } from './look.ts'
import { freePlace, markOf, parsePlace, storedPlace } from './place.ts'
import { findLoans, fits, type StoredLoan } from './target.ts'

export interface LoanQuestion {
  readonly request: CommandRequest
  readonly words: Arguments
  /** What the buttons of a list begin with. */
  readonly action: 'pos' | 'out'
  readonly example: string
  /** Deposits without debt are meant only when there is nothing else. */
  readonly withDebt: boolean
  readonly show: (loan: ShownLoan) => Promise<Reply>
}

/** Finds the one loan that is meant and shows it; with several it asks which, with none it says so. */
export async function answerForLoan(deps: CommandDeps, question: LoanQuestion): Promise<Answer> {
  const { request, words } = question
  const wallets = await deps.store.wallets(request.chatId)
  const { owner } = words
  if (owner !== null && !wallets.some(({ watch }) => watch.owner === owner)) {
    return () => answerLive(deps, { ...question, wallets: [{ owner, stored: undefined }] })
  }
  if (wallets.length === 0) return listView({ wallets: [], stopped: request.stopped, page: 0 })
  const found = findLoans(wallets, words)
  if (!found.ok) return usageView(found.error, question.example)
  const { loans } = found.value
  if (loans.length > 0) return pick(deps, { ...question, choices: loans.map(storedChoice) })
  // What is not stored may have been opened since: only the chain can say that there is nothing.
  return () =>
    answerLive(deps, {
      ...question,
      wallets: found.value.wallets.map((stored) => ({ owner: stored.watch.owner as Address, stored })),
    })
}

type Wallets = readonly { owner: Address; stored: StoredWallet | undefined }[]

async function answerLive(deps: CommandDeps, question: LoanQuestion & { wallets: Wallets }): Promise<Reply> {
  const { words, wallets } = question
  const looked = await look(deps.check, {
    wallets,
    ...(words.protocol !== null && { protocols: [words.protocol] }),
    nowMs: deps.now,
  })
  // Words beside an address that is not watched can only name a market; elsewhere they named the wallet.
  const rest = wallets.every(({ stored }) => stored === undefined) ? (words.label ?? '') : ''
  const choices = looked.flatMap(({ positions, label }, index) =>
    positions
      .filter(({ ref }) => fits(positionName(ref), rest))
      .map((position) => freeChoice(position, { label, watched: wallets[index]?.stored !== undefined })),
  )
  if (choices.length === 0) {
    return noLoanView(
      looked,
      wallets.some(({ stored }) => stored !== undefined),
    )
  }
  const answer = pick(deps, { ...question, choices })
  return typeof answer === 'function' ? answer() : answer
}

function pick(deps: CommandDeps, question: LoanQuestion & { choices: readonly LoanChoice[] }): Answer {
  const { choices, action, withDebt, show } = question
  const owing = choices.filter(({ health }) => health?.noDebt !== true)
  const meant = withDebt && owing.length > 0 ? owing : choices
  const [only, another] = meant
  if (only && !another) return () => show(only.loan)
  return loansView(meant, { action, nowMs: deps.now() })
}

function storedChoice({ wallet, position: item }: StoredLoan): LoanChoice {
  return { loan: storedLoan({ wallet, position: item }), ...seen(item.last) }
}

function seen(last: { health: Health; atMs: number } | null): Pick<LoanChoice, 'health' | 'seenMs'> {
  return { health: last?.health ?? null, seenMs: last?.atMs ?? null }
}

/** A loan of a watched wallet, as the views need it. */
export function storedLoan({ wallet: { watch }, position: item }: StoredLoan): ShownLoan {
  const { position, lines, last } = item
  const place = storedPlace(watch.id, position.id)
  return { ref: position.ref, label: watch.label, lines, last, place, watched: true }
}

function freeChoice(
  { ref, reading, last }: CheckedPosition,
  wallet: { label: string | null; watched: boolean },
): LoanChoice {
  const loan = { ref, lines: null, last, place: freePlace(ref), ...wallet }
  return reading.kind === 'ok'
    ? { loan, health: reading.health, seenMs: reading.block.timestamp * 1000 }
    : { loan, health: null, seenMs: null }
}

/** The loan behind a button; `undefined` when there is no such loan any more, or not for this chat. */
export async function loanAt(
  deps: CommandDeps,
  { chatId, text }: { chatId: number; text: string },
): Promise<ShownLoan | undefined> {
  const place = parsePlace(text)
  if (!place) return undefined
  if (place.kind === 'stored') {
    const wallet = (await deps.store.wallets(chatId)).find(({ watch }) => watch.id === place.watchId)
    const position = wallet?.positions.find((item) => item.position.id === place.positionId)
    return wallet && position && storedLoan({ wallet, position })
  }
  const { owner, protocol, mark } = place
  const stored = await deps.store.wallet(chatId, owner)
  // Watched meanwhile: then its lines count.
  const position = stored?.positions.find((item) => markOf(item.position.ref.key) === mark)
  if (stored && position) return storedLoan({ wallet: stored, position })
  const [looked] = await look(deps.check, {
    wallets: [{ owner, stored }],
    protocols: [protocol],
    nowMs: deps.now,
  })
  const checked = looked?.positions.find(({ ref }) => markOf(ref.key) === mark)
  return (
    checked && freeChoice(checked, { label: stored?.watch.label ?? null, watched: stored !== undefined }).loan
  )
}

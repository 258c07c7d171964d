import { FormattedString } from '@grammyjs/parse-mode'
import { leaveMarginWad } from '../domain/alerting/levels.ts'
import type { PositionDetail, WayOut } from '../domain/detail.ts'
import type { ThresholdSource } from '../domain/thresholds.ts'
import { amountText, placeText, tokenNames } from './amounts.ts'
import { fitted } from './fitted.ts'
import { loanHeadline } from './health.ts'
import { loanName, noteLines, openButton, type ShownLoan, sourceLine } from './loan.ts'
import { healthText, thresholdText } from './numbers.ts'
import { type Button, lines, type View, view } from './view.ts'
import { SOURCES } from './wallets.ts'

const MAX_WAYS = 10
const WAYS_UNITS = 1800
const WAD_PER_TEN_THOUSANDTH = 10n ** 14n

/** The health to reach, and why this one: the line that applies, where the alert of the loan ends, or a number asked for. */
export interface RescueTarget {
  readonly wad: bigint
  readonly from: ThresholdSource | 'clear' | 'asked'
}

export interface RescueFacts {
  readonly loan: ShownLoan
  readonly detail: PositionDetail
  readonly ways: readonly WayOut[]
  readonly target: RescueTarget
  readonly nowMs: number
}

/** `/rescue`: what to repay or add, exactly. */
export function rescueView(facts: RescueFacts): View {
  const { loan, detail, nowMs } = facts
  const head = FormattedString.b(
    loanHeadline(loanName(loan), { health: detail.health, lines: loan.lines, protocol: loan.ref.protocol }),
  )
  const isNeeded = needsRescue(facts)
  return view(
    lines([
      head,
      '',
      ...(isNeeded ? waysText(facts) : [nothingToDo(facts)]),
      ...noteLines(detail),
      '',
      isNeeded ? 'Computed at this block; prices and interest move, so pay a little more.' : null,
      sourceLine(detail, nowMs),
      isNeeded ? 'Buoy never asks for keys and signs nothing: you do it in the app.' : null,
    ]),
    buttons(facts),
  )
}

/** Behind a button, to the ten-thousandth, rounded up: never less than what was asked for. */
export function rescueData(place: string, target: RescueTarget): string {
  if (isDefault(target)) return place
  const rounded = (target.wad + WAD_PER_TEN_THOUSANDTH - 1n) / WAD_PER_TEN_THOUSANDTH
  return `${place}:${thresholdText(rounded * WAD_PER_TEN_THOUSANDTH)}`
}

/** Not a number of its own: a button finds it anew, for it may have been changed meanwhile. */
function isDefault({ from }: RescueTarget): boolean {
  return from !== 'asked' && from !== 'clear'
}

function needsRescue({ detail: { health }, target }: RescueFacts): boolean {
  return !health.noDebt && (health.liquidatable || health.healthWad < target.wad)
}

function nothingToDo({ detail: { health }, target }: RescueFacts): string {
  if (health.noDebt) return 'It has no debt, so there is nothing to repay and nothing to be liquidated for.'
  const where = health.healthWad === target.wad ? 'at' : 'above'
  return `It is already ${where} ${targetText(target)}: nothing to repay or add.`
}

function targetText({ wad, from }: RescueTarget): string {
  const number = thresholdText(wad)
  if (from === 'asked') return number
  return from === 'clear'
    ? `${number}, where its alert ends`
    : `${number}, your warning line (${SOURCES[from]})`
}

function waysText(facts: RescueFacts): string[] {
  const { ways, target, detail } = facts
  if (ways.length === 0) {
    return [`I found no single token that brings it to ${targetText(target)}. Look at the app itself.`]
  }
  const nameOf = tokenNames(ways.map(({ token }) => token))
  const many = ways.length > 1 ? 'one of these is enough' : 'do this'
  return [
    `To health ${targetText(target)}, ${many}:`,
    ...fitted(
      ways.map((way) => [`• ${wayText(way, { name: nameOf(way.token), exact: detail.exact })}`]),
      { units: WAYS_UNITS, items: MAX_WAYS, more: (left) => `… and ${left} more` },
    ),
    ...(ways.every(({ reachesTarget }) => !reachesTarget)
      ? ['No single token gets there alone; combine them.']
      : []),
    ...lineHint(facts),
  ]
}

/** On the line still counts as under it. */
function lineHint({ target }: RescueFacts): string[] {
  if (!isDefault(target)) return []
  return [`At the line itself its alert goes on; that ends at ${thresholdText(clearOf(target.wad))}.`]
}

/** The health at which a warning of this line ends. */
export function clearOf(lineWad: bigint): bigint {
  return lineWad + leaveMarginWad(lineWad)
}

function wayText(way: WayOut, { name, exact }: { name: string; exact: boolean }): string {
  const verb = way.kind === 'repay' ? 'Repay' : 'Add'
  if (way.amountRaw === 0n && !way.reachesTarget) return `${verb} ${name}${placeText(way)}: not possible now`
  const amount = `${exact ? '' : 'about '}${amountOf(way, 'up')}`
  return `${verb} ${amount} ${name}${placeText(way)}${resultText(way)} (${walletText(way)})`
}

function resultText({ healthAfterWad, reachesTarget }: WayOut): string {
  if (healthAfterWad === null) return ' → pays off the debt'
  const health = healthText(healthAfterWad)
  return reachesTarget ? ` → health ${health}` : `: even all of it gives ${health}`
}

function walletText({ walletRaw, amountRaw, token }: WayOut): string {
  if (walletRaw === null) return 'what the wallet holds could not be read'
  if (walletRaw === 0n && amountRaw > 0n) return 'the wallet has none'
  const holds = `wallet holds ${amountOf({ amountRaw: walletRaw, token }, 'down')}`
  if (walletRaw >= amountRaw) return holds
  return `${holds}: ${amountOf({ amountRaw: amountRaw - walletRaw, token }, 'up')} short`
}

function amountOf(
  { amountRaw, token }: Pick<WayOut, 'amountRaw' | 'token'>,
  rounding: 'up' | 'down',
): string {
  return amountText({ amount: amountRaw, decimals: token.decimals }, rounding)
}

function buttons(facts: RescueFacts): Button[][] {
  const { loan, detail, target } = facts
  const clear = { wad: clearOf(target.wad), from: 'asked' } as const
  const further: Button[] =
    needsRescue(facts) && isDefault(target)
      ? [{ text: `To ${thresholdText(clear.wad)}`, data: `rout:${rescueData(loan.place, clear)}` }]
      : []
  return [
    [
      { text: 'Refresh', data: `rout:${rescueData(loan.place, target)}` },
      ...further,
      { text: 'Position', data: `pos:${loan.place}` },
    ],
    [openButton(loan.ref, detail.url)],
  ]
}
